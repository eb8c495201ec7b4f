"""A whole fleet in virtual time compares a script with what its ships do by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from fleet.actors.experiment_messages import (
    EXPERIMENTS,
    CrewQuery,
    GiveBack,
    Hand,
    Lend,
    Refused,
)
from fleet.inject.beginning import begin
from fleet.inject.laboratory import Eject, laboratory_props
from fleet.inject.order import Order
from fleet.inject.register import Entry, Register
from fleet.inject.script import load
from fleet.inject.trial.candidate import candidate_of, chosen
from fleet.inject.trial.plan import Plan, drawn_up
from fleet.inject.trial.report import Report, report, stored
from fleet.inject.trial.shelf import rows
from fleet.inject.trial.terms import Terms
from fleet.inject.trial.trial import Trial
from fleet.inject.trusted import trusted_props
from fleet.inject.wallet import Wallet
from fleet.protocol.errors import UsageError
from fleet.protocol.fleet import CONDUCTOR, WRITER, FleetQuery
from fleet.protocol.rows import Flush
from fleet.protocol.tasks import Lent
from fleet.runtime.chaos import Misbehave
from fleet.storage.tables import LEDGER
from fleet.virtual_fleet import VirtualFleet

RESTS = """
from fleet import Until, dock, orbit

def run(ship, task):
    yield from dock(ship)
    yield from orbit(ship)
    yield Until(ship.now() + 30.0, "rests")
    return "rested"
