"""What the watch over resources tells whoever gives out work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Strain:
    """Whether memory is so short that nothing new should be begun.

    Told again and again while it is critical, for whoever is replaced meanwhile, and once when
    that is over. What is under way goes on.
    """

    redeliver: ClassVar[str] = "once"

    critical: bool
