"""Opens everything that must be there before the actors are."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fleet.config import Config
from fleet.credentials import Token
from fleet.first_reading import FirstReader, FirstReading
from fleet.host.accounts import Accounts
from fleet.host.clock import first_fit
from fleet.host.run_state import RunState, load_run, save_run
from fleet.host.server_watch import ask_status
from fleet.http_transport import HttpTransport
from fleet.launch import RUN_VARIABLE
from fleet.protocol.errors import BadToken, ServerReset
from fleet.runtime import GameClock, SystemClock
from fleet.session import Session, open_session, replace_session
from fleet.storage.engine import Store, open_store
from fleet.storage.lease import acquire, lease_name
from fleet.storage.namespaces import Namespace, fresh_epoch, open_namespace
from fleet.storage.outbox import Outbox, outbox_path
from fleet.storage.replay import replay
from fleet.storage.worth import ships_value

RUN_FILE = "run.json"


@dataclass(slots=True)
class Booted:
    """What is there before the actors are."""

    config: Config
    session: Session
    clock: GameClock
    store: Store
    namespace: Namespace
    epoch: int
    reading: FirstReading
    run: RunState
    reconciled: int
    """Credits that the start had to reconcile; 0 when the books agreed."""

    simulated: bool
    """Whether the server is a simulator, which tells its clock at no cost."""


def boot(config: Config, env: Mapping[str, str], base_url: str, clock: GameClock) -> Booted:
    """Open what is needed; raises a FleetError whose sentence is for the user."""
    store = open_store(config.database_url, durable=config.durable)
    simulated = first_fit(clock, base_url, embedded=config.embedded)
    session, reading = read_first(config, env, base_url)
    reset = session.token.reset_date or _reset_date(base_url)
    namespace = open_namespace(store, reading.agent.symbol, reset, now=clock.game())
    epoch = fresh_epoch(store, "runtime", now=clock.wall())
    lease = acquire(store, f"boot-{epoch}", name=lease_name(namespace.id))
    # What waits on disk since an outage belongs into the books before they are compared.
    with closing(Outbox(outbox_path(config.data_dir, config.database_url))) as outbox:
        if outbox.count(namespace.id):
            replay(outbox, store, lease, namespace.id)
    reconciled = Accounts(store, lease, namespace.id, epoch).open(reading, clock.game())
    booted = Booted(
        config=config,
        session=session,
        clock=clock,
        store=store,
        namespace=namespace,
        epoch=epoch,
        reading=reading,
        run=RunState(
            run=env.get(RUN_VARIABLE, ""),
            ready_at=clock.wall(),
            game_at=clock.game(),
            credits_start=reading.agent.credits,
            net_worth_start=reading.agent.credits + ships_value(store, namespace.id),
            epoch=epoch,
            namespace=namespace.id,
        ),
        reconciled=reconciled,
        simulated=simulated,
    )
    _continue_run(booted)
    return booted


def read_first(
    config: Config, env: Mapping[str, str], base_url: str
) -> tuple[Session, FirstReading]:
    """Read agent and ships; with a kept token that is refused, register anew where we may."""
    session = open_session(config, env, base_url)
    try:
        return session, _reader(base_url, session.token).read()
    except (BadToken, ServerReset) as refusal:
        session = replace_session(session, config, env, refusal)
    return session, _reader(base_url, session.token).read()


def _reset_date(base_url: str) -> str:
    """Ask the server which life of its universe this is: not every token tells."""
    status = ask_status(HttpTransport(base_url, SystemClock().monotonic))
    return (status and status.reset_date) or "live"


def _reader(base_url: str, token: Token) -> FirstReader:
    return FirstReader(HttpTransport(base_url, SystemClock().monotonic), token.text)


def has_begun(data_dir: Path, env: Mapping[str, str]) -> bool:
    """Whether an earlier process of this very run has played already."""
    return load_run(data_dir / RUN_FILE, env.get(RUN_VARIABLE, "")) is not None


def _continue_run(booted: Booted) -> None:
    """Go on with the run that an earlier runtime process began, or begin it."""
    path = booted.config.data_dir / RUN_FILE
    earlier = load_run(path, booted.run.run)
    if earlier is not None:
        booted.run = earlier.continued(booted.run)
    save_run(path, booted.run)
