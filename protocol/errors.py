"""The family of errors with one root; the class says what failed, attributes carry the data."""

from __future__ import annotations


class FleetError(Exception):
    """Base class of every error that fleet raises."""


class UsageError(FleetError):
    """The user asked for something that can't be done as asked; the command exits with 2."""


class SetupError(FleetError):
    """Something around the fleet is not as it must be (port, folder, file); exits with 1."""


class Unreachable(SetupError):
    """What is needed does not answer, or takes nothing just now: waiting may help."""


class PermanentFailure(FleetError):
    """A failure that waiting cannot mend: its actor is not restarted."""


class BadToken(PermanentFailure):
    """The server refuses the token."""


class ServerReset(PermanentFailure):
    """The server was reset; the token and everything read so far belong to the past."""


class UnknownShip(PermanentFailure):
    """The server knows no such ship of ours."""


class TransportError(FleetError):
    """No answer came; whether the server acted is unknown unless `sent` is False."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
