"""Kills a simulator again and again, at rest and at work, and sees what is left."""

from __future__ import annotations

import os
import random
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

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
    """Kill amid trades and at rest, in turns; each start is the answer to the kill before it.

    At rest the state hash after replaying must be the one before; amid trades the books must hold
    what was answered.
    """
    count = FEW_KILLS if plan.quick else KILLS
    folder, dice = plan.folder / "world", random.Random(1)
    books, hashes = Tally(), Tally()
    before, token, answered = "", "", 0
    for number in range(2 * count):
        at_rest = number % 2 == 0
        with served(simulator(folder, "--systems", "1")) as server:
            token = token or register(server)
            if number and at_rest:
                # One request may have been done whose answer was on its way.
                books.note(booked(server) - answered in (0, 1))
            elif number:
                hashes.note(state(server) == before)
            if at_rest:
                trade(server, token, 8)
                before = state(server)
                os.kill(server.pid, signal.SIGKILL)
            else:
                answered = at_work(server, token, dice.uniform(SHORTEST, LONGEST))
        if number % 20 == 19:
            plan.say(f"{number + 1} kills")
    with served(simulator(folder)) as server:
        books.note(booked(server) - answered in (0, 1))
    yield from (
        figure("at rest after which the state hash was the one before", hashes),
        figure("amid trades after which the books held what was answered", books),
    )


@dataclass(slots=True)
class Tally:
    """How many of how many were as they should be."""

    good: int = 0
    of: int = 0

    def note(self, whole: bool) -> None:
        """Count one."""
        self.good += whole
        self.of += 1


def figure(about: str, tally: Tally) -> Figure:
    """Write what came of the kills of one kind."""
    name = f"share of {tally.of} kills -9 {about}, limits off"
    return Figure(name, tally.good / tally.of, "", at_least(1.0), runs=tally.of)


def state(server: Served) -> str:
    """Ask for the digest of the world."""
    return str(server.get("/sim/state")["hash"])


def register(server: Served) -> str:
    """Found the agent; tell its token."""
    body = {"symbol": AGENT, "faction": "COSMIC"}
    answer = requests.post(f"{server.url}/v2/register", json=body, timeout=10)
    return str(answer.json()["data"]["token"])


def trade(server: Served, token: str, times: int) -> None:
    """Buy and sell a little, and first what purchases before kills have left in the hold."""
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    ship = f"{server.url}/v2/my/ships/{AGENT}-1"
    held = requests.get(f"{ship}/cargo", headers=head, timeout=10).json()["data"]["inventory"]
    orders = [
        ("sell", msgspec.json.encode({key: each[key] for key in ("symbol", "units")}))
        for each in held
    ]
    orders += [("sell" if turn % 2 else "purchase", FUEL) for turn in range(times)]
    for action, order in orders:
        url = f"{ship}/{action}"
        requests.post(url, data=order, headers=head, timeout=10).raise_for_status()


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
