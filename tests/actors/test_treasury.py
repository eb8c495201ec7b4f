"""The purse: nobody is promised what another may spend, whatever dies in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.treasury import treasury_props
from fleet.protocol.fleet import (
    TREASURY,
    WRITER,
    CreditsSeen,
    Denied,
    Funds,
    Granted,
    Release,
    Reserve,
    TreasuryQuery,
)
from fleet.protocol.rows import Upsert
from fleet.protocol.wire.market import Agent
from fleet.runtime import Envelope, Future
from fleet.runtime.chaos import Misbehave

AGENT = Agent(symbol="TEST", headquarters="X1-T-A", credits=100_000, ship_count=2)


class Treasury:
    """A treasury in virtual time, and a writer that notes the rows it gets."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        stage.spawn(WRITER)
        self.address = stage.system.spawn(TREASURY, treasury_props(AGENT))
        stage.run()

    def tell(self, message: Any) -> None:
        self.address.tell(message)
        self.stage.run()

    def ask(self, message: Any) -> Any:
        answer: Future[Any] = Future()
        system = self.stage.system
        system.post(TREASURY, Envelope(message, system.next_id(), future=answer))
        self.stage.run()
        return answer.get(0.0)

    def reserve(self, owner: str, amount: int, floor: int = 0) -> Any:
        return self.ask(Reserve(owner=owner, amount=amount, floor=floor))

    @property
    def funds(self) -> Funds:
        found: Funds = self.ask(TreasuryQuery())
        return found

    def rows(self, table: str) -> list[Upsert]:
        notes = self.stage.notes.all
        return [note for note in notes if isinstance(note, Upsert) and note.table == table]


@pytest.fixture
def treasury(virtual: Any) -> Treasury:
    return Treasury(virtual)


def test_a_fresh_treasury_has_what_the_agent_was_read_with(treasury: Treasury) -> None:
    assert treasury.funds == Funds(100_000, 0)
    assert treasury.funds.free == 100_000


def test_what_is_granted_is_free_no_more(treasury: Treasury) -> None:
    assert treasury.reserve("A", 60_000) == Granted(60_000)
    assert treasury.funds == Funds(100_000, 60_000)
    assert treasury.reserve("B", 50_000) == Denied(40_000)
    assert treasury.reserve("B", 40_000) == Granted(40_000)
    assert treasury.funds.free == 0


def test_a_floor_must_stay_free(treasury: Treasury) -> None:
    assert treasury.reserve("A", 60_000, floor=40_001) == Denied(100_000)
    assert treasury.funds.reserved == 0
    assert treasury.reserve("A", 60_000, floor=40_000) == Granted(60_000)


def test_a_new_grant_ends_the_owners_former_one_and_so_does_a_refusal(treasury: Treasury) -> None:
    treasury.reserve("A", 60_000)
    assert treasury.reserve("A", 90_000) == Granted(90_000)
    assert treasury.funds.reserved == 90_000
    assert treasury.reserve("A", 100_001) == Denied(100_000)
    assert treasury.funds.reserved == 0


def test_what_is_spent_leaves_the_grant_and_the_purse(treasury: Treasury) -> None:
    treasury.reserve("A", 60_000)
    treasury.reserve("B", 10_000)
    treasury.tell(CreditsSeen(75_000, "A", 25_000))
    assert treasury.funds == Funds(75_000, 45_000)
    treasury.tell(CreditsSeen(20_000, "A", 55_000))
    assert treasury.funds == Funds(20_000, 10_000)
    treasury.tell(CreditsSeen(30_000))
    assert treasury.funds == Funds(30_000, 10_000)


def test_a_release_frees_what_is_left_and_only_the_owners(treasury: Treasury) -> None:
    treasury.reserve("A", 60_000)
    treasury.reserve("B", 10_000)
    treasury.tell(Release("A"))
    treasury.tell(Release("C"))
    assert treasury.funds.reserved == 10_000


def test_a_replaced_treasury_knows_purse_and_grants(treasury: Treasury) -> None:
    treasury.reserve("A", 60_000)
    treasury.tell(CreditsSeen(90_000, "A", 10_000))
    treasury.tell(Misbehave("crash"))
    assert treasury.stage.cell(treasury.address).restarts == 1
    assert treasury.funds == Funds(90_000, 50_000)
    assert treasury.reserve("B", 50_000) == Denied(40_000)
    treasury.tell(Release("A"))
    assert treasury.funds == Funds(90_000, 0)


