"""Opens one agent: its token, its first reading, its namespace and its books."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fleet.config import LIVE_URL, Config
from fleet.credentials import Token
from fleet.first_reading import FirstReader, FirstReading
from fleet.host.accounts import Accounts
from fleet.host.server_watch import ask_status
from fleet.http_transport import HttpTransport
from fleet.protocol.errors import BadToken, ServerReset, SetupError, UsageError
from fleet.roster import Seat
from fleet.runtime import GameClock, SystemClock
from fleet.session import Session, open_session, replace_session
from fleet.storage.engine import Store
from fleet.storage.lease import Lease, acquire, lease_name
from fleet.storage.namespaces import Namespace, namespaces, open_namespace
from fleet.storage.outbox import Outbox, OutboxDamaged, outbox_path
from fleet.storage.replay import replay_all


@dataclass(frozen=True, slots=True)
class Seated:
    """One agent that is ready to be played."""

    session: Session
    reading: FirstReading
    namespace: Namespace
    reconciled: int
    """Credits that the start had to reconcile; 0 when the books agreed."""

    outbox: Path
    """Where rows of its ledger wait while the database is away."""

    lost: str = ""
    """What has become of an outbox that could not be read, in a sentence."""

    @property
    def symbol(self) -> str:
        """Tell the call sign."""
        return self.reading.agent.symbol


class Opener:
    """Used in the main thread, before there are actors."""

    def __init__(self, store: Store, clock: GameClock, epoch: int, base_url: str) -> None:
        self._store = store
        self._clock = clock
        self._epoch = epoch
        self._base_url = base_url

    def open(self, seat: Seat) -> Seated:
        """Open an agent. Raises a FleetError whose sentence is for the user."""
        session, reading = self._read_first(seat)
        reset = session.token.reset_date or self._reset_date()
        now = self._clock.game()
        namespace = open_namespace(self._store, reading.agent.symbol, reset, now=now)
        waiting = outbox_of(seat)
        # What waits on disk since an outage belongs into the books before they are compared.
        lost = ""
        with closing(Outbox(waiting)) as outbox:
            try:
                replay_all(outbox, self._store, self._lease)
            except OutboxDamaged as damage:
                # The books are reconciled with the server's, whatever is missing in them.
                lost = str(damage)
        lease = self._lease(namespace.id)
        accounts = Accounts(self._store, lease, namespace.id, self._epoch)
        reconciled = accounts.open(reading, now)
        return Seated(session, reading, namespace, reconciled, waiting, lost)

    def _lease(self, namespace: int) -> Lease:
        return acquire(self._store, f"boot-{self._epoch}", name=lease_name(namespace))

    def _read_first(self, seat: Seat) -> tuple[Session, FirstReading]:
        """Read agent and ships; with a kept token that is refused, register anew where we may."""
        session = open_session(seat, self._base_url, self._check_unplayed)
        try:
            reading = self._reader(session.token).read()
        except (BadToken, ServerReset) as refusal:
            session = replace_session(session, seat, refusal, self._check_unplayed)
            reading = self._reader(session.token).read()
        check_agent(reading.agent.symbol, seat.config)
        return session, reading

    def _check_unplayed(self, call_sign: str) -> None:
        """See that an agent to register has no books yet: a server has it once until its reset.

        Those that are there are of another universe that began on the same day.
        """
        if self._base_url == LIVE_URL:
            # There is but one of it, and it says itself that a call sign is taken.
            return
        reset = self._reset_date()
        if any(one.reset_date == reset for one in namespaces(self._store, call_sign)):
            raise SetupError(
                f"The database {self._store.location.shown} has books of {call_sign} since "
                f"{reset} already, from another universe; choose another --database or --agent."
            )

    def _reset_date(self) -> str:
        """Ask the server which life of its universe this is: not every token tells."""
        status = ask_status(HttpTransport(self._base_url, SystemClock().monotonic))
        return (status and status.reset_date) or "live"

    def _reader(self, token: Token) -> FirstReader:
        return FirstReader(HttpTransport(self._base_url, SystemClock().monotonic), token.text)


def check_agent(plays: str, config: Config) -> None:
    """See that a token plays the agent that the user named. Raises UsageError."""
    if config.agent is not None and config.agent != plays:
        raise UsageError(
            f"The token plays {plays}, not {config.agent}; give the token of {config.agent}, "
            f"or choose another --data-dir, or name {plays}."
        )


def outbox_of(seat: Seat) -> Path:
    """Name the outbox of an agent: each writer has one of its own."""
    config: Config = seat.config
    path = outbox_path(config.data_dir, config.database_url)
    return path if seat.is_first else path.with_stem(f"{path.stem}-{config.call_sign}")
