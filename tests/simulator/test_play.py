"""Long random play: books stay exact, refusals change nothing, a replay ends in the same state."""

import random

import pytest

from fleet.simulator.genesis import new_world
from fleet.simulator.simulator import Simulator

GOODS = ("FUEL", "IRON_ORE", "COPPER_ORE", "MACHINERY", "IRON", "FABRICS", "ICE_WATER", "CHEESE")
BODILESS = ("orbit", "dock", "survey", "extract", "siphon", "refuel", "chart", "negotiate/contract")
RARE = ("scan/systems", "scan/waypoints", "scan/ships", "repair", "scrap")
REFITS = ("mounts/remove", "mounts/install", "modules/remove", "modules/install")
PARTS = ("MOUNT_SURVEYOR_I", "MOUNT_MINING_LASER_I", "MODULE_CARGO_HOLD_I", "MODULE_CARGO_HOLD_II")
MODES = ("CRUISE", "BURN", "DRIFT", "STEALTH", "WARP")


class ListLog:
    """Keeps commands in memory."""

    def __init__(self):
        self.commands = []

    def append(self, command):
        self.commands.append(command)

    def mark(self, now):
        pass


class Player:
    """Plays at random, with some sense, as one of two agents."""

    def __init__(self, game, seed):
        self.game = game
        self.dice = random.Random(seed)
        self.tokens = {}
        for symbol in ("ABC", "XYZ"):
            game.register(symbol)
            self.tokens[symbol] = game.token
        self.surveys = []

    def step(self):
        """Send one command; tell its answer."""
        game, dice = self.game, self.dice
        symbol = dice.choice(list(self.tokens))
        game.token = self.tokens[symbol]
        agent = game.world.agents[symbol]
        ship = dice.choice(agent.ships)
        kind = dice.randrange(14)
        if kind < 4:
            answer = game.act(ship, dice.choice(BODILESS))
            if answer.status == 201 and "surveys" in answer.body["data"]:
                self.surveys += answer.data["surveys"]
            return answer
        if kind == 4:
            body = {"waypointSymbol": dice.choice(list(game.world.waypoints)[:40])}
            return game.act(ship, "navigate", body)
        if kind == 5:
            return game.patch(f"/my/ships/{ship}/nav", {"flightMode": dice.choice(MODES)})
        if kind in (6, 7):
            body = {"symbol": self.good_near(ship), "units": dice.randint(0, 45)}
            return game.act(ship, dice.choice(("purchase", "sell", "sell", "jettison")), body)
        if kind == 8:
            return game.act(ship, "transfer", self.cargo_body(agent))
        if kind == 9:
            contract = dice.choice(agent.contracts)
            verb = dice.choice(("accept", "deliver", "fulfill"))
            return game.post(f"/my/contracts/{contract}/{verb}", self.cargo_body(agent))
        if kind == 10:
            yard = dice.choice(list(game.world.shipyards))
            body = {
                "shipType": dice.choice(("SHIP_PROBE", "SHIP_SURVEYOR")),
                "waypointSymbol": yard,
            }
            return game.post("/my/ships", body)
        if kind == 12:
            what = dice.choice(RARE)
            return game.act(ship if len(agent.ships) > 2 else "ABC-1", what)
        if kind == 13:
            return game.act(ship, dice.choice(REFITS), {"symbol": dice.choice(PARTS)})
        survey = dice.choice(self.surveys) if self.surveys else {}
        return game.act(ship, "extract/survey", survey)

    def good_near(self, symbol):
        """Choose a good that the ship has or its market trades, or any."""
        ship = self.game.world.ships[symbol]
        market = self.game.world.markets.get(ship.nav.waypoint)
        near = [*ship.cargo, *(market.goods if market else ())]
        return self.dice.choice(near if near and self.dice.random() < 0.8 else GOODS)

    def cargo_body(self, agent):
        return {
            "tradeSymbol": self.dice.choice(GOODS),
            "units": self.dice.randint(1, 20),
            "shipSymbol": self.dice.choice([*agent.ships, "XYZ-1"]),
        }


def check_books(world):
    for agent in world.agents.values():
        assert agent.credits == agent.starting_credits + agent.moved
        assert sum(agent.moved_by.values()) == agent.moved
        assert agent.credits >= 0
    for ship in world.ships.values():
        assert 0 <= ship.fuel <= ship.fuel_capacity
        assert 0 <= ship.load <= ship.capacity
        assert all(units > 0 for units in ship.cargo.values())


@pytest.mark.parametrize("seed", range(3))
def test_random_play_keeps_every_promise(make_game, seed):
    game = make_game(seed=seed)
    log = game.sim._log = ListLog()
    player = Player(game, seed)
    done = 0
    for _ in range(1200):
        before, draws = game.sim.state_hash(), game.world.draws
        answer = player.step()
        if answer.status < 300:
            done += 1
        else:
            assert answer.status != 500, answer.body
            assert game.world.draws != draws or game.sim.state_hash() == before, answer.body
        game.wait(player.dice.choice((0, 0.001, 1, 20, 300)))
        check_books(game.world)
    assert done > 150
    assert any(agent.transactions > 5 for agent in game.world.agents.values())
    assert replayed(game, log) == game.sim.state_hash()


def replayed(game, log):
    """Run the logged commands on a fresh world; tell its state."""
    from fleet.simulator.clock import VirtualClock
    from fleet.simulator.settings import SimSettings

    sim = game.sim
    world = new_world(SimSettings(seed=sim.world.seed), sim.catalogue, sim.world.created)
    clock = VirtualClock(sim.world.created)
    fresh = Simulator(world, clock=clock, catalogue=sim.catalogue, key=b"another key")
    for command in log.commands:
        fresh.replay(command)
    return fresh.state_hash()
