"""How markets drift, measured through the API by ships that stand at each of them."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from fleet.bench.actions import BEGAN, as_request
from fleet.bench.crowd_play import Step
from fleet.bench.figure import Figure, at_least, within
from fleet.bench.plan import Plan
from fleet.protocol.transport import HttpResponse
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.clock import VirtualClock
from fleet.simulator.opening import in_memory
from fleet.simulator.rules.prices import DILATION, solve
from fleet.simulator.settings import SimSettings

RATES = {"RESTRICTED": 0.25, "WEAK": 0.42, "GROWING": 1.3, "STRONG": 2.0}
"""Trade volumes per hour, fitted on real markets."""

LEAST_BASE = 1_000
"""Cheaper goods hide small moves of their supply behind whole credits."""

LEAST_VOLUME = 20
"""Smaller ones move faster than their activity says (observed)."""

SEEDS = 3
HOUR = 3600.0
QUIET_HOURS = 5
ROUNDS = {"GROWING": 2, "STRONG": 4}
"""Lots bought and sold back that turn a WEAK good into one of that activity for an hour."""

SCENARIO = {
    "name": "stalls",
    "usual_ships": True,
    "credits": 1_000_000_000,
    "ships": [{"type": "SHIP_LIGHT_HAULER", "count": 25, "at": "MARKETS"}],
}

Shown = dict[tuple[str, str], dict[str, Any]]
"""What the API shows of a good, by waypoint and symbol."""


class Stalls:
    """A game in virtual time with a hauler docked at every market."""

    def __init__(self, folder: Path, seed: int) -> None:
        path = folder / "stalls.json"
        path.write_bytes(msgspec.json.encode(SCENARIO))
        self.clock = VirtualClock(BEGAN)
        settings = SimSettings(limits="off", seed=seed, scenario=str(path))
        self._sim = in_memory(settings, self.clock)
        body = msgspec.json.encode({"symbol": "STALLS", "faction": "COSMIC"})
        self._token = ""
        data = self.call("POST", "/v2/register", body)["data"]
        self._token = data["token"]
        self.ships = {
            ship["nav"]["waypointSymbol"]: ship["symbol"]
            for ship in data["ships"]
            if ship["registration"]["role"] == "HAULER"
        }

    def call(self, method: str, path: str, body: bytes = b"") -> Any:
        """Call the API."""
        answer: HttpResponse = self._sim.handle(
            as_request(Step(method, path, body=body, token=self._token)), "bench"
        )
        return msgspec.json.decode(answer.body)

    def trade(self, at: str, action: str, good: str, units: int) -> bool:
        """Buy or sell at a market; tell whether it was done."""
        body = msgspec.json.encode({"symbol": good, "units": units})
        return "data" in self.call("POST", f"/v2/my/ships/{self.ships[at]}/{action}", body)

    def wake(self) -> None:
        """Trade at every market for the first time."""
        for at in self.ships:
            self.trade(at, "purchase", "FUEL", 1)

    def look(self) -> Shown:
        """Look at every market."""
        shown: Shown = {}
        for at in self.ships:
            system = at.rpartition("-")[0]
            market = self.call("GET", f"/v2/systems/{system}/waypoints/{at}/market")["data"]
            shown |= {(at, row["symbol"]): row for row in market["tradeGoods"]}
        return shown

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance_to(self.clock.now() + seconds)

    def digest(self) -> str:
        """Ask for the digest of the world."""
        return str(self.call("GET", "/sim/state")["hash"])


@dataclass(frozen=True, slots=True)
class Curve:
    """The price curve of one good at one market, found from its first price pair."""

    role: str
    base: float
    margin: int

    def supply(self, row: dict[str, Any]) -> float:
        """Tell the supply in trade volumes that a price stands for."""
        price = row["purchasePrice"] if self.role == "EXPORT" else row["sellPrice"]
        swing = (price / self.base - 1) * 100 / self.margin
        if self.role == "EXPORT":
            return -math.log2(max(1e-9, (5 + swing) / 4)) / DILATION
        return math.log2(max(1e-9, (5 - swing) / 4)) / DILATION


def curves(shown: Shown, catalogue: Catalogue) -> dict[tuple[str, str], Curve]:
    """Find the curves of the goods that are dear and traded enough to tell."""
    found = {}
    for key, row in shown.items():
        good = catalogue.goods[row["symbol"]]
        if row["type"] == "EXCHANGE" or good.base < LEAST_BASE or row["tradeVolume"] < LEAST_VOLUME:
            continue
        pair = row["purchasePrice"], row["sellPrice"]
        margin, _ = solve(row["type"], good.base, row["tradeVolume"], *pair, row["supply"])
        found[key] = Curve(row["type"], good.base, margin)
    return found


def moved(
    before: Shown, after: Shown, known: dict[tuple[str, str], Curve], hours: float
) -> Iterator[tuple[str, float]]:
    """List (activity, trade volumes per hour) of goods whose activity stayed the same."""
    for key, curve in known.items():
        first, second = before[key], after[key]
        same = ("activity", "tradeVolume")
        if any(first[name] != second[name] for name in same):
            continue
        change = curve.supply(second) - curve.supply(first)
        yield first["activity"], change / hours * (1 if curve.role == "EXPORT" else -1)


def observe(stalls: Stalls, catalogue: Catalogue) -> dict[str, list[float]]:
    """Watch quiet markets for some hours, then liven some up and watch those."""
    rates: dict[str, list[float]] = defaultdict(list)
    stalls.wake()
    shown = stalls.look()
    known = curves(shown, catalogue)
    for _ in range(QUIET_HOURS):
        stalls.wait(HOUR)
        later = stalls.look()
        for activity, rate in moved(shown, later, known, 1.0):
            if activity in ("WEAK", "RESTRICTED"):
                rates[activity].append(rate)
        shown = later
    lively = liven(stalls, shown, known)
    shown = stalls.look()
    stalls.wait(HOUR)
    for activity, rate in moved(shown, stalls.look(), lively, 1.0):
        if activity in ROUNDS:
            rates[activity].append(rate)
    return rates


def liven(
    stalls: Stalls, shown: Shown, known: dict[tuple[str, str], Curve]
) -> dict[tuple[str, str], Curve]:
    """Buy and sell back lots of every good that is WEAK; half of them twice as often."""
    lively = {}
    for number, (key, curve) in enumerate(known.items()):
        if shown[key]["activity"] != "WEAK":
            continue
        rounds = list(ROUNDS.values())[number % 2]
        units = shown[key]["tradeVolume"]
        done = [
            stalls.trade(key[0], action, key[1], units)
            for _ in range(rounds)
            for action in ("purchase", "sell")
        ]
        if all(done):
            lively[key] = curve
    return lively


def drift(plan: Plan) -> Iterator[Figure]:
    """Measure the drift per activity, and that nobody's looking changes it."""
    catalogue = Catalogue()
    rates: dict[str, list[float]] = defaultdict(list)
    for seed in range(1, 2 if plan.quick else SEEDS + 1):
        for activity, found in observe(Stalls(plan.folder, seed), catalogue).items():
            rates[activity] += found
    for activity, wanted in RATES.items():
        found = rates[activity]
        yield Figure(
            f"drift of {activity} goods, through the API, scenario stalls, limits off",
            statistics.mean(found) if found else None,
            "volumes/h",
            within(wanted * 0.85, wanted * 1.15),
            runs=len(found),
        )
    yield Figure(
        "markets seen every 5 minutes for 12 h and equal to those seen at the end only",
        looked_alike(plan),
        "",
        at_least(1.0),
    )


def looked_alike(plan: Plan) -> float:
    """Play the same game twice, once with many looks; tell the share of goods shown alike."""
    often, once = Stalls(plan.folder, 1), Stalls(plan.folder, 1)
    for stalls, looks in ((often, 144), (once, 1)):
        stalls.wake()
        for _ in range(looks):
            stalls.wait(12 * HOUR / looks)
            last = stalls.look()
        if stalls is often:
            seen = last
    if often.digest() != once.digest():
        return 0.0
    return sum(last[key] == row for key, row in seen.items()) / len(seen)
