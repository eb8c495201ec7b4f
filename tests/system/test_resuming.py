from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

from fleet.host.recorded import replay_of

from .figures import within
from .fleet_process import FleetProcess
from .playing import traded
from .records import Records
from .sim_process import SimProcess
from .wiretap import Wiretap

Start = Callable[..., FleetProcess]

FIRST_REQUESTS = 8
"""Most requests of a start before the first useful one."""


def test_the_next_start_goes_on_with_the_same_agent_ships_and_tasks(
    fleets: Start, data_dir: Path
) -> None:
    first = traded(fleets(data_dir))
    first.until("ship.bought")
    first.process.send_signal(signal.SIGTERM)
    assert first.wait() == 0
    before = Records(data_dir)
    agents, ships, tasks = before.agents, before.ships, before.assignments
    assert len(ships) > 2
    assert tasks
    recording = data_dir / "again.rec"
    again = fleets(data_dir, "--record", str(recording)).ready()
    assert {again.agent} == agents == {first.agent}

    first_shown: dict[str, str] = {}

    def shown() -> bool:
        for ship in again.status()["ships"]:
            if ship["behaviour"] or ship["symbol"] not in tasks:
                first_shown.setdefault(ship["symbol"], ship["behaviour"])
        return first_shown.keys() >= ships

    again.eventually(shown, "some ships are not there")
    for ship, behaviour in tasks.items():
        ended = again.named("task.ended", ship=ship, behaviour=behaviour)
        assert first_shown[ship] == behaviour or ended
    assert again.named("ledger.reconciled") == []
    traded(again)
    assert Records(data_dir).agents == agents
    again.process.send_signal(signal.SIGTERM)
    assert again.wait() == 0
    played = replay_of(recording).run()
    assert played.digest == played.recorded
    assert not played.cut_off
    assert not played.stopped


def test_a_start_with_a_hundred_ships_needs_few_requests_before_the_first_useful_one(
    fleets: Start,
    simulators: Callable[..., SimProcess],
    wiretaps: Callable[[str], Wiretap],
    data_dir: Path,
    tmp_path: Path,
) -> None:
    world = simulators(tmp_path / "world", "--scenario", "late", "--speed", "60")
    first = fleets(data_dir, "--api-url", world.url, speed=None)
    first.until("task.ended")
    first.process.send_signal(signal.SIGTERM)
    assert first.wait() == 0
    tap = wiretaps(world.url)
    again = fleets(data_dir, "--api-url", tap.url, speed=None)

    def acted() -> bool:
        return any(heard.useful for heard in tap.api_calls())

    again.eventually(acted, "it did nothing")
    calls = tap.api_calls()
    place = next(index for index, heard in enumerate(calls) if heard.useful)
    within("requests before the first useful one, 100 ships", place, FIRST_REQUESTS, "")
    assert not any("register" in heard.line for heard in calls)
    assert again.until("process.ready", child="runtime")["info"]["ships"] >= 100
