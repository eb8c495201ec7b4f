"""`fleet run`: play, with everything that takes, until stopped or the time is over."""

from __future__ import annotations

from fleet.cli.configured import configured
from fleet.config import Config


@configured()
def command(config: Config) -> int:
    """Play SpaceTraders with a fleet: the live API with a token, else the embedded simulator."""
    from fleet.launch import launch

    return launch(config)
