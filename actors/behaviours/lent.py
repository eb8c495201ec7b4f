"""Have an injected experiment say what the ship does: its script runs elsewhere."""

from __future__ import annotations

from fleet.actors.experiment_messages import EXPERIMENTS, Finished, NextStep, Stepped
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Ask, Saved, Steps
from fleet.protocol.tasks import Lent


def run(ship: ShipState, task: Lent) -> Steps:
    """Ask for a step, do it, and ask for the next with its answer."""
    place = f"{EXPERIMENTS}/{task.experiment}"
    number, answer = 0, None
    while True:
        asked = NextStep(ship=ship.present, task=task, step=number, answer=answer)
        told: Stepped | Finished = yield Ask(place, asked)
        if isinstance(told, Finished):
            return told.outcome
        if isinstance(told.step, Saved) and isinstance(told.step.task, Lent):
            task = told.step.task
        number += 1
        answer = yield told.step
