"""Names of systems, waypoints and records, shaped as the live server's."""

from __future__ import annotations

import random
import string
from collections.abc import Container

SECTOR = "X1"
BASE36 = string.digits + string.ascii_lowercase
ODD_ENDS = "ABCDEFXZ"


def system_symbol(rng: random.Random, taken: Container[str] = ()) -> str:
    """Draw a system's symbol: one or two letters and one to three digits (seen by several)."""
    while True:
        letters = "".join(rng.choices(string.ascii_uppercase, k=rng.randint(1, 2)))
        symbol = f"{SECTOR}-{letters}{rng.randint(1, 999)}"
        if symbol not in taken:
            return symbol


def odd_suffix(rng: random.Random, number: int) -> str:
    """Draw the suffix of an engineered asteroid, such as `XD5B` (seen by several)."""
    return f"{rng.choice('CDXZ')}{rng.choice('ABCDEFX')}{number}{rng.choice(ODD_ENDS)}"


def rock_suffix(rng: random.Random, number: int) -> str:
    """Draw the suffix of a place away from the starts, such as `B28D` (seen by several)."""
    return f"{rng.choice(ODD_ENDS)}{number}{rng.choice(ODD_ENDS)}"


def record_id(rng: random.Random) -> str:
    """Draw an id of an account or contract: 25 characters that begin with c (seen by two)."""
    return "c" + "".join(rng.choices(BASE36, k=24))
