"""Who is calling: reads bearer tokens and holds them against what an operation demands."""

from __future__ import annotations

import hashlib

import msgspec

from fleet.protocol.endpoints import Auth
from fleet.simulator.refusals import Refusal
from fleet.simulator.tokens import ACCOUNT_SUBJECT, AGENT_SUBJECT, Claims, Tokens, bearer
from fleet.simulator.world.agent import Agent
from fleet.simulator.world.world import World

MOST_REMEMBERED = 10_000


class Caller(msgspec.Struct, frozen=True):
    """Who sent a request, as far as its token tells."""

    token: str | None
    claims: Claims | None
    fault: Refusal | None
    agent: Agent | None

    @property
    def account(self) -> str | None:
        """The account behind the token, for the limiter; None for strangers."""
        if self.agent is not None:
            return self.agent.account
        if self.claims is not None and self.claims.sub == ACCOUNT_SUBJECT:
            return self.claims.identifier
        return None


class Gatekeeper:
    """Checks tokens against the world; lives in the simulator's thread."""

    def __init__(self, tokens: Tokens, *, strict: bool) -> None:
        self._tokens = tokens
        self._strict = strict
        self._agents: dict[str, tuple[str, Caller]] = {}

    def identify(self, authorization: str | None, world: World) -> Caller:
        """Tell who is calling; a bad token is remembered, not refused: some don't care."""
        if authorization is None:
            return STRANGER
        known = self._agents.get(authorization)
        if known is not None and known[0] == world.reset_date:
            return known[1]
        caller = self._read(authorization, world)
        if caller.agent is not None:
            if len(self._agents) >= MOST_REMEMBERED:
                self._agents.clear()
            self._agents[authorization] = world.reset_date, caller
        return caller

    def _read(self, authorization: str, world: World) -> Caller:
        token = bearer(authorization)
        if token is None:
            return STRANGER
        try:
            claims = self._tokens.read(token, world.reset_date)
        except Refusal as fault:
            return Caller(token, None, fault, None)
        agent = world.agents.get(claims.identifier) if claims.sub == AGENT_SUBJECT else None
        return Caller(token, claims, None, agent)

    def admit(self, caller: Caller, auth: Auth) -> tuple[Agent | None, str | None]:
        """Tell the (agent, account) that an operation acts for. Raises Refusal 41xx."""
        if auth is Auth.AGENT:
            return self._agent(caller), None
        if auth is Auth.ACCOUNT:
            return None, self._account(caller)
        return caller.agent, None

    def _agent(self, caller: Caller) -> Agent:
        claims = demanded(caller)
        if claims.sub != AGENT_SUBJECT:
            raise wrong_subject(AGENT_SUBJECT, claims.sub)
        if caller.agent is None:
            text = f"Failed to get agent. Agent {claims.identifier} was not found."
            raise Refusal(4107, text, {"agentSymbol": claims.identifier})
        return caller.agent

    def _account(self, caller: Caller) -> str | None:
        """Tell the account that registers; without `strict` any bearer is as good as one."""
        if caller.claims is not None:
            if caller.claims.sub != ACCOUNT_SUBJECT:
                raise wrong_subject(ACCOUNT_SUBJECT, caller.claims.sub)
            return caller.claims.identifier
        if self._strict:
            if caller.token is None:
                raise Refusal(4116, "Missing account token in the request.", {})
            demanded(caller)
        if not caller.token:
            return None
        return "c" + hashlib.sha256(caller.token.encode()).hexdigest()[:24]


STRANGER = Caller(None, None, None, None)


def demanded(caller: Caller) -> Claims:
    """Insist on a good token. Raises Refusal."""
    if caller.fault is not None:
        raise caller.fault
    if caller.claims is None:
        text = "Missing Bearer token in the request. Did you confirm sending the 'Bearer {token}' "
        raise Refusal(4103, f"{text}as the authorization header?", {})
    return caller.claims


def wrong_subject(expected: str, received: str) -> Refusal:
    """Say that a token is of the other kind."""
    text = f"Failed to parse token. Expected a token for {expected}, received {received}."
    return Refusal(4105, text, {"expectedSubject": expected, "receivedSubject": received})
