"""How a request ends: taken out of the mailbox, then told to whoever sent it."""

from __future__ import annotations

from typing import Any

from fleet.actors.request_lanes import Record, RequestLanes
from fleet.protocol.api import ApiRefusal, ApiRequest, Expired, Overloaded, UnknownOutcome
from fleet.runtime import Context, Envelope, Fenced


def end(ctx: Context[Any], lanes: RequestLanes, number: int, outcome: Any) -> None:
    """End a leased request. Of several incarnations only one ever gets to do it.

    A sender that was replaced meanwhile learns that it was sent, not what it led to.
    """
    lease = lanes.settle(number)
    if lease is None:
        return
    if lanes.is_withdrawn(lease.envelope):
        outcome = unknown(lease.envelope.message, "the sender was replaced")
    tell(ctx, lease.envelope, outcome)


def tell(ctx: Context[Any], envelope: Envelope, outcome: Any) -> None:
    """Tell an outcome to the sender of a request that has been taken out already.

    Nobody else can do it any more, so it is told even by an incarnation that has been
    replaced in between.
    """
    try:
        if envelope.future is not None or envelope.wants_answer:
            ctx.reply(outcome, envelope)
        elif envelope.sender is not None:
            ctx.tell(envelope.sender, outcome)
    except Fenced:
        if envelope.future is not None:
            envelope.future.set(outcome)
        elif envelope.sender is not None:
            envelope.sender.tell(outcome)


def late(request: ApiRequest, record: Record) -> Expired | UnknownOutcome:
    """Make the outcome of a request that waited too long, perhaps to be sent once more."""
    if record.lost or record.broken:
        return unknown(request, "it expired before it could be sent once more")
    return Expired(request.number)


def unknown(request: ApiRequest, reason: str) -> UnknownOutcome:
    """Make the outcome of a request that was sent without an answer."""
    return UnknownOutcome(request.number, request.operation, reason)


def no_such_operation(request: ApiRequest) -> ApiRefusal:
    """Make the outcome of a request that cannot be sent."""
    text = f"the API has no operation {request.operation!r}"
    return ApiRefusal(request.number, request.operation, 0, 0, text, {})


def overloaded(message: Any) -> Any:
    """Answer a request that found the lanes full."""
    return Overloaded(message.number if isinstance(message, ApiRequest) else 0)
