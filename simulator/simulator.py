"""The synchronous heart: one request in, one answer out; no threads, no sockets."""

from __future__ import annotations

import logging
import math
import random
from typing import Any

from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import ENDPOINTS, Endpoint
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.simulator.answers import PREFLIGHT, Answers
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.clock import SimClock
from fleet.simulator.command import Command
from fleet.simulator.context import Context
from fleet.simulator.faults.armory import Faults
from fleet.simulator.faults.skew import SkewedClock
from fleet.simulator.faults.trouble import Trouble
from fleet.simulator.feed import Feed
from fleet.simulator.gatekeeper import Caller, Gatekeeper
from fleet.simulator.harbours import Harbours
from fleet.simulator.limiter import Limiter, Verdict
from fleet.simulator.locks import Locks
from fleet.simulator.log import Log, NoLog
from fleet.simulator.markets import Markets
from fleet.simulator.operations.table import HANDLERS
from fleet.simulator.population import populate
from fleet.simulator.rebirth import Rebirth
from fleet.simulator.refusals import UNEXPECTED, Refusal
from fleet.simulator.renderer import Renderer
from fleet.simulator.router import Router
from fleet.simulator.rules.resets import next_reset_time
from fleet.simulator.settings import LimitsKind
from fleet.simulator.sidedoor import side_door
from fleet.simulator.tokens import Tokens
from fleet.simulator.universe.galaxy import Galaxy
from fleet.simulator.world.agent import Agent
from fleet.simulator.world.world import World

PREFIX = "/v2"
BELOW = "/v2/"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
RESETTING = "SpaceTraders is being reset and currently unavailable. Please try again in a moment."

logger = logging.getLogger(__name__)


