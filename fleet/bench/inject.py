"""`fleet bench inject`: how soon a script joins, and what bad and greedy ones cost the fleet."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

import psutil

from fleet.bench.figure import Figure, at_most
from fleet.bench.guard_fleet import SCENARIO, SPEED, MeasuredFleet, moment
from fleet.bench.inject_share import greedy_share
from fleet.bench.plan import Plan
from fleet.protocol.errors import FleetError

ON: Final = f"{SCENARIO}, live limits, speed {SPEED}"
RUNS: Final = 7
PAUSE: Final = 2.0
"""Wall seconds after which a spare process is warm again."""

COUNT: Final = 1000
"""Bad scripts, unless `--cycles` says another number; a thousand take some six minutes."""

AT_ONCE: Final = 4
"""Bad scripts at the same time; one that hangs takes seconds to be found."""

SETTLED: Final = 30.0

FIRST: Final = """
from fleet import Actor

class First(Actor):
    def on_start(self, ctx):
        ctx.tell(ctx.self, "first")

    def receive(self, ctx, message):
        ctx.log("first.handled")
"""

BAD: Final = {
    "broken": "def run(:\n",
    "lost": "import no_such_module\n",
    "empty": "x = 1\n",
    "sleeping": "import time\n{actor}time.sleep(1000)\n",
    "locked": "import threading\n{actor}lock = threading.Lock(); lock.acquire(); lock.acquire()\n",
    "spinning": "{actor}while True: pass\n",
    "greedy": "from fleet import *\n{actor}greed(ctx)\n{greed}",
    "exiting": "import os\n{actor}os._exit(3)\n",
    "segfaulting": "import ctypes\n{actor}ctypes.string_at(0)\n",
    "holding": "import ctypes\n{actor}ctypes.PyDLL(None).sleep(1000)\n",
}
"""Scripts by what is wrong with them."""

NEVER_BEGIN: Final = ("broken", "lost", "empty")
"""They are refused before the fleet takes note of them."""

ACTOR: Final = """from fleet import Actor

class Bad(Actor):
    def on_start(self, ctx):
        ctx.tell(ctx.self, "go")

    def receive(self, ctx, message):
        """

GREED: Final = """
def greed(ctx):
    for number in range(50):
        ctx.tell(
            ctx.address(BUCKET),
            ApiRequest(number=number, operation="get-my-agent", lane=Lane.ACTION, raw=True),
        )
"""


def source_of(kind: str) -> str:
    """Write a bad script."""
    return BAD[kind].replace("{actor}", ACTOR).replace("{greed}", GREED)


def first(plan: Plan) -> Iterator[Figure]:
    """Time a script from before the connection to its first message, and the whole command."""
    runs = 3 if plan.quick else RUNS
    script = plan.folder / "first.py"
    script.write_text(FIRST)
    with MeasuredFleet(plan.folder / "first") as fleet:
        joined, commands = [], []
        for number in range(runs):
            time.sleep(PAUSE)
            joined.append(_join(fleet, f"joined-{number}"))
            time.sleep(PAUSE)
            commands.append(_command(fleet, str(script), f"command-{number}"))
    yield _median(f"inject to its first message handled, {ON}", joined, "ms", 200.0)
    yield _median(f"fleet inject as a command, {ON}", commands, "s", 1.5)


def _join(fleet: MeasuredFleet, name: str) -> float:
    """Tell the milliseconds until the log has the first message's line."""
    began = time.time()
    fleet.call("inject", timeout=40.0, name=name, file="first.py", source=FIRST)

    def look() -> float | None:
        for record in fleet.events("first.handled"):
            if record["experiment"] == name:
                return (moment(record) - began) * 1000
        return None

    took = fleet.eventually(look, "the first message was not handled")
    fleet.call("eject", timeout=20.0, name=name)
    return took


def _command(fleet: MeasuredFleet, script: str, name: str) -> float:
    command = [sys.executable, "-m", "fleet", "inject", script, "--name", name]
    began = time.perf_counter()
    subprocess.run(
        [*command, "--data-dir", str(fleet.folder)], check=True, stdout=subprocess.DEVNULL
    )
    took = time.perf_counter() - began
    fleet.call("eject", timeout=20.0, name=name)
    return took


def _median(name: str, values: list[float], unit: str, most: float) -> Figure:
    spread = (min(values), max(values))
    value = statistics.median(values)
    return Figure(name, value, unit, reach=at_most(most), spread=spread, runs=len(values))


def bad(plan: Plan) -> Iterator[Figure]:
    """Inject bad scripts of every kind in turn, and see what is left of the fleet."""
    count = 20 if plan.quick else plan.number("cycles", COUNT)
    kinds = [list(BAD)[number % len(BAD)] for number in range(count)]
    with MeasuredFleet(plan.folder / "bad") as fleet:
        runtime = int(fleet.call("status")["process"]["pid"])
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for number, _ in enumerate(pool.map(_injector(fleet), range(count), kinds), 1):
                if number % 100 == 0:
                    plan.say(f"{number} of {count} bad scripts")
        fleet.eventually(lambda: _all_over(fleet), "some bad scripts are not over")
        restarts = sum(record["child"] == "runtime" for record in fleet.events("process.restarted"))
        left = fleet.eventually(lambda: _left(runtime), "processes of scripts are left")
        ended = sum(1 for _ in fleet.events("experiment.ended"))
        hung = sum(1 for _ in fleet.events("actor.hung"))
        told = fleet.stop()
    note = f"of {count} bad scripts ({len(BAD)} kinds), {ON}"
    began = sum(kind not in NEVER_BEGIN for kind in kinds)
    why = "" if ended == began else f"{ended} of {began} scripts that can begin did so"
    yield Figure(f"restarts of the runtime {note}", restarts, "", reach=at_most(0), why=why)
    yield Figure(f"zombies left {note}", left[0], "", reach=at_most(0))
    yield Figure(f"actors of the fleet that hung {note}", hung, "", reach=at_most(0))
    yield Figure(f"credits that the audit misses {note}", told["audit_difference"], "credits")


def _injector(fleet: MeasuredFleet) -> Callable[[int, str], None]:
    def inject(number: int, kind: str) -> None:
        name = f"{kind}-{number}"
        with suppress(FleetError):
            # Those that run are ended by themselves, or by their time.
            fleet.call(
                "inject",
                timeout=60.0,
                name=name,
                file=f"{name}.py",
                source=source_of(kind),
                seconds=5.0,
            )

    return inject


def _all_over(fleet: MeasuredFleet) -> bool | None:
    rows: list[dict[str, Any]] = fleet.call("experiments", timeout=30.0)
    return all(row["state"] == "ended" for row in rows) or None


def _left(runtime: int) -> tuple[int, int] | None:
    """Count dead and living processes of scripts; None while more than the spare is there."""
    children = psutil.Process(runtime).children(recursive=True)
    dead = sum(child.status() == psutil.STATUS_ZOMBIE for child in children)
    return (dead, len(children)) if len(children) - dead <= 1 and dead == 0 else None


PARTS = {"first": first, "bad": bad, "share": greedy_share}
