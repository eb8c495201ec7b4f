"""Runs in processes of its own: what is tried here ends the interpreter when it fails."""

from __future__ import annotations

import subprocess
import sys

from .fleet_process import times

TRIES = times(5, 60)

RACE = """
import sys, threading
import msgspec
from fleet.host.models import learn_models
from fleet.protocol.transport import HttpRequest
from fleet.protocol.wire.decoding import decode
from fleet.simulator.clock import VirtualClock
from fleet.simulator.opening import in_memory
from fleet.simulator.settings import SimSettings

simulator = in_memory(SimSettings(), VirtualClock(1e9))
body = msgspec.json.encode({"symbol": "RACE", "faction": "COSMIC"})
headers = {"content-type": "application/json"}
request = HttpRequest(method="POST", path="/v2/register", headers=headers, body=body)
answer = msgspec.json.decode(simulator.handle(request, "127.0.0.1").body)
ships = answer["data"]["ships"]
learn_models()
# Threads take turns as often as can be, so that one meets what another one has begun.
sys.setswitchinterval(1e-6)
start = threading.Barrier(12)

def read():
    start.wait()
    for _ in range(30):
        decode("get-my-ships", ships)

threads = [threading.Thread(target=read) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("read")
"""


def test_workers_that_read_the_first_reply_of_a_kind_at_once_do_not_crash_the_process() -> None:
    racing = [
        subprocess.Popen([sys.executable, "-c", RACE], stdout=subprocess.PIPE, text=True)
        for _ in range(TRIES)
    ]
    said = [process.communicate(timeout=60)[0] for process in racing]
    assert [process.returncode for process in racing] == [0] * TRIES
    assert said == ["read\n"] * TRIES
