"""A bot that knows nothing of fleet: plain urllib against a base URL; ends with what it has done.

Run as a script: `python stranger.py URL`. Any surprise is an exception and a status of 1.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

URL = sys.argv[1] if len(sys.argv) > 1 else ""
TOKEN = ""
DONE = []
EXPIRED = 4221
"""The game's code for a survey that is too old."""


class Refused(Exception):
    """The game said no."""

    def __init__(self, status, error):
        super().__init__(f"{status} {error['code']}: {error['message']}")
        self.code, self.data = error["code"], error.get("data")


def call(method, path, body=None):
    """Send one request; wait and try again when the limit or a cooldown says so."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if TOKEN:
        headers["Authorization"] = f"Bearer {TOKEN}"
    content = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(URL + path, content, headers, method=method)
    for _ in range(50):
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:
                text = answer.read()
                return json.loads(text)["data"] if text else None
        except urllib.error.HTTPError as refused:
            error = json.loads(refused.read())["error"]
            if refused.code == 429:
                wait(error["data"]["reset"])
            elif error["code"] == 4000:
                wait(error["data"]["cooldown"]["expiration"])
            else:
                raise Refused(refused.code, error) from None
    raise TimeoutError(path)


def wait(stamp):
    """Wait until a stamp has come."""
    left = datetime.fromisoformat(stamp.replace("Z", "+00:00")) - datetime.now(UTC)  # noqa: TID251
    time.sleep(max(0.001, left.total_seconds()))  # noqa: TID251


def get(path):
    return call("GET", path)


def act(ship, action, body=None):
    return call("POST", f"/my/ships/{ship}/{action}", body)


def everything(path):
    """Read all pages of a list."""
    rows, page = [], 1
    while more := get(f"{path}{'&' if '?' in path else '?'}limit=20&page={page}"):
        rows += more
        page += 1
    return rows


def place(waypoint):
    return f"/systems/{waypoint.rpartition('-')[0]}/waypoints/{waypoint}"


def go(ship, waypoint, *, dock=True):
    """Bring a ship somewhere within its system, refuelling where it can."""
    nav = get(f"/my/ships/{ship}/nav")
    if nav["waypointSymbol"] != waypoint:
        try:
            act(ship, "dock")
            act(ship, "refuel")
        except Refused:
            pass
        act(ship, "orbit")
        try:
            flight = act(ship, "navigate", {"waypointSymbol": waypoint})
        except Refused as refused:
            if refused.code != 4203:
                raise
            call("PATCH", f"/my/ships/{ship}/nav", {"flightMode": "DRIFT"})
            flight = act(ship, "navigate", {"waypointSymbol": waypoint})
        wait(flight["nav"]["route"]["arrival"])
        call("PATCH", f"/my/ships/{ship}/nav", {"flightMode": "CRUISE"})
    act(ship, "dock" if dock else "orbit")


def sells(market, good):
    return any(row["symbol"] == good for row in market["exports"] + market["exchange"])


def buys(market, good):
    return any(row["symbol"] == good for row in market["imports"] + market["exchange"])


def price(waypoint, good):
    """Look up a good at a market where one of our ships is."""
    goods = get(f"{place(waypoint)}/market")["tradeGoods"]
    return next(row for row in goods if row["symbol"] == good)


def dig(ship, survey, times):
    """Extract so many times while a survey lives, which is short at this speed; say how often."""
    for number in range(times):
        try:
            found = act(ship, "extract/survey", survey)["extraction"]["yield"]
        except Refused as refused:
            if refused.code == EXPIRED:
                return number
            raise
        assert found["symbol"] in {row["symbol"] for row in survey["deposits"]}
    return times


def mine(ship, points, markets):
    """Survey, extract and sell what comes up."""
    rock = next(row for row in points if row["type"] == "ENGINEERED_ASTEROID")
    go(ship, rock["symbol"], dock=False)
    found = 0
    while found < 4:
        found += dig(ship, act(ship, "survey")["surveys"][0], 4 - found)
    DONE.append("mined")
    for item in get(f"/my/ships/{ship}/cargo")["inventory"]:
        buyer = next((at for at, row in markets.items() if buys(row, item["symbol"])), None)
        if buyer is None:
            act(ship, "jettison", {"symbol": item["symbol"], "units": item["units"]})
            continue
        go(ship, buyer)
        sold = act(ship, "sell", {"symbol": item["symbol"], "units": item["units"]})
        assert sold["transaction"]["totalPrice"] > 0
    DONE.append("sold")


def carry(ship, good, units, source, goal):
    """Buy a good in one place and bring it to another, as often as the hold demands."""
    left = units
    while left:
        go(ship, source)
        lot = min(left, 40, price(source, good)["tradeVolume"])
        act(ship, "purchase", {"symbol": good, "units": lot})
        go(ship, goal)
        left -= lot
        yield lot


def fulfil(ship, contract, markets):
    """Accept a contract, buy what it asks for, deliver, and take the money."""
    path = f"/my/contracts/{contract['id']}"
    call("POST", f"{path}/accept")
    row = contract["terms"]["deliver"][0]
    good, goal = row["tradeSymbol"], row["destinationSymbol"]
    source = next(at for at, market in markets.items() if sells(market, good))
    for lot in carry(ship, good, row["unitsRequired"], source, goal):
        body = {"shipSymbol": ship, "tradeSymbol": good, "units": lot}
        call("POST", f"{path}/deliver", body)
    before = get("/my/agent")["credits"]
    after = call("POST", f"{path}/fulfill")["agent"]["credits"]
    assert after - before == contract["terms"]["payment"]["onFulfilled"]
    DONE.append("fulfilled")


def trade(ship, markets):
    """Bring one lot of an export to a market that imports it."""
    for source, market in markets.items():
        for row in market["exports"]:
            good = row["symbol"]
            goal = next((at for at, other in markets.items() if good in imports(other)), None)
            if goal is None or not good.isalpha():
                continue
            go(ship, source)
            if price(source, good)["purchasePrice"] > 2_000:
                continue
            for lot in carry(ship, good, 10, source, goal):
                act(ship, "sell", {"symbol": good, "units": lot})
            DONE.append("traded")
            return


def imports(market):
    return {row["symbol"] for row in market["imports"]}


def buy_ship(points):
    """Buy the cheapest ship of a yard where one of ours is."""
    for ship in everything("/my/ships"):
        at = ship["nav"]["waypointSymbol"]
        traits = {row["symbol"] for row in next(p for p in points if p["symbol"] == at)["traits"]}
        if "SHIPYARD" in traits:
            offer = min(get(f"{place(at)}/shipyard")["ships"], key=lambda row: row["purchasePrice"])
            order = {"shipType": offer["type"], "waypointSymbol": at}
            assert call("POST", "/my/ships", order)["ship"]["nav"]["status"] == "DOCKED"
            DONE.append("bought")
            return


def travel(ship):
    """Scan for systems, warp to a gate that is finished, and jump on from there."""
    act(ship, "orbit")
    call("PATCH", f"/my/ships/{ship}/nav", {"flightMode": "DRIFT"})
    for system in act(ship, "scan/systems")["systems"]:
        gates = everything(f"/systems/{system['symbol']}/waypoints?type=JUMP_GATE")
        if not gates or gates[0]["isUnderConstruction"]:
            continue
        gate = gates[0]["symbol"]
        try:
            flight = act(ship, "warp", {"waypointSymbol": gate})
        except Refused as refused:
            if refused.code == 4201:
                continue
            raise
        wait(flight["nav"]["route"]["arrival"])
        for end in get(f"{place(gate)}/jump-gate")["connections"]:
            try:
                jumped = act(ship, "jump", {"waypointSymbol": end})
            except Refused as refused:
                if refused.code == 4262:
                    continue
                raise
            assert jumped["nav"]["waypointSymbol"] == end
            assert jumped["transaction"]["tradeSymbol"] == "ANTIMATTER"
            DONE.append("jumped")
            return


def main():
    """Register and play."""
    global TOKEN
    made = call("POST", "/register", {"symbol": "STRANGER", "faction": "COSMIC"})
    TOKEN = made["token"]
    DONE.append("registered")
    frigate = made["ship"]["symbol"]
    explorer = next(
        row["symbol"]
        for row in everything("/my/ships")
        if row["registration"]["role"] == "EXPLORER"
    )
    home = made["agent"]["headquarters"].rpartition("-")[0]
    points = everything(f"/systems/{home}/waypoints")
    markets = {
        row["symbol"]: get(f"{place(row['symbol'])}/market")
        for row in points
        if any(trait["symbol"] == "MARKETPLACE" for trait in row["traits"])
    }
    buy_ship(points)
    mine(frigate, points, markets)
    fulfil(frigate, made["contract"], markets)
    trade(frigate, markets)
    travel(explorer)
    print(json.dumps(DONE))  # noqa: T201


if __name__ == "__main__":
    main()
