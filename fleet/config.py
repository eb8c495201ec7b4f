"""What a fleet is told to do: read once, at the edge, into one frozen object."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

import msgspec

from fleet import setting as kinds
from fleet.protocol.errors import UsageError
from fleet.setting import takes
from fleet.sizes import show_size
from fleet.sources import overlay, read_toml

LIVE_URL = "https://api.spacetraders.io"
EMBEDDED = "embedded"
TOKEN_VARIABLE = "SPACETRADERS_TOKEN"
SIMULATOR_ONLY = ("speed", "universe", "scenario", "limits")
"""Settings that mean something to the embedded simulator alone."""

MEMORY_LEVELS = ("memory_warn", "memory_emergency", "memory_critical")
"""Settings each of which must not be below the one before."""

BUDGETS = {
    "ship": 2.0,
    "conductor": 3.0,
    "treasury": 2.0,
    "market": 5.0,
    "bucket": 2.0,
    "worker": 20.0,
    "writer": 15.0,
}
"""Wall seconds that one message may take, by kind of actor."""


def user_data_dir() -> Path:
    """Name the folder that a fleet uses when none is given."""
    # Slow to import, and every command that is told its folder does without.
    import platformdirs

    return platformdirs.user_data_path("fleet", appauthor=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every setting of `fleet run`; made by `from_sources`, handed to children as JSON.

    The token is not in it, so that it can be logged and shown: `fleet.credentials` reads it.
    """

    headless: bool = field(default=False, metadata=takes(kinds.flag()))
    """Run without the live console; `fleet console` can be attached at any time."""

    for_: float | None = field(default=None, metadata=takes(kinds.duration(0.1)))
    """Stop after so much wall time, in seconds; without it the fleet runs until it is stopped."""

    game: float | None = field(default=None, metadata=takes(kinds.duration(1)))
    """Stop after so much game time, in seconds; with `for`, whichever is over first."""

    speed: float = field(default=1.0, metadata=takes(kinds.number(0, 100_000)))
    """Game seconds per wall second of the embedded simulator."""

    ships: int = field(default=100, metadata=takes(kinds.count(1, 10_000)))
    """The most ships that the fleet may own; it buys fewer when more would not pay."""

    seed: int | None = field(default=None, metadata=takes(kinds.count(0, 2**63 - 1)))
    """Seed of the embedded world and of all random choices; without it the stored world's, or 1."""

    universe: Path | None = field(
        default=None, metadata=takes(kinds.path("a file with a captured universe"))
    )
    """File with a captured universe for the embedded simulator; without it the seed makes one."""

    scenario: str | None = field(
        default=None,
        metadata=takes(
            kinds.word(r"\S.*", "the name of a scenario or the path of a scenario file", "NAME")
        ),
    )
    """State in which a new embedded world starts: `start`, `late` or a file."""

    limits: Literal["live", "off"] = field(
        default="live", metadata=takes(kinds.choice("live", "off"))
    )
    """Whether the embedded simulator limits requests as the live API does, or not at all."""

    data_dir: Path = field(
        default_factory=user_data_dir,
        metadata=takes(kinds.path("a folder")),
    )
    """Folder of this fleet: database, world, logs, control socket. One fleet runs per folder."""

    database: str | None = field(
        default=None,
        metadata=takes(
            kinds.word(
                r"(sqlite|postgres(ql)?)(\+\w+)?://.*",
                "sqlite:///PATH or postgresql+psycopg2://USER@HOST/DATABASE",
                "URL",
            )
        ),
    )
    """Database of the fleet, as a URL; without it `fleet.sqlite` in the data folder."""

    durable: bool = field(default=False, metadata=takes(kinds.flag()))
    """Have SQLite wait for the disk at each commit, so that a power cut loses nothing either."""

    api_url: str | None = field(default=None, metadata=takes(kinds.web_address(EMBEDDED)))
    """Address of the API; without it the live API if there is a token, else the embedded simulator,
    which `embedded` names."""

    token_file: Path | None = field(
        default=None, metadata=takes(kinds.path("a file with the token"))
    )
    """File with the agent's token, or with the account's to register with; for its owner alone.
    The variable SPACETRADERS_TOKEN goes before it."""

    summary: Path | None = field(default=None, metadata=takes(kinds.path("the file to write")))
    """File that gets the summary of the run as JSON, at its end."""

    record: Path | None = field(default=None, metadata=takes(kinds.path("the file to write")))
    """File that gets a recording of the run, which `fleet replay` plays again; for its owner alone,
    and without tokens."""

    record_last: float | None = field(default=None, metadata=takes(kinds.duration(1)))
    """Keep at least so many wall seconds of the recording, in two files, and drop what is older;
    without it everything is kept."""

    faction: str = field(
        default="COSMIC",
        metadata=takes(
            kinds.word(
                r"[A-Z]{2,24}", "the symbol of a faction, such as COSMIC", "NAME", upper=True
            )
        ),
    )
    """Faction that a new agent starts in."""

    agent: str | None = field(
        default=None,
        metadata=takes(
            kinds.word(r"[A-Z0-9_-]{3,14}", "3 to 14 letters, digits, - or _", "NAME", upper=True)
        ),
    )
    """Call sign of the agent to play or to register; without it one made from the seed."""

    agents: Path | None = field(
        default=None, metadata=takes(kinds.path("a file that lists agents"))
    )
    """File that lists several agents to play in one runtime, for its owner alone; instead of
    `agent` and `faction`."""

    inject: Path | None = field(default=None, metadata=takes(kinds.path("a script")))
    """Script that joins the fleet as an experiment once it plays, as by `fleet inject`."""

    workers: int = field(default=8, metadata=takes(kinds.count(1, 64)))
    """API workers: most requests in flight; as many as their measured time asks for."""

    bucket_bound: int = field(default=2_000, metadata=takes(kinds.count(10, 1_000_000)))
    """Requests that may wait for their turn; further ones are answered `Overloaded`."""

    heartbeat: float = field(default=3.0, metadata=takes(kinds.duration(1, 600)))
    """Wall seconds without a sign of life after which the guard kills and restarts a process."""

    budgets: dict[str, float] = field(
        default_factory=lambda: dict(BUDGETS),
        metadata=takes(kinds.table(list(BUDGETS), kinds.duration(0.05))),
    )
    """Wall seconds that one message may take before the watchdog replaces the actor, by kind."""

    zombies: int = field(default=64, metadata=takes(kinds.count(0, 10_000)))
    """Replaced actors whose threads have not come back; with more the runtime is started anew."""

    spinners: int = field(default=2, metadata=takes(kinds.count(0, 1_000)))
    """Those of them that compute; with more the runtime is started anew."""

    interrupt: bool = field(default=False, metadata=takes(kinds.flag()))
    """Whether to raise an exception in those that compute; a last resort, it may leak locks."""

    log_size: int = field(default=16 << 20, metadata=takes(kinds.size(64 << 10)))
    """Bytes after which the supervision log is set aside and a new one begun."""

    log_keep: int = field(default=5, metadata=takes(kinds.count(1, 1_000)))
    """Supervision logs that are kept beside the current one."""

    sample_every: float = field(default=1.0, metadata=takes(kinds.duration(0.1, 600)))
    """Wall seconds between two samples of what the runtime and its actors use."""

    summary_every: float = field(default=60.0, metadata=takes(kinds.duration(1, 86_400)))
    """Wall seconds between two lines in the supervision log that sum up how the fleet is doing."""

    memory_warn: int = field(default=1 << 30, metadata=takes(kinds.size(32 << 20)))
    """Bytes of the runtime's resident memory from which on the log warns."""

    memory_emergency: int = field(default=3 << 29, metadata=takes(kinds.size(32 << 20)))
    """Bytes from which on garbage is collected, once a minute."""

    memory_critical: int = field(default=2 << 30, metadata=takes(kinds.size(32 << 20)))
    """Bytes from which on no new work is begun, until memory falls again."""

    trace_memory: bool = field(default=False, metadata=takes(kinds.flag()))
    """Tell with each word about memory which lines of code took it; for the search of a leak, since
    it slows the runtime."""

    track: str | None = field(
        default=None,
        metadata=takes(
            kinds.word(
                r"\S+", "addresses or patterns such as '/fleet/writer,/fleet/api/*'", "GLOBS"
            )
        ),
    )
    """Actors whose every message is told in the log with the memory before and after it; costs two
    lines a message."""

    console_refresh: float = field(default=1.0, metadata=takes(kinds.duration(0.1, 60)))
    """Wall seconds between two looks of the live console."""

    @classmethod
    def from_sources(
        cls, flags: Mapping[str, Any], env: Mapping[str, str], toml_path: Path | None
    ) -> Self:
        """Lay file, environment and flags over the defaults, later ones first.

        `flags` goes by field name; None means not given. Raises UsageError with a sentence
        that names the file, variable or flag and tells what it takes.
        """
        given, places = overlay(
            cls, flags, env, read_toml(toml_path) if toml_path else {}, toml_path
        )
        if given.get("api_url") is None and (env.get(TOKEN_VARIABLE) or given.get("token_file")):
            given["api_url"] = LIVE_URL
            places["api_url"] = f"a token ({TOKEN_VARIABLE} or token_file)"
        elif given.get("api_url") == EMBEDDED:
            given["api_url"] = None
        config = cls(**given)
        config._check(places)
        return config

    def _check(self, places: Mapping[str, str]) -> None:
        """Refuse settings that contradict each other or could only fail later."""
        for name in SIMULATOR_ONLY:
            if self.api_url is not None and name in places:
                raise UsageError(
                    f"{places[name]} is for the embedded simulator, but {places['api_url']} "
                    f"chooses {self.api_url}; drop one of them, or give --api-url {EMBEDDED}."
                )
        levels = {name: getattr(self, name) for name in MEMORY_LEVELS}
        if sorted(levels.values()) != list(levels.values()):
            shown = ", ".join(f"{name} {show_size(size)}" for name, size in levels.items())
            named = " and ".join(places[name] for name in MEMORY_LEVELS if name in places)
            raise UsageError(f"{named}: memory levels must rise in this order: {shown}.")
        if self.agents is not None and "agent" in places:
            raise UsageError(
                f"{places['agent']} names one agent and {places['agents']} several; "
                "drop one of them."
            )
        for name, file in (("summary", self.summary), ("record", self.record)):
            if file and file.is_dir():
                raise UsageError(f"{places[name]} names {file}, a folder; name a file in it.")
            if file and not file.parent.is_dir():
                raise UsageError(
                    f"{places[name]} names {file}, but there is no folder {file.parent}; "
                    "create it first."
                )

    def to_json(self) -> bytes:
        """Encode for a child process; holds no token, but maybe the database's password."""
        return msgspec.json.encode(self, enc_hook=str)

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read back what `to_json` made. Raises msgspec.ValidationError for anything else."""
        return msgspec.json.decode(data, type=cls, dec_hook=lambda kind, text: kind(text))

    @property
    def embedded(self) -> bool:
        """Whether the fleet plays its own simulator."""
        return self.api_url is None

    @property
    def server(self) -> str:
        """The server that is played, by a name that stays: the embedded one's port changes."""
        return EMBEDDED if self.api_url is None else self.api_url

    @property
    def database_url(self) -> str:
        """The database, whether named or not."""
        if self.database is not None:
            return self.database
        # SQLAlchemy takes longer to import than most commands take to run.
        from fleet.storage.location import default_url

        return default_url(self.data_dir)

    @property
    def call_sign(self) -> str:
        """The agent's call sign, whether named or made from the seed."""
        if self.agent is not None:
            return self.agent
        digest = hashlib.sha256(f"fleet:{1 if self.seed is None else self.seed}".encode()).digest()
        return f"FLEET-{b32encode(digest).decode()[:6]}"
