"""What a ship does when another actor does not answer: it asks again, but not at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fleet.actors.ship_messages import Recalled
from fleet.protocol.fleet import WRITER
from fleet.protocol.rows import Recall
from fleet.runtime import Context

PAUSE = 1.0
"""Wall seconds. An actor that rests in quarantine refuses at once: asking at once would go round in
circles, and take the interpreter from everybody else."""

ASK_TIMEOUT = 10.0
"""Wall seconds for an answer of another actor."""


@dataclass(frozen=True, slots=True)
class Again:
    """The pause after a failed ask is over."""

    step: int | None
    """Of the task; None when the saved task was asked for."""


def recall(ctx: Context[Any], symbol: str) -> None:
    """Ask the writer for a ship's saved task; answered with Recalled."""
    key = ("assignments", (symbol,))
    ctx.ask(ctx.address(WRITER), Recall(*key), timeout=ASK_TIMEOUT, on_reply=Recalled)


def ask_again(ctx: Context[Any], step: int | None) -> None:
    """Have Again come after the pause."""
    ctx.timer("again", Again(step), after=PAUSE)
