"""Opens everything that must be there before the actors are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.config import Config
from fleet.credentials import Token
from fleet.first_reading import FirstReader, FirstReading
from fleet.host.accounts import Accounts
from fleet.host.clock import first_fit
from fleet.host.run_state import RunState, load_run, save_run
from fleet.http_transport import HttpTransport
from fleet.launch import RUN_VARIABLE
from fleet.protocol.errors import BadToken, ServerReset, SetupError
from fleet.runtime import GameClock, SystemClock
from fleet.session import Session, forget, open_session
from fleet.storage.engine import Store, open_store
from fleet.storage.lease import acquire
from fleet.storage.namespaces import Namespace, fresh_epoch, open_namespace
from fleet.storage.worth import ships_value


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
    store = open_store(config.database_url)
    simulated = first_fit(clock, base_url, embedded=config.embedded)
    session, reading = read_first(config, env, base_url)
    reset = session.token.reset_date or "live"
    namespace = open_namespace(store, reading.agent.symbol, reset, now=clock.game())
    epoch = fresh_epoch(store, "runtime", now=clock.wall())
    accounts = Accounts(store, acquire(store, f"boot-{epoch}"), namespace.id, epoch)
    reconciled = accounts.open(reading, clock.game())
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
        ),
        reconciled=reconciled,
        simulated=simulated,
    )
    _continue_run(booted)
    return booted


def read_first(
    config: Config, env: Mapping[str, str], base_url: str
) -> tuple[Session, FirstReading]:
    """Read agent and ships; a kept token that the simulator forgot is registered anew, once."""
    session = open_session(config, env, base_url)
    try:
        return session, _reader(base_url, session.token).read()
    except (BadToken, ServerReset) as refusal:
        if session.fresh or not config.embedded:
            raise SetupError(
                f"{base_url} refuses the token: {refusal} Get a valid one and start again."
            ) from None
    forget(config.data_dir)
    session = open_session(config, env, base_url)
    return session, _reader(base_url, session.token).read()


def _reader(base_url: str, token: Token) -> FirstReader:
    return FirstReader(HttpTransport(base_url, SystemClock().monotonic), token.text)


def _continue_run(booted: Booted) -> None:
    """Go on with the run that an earlier runtime process began, or begin it."""
    path = booted.config.data_dir / "run.json"
    earlier = load_run(path, booted.run.run)
    if earlier is not None:
        earlier.process_restarts += 1
        booted.run = earlier
    save_run(path, booted.run)
