"""The runtime process: boots, plays until told to stop or the time is over, stops in order."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FrameType

from fleet.actors.membership import as_member
from fleet.config import Config
from fleet.control.server import ControlServer
from fleet.first_reading import FirstReader
from fleet.host.attendants import Attendants
from fleet.host.boot import Booted, boot, has_begun
from fleet.host.drain_beat import DrainBeat
from fleet.host.handlers import Handlers
from fleet.host.models import learn_models
from fleet.host.observe import observe
from fleet.host.patience import check_api, patiently
from fleet.host.plan import live_plan
from fleet.host.recorded import recorded
from fleet.host.server_watch import ServerWatch
from fleet.host.stopping import ROOT, stop_tree
from fleet.host.summary import Ending, write_summary
from fleet.host.tally import Tally
from fleet.host.tree import tree
from fleet.http_transport import HttpTransport
from fleet.inject.director import Director
from fleet.inject.laboratory import laboratory_props
from fleet.inject.register import Register
from fleet.protocol.errors import FleetError
from fleet.quiet_heap import YOUNG_IN_THREADS, quiet_heap
from fleet.runtime import ActorSystem, GameClock, ThreadDispatcher
from fleet.supervision.event_log import LOG_NAME, EventLog
from fleet.supervision.guard.lifeline import Lifeline
from fleet.supervision.line_writer import Stamp
from fleet.supervision.pulse import Pulse
from fleet.supervision.rotation import Rotation
from fleet.supervision.supervisor import supervise
from fleet.supervision.watchdog import Watchdog, ZombieBudget

# The tree's own orderly stop, in wall seconds; the guard kills after three in all.
STOP_WITHIN = 1.6
# The same when the process asks for a fresh start: the guard waits as long as it beats.
DRAIN_WITHIN = 3.0
# How often the main thread looks whether the run is over; wall seconds.
LOOK = 0.1
# A thread that computes keeps the interpreter for this long at most, in seconds: at speed 60
# the default of 5 ms is a third of a game second, the length of a window of the limiter.
SWITCH_INTERVAL = 0.001


def run_runtime(config: Config, env: Mapping[str, str], base_url: str, lifeline: Lifeline) -> int:
    """Boot, play, stop; gives the exit code. Runs in the main thread."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    learn_models()
    stop = StopFlag()
    clock = GameClock()
    try:
        booted = _boot(config, env, base_url, clock, lambda: stop.is_set, lifeline)
    except FleetError as failure:
        return lifeline.boot_failed(str(failure))
    if booted is None:
        return 0
    log = EventLog(
        config.data_dir / LOG_NAME,
        Stamp(process="runtime", epoch=booted.epoch, clock=clock, game=clock.game),
        rotation=Rotation(limit=config.log_size, keep=config.log_keep),
    )
    events = Tally(log, clock.wall)
    try:
        return _play(booted, events, lifeline, stop)
    finally:
        log.close(1.0)
        booted.store.close()


class StopFlag:
    """Set by signals. A plain flag: a handler that sets an Event which its own thread waits on
    may find the Event's lock taken, for ever.
    """

    def __init__(self) -> None:
        self.is_set = False
        self.asked = False
        """Whether a signal came."""

        self.renewal = ""
        """Why the process is to be started anew, in a sentence; empty when it is just to stop."""

        self._pause = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._take)

    def renew(self, why: str) -> None:
        """Have the process drained and started anew. Any thread."""
        self.renewal = why
        self.is_set = True

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self.is_set = self.asked = True

    def wait(self) -> bool:
        """Wait for one look; say whether to stop."""
        self._pause.wait(LOOK)
        return self.is_set


def _boot(
    config: Config,
    env: Mapping[str, str],
    base_url: str,
    clock: GameClock,
    stopped: Callable[[], bool],
    lifeline: Lifeline,
) -> Booted | None:
    """Boot; a run that has begun already waits for what is away, until it is told to stop."""
    if not has_begun(config.data_dir, env):
        return boot(config, env, base_url, clock)
    transport = HttpTransport(base_url, clock.monotonic)

    def attempt() -> Booted:
        # It may be in maintenance, or being reset, and we are started in the middle of that.
        check_api(transport)
        return boot(config, env, base_url, clock)

    return patiently(attempt, lifeline, stopped, clock.monotonic)


