import pytest

from fleet.protocol.clock import Monotonic
from fleet.runtime.clocks import VirtualClock
from fleet.supervision.resources.belongings import Belongings, Owner
from fleet.supervision.resources.cleanup import Cleanup

ONE, OTHER, NEXT = Owner("/fleet/a", 1), Owner("/fleet/b", 1), Owner("/fleet/a", 2)


@pytest.fixture
def belongings(tmp_path):
    return Belongings(tmp_path / "tmp")


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def cleanup(belongings, events, clock):
    return Cleanup(belongings, events, clock, cooldown=60.0)


def texts(events):
    return [record["text"] for record in events.records()]


def test_everything_is_given_back_in_order(belongings, cleanup, events):
    (belongings.temp_folder(ONE) / "prices.tmp").write_text("1")
    done = []
    for kind in ("client", "pool", "rows"):
        belongings.keep(ONE, kind, lambda kind=kind: done.append(kind))
    assert cleanup.after(ONE, "failure")
    assert done == ["rows", "pool", "client"]
    assert texts(events) == [
        "Starting comprehensive resource cleanup",
        "Cleaned up temp file: prices.tmp",
        "Reset hanging database operations",
        "Reset database connection pool",
        "Forced garbage collection",
        "Reset HTTP client",
        "Completed resource cleanup",
    ]
    assert {record["trigger"] for record in events.records()} == {"failure"}


def test_another_actor_and_the_next_life_keep_what_they_have(belongings, cleanup):
    released = []
    for owner in (ONE, OTHER, NEXT):
        (belongings.temp_folder(owner) / "work.tmp").write_text(owner.path)
        belongings.keep(owner, "rows", lambda owner=owner: released.append(owner))
    cleanup.after(ONE, "failure")
    assert released == [ONE]
    assert not (belongings._folder / "fleet_a#1").exists()
    assert (belongings.temp_folder(OTHER) / "work.tmp").read_text() == "/fleet/b"
    assert (belongings.temp_folder(NEXT) / "work.tmp").read_text() == "/fleet/a"


def test_who_holds_nothing_costs_no_line(cleanup, events):
    assert not cleanup.after(ONE, "failure")
    assert events.records() == []


def test_a_second_cleanup_finds_nothing(belongings, cleanup):
    belongings.keep(ONE, "client", lambda: None)
    assert cleanup.after(ONE, "failure")
    assert not cleanup.after(ONE, "failure")


def test_garbage_is_collected_once_in_the_cool_down(belongings, cleanup, events, clock):
    for seconds in (0, 59, 60):
        clock.now = Monotonic(1_000_000.0 + seconds)
        belongings.keep(ONE, "client", lambda: None)
        cleanup.after(ONE, "failure")
    assert len(events.records("garbage.collected")) == 2
    assert len(events.records("client.reset")) == 3


def test_what_cannot_be_released_is_told_and_the_rest_goes_on(belongings, cleanup, events):
    def broken():
        raise OSError("gone")

    done = []
    belongings.keep(ONE, "pool", broken)
    belongings.keep(ONE, "client", lambda: done.append("client"))
    cleanup.after(ONE, "failure")
    assert done == ["client"]
    (failed,) = events.records("cleanup.failed")
    assert (failed["actor"], failed["reason"]) == ("/fleet/a", "pool: gone")
    assert events.records("cleanup.completed")


def test_owners_at_a_path_are_listed_oldest_first(belongings):
    for owner in (NEXT, ONE, OTHER):
        belongings.keep(owner, "rows", lambda: None)
    assert belongings.owners("/fleet/a") == [ONE, NEXT]
