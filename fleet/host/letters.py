"""The dead letters of this runtime, for people: listed, and sent once more."""

from __future__ import annotations

from typing import Any

from fleet.protocol.errors import UsageError
from fleet.runtime import ActorSystem, Envelope
from fleet.runtime.dead_letters import DeadLetter

LONGEST = 500
"""Characters of a message that are shown."""


def listed(system: ActorSystem) -> list[dict[str, Any]]:
    """Show every letter that is kept, oldest first."""
    return [_row(letter) for letter in system.dead_letters.letters()]


def replay(system: ActorSystem, number: Any, *, force: bool) -> dict[str, Any]:
    """Send a letter's message to its address again, as a new one.

    Raises UsageError where there is none, or where handling it twice may do harm and nobody
    has insisted.
    """
    letter = _take(system, number, force=force)
    # Whoever asked then has long been told that nobody answers.
    again = Envelope(letter.envelope.message, system.next_id(), causation=letter.envelope.id)
    taken = system.post(letter.path, again)
    row = _row(letter)
    system.events.emit(
        "letter.replayed",
        text=f"{row['message_type']} for {letter.path} was sent again, as message {again.id}",
        actor=letter.path,
        message_type=row["message_type"],
        message_id=again.id,
        replayed=letter.envelope.id,
    )
    return row | {"message_id": again.id, "taken": taken}


def _take(system: ActorSystem, number: Any, *, force: bool) -> DeadLetter:
    letters = system.dead_letters
    letter = letters.find(number) if isinstance(number, int) else None
    if letter is not None and not (force or letter.may_be_sent_again):
        raise UsageError(
            f"Dead letter {number} may have been handled in part ({letter.cause}), and its type "
            "is not to be handled twice; give --force if you know better."
        )
    taken = letters.take(number) if letter is not None else None
    if taken is None:
        raise UsageError(f"There is no dead letter {number}; `fleet dead-letters` lists them.")
    return taken


def _shown(message: Any) -> str:
    try:
        return repr(message)
    # One message that fails at being shown must not hide all others.
    except BaseException as failure:
        return f"({type(message).__name__} cannot be shown: {type(failure).__name__})"


def _row(letter: DeadLetter) -> dict[str, Any]:
    envelope = letter.envelope
    shown = _shown(envelope.message)
    return {
        "id": envelope.id,
        "actor": letter.path,
        "cause": letter.cause,
        "message_type": type(envelope.message).__name__,
        "message": shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…",
        "attempt": envelope.attempt,
        "may_be_sent_again": letter.may_be_sent_again,
        "sender": envelope.sender.path if envelope.sender else "",
        "sender_incarnation": envelope.sender_incarnation,
    }
