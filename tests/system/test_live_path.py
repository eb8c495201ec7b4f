from __future__ import annotations

import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from .fleet_process import FleetProcess
from .playing import requested
from .records import Records
from .sim_process import SimProcess
from .wiretap import Wiretap

Start = Callable[..., FleetProcess]


def holders(folder: Path, secret: str) -> set[str]:
    """Name the files in which a text stands."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.name for path in files if secret.encode() in path.read_bytes()}


def command_lines(fleet: FleetProcess) -> str:
    """Show what others see of its processes."""
    parent = psutil.Process(fleet.process.pid)
    family = [parent, *parent.children(recursive=True)]
    assert len(family) > 1
    told: list[str] = []
    for process in family:
        # A helper may have done its work by now.
        with suppress(psutil.NoSuchProcess):
            told.append(" ".join(process.cmdline()))
    return "\n".join(told)


def test_an_account_token_registers_an_agent_whose_token_is_kept_and_nowhere_told(
    fleets: Start,
    simulators: Callable[..., SimProcess],
    wiretaps: Callable[[str], Wiretap],
    data_dir: Path,
    tmp_path: Path,
) -> None:
    world = simulators(tmp_path / "world", "--strict", "--speed", "60")
    account = world.account_token()
    tap = wiretaps(world.url)
    options = ("--api-url", tap.url, "--agent", "LIVE-PATH")
    first = fleets(data_dir, *options, speed=None, env=with_token(account)).ready()
    assert first.agent == "LIVE-PATH"
    requested(first, 10)
    assert account not in command_lines(first)
    kept = data_dir / "agent.token"
    agent = kept.read_text().strip()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert agent not in command_lines(first)
    first.interrupt()
    assert first.wait() == 0
    again = fleets(data_dir, *options, speed=None, env=with_token(account)).ready()
    requested(again, 5)
    registrations = [heard for heard in tap.api_calls() if "/register" in heard.line]
    assert len(registrations) == 1
    assert Records(data_dir).agents == {"LIVE-PATH"}
    assert holders(data_dir, agent) == {"agent.token"}
    assert holders(data_dir, account) == set()
    # Signed parts alone would let somebody in as well.
    assert holders(data_dir, agent.rsplit(".", 1)[1]) == {"agent.token"}
    for fleet in (first, again):
        assert agent not in fleet.output
        assert account not in fleet.output


def with_token(token: str) -> dict[str, str]:
    """Hand the token over as a user would."""
    return {"SPACETRADERS_TOKEN": token}


def test_all_that_a_fleet_writes_is_for_its_owner_alone(fleets: Start, data_dir: Path) -> None:
    fleet = fleets(data_dir, "--for", "0.5s")
    assert fleet.wait() == 0
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert (data_dir / "agent.token").stat().st_mode & 0o077 == 0
