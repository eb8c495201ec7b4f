"""What a bench is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fleet.bench.figure import Figure
from fleet.protocol.errors import UsageError


@dataclass(frozen=True, slots=True)
class Plan:
    """Given to each part of a bench."""

    quick: bool
    """Measure in a short form, to see that it works; its figures prove nothing."""

    folder: Path
    """An empty folder for whatever the part needs on disk."""

    say: Callable[[str], None]
    """Tells whoever waits what is going on."""

    options: Mapping[str, str] = field(default_factory=dict)
    """What was given of the options that some benches have, such as `cycles`."""

    def number(self, name: str, usual: int) -> int:
        """Read an option that is a whole number from 1 up. Raises UsageError."""
        wanted = int(self.options.get(name, usual))
        if wanted < 1:
            raise UsageError(f"--{name} is {wanted}; give 1 or more.")
        return wanted

    def cycles(self, usual: int) -> int:
        """Tell how many requests each bot makes; a fifth in a short run. Raises UsageError."""
        wanted = self.number("cycles", usual)
        return max(1, wanted // 5) if self.quick else wanted


Part = Callable[[Plan], Iterator[Figure]]
"""Measures one or several rows; yields each as soon as it is known."""
