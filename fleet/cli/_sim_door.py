"""The side door of a running simulator, for commands: faults and resets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import requests

from fleet.durations import FORMS, parse_duration
from fleet.protocol.errors import SetupError, UsageError
from fleet.simulator.address import read_address

TIMEOUT = 10.0
EMBEDDED = "universe"
"""Folder of the embedded simulator within the one of its fleet."""


@dataclass(frozen=True, slots=True)
class Door:
    """The side door of a simulator at an address (`http://HOST:PORT`)."""

    address: str

    @classmethod
    def find(cls, url: str | None, folder: Path) -> Self:
        """Find the simulator by its URL, or by its folder or its fleet's. Raises SetupError."""
        if url:
            return cls(url.rstrip("/").removesuffix("/v2"))
        address = read_address(folder) or read_address(folder / EMBEDDED)
        if address is None:
            raise SetupError(f"No simulator runs on {folder}; start one, or give its --url.")
        return cls(address)

    def arm(self, text: str, for_: str | None) -> dict[str, Any]:
        """Arm a fault. Raises UsageError or SetupError."""
        if for_ is not None:
            try:
                seconds = parse_duration(for_)
            except ValueError:
                raise UsageError(f"--for is '{for_}'; give a duration such as {FORMS}.") from None
            text += f"{',' if ':' in text else ':'}for={seconds:g}"
        return self._call("POST", {"fault": text})

    def clear(self, which: str) -> dict[str, Any]:
        """Take faults back by id or name, or all. Raises UsageError or SetupError."""
        return self._call("DELETE", None, which)

    def listed(self) -> dict[str, Any]:
        """List what is armed. Raises SetupError."""
        return self._call("GET", None)

    def reset(self, seed: int | None) -> dict[str, Any]:
        """Reset the universe. Raises UsageError or SetupError."""
        return self._call("POST", {} if seed is None else {"seed": seed}, path="/sim/reset")

    def time(self, action: str, seconds: float | None = None) -> dict[str, Any]:
        """Pause, resume or step the game's time. Raises UsageError or SetupError."""
        body = None if seconds is None else {"seconds": seconds}
        return self._call("POST", body, path=f"/sim/{action}")

    def _call(
        self,
        method: str,
        body: dict[str, Any] | None,
        which: str = "",
        *,
        path: str = "/sim/faults",
    ) -> dict[str, Any]:
        url, query = f"{self.address}{path}", {"fault": which} if which else {}
        try:
            answer = requests.request(method, url, json=body, params=query, timeout=TIMEOUT)
            told: dict[str, Any] = answer.json()
        except requests.RequestException as error:
            raise SetupError(f"No simulator answers at {self.address}; is it running?") from error
        if answer.status_code == 404 and which:
            raise UsageError(f"No fault '{which}' is armed; `fleet sim fault` lists them.")
        if not answer.ok:
            raise UsageError(told["error"]["message"])
        return told


def told(done: dict[str, Any]) -> str:
    """Write what the door said, for people."""
    if "cleared" in done:
        return f"{done['cleared']} taken back."
    if "faults" not in done:
        return line(done)
    armed = [line(row) for row in done["faults"]] or ["No fault is armed. There are:"]
    kinds = [f"  {row['name']:<17}{row['about']}" for row in done["kinds"]]
    return "\n".join(armed + ([] if done["faults"] else kinds))


def line(fault: dict[str, Any]) -> str:
    """Write one armed fault."""
    given = ", ".join(f"{key}={value}" for key, value in fault["parameters"].items())
    left = fault["gameSecondsLeft"]
    life = "until taken back" if left is None else f"for {left:g} game seconds"
    return f"{fault['id']}: {fault['name']} ({given}) {life}, struck {fault['hits']} times"
