"""Which way a call takes to the API."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.api.call import Door
from fleet.api.fleet_door import FleetDoor
from fleet.config import Config
from fleet.control.client import ControlClient, NotRunning
from fleet.credentials import Token, read_token
from fleet.kept_token import KeptToken
from fleet.protocol.errors import SetupError
from fleet.roster import KEPT


def open_door(config: Config, env: Mapping[str, str]) -> Door:
    """Choose: the fleet on the data folder if it plays the API that is named, else straight.

    Raises SetupError when no fleet runs and no API is named.
    """
    client = ControlClient(config.data_dir)
    try:
        plays = client.call("api")["plays"]
    except NotRunning as absent:
        if config.api_url is None:
            raise SetupError(f"{absent} Or name an API with --api-url.") from None
        return _straight(config, env, config.api_url)
    if config.api_url is None or config.api_url == plays:
        return FleetDoor(client, config.agent)
    return _straight(config, env, config.api_url)


def _straight(config: Config, env: Mapping[str, str], url: str) -> Door:
    # urllib3 takes longer to import than a call through the fleet takes.
    from fleet.api.http_door import HttpDoor
    from fleet.http_transport import HttpTransport
    from fleet.runtime.clocks import SystemClock

    transport = HttpTransport(url, SystemClock().monotonic)
    return HttpDoor(transport, lambda: _token(config, env), url)


def _token(config: Config, env: Mapping[str, str]) -> Token | None:
    """Find the token that was given, or the one that a fleet keeps in the folder."""
    given = read_token(config, env)
    return given or KeptToken(config.data_dir / KEPT).read(config.server)