class Simulator:
    """A SpaceTraders server without HTTP; used from one thread at a time."""

    def __init__(
        self,
        world: World,
        *,
        clock: SimClock,
        catalogue: Catalogue,
        key: bytes,
        limits: LimitsKind = "live",
        strict: bool = False,
        scheduled: bool = False,
        rebirth: Rebirth | None = None,
        log: Log | None = None,
    ) -> None:
        self.world = world
        self.clock = clock
        self.catalogue = catalogue
        self.galaxy = Galaxy(world, catalogue)
        self.tokens = Tokens(key)
        self.faults = Faults(world.seed)
        self.feed = Feed()
        self._faced = SkewedClock(clock)
        self._render = Renderer(catalogue, self._faced)
        self._answers = Answers(self._render, random.Random(world.seed))
        self._gatekeeper = Gatekeeper(self.tokens, strict=strict)
        self._limiter = Limiter(addresses=limits == "live") if limits != "off" else None
        self._markets = Markets(catalogue)
        self._harbours = Harbours(world)
        self._router = Router(ENDPOINTS)
        self._log: Log = log or NoLog()
        self._fault: OSError | None = None
        self._rebirth = rebirth
        self._scheduled = scheduled
        self._down_until = -math.inf
        self._locks = Locks()

    def trouble(self, request: HttpRequest) -> Trouble | None:
        """Draw what armed faults do to a request, for whoever carries it; mostly None.

        The carrier sees to its legs and losses, and passes it on to `handle`.
        """
        if not self.faults.active or not under_prefix(request.path):
            return None
        found = self._router.find(request.method, request.path[len(PREFIX) :])
        if found is None:
            return None
        caller = self._gatekeeper.identify(request.headers.get("authorization"), self.world)
        agent = caller.agent.symbol if caller.agent else None
        return self.faults.meet(*found, agent, self.clock.now())

    def may_listen(self, authorization: str | None) -> bool:
        """Whether a caller may listen to departures: it takes an agent's token."""
        return self._gatekeeper.identify(authorization, self.world).agent is not None

    def handle(
        self, request: HttpRequest, client: str, trouble: Trouble | None = None
    ) -> HttpResponse:
        """Answer one request of a client address; never raises for what a client sends.

        Raises OSError when the log can't be written: then the world must not go on.
        """
        if self._fault is not None:
            raise self._fault
        now = self.clock.now()
        if self.faults.active or self._faced.skew:
            self._face(now)
        if trouble is not None:
            return self._troubled(request, client, now, trouble)
        return self._answer(request, client, now, None)

    def _face(self, now: GameTime) -> None:
        """Show stamps as skewed as they are to be."""
        skew = self.faults.skew(now)
        if skew != self._faced.skew:
            self._faced.skew = skew
            self._render.skew(skew)

    def _troubled(
        self, request: HttpRequest, client: str, now: GameTime, trouble: Trouble
    ) -> HttpResponse:
        """Answer a request that has met faults."""
        if trouble.reset:
            try:
                self.reset(now)
            except Refusal as refusal:
                return self._answers.refusal(refusal, now, None)
        if trouble.front is not None:
            return trouble.front
        if trouble.limited is not None:
            reset = GameTime(now + trouble.limited)
            return self._answers.limited(now, Verdict(False, "IP Address", 0, reset))
        if trouble.refusal is not None:
            return self._answers.refusal(trouble.refusal, now, None)
        return trouble.spoiled(self._answer(request, client, now, trouble))

    def _answer(
        self, request: HttpRequest, client: str, now: GameTime, trouble: Trouble | None
    ) -> HttpResponse:
        """Have the right part answer, and note the time of the answer."""
        if under_prefix(request.path):
            if request.method == "OPTIONS":
                answer = HttpResponse(status=204, headers=PREFLIGHT)
            else:
                twice = trouble is not None and trouble.twice
                answer = self._game(request, client, now, twice=twice)
        elif request.path.startswith("/sim/"):
            answer = side_door(self, request, now, self._answers)
        else:
            answer = self._answers.refusal(no_route(request), now, None)
        self._log.mark(now)
        self.galaxy.trim()
        return answer

    def replay(self, command: Command) -> None:
        """Run a command of the log again; its answer went out long ago."""
        caller = self.world.agents[command.agent] if command.agent else None
        context = self._context(GameTime(command.at), caller, command)
        context.replaying = True
        try:
            HANDLERS[command.operation](context)
            self._moved(caller, command)
        except Refusal:
            pass
        except Exception:
            logger.exception("command of the log failed again: %s", command.operation)
        self.galaxy.trim()

    def reset(self, now: GameTime, seed: int | None = None) -> None:
        """Put a new universe in the place of this one; old tokens are refused from now on.

        Raises Refusal if that can't be, and OSError when the new world can't be written.
        """
        if self._rebirth is None:
            raise Refusal(501, "This simulator was put together without a way to reset it.")
        self._rebirth(self.world, now, seed)
        self.galaxy = Galaxy(self.world, self.catalogue)
        self._markets = Markets(self.catalogue)
        self._harbours = Harbours(self.world)
        self._render.forget()
        populate(self, now)
        self._down_until = now + self.world.rules.reset_downtime
        try:
            self._log.save(self.galaxy.stored(), now)
        except OSError as fault:
            self._fault = fault
            raise

    def _keep_schedule(self, now: GameTime) -> None:
        """Reset the universe because it is time; one that can't be goes on without a schedule."""
        try:
            self.reset(now)
        except Refusal as refusal:
            logger.warning("scheduled reset is left out: %s", refusal.message)
            self._scheduled = False

    def time_moved(self) -> None:
        """Forget how stamps look: the clock was moved by hand."""
        self._render.forget()

    def state_hash(self) -> str:
        """Digest the state of the world, which reading never changes."""
        return self.galaxy.stored().state_hash()

    def _game(
        self, request: HttpRequest, client: str, now: GameTime, *, twice: bool
    ) -> HttpResponse:
        world = self.world
        if self._scheduled and now >= next_reset_time(world.created, world.rules.reset_days):
            self._keep_schedule(now)
        if now < self._down_until:
            return self._answers.refusal(Refusal(3200, RESETTING), now, None)
        caller = self._gatekeeper.identify(request.headers.get("authorization"), self.world)
        verdict: Verdict | None = None
        if self._limiter is not None:
            verdict = self._limiter.admit(client, caller.account, now)
            if not verdict.allowed:
                return self._answers.limited(now, verdict)
        try:
            found = self._router.find(request.method, request.path[len(PREFIX) :])
            if found is None:
                raise no_route(request)
            endpoint, params = found
            result = self._operate(request, endpoint, params, caller, now, twice=twice)
        except Refusal as refusal:
            return self._answers.refusal(refusal, now, verdict)
        return self._answers.success(endpoint, result, now, verdict)

    def _operate(
        self,
        request: HttpRequest,
        endpoint: Endpoint,
        params: dict[str, str],
        caller: Caller,
        now: GameTime,
        *,
        twice: bool,
    ) -> Any:
        """Run an operation, and log it if it may have changed something. Raises Refusal."""
        agent, account = self._gatekeeper.admit(caller, endpoint.auth)
        handler = HANDLERS[endpoint.operation]
        body, form = self._body(request)
        name = agent.symbol if agent else None
        command = Command(now, endpoint.operation, name, account, params, body, form, twice)
        context = self._context(now, agent, command, request)
        if not endpoint.mutating:
            return guarded(handler, context)
        context.feed = self.feed
        if self.world.rules.lock_seconds:
            context.locks = self._locks
        draws = self.world.draws
        try:
            result = guarded(handler, context)
        except Refusal as refusal:
            # A refusal changes nothing, unless chance had its say or a bug struck half-way.
            if self.world.draws != draws or refusal.code == 500:
                self._keep(command)
            raise
        self._moved(agent, command)
        self._keep(command)
        return result

    def _moved(self, agent: Agent | None, command: Command) -> None:
        """Look after the ship that a command was about."""
        if agent is not None and "shipSymbol" in command.params:
            self._harbours.moved(agent, command.params["shipSymbol"])

    def _keep(self, command: Command) -> None:
        """Log a command. Raises OSError, from then on at every request: memory is ahead of it."""
        try:
            self._log.append(command)
        except OSError as fault:
            self._fault = fault
            raise

    def _body(self, request: HttpRequest) -> tuple[bytes, bool]:
        """Take the body, and tell whether it is a form. Raises Refusal 3001 or 5000."""
        body = request.body.strip() if request.body else b""
        if not body and not self.world.rules.empty_json_refused:
            return body, False
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not body:
            if request.method != "GET" and kind == "application/json":
                text = "Body cannot be empty when content-type is set to 'application/json'"
                raise Refusal(3001, text, status=400)
            return b"", False
        if kind == JSON:
            return body, False
        if kind == FORM:
            # curl -d says form even when it sends JSON.
            return body, not body.startswith(b"{")
        if kind not in ("", "text/plain"):
            raise Refusal(5000, f"Unsupported Media Type: {kind}")
        return body, False

    def _context(
        self, now: GameTime, agent: Any, command: Command, request: HttpRequest | None = None
    ) -> Context:
        return Context(
            self.world,
            self.galaxy,
            self.catalogue,
            self._render,
            self.tokens,
            self._markets,
            self._harbours,
            now,
            agent,
            command.account,
            command.params,
            request.query if request else (),
            command.body,
            command.form,
            twice=command.twice,
        )


def guarded(handler: Any, context: Context) -> Any:
    """Run a handler; a bug of ours is answered 500 and logged. Raises Refusal."""
    try:
        return handler(context)
    except Refusal:
        raise
    except Exception as error:
        logger.exception("handler failed: %s", handler.__name__)
        raise Refusal(500, UNEXPECTED) from error


def under_prefix(path: str) -> bool:
    """Whether a path belongs to the game's API."""
    return path.startswith(BELOW) or path == PREFIX


def no_route(request: HttpRequest) -> Refusal:
    """Say that there is no such route."""
    return Refusal(404, f"Route {request.method}:{request.path} not found.")
