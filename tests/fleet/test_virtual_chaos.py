"""The faults of `fleet chaos` in virtual time: the same storm, the same end, balanced books."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.bench.soak_storm import Storm
from fleet.chaos_script import read_script
from fleet.host.faults import API_FAULTS, DATABASE_DOWN
from fleet.protocol.errors import UsageError
from fleet.protocol.fleet import AUDITOR, BUCKET, SHIPS, Doubt
from fleet.runtime.cell import State
from fleet.runtime.chaos import KINDS, Poison
from fleet.supervision.memory_event_log import MemoryEventLog
from fleet.virtual_faults import play, strike
from fleet.virtual_fleet import VirtualFleet

MINUTES = 3
"""Of storm, in virtual time: six hundred blows."""

CALM = 900.0
"""Virtual seconds in which everybody comes back, those in quarantine as well."""


def storm(folder: Path, seed: int) -> VirtualFleet:
    """Play until there is something to lose, then strike 200 times a minute."""
    folder.mkdir()
    fleet = VirtualFleet(seed, folder)
    fleet.run_for(600.0)
    parents = {cell.parent for cell in fleet.system.cells()}
    leaves = [cell.address.path for cell in fleet.system.cells()]
    actors = sorted(path for path in leaves if path not in parents)
    began = fleet.clock.now
    for blow in Storm(seed=seed, seconds=MINUTES * 60.0).blows(actors):
        fleet.dispatcher.run_until(began + blow.at)
        strike(fleet, **blow.arguments)
    fleet.run_for(CALM)
    return fleet


@pytest.fixture(scope="module")
def stormed(tmp_path_factory: pytest.TempPathFactory) -> VirtualFleet:
    return storm(tmp_path_factory.mktemp("chaos") / "once", 7)


def test_the_books_agree_after_every_fault_that_there_is(stormed: VirtualFleet) -> None:
    counts = stormed.events.counts
    assert counts["actor.hung"] > 30
    assert counts["actor.crashed"] > 50
    assert stormed.credits == stormed.ledger_balance()


def test_everybody_runs_again(stormed: VirtualFleet) -> None:
    cells = [cell for cell in stormed.system.cells() if not cell.closed]
    assert {cell.state for cell in cells} == {State.RUNNING}
    ships = {cell.address.path for cell in cells if cell.address.path.startswith(f"{SHIPS}/")}
    assert len(ships) == len(stormed.observe().ships)


def test_poison_ends_among_the_dead_letters(stormed: VirtualFleet) -> None:
    letters = stormed.system.dead_letters.letters()
    poisoned = [one for one in letters if isinstance(one.envelope.message, Poison)]
    assert len(poisoned) > 5
    assert {(one.cause, one.envelope.attempt) for one in poisoned} == {("poison", 2)}


def test_the_same_storm_ends_in_the_same_state(stormed: VirtualFleet, tmp_path: Path) -> None:
    assert storm(tmp_path / "again", 7).digest() == stormed.digest()


def test_a_database_that_is_down_for_a_while_costs_no_row(tmp_path: Path) -> None:
    events = MemoryEventLog()
    fleet = VirtualFleet(3, tmp_path, events=events)
    strike(fleet, "db-down", seconds=150.0)
    fleet.run_for(140.0)
    assert events.records("database.failed")
    assert not events.records("database.recovered")
    fleet.run_for(300.0)
    assert events.records("database.recovered")
    assert fleet.credits == fleet.ledger_balance()


def test_an_api_that_is_down_opens_its_breaker_which_is_tried_and_closes(tmp_path: Path) -> None:
    events = MemoryEventLog()
    fleet = VirtualFleet(3, tmp_path, events=events)
    strike(fleet, "api-500", seconds=60.0)
    fleet.run_for(300.0)
    # Parts of the API have breakers of their own.
    told = [row["event"] for row in events.records() if row.get("dependency") == "api"]
    assert told[:2] == ["breaker.opened", "breaker.half_opened"]
    assert told[-1] == "breaker.closed"
    assert fleet.credits == fleet.ledger_balance()


def struck(folder: Path, kind: str = "", **given: Any) -> VirtualFleet:
    """Play for six minutes; of these the third and fourth with a fault, if one is named."""
    folder.mkdir()
    fleet = VirtualFleet(3, folder)
    fleet.run_for(120.0)
    if kind:
        strike(fleet, kind, seconds=60.0, **given)
    fleet.run_for(240.0)
    return fleet


@pytest.fixture(scope="module")
def spared(tmp_path_factory: pytest.TempPathFactory) -> VirtualFleet:
    return struck(tmp_path_factory.mktemp("chaos") / "spared")


@pytest.mark.parametrize("kind", API_FAULTS)
def test_each_fault_of_the_api_changes_the_run_and_no_book(
    kind: str, spared: VirtualFleet, tmp_path: Path
) -> None:
    hit = struck(tmp_path / "hit", kind)
    assert hit.digest() != spared.digest()
    assert hit.credits == hit.ledger_balance()


def test_to_order_a_fault_that_hits_nobody_changes_nothing(
    spared: VirtualFleet, tmp_path: Path
) -> None:
    assert struck(tmp_path / "none", "api-500", share=0.0).digest() == spared.digest()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("gil", "leak")])
def test_each_fault_of_an_actor_changes_the_run_and_no_book(
    kind: str, spared: VirtualFleet, tmp_path: Path
) -> None:
    hit = struck(tmp_path / "hit", kind, address=BUCKET)
    assert hit.digest() != spared.digest()
    assert hit.credits == hit.ledger_balance()


@pytest.mark.parametrize(
    ("kind", "told"),
    [("crash", {"kind": "crash", "actor": BUCKET}), ("api-500", {"kind": "api-500"})],
)
def test_a_fault_is_told_as_one_on_purpose(kind: str, told: dict[str, str], tmp_path: Path) -> None:
    events = MemoryEventLog()
    fleet = VirtualFleet(3, tmp_path, events=events)
    strike(fleet, kind, told.get("actor", ""))
    assert len(events.records("chaos.injected", **told)) == 1


def test_a_fault_or_an_actor_that_there_is_not_is_refused(tmp_path: Path) -> None:
    fleet = VirtualFleet(3, tmp_path)
    with pytest.raises(UsageError, match="; not flood"):
        strike(fleet, "flood")
    with pytest.raises(UsageError, match="There is no actor /fleet/nobody"):
        strike(fleet, "hang", "/fleet/nobody")


def test_credits_of_before_an_outage_are_not_compared_with_the_books_of_after(
    tmp_path: Path,
) -> None:
    fleet = VirtualFleet(3, tmp_path)
    fleet.run_for(600.0)
    strike(fleet, DATABASE_DOWN, seconds=120.0)
    fleet.system.address(AUDITOR).tell(Doubt("a test"))
    fleet.run_for(200.0)
    assert fleet.events.counts["ledger.reconciled"] == 0
    assert fleet.owed() == 0


def test_a_script_meets_the_same_actors_for_the_same_seed(tmp_path: Path) -> None:
    script = tmp_path / "storm.toml"
    fault = 'kind = "crash"\naddress = "/fleet/*"\nsome = 2\nat = 30\nevery = 20\ntimes = 4\n'
    script.write_text(f'[[fault]]\n{fault}[[fault]]\nkind = "api-500"\nfor = 5\n')

    def met(name: str, seed: int) -> list[tuple[str, str]]:
        folder, events = tmp_path / name, MemoryEventLog()
        folder.mkdir()
        fleet = VirtualFleet(1, folder, events=events)
        fleet.run_for(60.0)
        began = fleet.clock.now
        play(fleet, read_script(script), seed=seed)
        assert fleet.clock.now == began + 90.0
        told = events.records("chaos.injected")
        return [(one["kind"], one.get("actor", "")) for one in told]

    first = met("first", 7)
    assert [kind for kind, _ in first] == ["api-500"] + ["crash"] * 8
    assert met("again", 7) == first
    assert met("other", 8) != first
