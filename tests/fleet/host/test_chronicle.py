"""The chronicle looks by itself, and sums up by itself."""

import threading
from types import SimpleNamespace

import pytest

from fleet.host import chronicle
from fleet.host.chronicle import Chronicle
from fleet.host.minute import Minutes, sentence
from fleet.host.observe import observe
from fleet.host.tally import Tally
from fleet.protocol.fleet import (
    CONDUCTOR,
    SHIPS,
    TREASURY,
    FleetQuery,
    FleetView,
    Funds,
    ShipQuery,
    TreasuryQuery,
)
from fleet.runtime.chaos import Misbehave


def answers(ctx, message):
    match message:
        case TreasuryQuery():
            ctx.reply(Funds(1000, 0))
        case FleetQuery():
            ctx.reply(
                FleetView(ships=(), assignments=(), contract="", contracts_fulfilled=0, value=5)
            )
        case ShipQuery():
            ctx.reply("a view")


@pytest.fixture
def fleet(threads):
    """Treasury, conductor and two ships that answer."""
    threads.system.events = Tally(threads.events, threads.clock.wall)
    for path in (TREASURY, CONDUCTOR, f"{SHIPS}/A-1", f"{SHIPS}/A-2"):
        threads.spawn(path, receive=answers, budget=30.0)
    return threads


def make(fleet, every, tidy=lambda: None, also=lambda: None):
    minutes = Minutes(fleet.system, fleet.system.events, lambda: None)
    return Chronicle(
        fleet.system,
        SimpleNamespace(game_at=0.0),
        minutes,
        every=every,
        also=also,
        tidy=tidy,
    )


def test_the_history_grows_and_lines_come_without_anybody_asking(fleet, monkeypatch):
    monkeypatch.setattr(chronicle, "LOOK", 0.02)
    tidied = threading.Event()
    written = make(fleet, every=0.05, tidy=tidied.set)
    written.history._step = 0.0
    written.start()
    assert fleet.events.wait_for("fleet.summarised", times=2)
    assert tidied.wait(30.0)
    written.close()
    assert set(written.history.values()) == {1005}
    assert len(written.history.values()) >= 2
    assert fleet.events.records("ships.queried")[0]["text"] == "Successfully queried 2 miners"


def test_it_tells_whether_it_still_has_a_look_before_it(fleet, monkeypatch):
    monkeypatch.setattr(chronicle, "LOOK", 0.01)
    inside, release = threading.Event(), threading.Event()
    written = make(fleet, every=60.0, also=lambda: inside.set() or release.wait(30))
    written.start()
    assert inside.wait(30)
    assert written.close() is False
    release.set()
    written._thread.join(30)
    assert written.close() is True


def test_a_ship_that_does_not_answer_is_named(fleet):
    fleet.system.address(f"{SHIPS}/A-2").tell(Misbehave("hang", seconds=20.0))
    seen = observe(fleet.system)
    assert (len(seen.ships), seen.silent) == (1, (f"{SHIPS}/A-2",))
    Minutes(fleet.system, fleet.system.events, lambda: None).tell(seen)
    (missed,) = fleet.events.records("ship.missed")
    assert (missed["text"], missed["level"]) == ("Timeout for miner A-2", "warning")
    (line,) = fleet.events.records("fleet.summarised")
    assert line["text"].startswith("2 ships, 1 silent, 1,000 credits, ")


def test_a_look_at_actors_that_are_not_there_leaves_no_dead_letter(threads):
    seen = observe(threads.system)
    assert (seen.funds, seen.fleet, seen.ships) == (None, None, ())
    assert threads.system.dead_letters.counts == {}


def test_a_look_at_an_actor_that_rests_waits_for_nobody_and_leaves_no_dead_letter(threads):
    ship = threads.spawn(f"{SHIPS}/A-1")
    threads.system.retire(ship.path)
    threads.system.quarantine(ship.path, 60.0)
    assert observe(threads.system).silent == (ship.path,)
    view = threads.system.view(ship.path)
    assert (view.waiting, threads.system.dead_letters.counts) == (0, {})


def test_a_failure_of_a_look_is_told_and_does_not_end_the_chronicle(fleet, monkeypatch):
    monkeypatch.setattr(chronicle, "LOOK", 0.01)
    written = make(fleet, every=60.0)
    written._run_state = None
    written.start()
    assert fleet.events.wait_for("chronicle.failed", times=2)
    written.close()


def test_the_line_tells_what_came_since_the_last_one():
    told = {
        "seconds": 60.0,
        "ships": 40,
        "silent": 0,
        "credits": 1_234_567,
        "gain": -1200,
        "requests": 149,
        "share": 0.994,
        "handled": 5120,
        "restarts": 2,
        "zombies": 0,
        "rss_mb": 98.4,
        "cpu_percent": 3.2,
    }
    assert sentence(told) == (
        "40 ships, 1,234,567 credits, net worth -1,200 in 60 s, 149 requests (99% of the "
        "allowance), 5,120 messages, 2 restarts, 98 MB, 3 % CPU"
    )
