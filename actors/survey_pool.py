"""Shares surveys among all who mine at an asteroid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
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


@dataclass(frozen=True, slots=True)
class Kept:
    """A survey, with what is looked at each time that somebody picks one."""

    survey: Survey
    worth: float
    ends: float
    """Game time at which it is not handed out any more."""


class SurveyPool(Actor[Any]):
    """Hands out the survey that promises most, by a rough price per good."""

    def __init__(self, load: Callable[[], tuple[Survey, ...]], prices: Mapping[str, float]) -> None:
        self._load = load
        self._prices = prices
        self._surveys: dict[str, dict[str, Kept]] = {}
        """By waypoint, then by signature."""

    def on_start(self, ctx: Context[Any]) -> None:
        """Read the surveys that the database still knows."""
        for survey in self._load():
            self._keep(survey)

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Add, pick and drop surveys."""
        match message:
            case SurveysMade(surveys=surveys):
                for waypoint in {survey.symbol for survey in surveys}:
                    # Nobody may ever pick one there again.
                    self._drop_ended(waypoint, ctx.now())
                for survey in surveys:
                    self._keep(survey)
                    row = survey_row(survey, ctx.now(), exhausted=False)
                    ctx.tell(ctx.address(WRITER), row)
            case PickSurvey(waypoint=waypoint):
                ctx.reply(self._pick(waypoint, ctx.now()))
            case SurveyGone(signature=signature):
                for here in self._surveys.values():
                    if (gone := here.pop(signature, None)) is not None:
                        row = survey_row(gone.survey, ctx.now(), exhausted=True)
                        ctx.tell(ctx.address(WRITER), row)
            case _:
                ctx.log("message.unknown", level="warning", text=f"{message!r:.200}")

    def _keep(self, survey: Survey) -> None:
        ends = from_iso(survey.expiration) - EARLY
        here = self._surveys.setdefault(survey.symbol, {})
        here[survey.signature] = Kept(survey, worth(survey, self._prices), ends)

    def _pick(self, waypoint: str, now: GameTime) -> Survey | None:
        self._drop_ended(waypoint, now)
        best = max(self._surveys.get(waypoint, {}).values(), key=_WORTH, default=None)
        return None if best is None else best.survey

    def _drop_ended(self, waypoint: str, now: GameTime) -> None:
        here = self._surveys.get(waypoint, {})
        for signature in [name for name, kept in here.items() if kept.ends < now]:
            del here[signature]


_WORTH = attrgetter("worth")


def survey_props(load: Callable[[], tuple[Survey, ...]], prices: Mapping[str, float]) -> Props:
    """Say how to run the pool."""
    return Props(factory=lambda: SurveyPool(load, prices))
