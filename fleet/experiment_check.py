"""Looks at an experiment's universes before anything is played."""

from __future__ import annotations

from fleet.experiment_play import rules_of
from fleet.experiments.experiment import Experiment
from fleet.protocol.errors import UsageError
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.faults.fault import parse_fault
from fleet.simulator.scenarios import read_scenario


def check_universes(experiment: Experiment) -> None:
    """Raise UsageError or SetupError for what the simulator does not know.

    That is a scenario, a rule or a fault.
    """
    read_scenario(experiment.scenario, Catalogue())
    for fault in experiment.faults:
        parse_fault(fault)
    for arm in experiment.arms:
        try:
            rules_of({**experiment.universe, **arm.universe})
        except UsageError as error:
            raise UsageError(f"arm {arm.name}: {error}; `fleet sim settings` lists them") from error
