"""A whole fleet in virtual time lends a ship to a script and gets it back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fleet.actors.experiment_messages import BudgetQuery, QuotaQuery
from fleet.inject.beginning import begin
from fleet.inject.laboratory import Eject, Open, laboratory_props
from fleet.inject.order import Order
from fleet.inject.register import Entry, Register
from fleet.inject.script import BrokenScript, load
from fleet.inject.trusted import trusted_props
from fleet.inject.wallet import Wallet
from fleet.protocol.errors import UsageError
from fleet.protocol.fleet import BUCKET, CONDUCTOR, SHIPS, TREASURY, FleetQuery, ShipQuery
from fleet.runtime import AskTimeout
from fleet.runtime.chaos import Misbehave
from fleet.virtual_fleet import VirtualFleet

RESTS = """
from fleet import Until, dock, orbit

def run(ship, task, *, pause: float = 30.0):
    yield from dock(ship)
    yield from orbit(ship)
    yield Until(ship.now() + pause, "rests")
    return "rested"
"""


class Fleet:
    """A fleet in virtual time, with a laboratory."""

    def __init__(self, folder: Path) -> None:
        self.register = Register()
        self.virtual = VirtualFleet(1, folder, change=self._furnished)
        self.virtual.run_for(60.0)
        self.ship = self.virtual.reading.ships[0].symbol

    def _furnished(self, plan: Any) -> Any:
        return replace(plan, laboratory=laboratory_props(self.register))

    def inject(self, source: str, *ships: str, ask: Any = None) -> Entry:
        order = Order(name="idea", file="/idea.py", source=source, ships=ships)
        script = load(source, order.file, order.name, {})
        entry = Entry(order, script.kind, Wallet("idea", 0), lambda: None, asked=0.0)
        begin(ask or self.virtual.ask, entry, trusted_props(script, entry, 2.0))
        return entry

    def ask_too_late(self, path: str, message: Any) -> Any:
        """Ask; the answer to whether an experiment may be opened comes too late."""
        answer = self.virtual.ask(path, message)
        if isinstance(message, Open):
            raise AskTimeout("no answer within 5 s")
        return answer

    def readings(self) -> int:
        """Count how often a ship was read."""
        return int(self.virtual.observe().bucket.by_operation["get-my-ship"]["reply"])

    def behaviour(self) -> str:
        return str(dict(self.virtual.ask(CONDUCTOR, FleetQuery()).assignments)[self.ship])


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One fleet for all of these tests; each ends what it began."""
    made = Fleet(tmp_path_factory.mktemp("injected"))
    yield made
    made.virtual.close()


def test_a_lent_ship_does_what_the_script_says_until_it_is_given_back(fleet: Fleet) -> None:
    before = fleet.behaviour()
    fleet.inject(RESTS, fleet.ship)
    fleet.virtual.run_for(120.0)
    assert fleet.behaviour() == "idea"
    view = fleet.virtual.ask(f"{SHIPS}/{fleet.ship}", ShipQuery())
    assert (view.behaviour, view.doing) == ("idea", "rests")
    (use,) = fleet.virtual.ask(BUCKET, QuotaQuery())
    assert use.sent >= 4
    with pytest.raises(UsageError, match="runs already"):
        fleet.inject(RESTS, fleet.ship)
    # Each incarnation of ship and conductor takes up what the last one left.
    for path in (f"{SHIPS}/{fleet.ship}", CONDUCTOR):
        fleet.virtual.system.address(path).tell(Misbehave("crash"))
        fleet.virtual.run_for(60.0)
        assert fleet.behaviour() == "idea"
    reads = fleet.readings()
    entry = fleet.virtual.ask("/fleet/experiments", Eject("idea"))
    assert entry.outcome == "ejected"
    fleet.virtual.run_for(120.0)
    assert fleet.readings() > reads
    assert fleet.behaviour() not in ("idea", "read_back", "")
    assert before != "idea"
    assert fleet.virtual.ask(BUCKET, QuotaQuery()) == ()
    assert fleet.virtual.ask(TREASURY, BudgetQuery()) == ()


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("def run(ship, task):\n    yield 1 / 0\n", "ZeroDivisionError"),
        ("def run(ship, task):\n    yield 'nonsense'\n", "nonsense"),
    ],
)
def test_a_ship_is_given_back_when_its_script_fails(
    fleet: Fleet, source: str, outcome: str
) -> None:
    with suppress(BrokenScript):
        fleet.inject(source, fleet.ship)
    fleet.virtual.run_for(120.0)
    assert outcome in fleet.register.past[-1].outcome
    assert fleet.behaviour() not in ("idea", "read_back", "")


def test_one_that_was_opened_too_late_to_tell_leaves_no_name_taken(fleet: Fleet) -> None:
    with pytest.raises(AskTimeout):
        fleet.inject(RESTS, ask=fleet.ask_too_late)
    assert not fleet.register.running
    entry = fleet.inject(RESTS, fleet.ship)
    # What came too late to be refused ends nobody of its name.
    with pytest.raises(AskTimeout):
        fleet.inject(RESTS, ask=fleet.ask_too_late)
    assert fleet.register.running == {"idea": entry}
