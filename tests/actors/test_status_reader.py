from __future__ import annotations

from typing import Any

from fleet.actors.status_reader import FIRST, PERIOD, status_props
from fleet.protocol.api import ApiRefusal, ApiReply, Lane, UnknownOutcome
from fleet.protocol.fleet import BUCKET
from fleet.protocol.wire.status import Status

PAGE = Status(status="up", version="v2.3.0", reset_date="2026-07-18")


def test_it_asks_in_the_last_lane_and_hands_on_what_it_is_told(virtual: Any):
    seen: list[Status] = []
    virtual.spawn(BUCKET)
    reader = virtual.system.spawn("/status", status_props(seen.append))
    virtual.run(FIRST + 2 * PERIOD + 1)
    asked = virtual.notes.all
    assert [request.operation for request in asked] == ["get-status"] * 3
    assert {request.lane for request in asked} == {Lane.BACKGROUND}
    for outcome in (
        UnknownOutcome(1, "get-status", "lost"),
        ApiRefusal(2, "get-status", 404, 404, "no", {}),
        ApiReply(3, "get-status", PAGE),
    ):
        reader.tell(outcome)
    virtual.run(1)
    assert seen == [PAGE]
