"""What miners, surveyors and the survey pool say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fleet.protocol.wire.contract import Survey


@dataclass(frozen=True, slots=True)
class SurveysMade:
    """New surveys, for everybody who mines there."""

    redeliver: ClassVar[str] = "once"

    surveys: tuple[Survey, ...]


@dataclass(frozen=True, slots=True)
class PickSurvey:
    """The survey to mine by at an asteroid; answered with a Survey or None."""

    waypoint: str


@dataclass(frozen=True, slots=True)
class SurveyGone:
    """The server says that a survey is used up or out of date."""

    redeliver: ClassVar[str] = "once"

    signature: str
