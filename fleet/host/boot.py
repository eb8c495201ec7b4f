"""Opens everything that must be there before the actors are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fleet.config import Config
from fleet.first_reading import FirstReading
from fleet.host.clock import first_fit
from fleet.host.opener import Opener, Seated
from fleet.host.run_state import RunState, load_run, save_run
from fleet.launch import RUN_VARIABLE
from fleet.roster import seats
from fleet.runtime import GameClock
from fleet.session import Session
from fleet.storage.engine import Store, open_store
from fleet.storage.namespaces import Namespace, fresh_epoch
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

    lost: tuple[str, ...] = ()
    """A sentence for each outbox that could not be read."""

    mates: tuple[Seated, ...] = ()
    """Further agents that are played in this runtime."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """List the call signs that are played, the first one first."""
        return (self.reading.agent.symbol, *(mate.symbol for mate in self.mates))


def boot(config: Config, env: Mapping[str, str], base_url: str, clock: GameClock) -> Booted:
    """Open what is needed; raises a FleetError whose sentence is for the user.

    What was opened is closed then, so that it can be tried again.
    """
    store = open_store(config.database_url, durable=config.durable)
    try:
        return _open(config, env, base_url, clock, store)
    except BaseException:
        store.close()
        raise


def _open(
    config: Config, env: Mapping[str, str], base_url: str, clock: GameClock, store: Store
) -> Booted:
    simulated = first_fit(clock, base_url, embedded=config.embedded)
    epoch = fresh_epoch(store, "runtime", now=clock.wall())
    opener = Opener(store, clock, epoch, base_url)
    first, *mates = [opener.open(seat) for seat in seats(config, env)]
    session, reading, namespace = first.session, first.reading, first.namespace
    reconciled = first.reconciled
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
        lost=tuple(one.lost for one in (first, *mates) if one.lost),
        mates=tuple(mates),
    )
    _continue_run(booted)
    return booted


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
