"""The live tree of actors as rows, for `fleet tail --tree`."""

from __future__ import annotations

from typing import Any

from fleet.host.tally import Tally
from fleet.protocol.clock import to_iso
from fleet.runtime import ActorSystem
from fleet.supervision.resources.sample import ActorSample
from fleet.supervision.resources.watch import Usage


def branches(system: ActorSystem, events: Tally, usage: Usage | None) -> list[dict[str, Any]]:
    """List every actor that has not stopped, parents first; nobody is asked."""
    sampled = {sample.path: sample for sample in usage.actors} if usage else {}
    now = system.clock.monotonic()
    rows = []
    for cell in sorted(system.cells(), key=lambda cell: cell.address.path):
        if cell.closed:
            continue
        path, hand = cell.address.path, cell.in_hand
        state = "resting" if path in events.resting else cell.state.value
        rows.append(
            {
                "path": path,
                "parent": cell.parent,
                "state": "busy" if hand and state == "running" else state,
                "incarnation": cell.number,
                "restarts": cell.restarts,
                "mailbox": len(cell.mailbox),
                "handled": cell.handled,
                "busy": type(hand.envelope.message).__name__ if hand else "",
                "busy_for": round(max(0.0, now - hand.since), 3) if hand else 0.0,
            }
            | _sampled(sampled.get(path))
            | _last(events, path)
        )
    return rows


def _sampled(sample: ActorSample | None) -> dict[str, Any]:
    if sample is None:
        return {"oldest": 0.0, "waited": 0.0, "cpu": 0.0}
    return {
        "oldest": round(sample.oldest, 3),
        "waited": round(sample.waited, 3),
        "cpu": round(sample.cpu, 3),
    }


def _last(events: Tally, path: str) -> dict[str, Any]:
    last = events.last.get(path)
    if last is None:
        return {"event": "", "event_at": "", "event_level": "", "event_text": ""}
    return {
        "event": last.event,
        "event_at": to_iso(last.wall),
        "event_level": last.level,
        "event_text": last.text,
    }
