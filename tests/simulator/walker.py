"""A walker over all operations, at random; every other time where they may succeed."""

import random

from fleet.simulator.rules.fleet import launch
from fleet.simulator.world.ship import Nav

FLEET = (
    "SHIP_COMMAND_FRIGATE",
    "SHIP_EXPLORER",
    "SHIP_REFINING_FREIGHTER",
    "SHIP_LIGHT_HAULER",
    "SHIP_MINING_DRONE",
    "SHIP_SIPHON_DRONE",
    "SHIP_SURVEYOR",
)
SHIP = "/my/ships/{shipSymbol}"
MODES = ("CRUISE", "BURN", "DRIFT", "STEALTH")


class Walker:
    """Calls operations at random; every other time in a scene where they may succeed."""

    def __init__(self, game, seed):
        self.game, self.dice = game, random.Random(seed)
        self.world = game.world
        self.tokens = {}
        for symbol in ("ABC", "XYZ"):
            self.tokens[symbol] = game.register(symbol)["token"]
            agent = self.world.agents[symbol]
            agent.credits = agent.starting_credits = 50_000_000
            self.reinforce(agent)
        self.registered = 0
        home = self.world.agents["ABC"].headquarters.rpartition("-")[0]
        self.points = [self.world.waypoints[at] for at in self.world.systems[home].waypoints]
        self.gate = next(row.symbol for row in self.points if row.type == "JUMP_GATE")
        self.ends = self.world.gates[self.gate].connections
        for end in (self.gate, *self.ends):
            site = self.world.constructions.get(end)
            for row in site.materials if site else ():
                row.fulfilled = row.required
        self.survey = None

    def reinforce(self, agent):
        """Give an agent one ship of each type."""
        sim, now = self.game.sim, self.game.clock.now()
        for kind in FLEET:
            launch(self.world, sim.catalogue, agent, kind, agent.headquarters, now)

    def step(self, endpoint):
        """Call an operation; tell the path and the answer."""
        dice, game = self.dice, self.game
        name = dice.choice(sorted(self.tokens))
        game.token = self.tokens[name]
        self.agent = self.world.agents[name]
        if len(self.agent.ships) < 5:
            self.reinforce(self.agent)
        self.ship = self.world.ships[dice.choice(self.agent.ships)]
        self.at = dice.choice(self.points)
        scene = getattr(self, "on_" + endpoint.operation.replace("-", "_"), None)
        body = scene() if scene and dice.random() < 0.7 else self.anything(endpoint)
        path = endpoint.path.format(
            shipSymbol=self.ship.symbol,
            systemSymbol=self.at.system,
            waypointSymbol=self.at.symbol,
            contractId=dice.choice(self.agent.contracts),
            agentSymbol=name,
            factionSymbol=dice.choice(list(game.sim.catalogue.factions)),
        )
        if endpoint.paged and dice.random() < 0.5:
            path += f"?page={dice.randint(1, 3)}&limit={dice.randint(1, 20)}"
        token = None if endpoint.operation == "register" else game.token
        return path, game.call(endpoint.method, path, body, token=token)

    def anything(self, endpoint):
        """Make up a body that may fit."""
        if endpoint.method == "GET":
            return None
        return {
            "symbol": self.dice.choice(("FUEL", "IRON_ORE", "MOUNT_TURRET_I", "CHEESE")),
            "tradeSymbol": "IRON_ORE",
            "units": self.dice.randint(0, 30),
            "shipSymbol": self.ship.symbol,
            "shipType": "SHIP_PROBE",
            "waypointSymbol": self.at.symbol,
            "flightMode": self.dice.choice((*MODES, "WARP")),
            "produce": self.dice.choice(("IRON", "FUEL", "CHEESE")),
            "faction": "COSMIC",
        }

    def put(self, at=None, *, docked=False, kind=None):
        """Put a fitting ship somewhere, cool and with a full tank."""
        at = at or self.at
        if kind is not None:
            now = self.game.clock.now()
            kept = [name for name in self.agent.ships if self.world.ships[name].type == kind]
            name = (
                kept[0]
                if kept
                else launch(
                    self.world, self.game.sim.catalogue, self.agent, kind, at.symbol, now
                ).symbol
            )
            self.ship = self.world.ships[name]
        now, ship = self.game.clock.now(), self.ship
        self.at = at
        ship.nav = Nav(at.symbol, at.symbol, now, now, docked=docked)
        ship.cool_at, ship.fuel, ship.cargo = 0.0, ship.fuel_capacity, {}

    def some(self, test):
        return self.dice.choice([row for row in self.points if test(row)])

    def market(self):
        return self.some(lambda row: row.symbol in self.world.markets)

    def yard(self):
        return self.some(lambda row: row.symbol in self.world.shipyards)

    def on_register(self):
        self.registered += 1
        return {"symbol": f"NEW-{self.registered}", "faction": "COSMIC"}

    def on_get_market(self):
        self.put(self.market())

    def on_get_shipyard(self):
        self.put(self.yard())

    def on_get_jump_gate(self):
        self.at = self.world.waypoints[self.gate]

    def on_navigate_ship(self):
        self.put(kind="SHIP_COMMAND_FRIGATE")
        return {"waypointSymbol": self.some(lambda row: row is not self.at).symbol}

    def on_patch_ship_nav(self):
        return {"flightMode": self.dice.choice(MODES)}

    def on_orbit_ship(self):
        self.put(docked=True)

    def on_dock_ship(self):
        self.put()

    def on_get_ship_cooldown(self):
        self.ship.cooldown, self.ship.cool_at = 70, self.game.clock.now() + 50

    def on_jump_ship(self):
        self.put(self.world.waypoints[self.gate])
        return {"waypointSymbol": self.dice.choice(self.ends)}

    def on_warp_ship(self):
        self.put(kind="SHIP_EXPLORER")
        goal = self.world.waypoints[self.ends[0]]
        here, there = (self.world.systems[row.system] for row in (self.at, goal))
        there.x, there.y = here.x + 300, here.y + 200
        return {"waypointSymbol": goal.symbol}

    def on_create_survey(self):
        self.put(
            self.some(lambda row: len(row.deposits) > 2 and row.type == "ASTEROID"),
            kind="SHIP_COMMAND_FRIGATE",
        )

    def on_extract_resources(self):
        self.put(
            self.some(lambda row: row.deposits and row.type == "ASTEROID"), kind="SHIP_MINING_DRONE"
        )

    def on_extract_resources_with_survey(self):
        self.on_create_survey()
        self.survey = self.game.act(self.ship.symbol, "survey").data["surveys"][0]
        self.ship.cool_at = 0.0
        return self.survey

    def on_siphon_resources(self):
        self.put(self.some(lambda row: row.type == "GAS_GIANT"), kind="SHIP_SIPHON_DRONE")

    def on_ship_refine(self):
        self.put(kind="SHIP_REFINING_FREIGHTER")
        self.ship.cargo = {"IRON_ORE": 100}
        return {"produce": "IRON"}

    def on_create_ship_system_scan(self):
        self.put(kind="SHIP_COMMAND_FRIGATE")

    on_create_ship_waypoint_scan = on_create_ship_system_scan
    on_create_ship_ship_scan = on_create_ship_system_scan

    def on_create_chart(self):
        self.put()
        self.at.chart = None

    def on_jettison(self):
        self.put(kind="SHIP_LIGHT_HAULER")
        self.ship.cargo = {"IRON_ORE": 9}
        return {"symbol": "IRON_ORE", "units": self.dice.randint(1, 9)}

    def on_transfer_cargo(self):
        self.put(kind="SHIP_REFINING_FREIGHTER")
        taker = self.ship
        self.put(kind="SHIP_LIGHT_HAULER")
        self.ship.cargo = {"IRON_ORE": 9}
        return {"tradeSymbol": "IRON_ORE", "units": 5, "shipSymbol": taker.symbol}

    def on_refuel_ship(self):
        self.put(self.market(), docked=True, kind="SHIP_COMMAND_FRIGATE")
        self.ship.fuel = self.dice.randint(0, 400)
        return self.dice.choice((None, {"units": 50}, {"units": None, "fromCargo": None}))

    def on_purchase_cargo(self):
        self.put(self.market(), docked=True, kind="SHIP_LIGHT_HAULER")
        return {"symbol": self.dice.choice(list(self.goods())), "units": 2}

    def on_sell_cargo(self):
        self.put(self.market(), docked=True, kind="SHIP_LIGHT_HAULER")
        good = self.dice.choice(list(self.goods()))
        self.ship.cargo = {good: 3}
        return {"symbol": good, "units": 3}

    def goods(self):
        return self.world.markets[self.at.symbol].goods

    def on_purchase_ship(self):
        self.put(self.yard(), docked=True)
        kind = self.dice.choice(list(self.world.shipyards[self.at.symbol].listings))
        return {"shipType": kind, "waypointSymbol": self.at.symbol}

    def fitted(self, what):
        self.put(self.yard(), docked=True, kind="SHIP_ORE_HOUND")
        self.ship.capacity = max(self.ship.capacity, 10)
        return {"symbol": what}

    def on_install_mount(self):
        body = self.fitted("MOUNT_TURRET_I")
        self.ship.mounts = self.ship.mounts[:2]
        self.ship.cargo = {"MOUNT_TURRET_I": 1}
        return body

    def on_remove_mount(self):
        body = self.fitted("MOUNT_TURRET_I")
        self.ship.mounts = [*self.ship.mounts[:2], "MOUNT_TURRET_I"]
        return body

    def on_install_ship_module(self):
        body = self.fitted("MODULE_CARGO_HOLD_I")
        self.ship.modules = ["MODULE_CARGO_HOLD_II"]
        self.ship.cargo = {"MODULE_CARGO_HOLD_I": 1}
        return body

    def on_remove_ship_module(self):
        body = self.fitted("MODULE_CARGO_HOLD_I")
        self.ship.modules = ["MODULE_CARGO_HOLD_II", "MODULE_CARGO_HOLD_I"]
        return body

    def on_repair_ship(self):
        self.put(self.yard(), docked=True)
        self.ship.engine.condition = 0.4

    def on_scrap_ship(self):
        self.put(self.yard(), docked=True)

    on_get_repair_ship = on_scrap_ship
    on_get_scrap_ship = on_scrap_ship

    def contract(self, *, accepted):
        contract = self.world.contracts[self.agent.contracts[-1]]
        now = self.game.clock.now()
        contract.accepted, contract.fulfilled = accepted, False
        contract.accept_by, contract.deadline = now + 500, now + 900
        self.agent.contracts = [contract.id]
        return contract

    def on_accept_contract(self):
        self.contract(accepted=False)

    def on_deliver_contract(self):
        row = self.contract(accepted=True).deliveries[0]
        row.delivered = 0
        self.put(self.world.waypoints[row.destination], docked=True, kind="SHIP_LIGHT_HAULER")
        self.ship.cargo = {row.good: 1}
        return {"shipSymbol": self.ship.symbol, "tradeSymbol": row.good, "units": 1}

    def on_fulfill_contract(self):
        row = self.contract(accepted=True).deliveries[0]
        row.delivered = row.required

    def on_negotiate_contract(self):
        self.contract(accepted=True).fulfilled = True
        self.put(self.some(lambda row: row.faction), docked=True)

    def on_supply_construction(self):
        self.put(self.world.waypoints[self.gate], docked=True, kind="SHIP_LIGHT_HAULER")
        row = self.world.constructions[self.gate].materials[0]
        row.fulfilled = row.required - 5
        self.ship.cargo = {row.symbol: 9}
        return {"shipSymbol": self.ship.symbol, "tradeSymbol": row.symbol, "units": 5}
