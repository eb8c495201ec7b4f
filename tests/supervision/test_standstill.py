"""Time in which the whole process stood still, and a watchdog that is late."""

import threading

from fleet.protocol.clock import Monotonic
from fleet.runtime import Envelope, Future, GameClock


class Sleeper(GameClock):
    """A clock of a process that was stopped for a while."""

    slept = 0.0

    def monotonic(self):
        return Monotonic(super().monotonic() + self.slept)


def test_time_in_which_the_process_stood_still_is_nobodys_hang(watched_by):
    release, clock = threading.Event(), Sleeper()
    stage = watched_by(clock)
    address = stage.spawn("/a", receive=lambda ctx, _: release.wait(30) and ctx.reply("done"))
    answer = Future()
    stage.system.post("/a", Envelope("wait", stage.system.next_id(), future=answer))
    while not stage.system.view("/a").busy_with:
        threading.Event().wait(0.001)
    clock.slept = 3600.0
    assert stage.events.wait_for("watchdog.suspended")["gap_s"] > 3000
    release.set()
    assert answer.get(30) == "done"
    assert stage.cell(address).number == 1


def test_who_hangs_on_after_a_standstill_is_replaced(watched_by):
    release, clock = threading.Event(), Sleeper()
    stage = watched_by(clock)
    stage.spawn("/a", receive=lambda ctx, _: release.wait(30) and None, budget=1.0)
    stage.system.address("/a").tell("wait")
    clock.slept = 3600.0
    assert stage.events.wait_for("watchdog.suspended")
    assert stage.events.wait_for("actor.hung", actor="/a")
    release.set()


def test_a_watchdog_that_is_late_because_actors_compute_forgives_nobody(watched_by, monkeypatch):
    release, clock = threading.Event(), Sleeper()
    computed = iter(range(0, 10**9, 1000))
    monkeypatch.setattr("fleet.supervision.watchdog.process_seconds", lambda: next(computed))
    stage = watched_by(clock)
    stage.spawn("/a", receive=lambda ctx, _: release.wait(30) and None, budget=600.0)
    stage.system.address("/a").tell("compute")
    while not stage.system.view("/a").busy_with:
        threading.Event().wait(0.001)
    clock.slept = 3600.0
    assert stage.events.wait_for("actor.hung", actor="/a")
    assert not stage.events.records("watchdog.suspended")
    release.set()
