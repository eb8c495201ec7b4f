"""Surveys are shared while they last, the most promising first."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.survey_pool import EARLY, survey_props, worth
from fleet.protocol.clock import to_iso
from fleet.protocol.fleet import SURVEYS, WRITER
from fleet.protocol.rows import Upsert
from fleet.protocol.surveys import PickSurvey, SurveyGone, SurveysMade
from fleet.protocol.wire.contract import Survey
from fleet.protocol.wire.market import Symbol
from fleet.runtime import Envelope, Future
from fleet.runtime.chaos import Misbehave

START = 1_782_000_000.0
PRICES = {"GOLD_ORE": 80.0, "IRON_ORE": 50.0, "ICE_WATER": 10.0}
ROCK, OTHER = "X1-T-R", "X1-T-S"


def survey(name: str, *goods: str, at: str = ROCK, life: float = 600.0) -> Survey:
    return Survey(
        signature=name,
        symbol=at,
        deposits=tuple(Symbol(symbol=good) for good in goods),
        expiration=to_iso(START + life),
        size="SMALL",
    )


class Pool:
    """A pool in virtual time, and a writer that notes the rows it gets."""

    def __init__(self, stage: Any, stored: tuple[Survey, ...] = ()) -> None:
        self.stage = stage
        stage.spawn(WRITER)
        props = survey_props(lambda: stored, PRICES)
        self.address = stage.system.spawn(SURVEYS, props)
        stage.run()

    def tell(self, message: Any) -> None:
        self.address.tell(message)
        self.stage.run()

    def pick(self, at: str = ROCK) -> str | None:
        answer: Future[Any] = Future()
        system = self.stage.system
        system.post(SURVEYS, Envelope(PickSurvey(at), system.next_id(), future=answer))
        self.stage.run()
        found = answer.get(0.0)
        return None if found is None else str(found.signature)

    @property
    def rows(self) -> list[tuple[str, bool]]:
        notes = [note for note in self.stage.notes.all if isinstance(note, Upsert)]
        return [(note.key[0], note.values["exhausted"]) for note in notes]


@pytest.fixture
def pool(virtual: Any) -> Pool:
    return Pool(virtual)


def test_the_worth_of_a_survey_is_the_mean_of_what_its_deposits_bring() -> None:
    assert worth(survey("s", "GOLD_ORE", "ICE_WATER"), PRICES) == 45.0
    assert worth(survey("s", "GOLD_ORE", "UNKNOWN"), PRICES) == 40.0
    assert worth(survey("s"), PRICES) == 0.0


def test_everybody_gets_the_best_survey_of_the_asteroid_where_he_is(pool: Pool) -> None:
    assert pool.pick() is None
    pool.tell(SurveysMade((survey("iron", "IRON_ORE"), survey("gold", "GOLD_ORE", "IRON_ORE"))))
    pool.tell(SurveysMade((survey("elsewhere", "GOLD_ORE", at=OTHER),)))
    assert pool.pick() == pool.pick() == "gold"
    assert pool.pick(OTHER) == "elsewhere"


def test_a_survey_that_is_gone_is_not_handed_out_again(pool: Pool) -> None:
    pool.tell(SurveysMade((survey("iron", "IRON_ORE"), survey("gold", "GOLD_ORE"))))
    pool.tell(SurveyGone("gold"))
    pool.tell(SurveyGone("gold"))
    pool.tell(SurveyGone("never seen"))
    assert pool.pick() == "iron"
    assert pool.rows == [("iron", False), ("gold", False), ("gold", True)]


def test_a_survey_that_would_end_on_the_way_is_not_handed_out(pool: Pool) -> None:
    pool.tell(SurveysMade((survey("gold", "GOLD_ORE", life=60.0), survey("iron", "IRON_ORE"))))
    pool.stage.run(60.0 - EARLY)
    assert pool.pick() == "gold"
    pool.stage.run(1.0)
    assert pool.pick() == "iron"


def test_what_has_ended_is_forgotten_where_nobody_picks_any_more(pool: Pool) -> None:
    pool.tell(SurveysMade((survey("old", "GOLD_ORE", life=60.0),)))
    pool.stage.run(61.0)
    pool.tell(SurveysMade((survey("new", "IRON_ORE"),)))
    pool.tell(SurveyGone("old"))
    assert pool.rows == [("old", False), ("new", False)]


def test_a_replaced_pool_goes_on_with_what_is_stored(virtual: Any) -> None:
    pool = Pool(virtual, (survey("stored", "IRON_ORE"),))
    assert pool.pick() == "stored"
    pool.tell(Misbehave("crash"))
    assert pool.stage.cell(pool.address).restarts == 1
    assert pool.pick() == "stored"
