"""What a request costs the runtime's process at least: its parts, each measured by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from fleet.bench.bucket_http import CPU_PER_REQUEST
from fleet.bench.bucket_worker import PATIENCE, TOKEN, real_answers
from fleet.bench.canned_server import canned_server
from fleet.bench.crowd_play import Step
from fleet.bench.figure import Figure
from fleet.bench.kernel_stage import kernel_stage
from fleet.bench.plan import Plan
from fleet.bench.replayer import replay
from fleet.bench.virtual_floor import MESSAGES, Echo, kernel_floor, simulator_floor
from fleet.bench.virtual_run import timed
from fleet.protocol.endpoints import BY_OPERATION
from fleet.runtime import Props

REQUESTS = 5_000


def floor(plan: Plan) -> Iterator[Figure]:
    """Add up what nobody can leave out of the runtime's CPU time in `late`."""
    seconds = 300.0 if plan.quick else 1_800.0
    plan.say(f"{seconds / 60:g} game minutes of late in virtual time")
    run = timed("late", seconds)
    messages = run.messages / run.counted
    code = 1e3 * run.each - simulator_floor()
    switch = max(0.0, thread_message() - kernel_floor())
    wire = 1e6 * bare_request()
    name = "per request, late, live limits"
    yield Figure(f"actors and kernel in one thread, {name}", code, "us")
    yield Figure(f"messages to actors, {name}", messages, "")
    yield Figure("a message to an actor in another thread: more than in one thread", switch, "us")
    yield Figure("a request over a bare socket, loopback, nothing decoded", wire, "us")
    least = (code + messages * switch + wire) / 1e3
    reach = f"sum of these parts; wanted of the whole: {CPU_PER_REQUEST} ms"
    yield Figure(f"CPU of the runtime process {name}: {reach}", least, "ms")


def thread_message() -> float:
    """Tell the microseconds of CPU of a message between two actors in threads of their own."""
    done = threading.Event()
    with kernel_stage() as stage:
        first = stage.system.spawn("/first", Props(factory=lambda: Echo("/second", done.set)))
        stage.system.spawn("/second", Props(factory=lambda: Echo("/first", done.set)))
        began = time.process_time()
        first.tell(MESSAGES)
        if not done.wait(PATIENCE):
            raise TimeoutError("two actors did not come to the end of their messages")
        return 1e6 * (time.process_time() - began) / MESSAGES


def bare_request() -> float:
    """Tell the CPU seconds of sending a request and taking its answer, and nothing else."""
    requests, answers = real_answers()
    paths = [BY_OPERATION[each.operation].fill(each.params) for each in requests]
    with canned_server(answers) as url:
        place = urlsplit(url)
        assert place.hostname is not None
        assert place.port is not None
        steps = [Step("GET", f"/v2{path}", token=TOKEN) for path in paths]
        count = replay((place.hostname, place.port), [steps], REQUESTS)
    return count.cpu / count.requests
