"""The limiter for several accounts behind one address."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from fleet.actors.limiter import Limiter
from fleet.protocol.api import LimitHeaders
from fleet.protocol.clock import GameTime
from fleet.simulator.limiter import Limiter as Server


@dataclass
class Town:
    """Agents that always want something, in turns or one much more than the others."""

    weights: dict[str, float]
    seed: int = 1
    spread: float = 0.05
    limiter: Limiter = field(default_factory=Limiter)
    now: float = 1000.0
    served: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[float, str]] = field(default_factory=list)

    def run(self, seconds: float) -> Town:
        rng, server, heap = random.Random(self.seed), Server(), []
        numbers, end, free = itertools.count(), self.now + seconds, 4
        heapq.heappush(heap, (self.now, next(numbers), "ask", None))
        wanted, asked = self._wish(rng), GameTime(0.0)
        while heap and heap[0][0] < end:
            self.now, _, what, told = heapq.heappop(heap)
            now = GameTime(self.now)
            if what == "arrive":
                number, agent = told
                verdict = server.admit("address", agent, now)
                (self.served.update([agent]) if verdict.allowed else self._refuse(agent))
                cut = GameTime(int(verdict.reset * 1000) / 1000)
                headers = LimitHeaders(
                    remaining=verdict.remaining, reset=cut, account=verdict.kind == "Account"
                )
                back = self.now + rng.uniform(0.02, 0.1)
                answer = ("answer", (number, verdict.allowed, headers))
                heapq.heappush(heap, (back, next(numbers), *answer))
            elif what == "answer":
                number, allowed, headers = told
                (self.limiter.answered if allowed else self.limiter.refused)(number, now, headers)
                free += 1
            while free:
                at = self.limiter.permit_at(now)
                at = max(at, self.limiter.account_at(wanted, at))
                if at > now:
                    if at != asked:
                        asked = at
                        heapq.heappush(heap, (at, next(numbers), "ask", None))
                    break
                number = self.limiter.sent(now, wanted)
                arrives = self.now + rng.uniform(0, self.spread)
                heapq.heappush(heap, (arrives, next(numbers), "arrive", (number, wanted)))
                free, wanted = free - 1, self._wish(rng)
        return self

    def _wish(self, rng: random.Random) -> str:
        return rng.choices(list(self.weights), list(self.weights.values()))[0]

    def _refuse(self, agent: str) -> None:
        self.refused.append((self.now, agent))


@pytest.mark.parametrize(
    "weights", [{"A": 1, "B": 1}, {"A": 8, "B": 1}, {"A": 1, "B": 1, "C": 1, "D": 1}]
)
def test_several_accounts_share_the_address_without_being_refused(weights: dict[str, float]):
    town = Town(weights).run(660)
    assert town.refused == []
    assert town.served.total() / 11 / 150 >= 0.9
    asked = {agent: weight / sum(weights.values()) for agent, weight in weights.items()}
    for agent, share in asked.items():
        assert town.served[agent] / town.served.total() == pytest.approx(share, abs=0.05)


def test_an_account_that_is_refused_leaves_the_others_alone():
    limiter, now = Limiter(), GameTime(1000.0)
    for agent in ("A", "B"):
        limiter.answered(
            limiter.sent(now, agent), now, LimitHeaders(remaining=1, reset=GameTime(1001.0))
        )
    number = limiter.sent(now, "A")
    headers = LimitHeaders(remaining=0, reset=GameTime(1030.0), account=True)
    limiter.refused(number, now, headers)
    assert limiter.account_at("A", GameTime(1002.0)) >= 1029.0
    assert limiter.account_at("B", GameTime(1002.0)) == 1002.0
    assert limiter.permit_at(GameTime(1005.0)) == 1005.0
