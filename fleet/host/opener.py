"""Opens one agent: its token, its first reading, its namespace and its books."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fleet.config import Config
from fleet.credentials import Token
from fleet.first_reading import FirstReader, FirstReading
from fleet.host.accounts import Accounts
from fleet.host.server_watch import ask_status
from fleet.http_transport import HttpTransport
from fleet.protocol.errors import BadToken, ServerReset
from fleet.roster import Seat
from fleet.runtime import GameClock, SystemClock
from fleet.session import Session, open_session, replace_session
from fleet.storage.engine import Store
from fleet.storage.lease import Lease, acquire, lease_name
from fleet.storage.namespaces import Namespace, open_namespace
from fleet.storage.outbox import Outbox, outbox_path
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
        with closing(Outbox(waiting)) as outbox:
            replay_all(outbox, self._store, self._lease)
        lease = self._lease(namespace.id)
        accounts = Accounts(self._store, lease, namespace.id, self._epoch)
        return Seated(session, reading, namespace, accounts.open(reading, now), waiting)

    def _lease(self, namespace: int) -> Lease:
        return acquire(self._store, f"boot-{self._epoch}", name=lease_name(namespace))

    def _read_first(self, seat: Seat) -> tuple[Session, FirstReading]:
        """Read agent and ships; with a kept token that is refused, register anew where we may."""
        session = open_session(seat, self._base_url)
        try:
            return session, self._reader(session.token).read()
        except (BadToken, ServerReset) as refusal:
            session = replace_session(session, seat, refusal)
        return session, self._reader(session.token).read()

    def _reset_date(self) -> str:
        """Ask the server which life of its universe this is: not every token tells."""
        status = ask_status(HttpTransport(self._base_url, SystemClock().monotonic))
        return (status and status.reset_date) or "live"

    def _reader(self, token: Token) -> FirstReader:
        return FirstReader(HttpTransport(self._base_url, SystemClock().monotonic), token.text)


def outbox_of(seat: Seat) -> Path:
    """Name the outbox of an agent: each writer has one of its own."""
    config: Config = seat.config
    path = outbox_path(config.data_dir, config.database_url)
    return path if seat.is_first else path.with_stem(f"{path.stem}-{config.call_sign}")