def _play(booted: Booted, events: Tally, lifeline: Lifeline, stop: StopFlag) -> int:
    config, clock = booted.config, booted.clock
    dispatcher = ThreadDispatcher(clock, events)
    system = ActorSystem(dispatcher=dispatcher, clock=clock, events=events, seed=config.seed or 0)
    attendants = Attendants(booted, system, events)
    if booted.mates:
        adapt = system.adapt
        system.adapt = lambda path, props: as_member(path, adapt(path, props))
    handlers = Handlers(booted, system, events, attendants)
    register = Register()
    director = Director(system, register, clock, config.data_dir)
    table = {**handlers.table(), **director.table()}
    control = ControlServer(config.data_dir / "control.sock", table, events)
    pulse = _pulse(system, clock, lifeline, stop)
    watchdog = Watchdog(
        system,
        beat=pulse,
        budget=ZombieBudget(zombies=config.zombies, spinners=config.spinners),
        over_budget=stop.renew,
        interrupt=config.interrupt,
    )
    watch = server_watch(booted, stop, events)
    plan = replace(
        attendants.furnished(live_plan(booted, watch)), laboratory=laboratory_props(register)
    )
    try:
        plan, recorder = recorded(booted, system, plan)
    except FleetError as failure:
        return lifeline.boot_failed(str(failure))
    control.start()
    system.spawn(ROOT, supervise(tree(plan)))
    watchdog.start()
    attendants.start()
    _announce(booted, events, lifeline)
    director.start(config.inject)
    with quiet_heap(YOUNG_IN_THREADS):
        _wait(booted, stop)
    director.close()
    watch.close()
    attendants.close()
    handlers.close()
    # What makes the process need a fresh start from here on, the end of all mends as well.
    renewal = stop.renewal
    last = observe(system)
    survivors = stop_tree(system, events, DRAIN_WITHIN if renewal else STOP_WITHIN)
    if recorder is not None:
        recorder.close()
    control.close()
    if renewal and not stop.asked:
        # The last beat: what still holds this process up after it, the guard ends.
        watchdog.close()
        return lifeline.renew(renewal)
    try:
        _sum_up(Ending(booted, last, events, system, survivors), asked=stop.asked)
    except FleetError as failure:
        events.emit("summary.failed", level="error", text=str(failure))
        return 1
    finally:
        watchdog.close()
    return 0


def _pulse(system: ActorSystem, clock: GameClock, lifeline: Lifeline, stop: StopFlag) -> Pulse:
    beat = DrainBeat(lifeline.beat, lambda: bool(stop.renewal), clock.monotonic)
    return Pulse(system, clock, beat=beat, progress=lifeline.progress)


def server_watch(booted: Booted, stop: StopFlag, events: Tally) -> ServerWatch:
    """Have a reset of the server noticed, and the process started anew after it."""
    url, clock = booted.session.base_url, booted.clock
    date = booted.namespace.reset_date
    known = None if date == "live" else date
    return ServerWatch(lambda: HttpTransport(url, clock.monotonic), known, stop.renew, events)


def _announce(booted: Booted, events: Tally, lifeline: Lifeline) -> None:
    agent, ships = booted.reading.agent, len(booted.reading.ships)
    lifeline.ready({"agent": agent.symbol, "ships": ships})
    text = f"{agent.symbol} plays with {ships} ships and {agent.credits:,} credits"
    events.emit("fleet.started", text=text)
    for mate in booted.mates:
        ships, credits_now = len(mate.reading.ships), mate.reading.agent.credits
        text = f"{mate.symbol} plays with {ships} ships and {credits_now:,} credits"
        events.emit("agent.joined", text=text, agent=mate.symbol)
    for lost in booted.lost:
        events.emit("outbox.damaged", level="error", text=lost)
    if booted.reconciled:
        events.emit(
            "ledger.reconciled",
            level="warning",
            text=f"the API has {booted.reconciled:+,d} credits that no ledger row told of",
            difference=booted.reconciled,
        )


def _wait(booted: Booted, stop: StopFlag) -> None:
    """Wait for a signal, or for the end of the time that the run was given."""
    config, clock, run = booted.config, booted.clock, booted.run
    while not stop.wait():
        if config.for_ is not None and clock.wall() >= run.ready_at + config.for_:
            return
        if config.game is not None and clock.game() >= run.game_at + config.game:
            return


def _sum_up(ending: Ending, *, asked: bool) -> None:
    """Audit and sum up; a user who pressed Ctrl-C gets that only with a summary to write."""
    config, session = ending.booted.config, ending.booted.session
    if config.summary is None and (asked or (config.for_ is None and config.game is None)):
        return
    transport = HttpTransport(session.base_url, ending.booted.clock.monotonic)
    reader = FirstReader(transport, session.token.text)
    write_summary(config.summary, ending, reader.read())
