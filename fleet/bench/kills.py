"""Kills a simulator again and again, at rest and at work, and sees what is left."""

from __future__ import annotations

import os
import random
import signal
import socket
import threading
from collections.abc import Iterator

import msgspec
import requests

from fleet.bench.crowd_play import Step
from fleet.bench.figure import Figure, at_least
from fleet.bench.plan import Plan
from fleet.bench.sim_process import Served, served, simulator
from fleet.bench.wires import HttpWire

KILLS, FEW_KILLS = 100, 6
SHORTEST, LONGEST = 0.02, 0.15
"""Seconds of work before a kill."""

AGENT = "KILLS"
FUEL = msgspec.json.encode({"symbol": "FUEL", "units": 1})


def kills(plan: Plan) -> Iterator[Figure]:
    """Kill, start again and compare; at rest by the state hash, at work by the books."""
    count = FEW_KILLS if plan.quick else KILLS
    folder, dice = plan.folder / "world", random.Random(1)
    token, whole = "", 0
    for number in range(count):
        with served(simulator(folder, "--systems", "1")) as server:
            token = token or register(server)
            if number % 2 == 0:
                trade(server, token, 8)
                before = str(server.get("/sim/state")["hash"])
                os.kill(server.pid, signal.SIGKILL)
            else:
                before = str(at_work(server, token, dice.uniform(SHORTEST, LONGEST)))
        with served(simulator(folder)) as server:
            if number % 2 == 0:
                whole += server.get("/sim/state")["hash"] == before
            else:
                # One request may have been done whose answer was on its way.
                whole += booked(server) - int(before) in (0, 1)
        if number % 10 == 9:
            plan.say(f"{number + 1} kills")
    yield Figure(
        f"share of {count} kills -9 after which the world was as answered, limits off",
        whole / count,
        "",
        at_least(1.0),
        runs=count,
    )


def register(server: Served) -> str:
    """Found the agent; tell its token."""
    body = {"symbol": AGENT, "faction": "COSMIC"}
    answer = requests.post(f"{server.url}/v2/register", json=body, timeout=10)
    return str(answer.json()["data"]["token"])


def trade(server: Served, token: str, times: int) -> None:
    """Buy and sell a little."""
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for turn in range(times):
        action = "sell" if turn % 2 else "purchase"
        url = f"{server.url}/v2/my/ships/{AGENT}-1/{action}"
        requests.post(url, data=FUEL, headers=head, timeout=10).raise_for_status()


def booked(server: Served) -> int:
    """Count the transactions in the simulator's own books."""
    return int(server.get("/sim/books", params={"agent": AGENT})["transactions"])


def at_work(server: Served, token: str, seconds: float) -> int:
    """Kill a simulator amid trades; tell how many transactions it has answered."""
    done = booked(server)
    killer = threading.Timer(seconds, os.kill, (server.pid, signal.SIGKILL))
    wire, ship = HttpWire(), f"/v2/my/ships/{AGENT}-1"
    frames = [
        wire.frame(0, Step("POST", f"{ship}/{action}", 201, FUEL, token))
        for action in ("purchase", "sell")
    ]
    with socket.create_connection(server.address, 10) as peer:
        killer.start()
        turn = 0
        while True:
            try:
                peer.sendall(frames[turn % 2])
                data = peer.recv(1 << 16)
            except OSError:
                break
            if not data:
                break
            done += sum(answer.status == 201 for answer in wire.feed(data))
            turn += 1
    killer.join()
    return done
