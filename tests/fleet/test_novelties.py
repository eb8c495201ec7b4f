from __future__ import annotations

import threading
from typing import Any

import msgspec

from fleet.novelties import EAGER, Novelties
from fleet.protocol.wire.novelty import Novelty


def agent(**more: Any) -> bytes:
    shown = {"symbol": "A", "headquarters": "X1-A-A1", "credits": 5, **more}
    return msgspec.json.encode({"data": shown})


def test_each_new_thing_is_told_once():
    seen = Novelties()
    assert seen.look("get-my-agent", agent()) == []
    assert seen.look("get-my-agent", agent(mood="good")) == [Novelty("Agent", "mood")]
    assert seen.look("get-my-agent", agent(mood="bad")) == []
    assert seen.look("get-my-agent", agent(mood="bad", rank=1)) == [Novelty("Agent", "rank")]


def test_a_new_field_in_every_reply_is_not_searched_for_in_every_reply():
    seen = Novelties()
    seen.look("get-my-agent", agent(mood="good"))
    for _ in range(EAGER + 1):
        seen.look("get-my-agent", agent(mood="good"))
    late = [seen.look("get-my-agent", agent(mood="good", rank=1)) for _ in range(EAGER)]
    assert late.count([Novelty("Agent", "rank")]) == 1
    assert late.count([]) == EAGER - 1


def test_threads_that_see_the_same_tell_it_once():
    seen, told = Novelties(), []
    start = threading.Barrier(8)

    def look() -> None:
        start.wait()
        told.extend(seen.look("get-my-agent", agent(mood="good")))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [Novelty("Agent", "mood")]
