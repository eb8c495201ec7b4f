"""What the simulator tells about itself, outside the game's API: clock, books, state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fleet.protocol.clock import GameTime
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.simulator.answers import Answers
from fleet.simulator.refusals import Refusal, not_found
from fleet.simulator.world.agent import Agent
from fleet.simulator.world.world import World

if TYPE_CHECKING:
    from fleet.simulator.simulator import Simulator


def side_door(
    simulator: Simulator, request: HttpRequest, now: GameTime, answers: Answers
) -> HttpResponse:
    """Answer a request below `/sim`; no limits apply and nothing is changed."""
    try:
        return answers.plain(tell(simulator, request, now), now)
    except Refusal as refusal:
        return answers.refusal(refusal, now, None)


def tell(simulator: Simulator, request: HttpRequest, now: GameTime) -> dict[str, Any]:
    """Find what is asked for. Raises Refusal 404."""
    if request.method == "GET":
        if request.path == "/sim/clock":
            clock = simulator.clock
            return {"game": now, "speed": clock.speed, "paused": clock.paused}
        if request.path == "/sim/books":
            symbol = dict(request.query).get("agent", "").upper()
            agent = simulator.world.agents.get(symbol)
            if agent is None:
                raise not_found(f"Agent {symbol}")
            return books(simulator.world, agent)
        if request.path == "/sim/state":
            world = simulator.world
            return {"hash": world.state_hash(), "seed": world.seed, "draws": world.draws}
    raise not_found(f"Route {request.method}:{request.path}")


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
