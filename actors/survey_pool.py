"""Shares surveys among all who mine at an asteroid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fleet.actors.market_rows import survey_row
from fleet.protocol.clock import GameTime, from_iso
from fleet.protocol.fleet import WRITER
from fleet.protocol.surveys import PickSurvey, SurveyGone, SurveysMade
from fleet.protocol.wire.contract import Survey
from fleet.runtime import Actor, Context, Props

# A survey that ends while the request waits costs a refusal; game seconds.
EARLY = 5.0


def worth(survey: Survey, prices: Mapping[str, float]) -> float:
    """Tell the mean price of what a survey promises; each deposit is equally likely."""
    total = sum(prices.get(deposit.symbol, 0.0) for deposit in survey.deposits)
    return total / max(1, len(survey.deposits))


class SurveyPool(Actor[Any]):
    """Hands out the survey that promises most, by a rough price per good."""

    def __init__(self, load: Callable[[], tuple[Survey, ...]], prices: Mapping[str, float]) -> None:
        self._load = load
        self._prices = prices
        self._surveys: dict[str, Survey] = {}

    def on_start(self, ctx: Context[Any]) -> None:
        """Read the surveys that the database still knows."""
        self._surveys = {survey.signature: survey for survey in self._load()}

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Add, pick and drop surveys."""
        match message:
            case SurveysMade(surveys=surveys):
                for survey in surveys:
                    self._surveys[survey.signature] = survey
                    row = survey_row(survey, ctx.now(), exhausted=False)
                    ctx.tell(ctx.address(WRITER), row)
            case PickSurvey(waypoint=waypoint):
                ctx.reply(self._pick(waypoint, ctx.now()))
            case SurveyGone(signature=signature):
                gone = self._surveys.pop(signature, None)
                if gone is not None:
                    row = survey_row(gone, ctx.now(), exhausted=True)
                    ctx.tell(ctx.address(WRITER), row)
            case _:
                ctx.log("message.unknown", level="warning", text=f"{message!r:.200}")

    def _pick(self, waypoint: str, now: GameTime) -> Survey | None:
        for signature, survey in list(self._surveys.items()):
            if from_iso(survey.expiration) < now + EARLY:
                del self._surveys[signature]
        here = [survey for survey in self._surveys.values() if survey.symbol == waypoint]
        return max(here, key=lambda survey: worth(survey, self._prices), default=None)


def survey_props(load: Callable[[], tuple[Survey, ...]], prices: Mapping[str, float]) -> Props:
    """Say how to run the pool."""
    return Props(factory=lambda: SurveyPool(load, prices))
