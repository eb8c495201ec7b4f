"""What a ship does about everything that a server can do to it, over real HTTP.

A ship, the bucket and two workers against a simulator whose faults are armed: the script of the
ship notes what it hears, and a tap on the line what is really sent.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from fleet.actors.moves import call
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Call, Steps
from fleet.protocol.api import ApiRefusal, Lane

from .faulty_line import Front, Port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A simulator of its own at speed 60; gives its address."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("FLEET_", "SPACETRADERS_"))}
    folder = str(tmp_path_factory.mktemp("world"))
    command = [sys.executable, "-m", "fleet", "sim", "--port", "0", "--speed", "60"]
    process = subprocess.Popen(
        [*command, "--data-dir", folder], env=env, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip().removesuffix("/v2")
    process.terminate()
    process.communicate(timeout=30)


NAMES = iter(f"F{os.getpid()}-{number}"[-14:] for number in range(1_000))


@pytest.fixture
def port(threads: Any, server: str) -> Iterator[Port]:
    """A port of its own; faults are taken back afterwards."""
    made = Port(threads, server, next(NAMES))
    yield made
    made.ask("/sim/faults", method="DELETE")


@pytest.fixture
def front(server: str) -> Iterator[Front]:
    """A front of its own before the simulator."""
    made = Front(server)
    yield made
    made.close()


def orbits(ship: ShipState, _task: Any) -> Steps:
    """Be in orbit."""
    if ship.docked:
        yield from call(ship, "orbit-ship", Lane.ACTION)
    return "docked" if ship.docked else "done"


ONCE_MORE = [
    "limited-html:count=2",
    "limited-json:count=2,wait=1",
    "status-503:count=2",
    "maintenance:count=2",
]


@pytest.mark.parametrize("fault", ONCE_MORE)
def test_what_was_not_acted_on_is_sent_again(port: Port, fault: str):
    port.arm(f"{fault},op=orbit-ship")
    port.run(orbits)
    port.line.until("done")
    assert port.line.sent == ["POST orbit"] * 3


READ_BACK = [
    "status-500:count=1",
    "status-500:count=1,when=after",
    "status-502:count=1",
    "status-502:count=1,when=after",
    "status-504:count=1",
    "half-open:count=1",
    "half-open:count=1,when=after",
    "connection-reset:count=1",
    "connection-reset:count=1,when=after",
    "cut:count=1",
    "not-json:count=1",
]


@pytest.mark.parametrize("fault", READ_BACK)
def test_after_an_unknown_outcome_the_ship_is_read_before_it_acts(port: Port, fault: str):
    port.arm(f"{fault},op=orbit-ship")
    port.run(orbits)
    port.line.until("done")
    acted = "after" in fault or fault.startswith(("status-504", "cut", "not-json"))
    again = [] if acted else ["POST orbit"]
    assert port.line.sent == ["POST orbit", f"GET {port.ship.symbol}", *again]


def test_a_wrong_content_type_does_no_harm(port: Port):
    port.arm("content-type:count=1,op=orbit-ship")
    port.run(orbits)
    port.line.until("done")
    assert port.line.sent == ["POST orbit"]


@pytest.mark.parametrize(
    "fault", ["connection-reset:count=1", "half-open:count=1", "cut:count=1", "not-json:count=2"]
)
def test_a_read_is_tried_again(port: Port, fault: str):
    def reads(ship: ShipState, _task: Any) -> Steps:
        reply = yield from call(ship, "get-my-ship", Lane.MARKET)
        return reply.symbol

    port.arm(f"{fault},op=get-my-ship")
    port.run(reads)
    port.line.until(port.ship.symbol)
    count = int(fault[-1])
    assert port.line.sent == [f"GET {port.ship.symbol}"] * (count + 1)


def test_a_ship_that_the_server_cannot_show_waits_longer_each_time_and_goes_on(port: Port):
    port.arm("connection-reset:count=1,op=orbit-ship")
    port.arm(f"ship-3000:count=3,ship={port.ship.symbol}")
    port.run(orbits)
    port.line.until("done")
    reads = [f"GET {port.ship.symbol}"] * 4
    assert port.line.sent == ["POST orbit", *reads, "POST orbit"]


def far(port: Port) -> str:
    """Find another waypoint of the system."""
    nav = port.ship.nav
    answer = port.ask(f"/v2/systems/{nav.system_symbol}/waypoints?type=ENGINEERED_ASTEROID")
    return str(answer["data"][0]["symbol"])


def test_a_ship_in_transit_waits_until_it_arrives(port: Port):
    there = far(port)

    def hasty(ship: ShipState, _task: Any) -> Steps:
        if ship.at != there:
            yield from call(ship, "orbit-ship", Lane.ACTION)
            yield from call(ship, "navigate-ship", Lane.ACTION, waypointSymbol=there)
        docked = yield from call(ship, "dock-ship", Lane.ACTION)
        return docked.nav.status

    port.run(hasty)
    port.line.until("DOCKED")
    # Mostly once too early; a busy machine may let the flight pass, or have our clock ahead.
    moves, docks = port.line.sent[:2], port.line.sent[2:]
    assert (moves, set(docks)) == (["POST orbit", "POST navigate"], {"POST dock"})
    assert len(docks) <= 4


def test_a_ship_on_cooldown_waits_as_long_as_it_is_told(port: Port):
    there = far(port)

    def surveys(ship: ShipState, _task: Any) -> Steps:
        yield from call(ship, "orbit-ship", Lane.ACTION)
        yield from call(ship, "navigate-ship", Lane.ACTION, waypointSymbol=there)
        for _ in range(2):
            reply = yield from call(ship, "create-survey", Lane.ACTION)
            assert not isinstance(reply, ApiRefusal), reply
        return "surveyed"

    port.run(surveys)
    port.line.until("surveyed")
    # Once refused in transit, once on cooldown; on a busy machine either may be over by then, or
    # our clock a little ahead. The script hears of no refusal, and nobody asks over and over.
    moves, surveys = port.line.sent[:2], port.line.sent[2:]
    assert (moves, set(surveys)) == (["POST orbit", "POST navigate"], {"POST survey"})
    assert 2 <= len(surveys) <= 8


def behind(front: Front, stage: Any) -> Port:
    """Make a port whose ship sees the simulator through a front."""
    made = Port(stage, front.url, next(NAMES))
    made.line.sent.clear()
    return made


def test_a_locked_ship_asks_again_a_little_later(port: Port):
    port.arm("ship-locked:count=2")
    before = port.stage.clock.game()
    port.run(orbits)
    port.line.until("done")
    assert port.line.sent == ["POST orbit"] * 3
    assert port.stage.clock.game() - before >= 2


def test_a_429_is_not_followed_by_anything_before_the_time_that_it_names(port: Port):
    port.arm("limited-json:count=1,wait=60,op=orbit-ship")
    before = port.stage.clock.game()
    port.run(orbits)
    port.line.until("done")
    assert port.line.sent == ["POST orbit"] * 2
    # Less by what our clock is ahead of the server's, which a busy machine decides.
    assert port.stage.clock.game() - before >= 20


@pytest.mark.parametrize("code", [4214, 4000])
def test_a_wait_without_a_time_is_a_short_one(threads: Any, front: Front, code: int):
    port = behind(front, threads)
    front.script = [("/orbit", 400, {"error": {"code": code, "message": "not yet"}})]
    before = threads.clock.game()
    port.run(orbits)
    port.line.until("done")
    assert port.line.sent == ["POST orbit"] * 2
    assert threads.clock.game() - before >= 5


@pytest.mark.parametrize(("style", "code"), [("zod", 3001), ("fields", 422)])
def test_input_that_is_not_taken_is_a_refusal_that_names_its_field(
    port: Port, style: str, code: int
):
    said: list[Any] = []
    port.arm(f"invalid:style={style},op=jettison")

    def wrong(ship: ShipState, _task: Any) -> Steps:
        said.append((yield from call(ship, "jettison", Lane.ACTION, symbol="IRON", units=1)))
        return "refused"

    port.run(wrong)
    port.line.until("refused")
    assert (said[0].status, said[0].code) == (422, code)
    assert said[0].message.endswith("(units: Expected number, received string)")


def test_new_words_and_fields_do_no_harm_and_are_told_once(port: Port):
    port.arm("newer")

    def twice(ship: ShipState, _task: Any) -> Steps:
        for operation in ("orbit-ship", "dock-ship", "orbit-ship"):
            yield from call(ship, operation, Lane.ACTION)
        return ship.flight_mode

    port.run(twice)
    port.line.until("UNHEARD_OF")
    told = [record["text"] for record in port.stage.events.records("reply.outgrown")]
    assert sorted(text.partition("with ")[2] for text in told) == [
        "'UNHEARD_OF' in Nav.flightMode, which this version does not know.",
        "the field Moved.unheardOf, which this version does not know.",
    ]


def test_a_script_that_is_always_refused_does_not_use_up_the_allowance(port: Port):
    def stubborn(ship: ShipState, _task: Any) -> Steps:
        for _ in range(9):
            yield from call(ship, "navigate-ship", Lane.ACTION, waypointSymbol="X1-NO-A1")
        return "tired"

    before = port.stage.clock.game()
    port.run(stubborn)
    port.line.until("tired")
    # Four at once, then 1, 2, 4, 8 and 16 game seconds between them.
    assert port.stage.clock.game() - before >= 31
    assert len(port.line.sent) == 9


def test_a_reset_is_told_to_whoever_can_begin_anew(port: Port):
    port.arm("universe-reset:op=get-my-agent")

    def asks(ship: ShipState, _task: Any) -> Steps:
        yield Call(operation="get-my-agent", lane=Lane.ACTION)
        return "answered"

    port.run(asks)
    port.line.until(("refused", 4113))