"""

BLOCK = 600.0


class Fleet:
    """A fleet in virtual time that has played a while, with a laboratory."""

    def __init__(self, folder: Path) -> None:
        self.register = Register()
        self.virtual = VirtualFleet(1, folder, ships=5, change=self._furnished)
        self.virtual.run_for(1800.0)

    def _furnished(self, plan: Any) -> Any:
        return replace(plan, laboratory=laboratory_props(self.register))

    def hands(self) -> tuple[Hand, ...]:
        told: tuple[Hand, ...] = self.virtual.ask(CONDUCTOR, CrewQuery())
        return told

    def compare(self, terms: Terms, *ships: str) -> Trial:
        return self.begin(drawn_up(chosen(self.hands(), ships), terms))

    def begin(self, plan: Plan) -> Trial:
        trial = Trial("idea", plan)
        ships, terms = plan.borrowed, plan.terms
        order = Order(name="idea", file="/idea.py", source=RESTS, ships=ships, ab=terms)
        script = load(RESTS, order.file, order.name, {})
        entry = Entry(order, script.kind, Wallet("idea", 0), lambda: None, asked=0.0, trial=trial)
        begin(self.virtual.ask, entry, trusted_props(script, entry, 2.0))
        return trial

    def does(self) -> dict[str, str]:
        return dict(self.virtual.ask(CONDUCTOR, FleetQuery()).assignments)

    def arms(self, trial: Trial) -> set[str]:
        """Say what the ships of a comparison do: B where the script flies them."""
        doing = self.does()
        return {"B" if doing[ship] == "idea" else "A" for ship in trial.plan.ships}

    def ledger(self, trial: Trial, arm: str) -> int:
        """Add up what the ledger holds of a ship that buys nothing, in the turns of an arm."""
        [member] = trial.plan.members
        moved = 0
        for turn in trial.turns:
            if trial.plan.arm(member, turn.number) == arm:
                query = select(func.coalesce(func.sum(LEDGER.c.delta), 0)).where(
                    LEDGER.c.ship == member.ship, LEDGER.c.at >= turn.counted
                )
                with self.virtual.store.reading() as connection:
                    moved += connection.execute(query.where(LEDGER.c.at < turn.until)).scalar_one()
        return moved

    def report(self) -> Report:
        self.virtual.ask(WRITER, Flush())
        store = self.virtual.store
        [(namespace, row)] = rows(store, None, "idea")
        kept = stored("idea", row)
        assert kept is not None
        return report(store, namespace, kept)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """One fleet for all of these tests; each ends what it began."""
    made = Fleet(tmp_path_factory.mktemp("compared"))
    yield made
    made.virtual.close()


def test_ships_take_turns_and_what_the_script_misses_is_found(fleet: Fleet) -> None:
    miner = next(
        hand.ship.symbol for hand in fleet.hands() if hand.ship.registration.role == "EXCAVATOR"
    )
    trial = fleet.compare(Terms(seed=3, block=BLOCK, wash_out=60.0), miner)
    assert trial.plan.design == "switchback"
    for number in range(4):
        fleet.virtual.run_for(BLOCK / 2)
        if number == 1:
            # Each incarnation takes up what the last one left.
            for path in (EXPERIMENTS, CONDUCTOR, *_ships(trial)):
                fleet.virtual.system.address(path).tell(Misbehave("crash"))
            fleet.virtual.run_for(100.0)
        assert trial.turn is not None
        assert trial.turn.number == number
        assert fleet.arms(trial) == {trial.plan.arm(trial.plan.members[0], number)}
        fleet.virtual.run_for(trial.turn.until - fleet.virtual.clock.game() + 1.0)
    ended = fleet.virtual.ask(EXPERIMENTS, Eject("idea"))
    fleet.virtual.run_for(60.0)
    assert fleet.arms(trial) == {"A"}
    assert "read_back" not in fleet.does().values()
    found = fleet.report()
    assert (found.status, found.outcome, ended.outcome) == ("ended", "ejected", "ejected")
    assert (found.turns, found.ships) == (4, trial.plan.ships)
    a, b = found.arms
    assert a.hours == b.hours == pytest.approx(2 * 540.0 / 3600.0)
    assert (b.credits, a.requests > 0, b.requests > 0) == (0.0, True, True)
    assert a.credits == fleet.ledger(trial, "A")
    assert found.per_hour is not None
    assert found.per_hour.units == 2
    assert found.per_hour.difference == pytest.approx(-(a.per_hour or 0.0))
    assert not any("were not sent by it" in doubt for doubt in found.doubts)
    assert msgspec.json.decode(msgspec.json.encode(found.as_json()))["sentence"] == found.sentence


def _ships(trial: Trial) -> list[str]:
    return [f"/fleet/ships/{ship}" for ship in trial.plan.ships]


def test_ships_side_by_side_stay_in_their_arm_and_others_are_not_touched(fleet: Fleet) -> None:
    everybody = [candidate_of(hand) for hand in fleet.hands()]
    # They differ, but each of them can rest.
    alike = [msgspec.structs.replace(one, craft="a ship") for one in everybody[:4]]
    trial = fleet.begin(drawn_up(alike, Terms(seed=3, block=60.0, design="parallel")))
    for _ in range(3):
        fleet.virtual.run_for(60.0)
        flown = {ship for ship, name in fleet.does().items() if name == "idea"}
        assert flown == set(trial.plan.borrowed)
    assert len(flown) == 2
    fleet.virtual.ask(EXPERIMENTS, Eject("idea"))
    fleet.virtual.run_for(60.0)
    assert "idea" not in fleet.does().values()
    assert fleet.report().turns == 3


def test_arm_a_may_be_a_behaviour_of_the_fleet(fleet: Fleet) -> None:
    trial = fleet.compare(Terms(seed=3, block=60.0, against="park"))
    before = set(trial.plan.ships)
    seen: dict[str, set[str]] = {"A": set(), "B": set()}
    for _ in range(2):
        fleet.virtual.run_for(40.0)
        assert trial.turn is not None
        arm = trial.plan.arm(trial.plan.members[0], trial.turn.number)
        seen[arm] |= {name for ship, name in fleet.does().items() if ship in before}
        fleet.virtual.run_for(trial.turn.until - fleet.virtual.clock.game() + 1.0)
    assert seen == {"A": {"park"}, "B": {"idea"}}
    fleet.virtual.ask(EXPERIMENTS, Eject("idea"))
    fleet.virtual.run_for(60.0)
    assert {"idea", "park"} & {fleet.does()[ship] for ship in before} == set()


def test_a_ship_that_is_lent_takes_no_part(fleet: Fleet) -> None:
    [ship, *_] = (one.ship for one in chosen(fleet.hands(), ()))
    fleet.virtual.ask(CONDUCTOR, Lend(Lent(experiment="other"), ship))
    try:
        assert ship not in {one.ship for one in chosen(fleet.hands(), ())}
        with pytest.raises(UsageError, match="is lent to other"):
            chosen(fleet.hands(), (ship,))
        with pytest.raises(UsageError, match="there is no ship NONE"):
            chosen(fleet.hands(), ("NONE",))
        again = fleet.virtual.ask(CONDUCTOR, Lend(Lent(experiment="idea"), ship))
        assert isinstance(again, Refused)
    finally:
        fleet.virtual.system.address(CONDUCTOR).tell(GiveBack("other"))
        fleet.virtual.run_for(60.0)
