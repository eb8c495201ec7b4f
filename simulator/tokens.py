"""Bearer tokens: shaped as the live server's, signed with the world's own key."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Literal

import msgspec

from fleet.simulator.refusals import Refusal

VERSION = "v2.3.0"
AGENT_SUBJECT = "agent-token"
ACCOUNT_SUBJECT = "account-token"
MOST_REMEMBERED = 10_000
SIGNATURE_BYTES = 256

TokenFault = Literal["missing", "empty", "garbage"]


class Claims(msgspec.Struct, omit_defaults=True):
    """What a token says about its holder."""

    identifier: str
    version: str
    reset_date: str | None = None
    iat: int = 0
    sub: str = ""


HEADER = b'{"alg":"RS256","typ":"JWT"}'


def pack(raw: bytes) -> str:
    """Encode a part of a token."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpack(text: str) -> bytes:
    """Decode a part of a token. Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Tokens:
    """Issues and reads tokens; the header claims RS256 because clients expect it."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, Claims] = {}

    def issue_agent(self, agent: str, reset_date: str, now: float) -> str:
        """Make the token of an agent."""
        return self._issue(Claims(agent, VERSION, reset_date, int(now), AGENT_SUBJECT))

    def issue_account(self, account: str, now: float) -> str:
        """Make the token of an account."""
        return self._issue(Claims(account, VERSION, None, int(now), ACCOUNT_SUBJECT))

    def read(self, token: str, reset_date: str) -> Claims:
        """Read a token of this world. Raises Refusal 4100, 4104, 4109 or 4113."""
        claims = self._known.get(token)
        if claims is None:
            claims = self._verify(token, reset_date)
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[token] = claims
        check_fresh(claims, reset_date)
        return claims

    def _issue(self, claims: Claims) -> str:
        signed = f"{pack(HEADER)}.{pack(msgspec.json.encode(claims))}"
        return f"{signed}.{pack(self._sign(signed))}"

    def _sign(self, signed: str) -> bytes:
        # Stretched to the length of an RSA signature: clients size their columns by it.
        mac = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return hashlib.shake_256(mac).digest(SIGNATURE_BYTES)

    def _verify(self, token: str, reset_date: str) -> Claims:
        if not token:
            raise Refusal(4100, "Token is empty.")
        signed, _, signature = token.rpartition(".")
        try:
            claims = msgspec.json.decode(unpack(signed.partition(".")[2]), type=Claims)
            genuine = hmac.compare_digest(unpack(signature), self._sign(signed))
        except (ValueError, Base64Error, msgspec.DecodeError) as error:
            raise corrupted() from error
        if not genuine:
            # A token of an earlier world gets the advice to register again.
            check_fresh(claims, reset_date)
            raise corrupted()
        return claims


def corrupted() -> Refusal:
    """Say that a token is none of ours."""
    return Refusal(4104, "Failed to parse token. The token is corrupted or not signed here.")


def check_fresh(claims: Claims, reset_date: str) -> None:
    """See that an agent's token belongs to this reset. Raises Refusal 4113."""
    if claims.reset_date is None or claims.reset_date == reset_date:
        return
    raise Refusal(
        4113,
        "Failed to parse token. Token reset_date does not match the server. The universe was reset "
        f"and you should re-register. Expected: {reset_date}, Actual: {claims.reset_date}",
        {"expected": reset_date, "actual": claims.reset_date},
    )


def bearer(authorization: str | None) -> str | None:
    """Cut the token out of an Authorization header; None if there is none."""
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
