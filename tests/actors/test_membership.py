from __future__ import annotations

from typing import Any

from fleet.actors.membership import as_member
from fleet.protocol.api import ApiRequest, Lane
from fleet.protocol.fleet import BOOK, BUCKET

OURS = "/fleet/agents/B/conductor"


def test_a_further_agents_actor_speaks_to_its_own_and_sends_in_its_name(virtual: Any):
    heard: list[tuple[str, Any]] = []

    def note(ctx: Any, message: Any) -> None:
        heard.append((ctx.self.path, message))

    for path in (BOOK, BUCKET, "/fleet/agents/B/book"):
        virtual.spawn(path, receive=note)

    def tells(ctx: Any) -> None:
        ctx.tell(ctx.address(BOOK), "look")
        ctx.tell(
            ctx.address(BUCKET), ApiRequest(number=1, operation="get-market", lane=Lane.MARKET)
        )
        assert ctx.now() == virtual.clock.now

    virtual.system.adapt = as_member
    for path in (OURS, "/fleet/conductor"):
        virtual.spawn(path, on_start=tells)
    virtual.run(1)
    told = [(path, message) for path, message in heard if message == "look"]
    assert told == [("/fleet/agents/B/book", "look"), (BOOK, "look")]
    assert [m.agent for path, m in heard if path == BUCKET] == ["B", ""]


def test_it_lives_as_it_would_without(virtual: Any):
    lives: list[str] = []
    virtual.system.adapt = as_member
    actor = virtual.spawn(
        OURS,
        on_start=lambda _: lives.append("start"),
        on_restart=lambda _, reason: lives.append(reason),
        on_stop=lambda *_: lives.append("stop"),
    )
    virtual.run()
    actor.tell(lambda _: 1 / 0)
    virtual.run()
    virtual.system.restart(OURS, "crash")
    virtual.run()
    virtual.system.stop(OURS)
    virtual.run()
    assert lives == ["start", "crash", "stop"]
