"""The lines of "The universe: a faithful SpaceTraders simulator that any bot can play"."""

from __future__ import annotations

from collections.abc import Callable

from benched import Row, benched, tested
from foreign import clients

LINES: dict[str, Callable[[], list[Row]]] = {
    "universe": benched("universe"),
    "simulate": benched("simulate"),
    "clients": clients,
    "rules": tested("tests/simulator", FLEET_LONG="1"),
}
