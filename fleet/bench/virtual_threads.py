"""The same fleet on threads against a server, and in virtual time."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from fleet.bench.figure import Figure, within
from fleet.bench.plan import Plan
from fleet.bench.virtual_run import SHIPS, timed
from fleet.protocol.errors import SetupError

SCENARIO = "late"
SPEED = 60.0
AT_ONCE = 2
"""Fleets on threads side by side, at some 0.7 of a core each: a third would make all late."""

WAY = 0.3
"""Game seconds that a request is under way in virtual time: some 5 ms of this machine's time."""

PATIENCE = 120.0


def threads(plan: Plan) -> Iterator[Figure]:
    """Compare what the same seeds are worth after two game hours, seed by seed."""
    hours, seeds = (0.25, range(1, 2)) if plan.quick else (2.0, range(1, 6))
    groups = list(_groups(seeds, AT_ONCE))
    worths: list[int] = []
    virtual: list[int] = []
    for some in groups:
        plan.say(f"{hours:g} game hours at speed {SPEED:g} on threads, seeds {some}")
        folders = [plan.folder / str(seed) for seed in some]
        runs = [_begin(folder, seed, hours) for folder, seed in zip(folders, some, strict=True)]
        if some is groups[-1]:
            # The last of five is alone, so that there is a core for this.
            virtual = [_in_virtual_time(seed, hours) for seed in seeds]
        worths += [_end(run, folder, hours) for run, folder in zip(runs, folders, strict=True)]
    ratios = [mine / theirs for mine, theirs in zip(worths, virtual, strict=True)]
    name = f"{hours:g} game hours, {SCENARIO}, live limits, speed {SPEED:g}"
    yield Figure(
        f"net worth on threads, {name}",
        statistics.median(worths),
        "credits",
        within(0.95, 1.05, of="ratio"),
        (min(worths), max(worths)),
        len(ratios),
        f"virtual time, same seeds ({min(ratios):.3f} to {max(ratios):.3f})",
        statistics.median(ratios),
    )


def _groups(seeds: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(seeds), size):
        yield list(seeds[start : start + size])


def _in_virtual_time(seed: int, hours: float) -> int:
    return timed(SCENARIO, hours * 3600, seed=seed, latency=WAY).net_worth


def _begin(folder: Path, seed: int, hours: float) -> subprocess.Popen[bytes]:
    folder.mkdir()
    command = [sys.executable, "-m", "fleet", "run", "--headless", "--seed", str(seed)]
    command += ["--scenario", SCENARIO, "--speed", f"{SPEED:g}", "--game", f"{hours:g}h"]
    command += ["--ships", str(SHIPS[SCENARIO]), "--data-dir", str(folder / "fleet")]
    command += ["--summary", str(folder / "summary.json")]
    ours = ("FLEET_", "SPACETRADERS_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    with (folder / "output.txt").open("wb") as output:
        return subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )


def _end(run: subprocess.Popen[bytes], folder: Path, hours: float) -> int:
    """Wait for a run and read what it came to. Raises SetupError."""
    try:
        run.wait(hours * 3600 / SPEED + PATIENCE)
    finally:
        run.kill()
    try:
        told = json.loads((folder / "summary.json").read_bytes())
    except OSError:
        said = (folder / "output.txt").read_text()[-500:]
        raise SetupError(f"the fleet on threads wrote no summary: {said}") from None
    return int(told["net_worth_end"])
