"""Beside the game's API: what the simulator tells about itself, and faults to arm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from fleet.protocol.clock import GameTime
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.simulator import timekeeping
from fleet.simulator.answers import Answers
from fleet.simulator.faults.door import arm_fault, clear_faults, list_faults
from fleet.simulator.population import names
from fleet.simulator.refusals import Refusal, not_found
from fleet.simulator.settings import MOST_SEED
from fleet.simulator.world.agent import Agent
from fleet.simulator.world.world import World

if TYPE_CHECKING:
    from fleet.simulator.simulator import Simulator


class ResetOrder(msgspec.Struct):
    """How to reset the universe."""

    seed: Annotated[int, msgspec.Meta(ge=0, le=MOST_SEED)] | None = None


def side_door(
    simulator: Simulator, request: HttpRequest, now: GameTime, answers: Answers
) -> HttpResponse:
    """Answer a request below `/sim`; no limits apply."""
    route = ROUTES.get((request.method, request.path))
    try:
        if route is None:
            raise not_found(f"Route {request.method}:{request.path}")
        return answers.plain(route(simulator, request, now), now)
    except Refusal as refusal:
        return answers.refusal(refusal, now, None)


def show_clock(simulator: Simulator, _request: HttpRequest, now: GameTime) -> dict[str, Any]:
    """Tell the game's time and how it runs."""
    return timekeeping.clock_view(simulator, now)


def show_books(simulator: Simulator, request: HttpRequest, _now: GameTime) -> dict[str, Any]:
    """Show an agent's books. Raises Refusal 404."""
    symbol = dict(request.query).get("agent", "").upper()
    agent = simulator.world.agents.get(symbol)
    if agent is None:
        raise not_found(f"Agent {symbol}")
    return books(simulator.world, agent)


def show_state(simulator: Simulator, _request: HttpRequest, _now: GameTime) -> dict[str, Any]:
    """Digest the world."""
    world = simulator.world
    return {"hash": simulator.state_hash(), "seed": world.seed, "draws": world.draws}


def show_tokens(simulator: Simulator, _request: HttpRequest, now: GameTime) -> dict[str, Any]:
    """Hand out the tokens of the agents that the scenario brought along, and of nobody else."""
    world, tokens = simulator.world, simulator.tokens
    here = [symbol for symbol in names(world) if symbol in world.agents]
    return {
        "tokens": {symbol: tokens.issue_agent(symbol, world.reset_date, now) for symbol in here}
    }


def books(world: World, agent: Agent) -> dict[str, Any]:
    """Show the simulator's own books of an agent: an audit may hold its own against them."""
    ships = [world.ships[symbol] for symbol in agent.ships]
    cargo: dict[str, int] = {}
    for ship in ships:
        for good, units in ship.cargo.items():
            cargo[good] = cargo.get(good, 0) + units
    return {
        "agent": agent.symbol,
        "credits": agent.credits,
        "startingCredits": agent.starting_credits,
        "moved": agent.moved,
        "movedBy": agent.moved_by,
        "transactions": agent.transactions,
        "cargo": cargo,
        "ships": [
            {"symbol": ship.symbol, "type": ship.type, "fuel": ship.fuel, "cargo": ship.cargo}
            for ship in ships
        ],
    }


def reset_universe(simulator: Simulator, request: HttpRequest, now: GameTime) -> dict[str, Any]:
    """Reset the universe, with `{"seed": N}` to that seed's. Raises Refusal."""
    try:
        seed = msgspec.json.decode(request.body or b"{}", type=ResetOrder).seed
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(422, f'Send nothing or {{"seed": 7}}; {error}.') from error
    simulator.reset(now, seed)
    return {"resetDate": simulator.world.reset_date, "seed": simulator.world.seed}


Route = Callable[["Simulator", HttpRequest, GameTime], dict[str, Any]]

ROUTES: Mapping[tuple[str, str], Route] = {
    ("GET", "/sim/clock"): show_clock,
    ("GET", "/sim/books"): show_books,
    ("GET", "/sim/state"): show_state,
    ("GET", "/sim/tokens"): show_tokens,
    ("POST", "/sim/pause"): timekeeping.pause,
    ("POST", "/sim/resume"): timekeeping.resume,
    ("POST", "/sim/step"): timekeeping.step,
    ("POST", "/sim/reset"): reset_universe,
    ("GET", "/sim/faults"): list_faults,
    ("POST", "/sim/faults"): arm_fault,
    ("DELETE", "/sim/faults"): clear_faults,
}
"""What can be asked and told beside the game."""
