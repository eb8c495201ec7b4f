"""An experiment's universes are looked at before anything is played."""

from __future__ import annotations

import pytest

from fleet import Arm, Experiment
from fleet.experiment_check import check_universes
from fleet.protocol.errors import UsageError


def made(**more: object) -> Experiment:
    arms = (Arm(name="a"), Arm(name="b", universe={"refine_batch": (50, 5)}))
    return Experiment(name="x", **{"arms": arms, **more})  # type: ignore[arg-type]


def test_known_scenarios_and_rules_pass() -> None:
    check_universes(made(scenario="late", faults=("latency:request=0,reply=50..250",)))


def test_unknown_ones_are_named() -> None:
    with pytest.raises(UsageError, match="There is no scenario soon; take one of"):
        check_universes(made(scenario="soon"))
    with pytest.raises(UsageError, match=r"arm a: .*no such rule.*gravity.*fleet sim settings"):
        check_universes(made(universe={"gravity": 1}))
    with pytest.raises(UsageError, match=r"latencies.*latency"):
        check_universes(made(faults=("latencies:request=3",)))
    arms = (Arm(name="a"), Arm(name="b", universe={"refine_batch": "much"}))
    with pytest.raises(UsageError, match=r"arm b: .*refine_batch"):
        check_universes(made(arms=arms))
