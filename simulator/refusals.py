"""How the game says no: one exception that carries a code, a message and data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.simulator.codes import status_of


class Refusal(Exception):
    """The game refuses a request; part of the protocol, not a failure.

    A handler raises it before it changes anything.
    """

    def __init__(
        self,
        code: int,
        message: str,
        data: Mapping[str, Any] | None = None,
        *,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self.status = status or status_of(code)


UNEXPECTED = "Something unexpected went wrong! If you want to help, please file an issue."
INVALID = "The request could not be processed due to an invalid payload or application state."


class Invalid(Refusal):
    """A body or parameter is not what the operation takes."""

    def __init__(self, field: str, expected: str, received: str, *, style: str = "zod") -> None:
        text = (
            "Required" if received == "undefined" else f"Expected {expected}, received {received}"
        )
        if style == "fields":
            super().__init__(422, INVALID, {field or "body": [text]})
            return
        path = field.split(".") if field else []
        issue = {
            "code": "invalid_type",
            "expected": expected,
            "received": received,
            "path": path,
            "message": text,
        }
        error = {"issues": [issue], "name": "ZodError"}
        super().__init__(3001, INVALID, {"zodIssues": [issue], "originalError": error})


def not_found(what: str) -> Refusal:
    """Say that there is no such thing."""
    return Refusal(404, f"{what} not found.")


def unreadable(ship: str) -> Refusal:
    """Say that a ship's state doesn't fit the schema of the answer (seen by one client)."""
    text = "Internal error while serializing the response of the request."
    return Refusal(3000, text, {"shipSymbol": ship})
