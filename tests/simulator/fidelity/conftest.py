"""A stage for the fidelity list: ships are put where a rule can be seen."""

import pytest

from fleet.simulator.rules.fleet import launch
from fleet.simulator.world.ship import Nav


class Stage:
    """A game whose ships, holds and purses are set as a scene needs them."""

    def __init__(self, game):
        self.game = game
        self.world = game.world
        game.role = self.role

    @property
    def home(self):
        """The system where ABC starts."""
        return self.agent().headquarters.rpartition("-")[0]

    def points(self):
        """List the waypoints of the home system."""
        return [self.world.waypoints[at] for at in self.world.systems[self.home].waypoints]

    def role(self, name):
        """Find the waypoint of a role in the home system."""
        return next(row.symbol for row in self.points() if row.role == name)

    def agent(self, symbol="ABC"):
        return self.world.agents[symbol]

    def ship(self, symbol="ABC-1"):
        return self.world.ships[symbol]

    def launch(self, kind, at, agent="ABC"):
        """Give an agent a ship of a type, docked somewhere; tell its symbol."""
        sim, now = self.game.sim, self.game.clock.now()
        return launch(self.world, sim.catalogue, self.agent(agent), kind, at, now).symbol

    def put(self, ship, at, *, docked=False, mode="CRUISE"):
        """Put a ship somewhere, cooled down."""
        now = self.game.clock.now()
        self.ship(ship).nav = Nav(at, at, now, now, docked=docked, mode=mode)
        self.ship(ship).cool_at = 0.0

    def load(self, ship, good, units):
        self.ship(ship).cargo[good] = units

    def gate(self):
        """Tell the gate of the home system."""
        return self.game.role("JUMP_GATE")

    def ends(self):
        """Tell the gates that the home gate leads to; finished ones first."""
        ends = self.world.gates[self.gate()].connections
        return sorted(ends, key=lambda end: not self.finished(end))

    def finished(self, gate):
        site = self.world.constructions.get(gate)
        return site is None or site.complete

    def finish(self, gate):
        """Have a gate built."""
        for row in self.world.constructions[gate].materials:
            row.fulfilled = row.required

    def start_building(self, gate):
        """Have a gate unbuilt."""
        home = self.world.constructions[self.gate()]
        site = type(home)(gate, [type(row)(row.symbol, row.required, 0) for row in home.materials])
        self.world.constructions[gate] = site

    def far(self, near):
        """Find a waypoint of the home system at some distance from another."""
        here = self.world.waypoints[near]
        return max(
            self.points(),
            key=lambda point: (point.x - here.x) ** 2 + (point.y - here.y) ** 2,
        ).symbol

    def beside(self, at, dx, dy=0):
        """Make a waypoint at a distance of another."""
        here = self.world.waypoints[at]
        made = type(here)(f"{here.system}-Z{dx}{dy}", here.system, "ASTEROID", 0, 0, [])
        made.x, made.y, made.chart = here.x + dx, here.y + dy, here.chart
        self.world.waypoints[made.symbol] = made
        return made.symbol


@pytest.fixture
def stage(make_game):
    """A stage in a galaxy, with the agent ABC: frigate ABC-1, probe ABC-2."""
    game = make_game(systems=120)
    game.register()
    return Stage(game)


@pytest.fixture
def game(stage):
    """The stage's game."""
    return stage.game
