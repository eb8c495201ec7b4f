"""The options of `fleet inject --ab`; light, as each `fleet inject` imports them."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

import typer

from fleet.durations import FORMS, parse_duration
from fleet.inject.trial.terms import CHOICES, Design, Terms
from fleet.protocol.errors import UsageError

Compare = Annotated[
    bool, typer.Option("--ab", help="Compare the behaviour with what comparable ships do.")
]
Against = Annotated[
    str | None, typer.Option(metavar="NAME", help=f"What they do instead: {CHOICES}.")
]
DesignOf = Annotated[
    str | None, typer.Option("--design", metavar="D", help="switchback or parallel; else the fit.")
]
Block = Annotated[str | None, typer.Option(metavar="TIME", help="Game time of a turn; else 1h.")]
WashOut = Annotated[
    str | None, typer.Option(metavar="TIME", help="Of it, not counted at first; else a quarter.")
]
Seed = Annotated[int | None, typer.Option(help="Deals ships and turns out as before.")]

DESIGNS: dict[str, Design] = {"auto": "auto", "switchback": "switchback", "parallel": "parallel"}


def terms(
    ab: bool,
    *,
    against: str | None,
    design: str | None,
    block: str | None,
    wash_out: str | None,
    seed: int | None,
) -> Terms | None:
    """Read the options; None for no comparison. Raises UsageError."""
    if not ab:
        if any(given is not None for given in (against, design, block, wash_out, seed)):
            raise UsageError("--against, --design, --block, --wash-out and --seed go with --ab.")
        return None
    if (design or "auto") not in DESIGNS:
        raise UsageError(f"--design takes switchback or parallel, not '{design}'.")
    default = Terms()
    return Terms(
        against=against or "",
        design=DESIGNS[design or "auto"],
        block=default.block if block is None else _seconds("--block", block),
        wash_out=None if wash_out is None else _seconds("--wash-out", wash_out),
        seed=secrets.randbits(32) if seed is None else seed,
    )


def _seconds(flag: str, text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError:
        raise UsageError(f"{flag} is '{text}'; give a duration such as {FORMS}.") from None


def told(row: dict[str, Any]) -> str:
    """Say what has begun."""
    name, ships = row["name"], ", ".join(row["ships"])
    return (
        f"{name} is compared by {row['design']} with {ships}: {row['why']}. `fleet experiment show "
        f"{name}` tells how it stands, `fleet eject {name}` ends it."
    )
