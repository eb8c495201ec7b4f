"""Who we play: the token given, the one kept from before, or a new registration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fleet.config import LIVE_URL, Config
from fleet.credentials import Token, parse_token, read_token
from fleet.kept_token import KeptToken
from fleet.protocol.errors import FleetError, ServerReset, SetupError, Unreachable
from fleet.roster import Seat

SYMBOL_TAKEN = 4111
PASSING = frozenset({408, 429})
"""Statuses below 500 that say nothing against the registration itself."""

# Wall seconds; a registration is one request at the very start, worth waiting for.
TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Session:
    """A token that plays an agent, and whether it was registered just now."""

    base_url: str
    token: Token
    fresh: bool = False


Unplayed = Callable[[str], None]
"""Told a call sign before it is registered. Raises SetupError where it must not be."""


def open_session(seat: Seat, base_url: str, unplayed: Unplayed) -> Session:
    """Find or make the agent's token. Raises UsageError, SetupError."""
    given = _given(seat)
    if given is not None and given.holder == "agent":
        return Session(base_url, given)
    kept = KeptToken(seat.kept).read(seat.config.server)
    return Session(base_url, kept) if kept else register(seat, base_url, given, unplayed)


def register(seat: Seat, base_url: str, account: Token | None, unplayed: Unplayed) -> Session:
    """Register the agent and keep its token. Raises SetupError with what to do."""
    config = seat.config
    if account is None and base_url == LIVE_URL:
        raise SetupError("The live API needs a token; put it into SPACETRADERS_TOKEN.")
    if config.agent is None and base_url == LIVE_URL:
        raise SetupError("Choose the call sign to register on the live server with --agent NAME.")
    unplayed(config.call_sign)
    kept = KeptToken(seat.kept)
    kept.expect(config.server)
    try:
        token = _new_token(base_url, config, account)
    except BaseException:
        kept.give_up()
        raise
    kept.save(token)
    return Session(base_url, token, fresh=True)


def _new_token(base_url: str, config: Config, account: Token | None) -> Token:
    status, body = _post(base_url, config, account)
    if status == 201:
        return parse_token(_token_in(body), where="the server's answer")
    from fleet.actors.answers import message_of

    told = body.get("error")
    error: dict[str, Any] = told if isinstance(told, dict) else {"message": str(told or "")}
    if error.get("code") == SYMBOL_TAKEN:
        raise SetupError(f"The call sign {config.call_sign} is taken; choose one with --agent.")
    if status in PASSING or status >= 500:
        raise Unreachable(f"{base_url} did not register {config.call_sign} ({status}); try later.")
    said = message_of(error.get("code", 0), error) or f"status {status}"
    raise SetupError(
        f"{base_url} did not register {config.call_sign} of {config.faction}: {said.rstrip('.')}; "
        "see --agent and --faction."
    )


def _token_in(body: Mapping[str, Any]) -> str:
    data = body.get("data")
    return str(data.get("token") or "") if isinstance(data, dict) else ""


def replace_session(refused: Session, seat: Seat, why: FleetError, unplayed: Unplayed) -> Session:
    """Register anew after a refused token, where we may; the old one is kept as `.before`.

    We may in the embedded simulator, and elsewhere with an account's token. Raises SetupError
    with what to do where we may not.
    """
    given = _given(seat)
    account = given if given is not None and given.holder == "account" else None
    if refused.fresh or not (seat.config.embedded or account):
        raise SetupError(_what_to_do(refused, why))
    return register(seat, refused.base_url, account, unplayed)


def _given(seat: Seat) -> Token | None:
    """Read the token that the user gave; the embedded simulator knows none but its own."""
    return None if seat.config.embedded else read_token(seat.config, seat.env)


def _what_to_do(refused: Session, why: FleetError) -> str:
    who = refused.token.agent or "the agent"
    if isinstance(why, ServerReset):
        since = f" of {refused.token.reset_date}" if refused.token.reset_date else ""
        return (
            f"{refused.base_url} was reset, and the token{since} is void: register {who} again, "
            "or give the token of your account and fleet does it, then start again."
        )
    return f"{refused.base_url} refuses the token: {why} Get a valid one and start again."


def _post(base_url: str, config: Config, account: Token | None) -> tuple[int, dict[str, Any]]:
    # Imported where it is used: it costs a tenth of a second of each later start.
    import requests

    headers = {"Authorization": f"Bearer {account.text}"} if account else {}
    body = {"symbol": config.call_sign, "faction": config.faction}
    try:
        answer = requests.post(
            f"{base_url}/v2/register", json=body, headers=headers, timeout=TIMEOUT
        )
        read = answer.json()
    except (requests.RequestException, ValueError) as error:
        reason = type(error).__name__
        raise Unreachable(f"The API at {base_url} gave no usable answer ({reason}).") from None
    return answer.status_code, read if isinstance(read, dict) else {}
