"""`fleet replay`: play a recorded run again, and look into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fleet.cli.output import print_json
from fleet.durations import FORMS, parse_duration, show_duration
from fleet.protocol.errors import UsageError

if TYPE_CHECKING:
    from fleet.runtime.replay import Replayed, Seen
    from fleet.runtime.replay_turns import RecordedTurn

EVENTS = {
    "hang": ("open", "fenced", "hung"),
    "crash": ("crashed",),
}
"""What `--until` may wait for, and the ends of turns that are that."""

WIDTH = 160


def command(
    file: Annotated[Path, typer.Argument(help="A file that `fleet run --record` has written.")],
    until: Annotated[
        str | None,
        typer.Option(
            metavar="EVENT|TIME",
            help="Stop before a hang, a crash, message #ID, or after so much game time (1h30m).",
        ),
    ] = None,
    actor: Annotated[
        str | None, typer.Option(metavar="PATH", help="Print what this actor saw.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Play a recorded run again in virtual time; fail where an actor does something else."""
    from fleet.host.recorded import replay_of

    seen: list[dict[str, Any]] = []
    paths: set[str] = set()
    stop = _Until(until)

    def watch(turn: Seen) -> None:
        paths.add(turn.recorded.life.path)
        if turn.recorded.life.path == actor:
            row = _row(turn, stop.began)
            if as_json:
                seen.append(row)
            else:
                _show(row)

    played = replay_of(file, watch=watch if actor else None, until=stop).run()
    if not played.turns + played.shown and not played.stopped:
        raise UsageError(f"{file} has no message in it: it was cut off before the first one.")
    if actor is not None and actor not in paths:
        raise UsageError(_no_actor(actor, paths))
    if as_json:
        print_json(_told(played) | ({"actor": actor, "saw": seen} if actor else {}))
    else:
        _tell(played)
    if until is not None and not played.stopped:
        typer.echo(f"fleet: {file} has no {until}: it was played to its end.", err=True)
        raise typer.Exit(1)


def _no_actor(actor: str, paths: Collection[str]) -> str:
    near = get_close_matches(actor, paths, 3, 0.5) or sorted(paths)[:3]
    return (
        f"No actor at {actor} took a message in what was played; give a path such as "
        f"{', '.join(near)}."
    )


class _Until:
    """Tells why to stop before a turn."""

    def __init__(self, text: str | None) -> None:
        """Read what the user gave. Raises UsageError."""
        self.began: float | None = None
        self._stop = _reader(text) if text is not None else None

    def __call__(self, turn: RecordedTurn) -> str:
        if self.began is None:
            self.began = turn.game
        return self._stop(turn, turn.game - self.began) if self._stop is not None else ""


def _reader(text: str) -> Callable[[RecordedTurn, float], str]:
    if text in EVENTS:
        return lambda turn, _: _next(turn, text) if turn.turn.end in EVENTS[text] else ""
    if re.fullmatch(r"#\d+", text):
        number = int(text[1:])
        return lambda turn, _: _next(turn, "message") if turn.turn.id == number else ""
    try:
        limit = parse_duration(text)
    except ValueError:
        raise UsageError(
            f"--until takes {', '.join(EVENTS)}, the id of a message such as #123, or a game time "
            f"such as {FORMS}, not {text!r}."
        ) from None
    return lambda turn, elapsed: _next(turn, "time") if elapsed >= limit else ""


def _next(turn: RecordedTurn, what: str) -> str:
    at = f"#{turn.turn.id} ({turn.kind}) at {turn.life.path}, incarnation {turn.life.number}"
    return f"{what}: the next message is {at}"


def _row(turn: Seen, began: float | None) -> dict[str, Any]:
    recorded = turn.recorded
    return {
        "at": round(recorded.game - (began or 0.0), 3),
        "incarnation": recorded.life.number,
        "turn": recorded.turn.place,
        "id": recorded.turn.id,
        "kind": recorded.kind,
        "message": _text(turn.message),
        "end": turn.ending.end,
        "failure": turn.ending.detail,
        "sent": [{"to": to, "message": _text(message)} for to, message in turn.sent],
    }


def _text(message: Any) -> str:
    return "" if message is None else repr(message)


def _show(row: dict[str, Any]) -> None:
    end = "" if row["end"] == "done" else f"  [{row['end']} {row['failure']}".rstrip() + "]"
    typer.echo(f"+{row['at']:.3f} #{row['id']} {row['message'] or row['kind']}"[:WIDTH] + end)
    for sent in row["sent"]:
        typer.echo(f"    -> {sent['to'] or '(asker)'} {sent['message']}"[:WIDTH])


def _told(played: Replayed) -> dict[str, Any]:
    return {
        "turns": played.turns,
        "shown": played.shown,
        "digest": played.digest,
        "equal": played.digest == played.recorded,
        "game_seconds": round(played.ended - played.began, 3),
        "stopped": played.stopped,
        "cut_off": played.cut_off,
        "hung": [
            {
                "actor": turn.life.path,
                "incarnation": turn.life.number,
                "id": turn.turn.id,
                "kind": turn.kind,
                "stack": stack,
            }
            for turn, stack in played.hung
        ],
    }


def _tell(played: Replayed) -> None:
    took = show_duration(played.ended - played.began)
    typer.echo(f"{played.turns:,} messages of {took} of game time were played again.")
    for turn, stack in played.hung:
        typer.echo(f"{turn.life.path} hung on #{turn.turn.id} ({turn.kind}).")
        if stack:
            typer.echo(stack.rstrip())
    if played.shown:
        text = "belong to actors that began before the recording, and were not played."
        typer.echo(f"{played.shown:,} more {text}")
    if played.stopped:
        typer.echo(f"Stopped at {played.stopped}.")
    if played.cut_off:
        typer.echo("The recording was cut off: what came last may be missing.")
    typer.echo(f"Digest {played.digest}, as recorded.")
