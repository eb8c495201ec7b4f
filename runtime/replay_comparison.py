"""Tells where a replayed turn is another than the recorded one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from fleet.protocol.errors import FleetError
from fleet.runtime.recording_codec import stamp
from fleet.runtime.replay_life import Ending
from fleet.runtime.replay_turns import RecordedTurn

Said = tuple[tuple[str, int], ...]
"""Where to and of which type each message was, and its stamp."""


class Divergence(FleetError):
    """A replayed actor did something else than the recorded one."""

    def __init__(self, recorded: RecordedTurn, what: str) -> None:
        life, turn = recorded.life, recorded.turn
        super().__init__(
            f"{life.path} (incarnation {life.number}) {what}, at message #{turn.id} "
            f"({recorded.kind}), turn {turn.place:,}."
        )
        self.path = life.path
        self.message_id = turn.id
        self.kind = recorded.kind


def said_by(
    recorded: RecordedTurn, sent: Iterable[tuple[str, Any]], is_outside: Callable[[str], bool]
) -> Said:
    """Stamp what a turn has sent, where the recording has a stamp."""
    wanted = itertools.chain((stamped for _, stamped in recorded.sent), itertools.repeat(1))
    return tuple(
        [
            (
                f"{to} {type(said).__name__}".strip(),
                stamp(said, strong=is_outside(to)) if stamped else 0,
            )
            for (to, said), stamped in zip(sent, wanted, strict=False)
        ]
    )


def compare(
    recorded: RecordedTurn, said: Said, ending: Ending, *, left: int, of_fault: bool
) -> None:
    """Raise Divergence for the first difference.

    `left` counts what the actor did not ask for any more. One that hung, or was made to
    misbehave, may well end differently here.
    """
    turn = recorded.turn
    _compare_sent(recorded, said)
    if of_fault or turn.end in {"open", "fenced"}:
        return
    if left:
        raise Divergence(recorded, "asked its context for less than in the recording")
    now, then = (f"{e.end} {e.detail}".strip() for e in (ending, turn))
    if now != then:
        raise Divergence(recorded, f"ended otherwise ({now}, and {then} in the recording)")


def _compare_sent(recorded: RecordedTurn, said: Said) -> None:
    for (name, stamped), (wanted, wanted_stamp) in zip(said, recorded.sent, strict=False):
        if name != wanted:
            raise Divergence(recorded, f"sent {name!r} where it sent {wanted!r}")
        if stamped != wanted_stamp:
            raise Divergence(recorded, f"sent {name!r} with other contents")
    if recorded.turn.end != "open" and len(said) != len(recorded.sent):
        longer = max(said, recorded.sent, key=len)
        first = longer[min(len(said), len(recorded.sent))][0]
        raise Divergence(
            recorded, f"sent {len(said)} messages, not {len(recorded.sent)}: {first!r}"
        )
