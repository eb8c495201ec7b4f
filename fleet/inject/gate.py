"""What a script may say to the fleet, and in whose name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from fleet.actors.experiment_messages import Finished, Stepped
from fleet.actors.steps import Ask, Call, Saved, Tell, Until
from fleet.protocol import fleet as said
from fleet.protocol.api import ApiRequest, Lane
from fleet.protocol.endpoints import BY_OPERATION, Auth
from fleet.protocol.errors import FleetError
from fleet.protocol.surveys import PickSurvey, SurveyGone, SurveysMade
from fleet.protocol.tasks import Lent

DOORS: Final[Mapping[str, tuple[type, ...]]] = {
    said.BUCKET: (ApiRequest,),
    said.BOOK: (
        said.PlanRoute,
        said.FindTrade,
        said.FindSale,
        said.FindSource,
        said.ReleaseTrade,
        said.Describe,
        said.BookQuery,
        said.MarketSeen,
        said.YardSeen,
        said.Charted,
        said.Traded,
    ),
    said.TREASURY: (said.TreasuryQuery, said.Reserve, said.Release, said.CreditsSeen),
    said.CONDUCTOR: (said.FleetQuery, said.ContractSeen),
    said.SURVEYS: (PickSurvey, SurveysMade, SurveyGone),
}
"""Whom a script may send what; ships may be asked for a ShipQuery besides."""

TO_SHIPS: Final = (said.ShipQuery,)
STEPS: Final = (Call, Until, Saved, Finished)

TYPES: Final[Mapping[str, msgspec.msgpack.Decoder[Any]]] = {
    each.__name__: msgspec.msgpack.Decoder(each)
    for each in (*(kind for kinds in DOORS.values() for kind in kinds), *TO_SHIPS, *STEPS)
}
"""Decoders by the name of the message; made at import, in one thread."""

NESTED: Final = msgspec.msgpack.Decoder(tuple[str, bytes])


class Forbidden(FleetError):
    """A script may not send this; the text says why, and what it may do."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Checks one experiment's messages; knows no more than its name and its ships."""

    name: str
    ships: frozenset[str]

    def decode(self, path: str, kind: str, body: bytes) -> Any:
        """Read a message and check it. Raises Forbidden."""
        return self.admit(path, decoded(kind, body))

    def admit(self, path: str, message: Any) -> Any:
        """Give the message as it may be sent on. Raises Forbidden."""
        allowed = TO_SHIPS if path.startswith(f"{said.SHIPS}/") else DOORS.get(path, ())
        if type(message) not in allowed:
            names = ", ".join(each.__name__ for each in allowed) or "nothing"
            raise Forbidden(
                f"an experiment may not send {type(message).__name__} to {path}; it may send "
                f"{names} there"
            )
        match message:
            case ApiRequest():
                return self._request(message)
            case said.Reserve(owner=owner) | said.Release(owner=owner):
                self._owner(owner)
            case said.CreditsSeen(owner=owner) if owner:
                self._owner(owner)
            case said.FindTrade(craft=craft):
                self._owner(craft.symbol)
            case said.ReleaseTrade(ship=ship):
                self._owner(ship)
            case _:
                pass
        return message

    def step(self, kind: str, body: bytes, path: str) -> Stepped | Finished:
        """Read a step of a behaviour and check it. Raises Forbidden."""
        if kind in ("Ask", "Tell"):
            message = self.decode(path, *_nested(body))
            return Stepped(Ask(path, message) if kind == "Ask" else Tell(path, message))
        return self.check(decoded(kind, body))

    def check(self, step: Any) -> Stepped | Finished:
        """Give a step as it may be taken. Raises Forbidden."""
        match step:
            case Finished():
                return step
            case Call():
                self._operation(step.operation, step.params)
                return Stepped(replace(step, lane=max(step.lane, Lane.ACTION)))
            case Saved(task=Lent(experiment=self.name)) | Until():
                return Stepped(step)
            case Ask(path=path, message=message):
                return Stepped(Ask(path, self.admit(path, message)))
            case Tell(path=path, message=message):
                return Stepped(Tell(path, self.admit(path, message)))
            case _:
                raise Forbidden(f"a behaviour of {self.name} may not yield {step!r:.200}")

    def _request(self, request: ApiRequest) -> ApiRequest:
        self._operation(request.operation, request.params)
        lane = max(request.lane, Lane.ACTION)
        ship = request.params.get("shipSymbol")
        return replace(
            request, lane=lane, behaviour=self.name, exclusive=False, agent="", ship=ship
        )

    def _operation(self, operation: str, params: Mapping[str, str]) -> None:
        endpoint = BY_OPERATION.get(operation)
        if endpoint is None or endpoint.auth is Auth.ACCOUNT:
            raise Forbidden(f"an experiment cannot do {operation}; `fleet api --list` lists all")
        if missing := [name for name in endpoint.params if not params.get(name)]:
            raise Forbidden(f"{operation} needs {', '.join(missing)}")
        ship = params.get("shipSymbol")
        if endpoint.mutating and ship is not None and ship not in self.ships:
            raise Forbidden(f"{ship} is not lent to {self.name}; give it with --ship {ship}")

    def _owner(self, owner: str) -> None:
        if owner != self.name and owner not in self.ships:
            raise Forbidden(f"{self.name} may not speak for {owner}, which is not lent to it")


def decoded(kind: str, body: bytes) -> Any:
    """Read a message of a known kind. Raises Forbidden."""
    decoder = TYPES.get(kind)
    if decoder is None:
        raise Forbidden(f"an experiment may not send {kind}")
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Forbidden(f"that is no {kind}: {error}") from None


def _nested(body: bytes) -> tuple[str, bytes]:
    """Read what a step asks or tells: the message's kind and its body. Raises Forbidden."""
    try:
        return NESTED.decode(body)
    except msgspec.DecodeError as error:
        raise Forbidden(f"that is no step: {error}") from None


def packed_step(step: Any) -> tuple[str, bytes, str]:
    """Render what a behaviour yielded: its kind, its body, and whom it goes to."""
    if isinstance(step, Ask | Tell):
        nested = (type(step.message).__name__, msgspec.msgpack.encode(step.message))
        return type(step).__name__, msgspec.msgpack.encode(nested), step.path
    return type(step).__name__, msgspec.msgpack.encode(step), ""