def test_a_request_that_waits_while_the_treasury_dies_is_answered_by_the_next(
    treasury: Treasury,
) -> None:
    answer: Future[Any] = Future()
    system = treasury.stage.system
    treasury.address.tell(Misbehave("crash"))
    request = Reserve(owner="A", amount=5)
    system.post(TREASURY, Envelope(request, system.next_id(), future=answer))
    treasury.stage.run()
    assert answer.get(0.0) == Granted(5)
    assert treasury.funds.reserved == 5


def test_who_asks_twice_before_it_is_heard_gets_both_answers_and_one_grant(
    treasury: Treasury,
) -> None:
    answers: list[Future[Any]] = [Future(), Future()]
    system = treasury.stage.system
    for amount, answer in zip((70_000, 60_000), answers, strict=True):
        request = Reserve(owner="A", amount=amount)
        system.post(TREASURY, Envelope(request, system.next_id(), future=answer))
    treasury.stage.run()
    assert [answer.get(0.0) for answer in answers] == [Granted(70_000), Granted(60_000)]
    assert treasury.funds.reserved == 60_000
    assert treasury.stage.cell(treasury.address).restarts == 0


def test_credits_and_grants_are_told_to_the_writer(treasury: Treasury) -> None:
    treasury.reserve("A", 60_000)
    treasury.tell(CreditsSeen(90_000, "A", 10_000))
    treasury.tell(Release("A"))
    granted, released = treasury.rows("reservations")
    assert granted.key == released.key == ("credits A",)
    assert (granted.values["amount"], granted.values["released_at"]) == (60_000, None)
    assert (released.values["amount"], released.values["released_at"]) == (
        50_000,
        treasury.stage.clock.game(),
    )
    (agent,) = treasury.rows("agents")
    assert agent.values["credits"] == 90_000


owners = st.sampled_from("ABCD")
moves = st.one_of(
    st.tuples(st.just("reserve"), owners, st.integers(0, 120_000), st.integers(0, 50_000)),
    st.tuples(st.just("release"), owners),
    st.tuples(st.just("spend"), owners, st.integers(1, 100)),
    st.tuples(st.just("earn"), st.integers(1, 50_000)),
    st.tuples(st.just("crash")),
)


@given(st.lists(moves, max_size=30))
def test_grants_never_sum_up_to_more_than_the_credits(
    stages: Callable[..., Any], script: list[Any]
) -> None:
    treasury = Treasury(stages())
    credits_now, grants = AGENT.credits, dict.fromkeys("ABCD", 0)
    for move in script:
        match move:
            case ("reserve", owner, amount, floor):
                grants[owner] = 0
                free = credits_now - sum(grants.values())
                answer = treasury.reserve(owner, amount, floor)
                if free - amount >= floor:
                    assert answer == Granted(amount)
                    grants[owner] = amount
                else:
                    assert answer == Denied(free)
            case ("release", owner):
                treasury.tell(Release(owner))
                grants[owner] = 0
            case ("spend", owner, share):
                spent = grants[owner] * share // 100
                credits_now, grants[owner] = credits_now - spent, grants[owner] - spent
                treasury.tell(CreditsSeen(credits_now, owner, spent))
            case ("earn", gain):
                credits_now += gain
                treasury.tell(CreditsSeen(credits_now))
            case _:
                treasury.tell(Misbehave("crash"))
                # Nobody stands above this one: it waits a little before it runs again.
                treasury.stage.run(60.0)
        assert treasury.funds == Funds(credits_now, sum(grants.values()))
        assert treasury.funds.reserved <= treasury.funds.credits


@pytest.mark.parametrize("first", ["asked", "restarted"])
def test_more_questions_than_it_answers_in_a_turn_are_all_answered(
    virtual: Any, first: str
) -> None:
    """Nobody asks after them, so that nothing else would remind it of those that are left."""
    treasury, system = Treasury(virtual), virtual.system
    if first == "restarted":
        treasury.address.tell(Misbehave("crash"))
    answers = [Future[Any]() for _ in range(250)]
    for number, answer in enumerate(answers):
        message = Reserve(owner=f"S-{number}", amount=1, floor=0)
        system.post(TREASURY, Envelope(message, system.next_id(), future=answer))
    virtual.run(5.0)
    assert [answer.get(0.0) for answer in answers] == [Granted(1)] * 250
