"""What recording costs a fleet, and how quickly what it recorded is played again."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from fleet.bench.bucket_fleet import Played, PlayedFleet
from fleet.bench.figure import Figure, at_least, at_most
from fleet.bench.interleaved import interleaved, ratio
from fleet.bench.plan import Part, Plan
from fleet.bench.recording_floor import recording_floor
from fleet.protocol.errors import SetupError

SPEED = 60
"""What two busy cores bear: beyond it legs play as much as the machine lets them, never alike."""

HOURS = 2.0
LEG_HOURS = 0.5
QUICK_HOURS = 0.25
ROUNDS = 5
MOST = 1.05
ALIKE = 0.9
LEAST_SPEED = 100.0
ABOUT = f"scenario late, limits live, speed {SPEED}"


@dataclass(slots=True)
class Legs:
    """Fleets that play the same, one after the other."""

    plan: Plan
    hours: float
    recorded: list[Path] = field(default_factory=list)
    by_name: dict[str, list[Played]] = field(default_factory=dict)
    """What the legs of each kind came to."""

    @property
    def played(self) -> list[Played]:
        """What all legs came to."""
        return [one for played in self.by_name.values() for one in played]

    def plain(self) -> float:
        """Play without a recording; tell the CPU milliseconds of the runtime per request."""
        return self._play("plain", [])

    def recording(self) -> float:
        """Play with one."""
        path = self.plan.folder / f"{len(self.recorded)}.recording"
        self.recorded.append(path)
        return self._play("recorded", ["--record", str(path)])

    def _play(self, name: str, flags: list[str]) -> float:
        self.plan.say(f"a {name} fleet plays {self.hours:g} game hours")
        folder = self.plan.folder / f"{name}-{len(self.played)}"
        played = _played(folder, self.hours, flags)
        self.by_name.setdefault(name, []).append(played)
        if played.cpu_per_request is None:
            raise SetupError(f"the CPU time of the {name} fleet could not be measured")
        return played.cpu_per_request * 1000

    def whole(self) -> Path:
        """Record a run as long as the one that is to be played again."""
        self.plan.say(f"a fleet is recorded for {HOURS:g} game hours")
        path = self.plan.folder / "whole.recording"
        _played(self.plan.folder / "whole", HOURS, ["--record", str(path)])
        return path


def _played(folder: Path, hours: float, flags: list[str]) -> Played:
    return PlayedFleet(folder, speed=SPEED, game_seconds=hours * 3600, flags=flags).wait()


def recording(plan: Plan) -> Iterator[Figure]:
    """Play with and without a recording in turns, then play a longer one again."""
    legs = Legs(plan, QUICK_HOURS if plan.quick else LEG_HOURS)
    rounds = 1 if plan.quick else ROUNDS
    runs = interleaved({"plain": legs.plain, "recorded": legs.recording}, rounds)
    plain, recorded = runs["plain"], runs["recorded"]
    yield Figure(
        f"recording, {ABOUT}, threads and HTTP: CPU of the runtime per request",
        recorded.median,
        "ms",
        at_most(MOST, of="ratio"),
        spread=recorded.spread,
        runs=rounds,
        paired_with=f"the same without --record ({plain.median:.3g} ms)",
        ratio=ratio(recorded, plain),
        why=_same_play(legs.played),
    )
    yield from recording_floor(plan, plain.median)
    yield _throughput(legs, rounds)
    path, hours = (legs.recorded[-1], legs.hours) if plan.quick else (legs.whole(), HOURS)
    size = path.stat().st_size / 1e6
    yield Figure(f"recording, {ABOUT}: size of {hours:g} game hours", size, "MB")
    yield from _replayed(path, hours)


def _throughput(legs: Legs, rounds: int) -> Figure:
    requests = {
        name: [float(one.summary["requests"]) for one in played]
        for name, played in legs.by_name.items()
    }
    return Figure(
        f"recording, {ABOUT}, threads and HTTP: requests in {legs.hours:g} game hours",
        statistics.median(requests["recorded"]),
        "",
        at_least(1 / MOST, of="ratio"),
        runs=rounds,
        paired_with="the same without --record",
        ratio=statistics.median(requests["recorded"]) / statistics.median(requests["plain"]),
    )


def _same_play(played: list[Played]) -> str:
    """Tell where a leg did not play as it should; its cost would be another's."""
    requests = [int(one.summary["requests"]) for one in played]
    if min(requests) < ALIKE * max(requests):
        return f"the legs did not play alike: {min(requests):,} to {max(requests):,} requests"
    return ""


def _replayed(path: Path, hours: float) -> Iterator[Figure]:
    command = [sys.executable, "-m", "fleet", "replay", str(path), "--json"]
    began = time.perf_counter()
    process = psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.communicate()
    took = time.perf_counter() - began
    about = f"a recorded run of {hours:g} game hours, {ABOUT}, played again"
    if process.returncode:
        why = err.strip()[-300:]
        yield Figure(f"{about}: equal digest", 0.0, "", at_least(1.0), why=why)
        return
    told = json.loads(out)
    whole = told["equal"] and not told["stopped"] and not told["shown"]
    yield Figure(
        f"{about}: equal digest",
        float(whole),
        "",
        at_least(1.0),
        why=told["stopped"],
    )
    yield Figure(
        f"{about}: game seconds per wall second, start of the command included",
        told["game_seconds"] / took,
        "x",
        at_least(LEAST_SPEED),
        paired_with=f"{told['turns']:,} messages",
    )


PARTS: dict[str, Part] = {"recording": recording}
