"""What experiments may spend, counted where credits are reserved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fleet.actors.experiment_messages import BudgetUse, EndBudget, SetBudget


@dataclass(slots=True)
class Budget:
    """One experiment's credits; spent ones do not come back."""

    credits: int
    owners: frozenset[str]
    spent: int = 0

    def reserved(self, grants: Mapping[str, int]) -> int:
        """Add up what its owners have been granted and not spent."""
        return sum(amount for owner, amount in grants.items() if owner in self.owners)


@dataclass(slots=True)
class Budgets:
    """A part of the purse, so it outlives the treasury's incarnations."""

    _budgets: dict[str, Budget] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._budgets)

    def set(self, message: SetBudget) -> None:
        """Let an experiment spend; owners may be added later under the same budget."""
        before = self._budgets.get(message.experiment)
        spent = before.spent if before else 0
        self._budgets[message.experiment] = Budget(
            message.credits, frozenset(message.owners), spent
        )

    def end(self, message: EndBudget) -> frozenset[str]:
        """Forget an experiment; names the owners whose grants end with it."""
        budget = self._budgets.pop(message.experiment, None)
        return budget.owners if budget is not None else frozenset()

    def room(self, owner: str, free: int, grants: Mapping[str, int]) -> int:
        """Tell how much of what is free an owner may be granted."""
        for budget in self._budgets.values():
            if owner in budget.owners:
                free = min(free, budget.credits - budget.spent - budget.reserved(grants))
        return free

    def spend(self, owner: str, amount: int) -> None:
        """Count credits that an owner has spent."""
        for budget in self._budgets.values():
            if owner in budget.owners:
                budget.spent += amount

    def uses(self, grants: Mapping[str, int]) -> tuple[BudgetUse, ...]:
        """Tell of all."""
        return tuple(
            BudgetUse(name, budget.credits, budget.spent, budget.reserved(grants))
            for name, budget in self._budgets.items()
        )
