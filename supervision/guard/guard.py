"""The parent of a fleet's processes: starts them, hears them, replaces them, stops them."""

from __future__ import annotations

import os
import random
import selectors
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fleet.protocol.clock import Clock
from fleet.runtime.events import EventSink
from fleet.supervision.guard.child import Child, State
from fleet.supervision.guard.exits import Exit
from fleet.supervision.guard.restarts import Verdict
from fleet.supervision.guard.service_manager import ServiceManager
from fleet.supervision.guard.signals import STOP_SIGNALS, SignalPipe
from fleet.supervision.guard.spec import ProcessSpec, check_specs
from fleet.supervision.guard.stop import Stop
from fleet.supervision.guard.terminal import Terminal

STOP_WITHIN: Final = 3.0
"""Wall seconds from the first signal to the last process's end."""

TURN: Final = 0.5
"""Wall seconds that one turn of the loop waits at most, so that a long gap is noticed."""


def _say(sentence: str) -> None:
    # After a hangup there is no terminal to write to; the log has it all the same.
    with suppress(OSError):
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Why all is stopped, and what the guard exits with."""

    code: int
    reason: str


class Guard:
    """Runs processes until one that matters ends or someone asks to stop.

    Has no threads, and signals only wake its one select loop; `run` belongs on the main
    thread. However `run` ends, no process that it started is left.
    """

    def __init__(
        self,
        specs: Sequence[ProcessSpec],
        *,
        log: EventSink,
        clock: Clock,
        rng: random.Random,
        dumps: Path | None = None,
        stop_within: float = STOP_WITHIN,
        say: Callable[[str], None] = _say,
        lost: Callable[[], str | None] = lambda: None,
        service: ServiceManager | None = None,
    ) -> None:
        """Check the specifications; nothing starts yet. Raises UsageError or SetupError.

        `dumps` is the folder for the stacks of stalled processes; `say` gets the sentences
        meant for whoever started the fleet, such as why it could not start. `lost` is asked
        now and then; a sentence from it ends everything. `service` is who watches the guard.
        """
        check_specs(specs)
        self._children = [Child(spec, log=log, rng=rng, dumps=dumps) for spec in specs]
        self._log = log
        self._clock = clock
        self._dumps = dumps
        self._stop_within = stop_within
        self._say = say
        self._lost = lost
        self._looked = float("-inf")
        self._service = service or ServiceManager()
        self._outcome: Outcome | None = None
        self._stop: Stop | None = None
        self._selector: selectors.BaseSelector
        self._last_turn = 0.0
        self._stood_still = 0.0
        """Seconds that the guard did not run; they count for nobody's silence."""

        self._signalled = False
        self.refused = False
        """Whether all ended because a process said that it can't start as things are."""

        beats = [spec.heartbeat for spec in specs if spec.heartbeat is not None]
        self._turn = min([TURN, *(limit / 4 for limit in beats)])

    def run(self) -> int:
        """Run to the end; returns the exit code: 0 when done or stopped, 1 when given up."""
        self._make_dump_folder()
        names = ", ".join(child.spec.name for child in self._children)
        self._log.emit("guard.started", text=f"The guard starts {names}.", pid=os.getpid())
        signals = (*STOP_SIGNALS, signal.SIGCHLD, signal.SIGWINCH)
        terminal = Terminal(any(child.spec.terminal for child in self._children))
        with SignalPipe(signals) as pipe, selectors.DefaultSelector() as selector, terminal:
            self._selector = selector
            selector.register(pipe, selectors.EVENT_READ)
            try:
                return self._loop(pipe)
            finally:
                self._leave_nobody()

    def _loop(self, pipe: SignalPipe) -> int:
        self._last_turn = self._clock.monotonic()
        self._start_due()
        while not self._all_over():
            self._selector.select(self._patience())
            self._notice_gap()
            now = self._now()
            for child in self._children:
                self._hear(child, now)
            for number in pipe.read():
                self._on_signal(number)
            self._reap()
            for child in self._children:
                child.judge(now)
            self._look_at_ground(now)
            self._advance_stop()
            self._start_due()
        code = self._outcome.code if self._outcome else 0
        self._log.emit("guard.stopped", text=f"The guard ends with {code}.", exit_code=code)
        return code

    def _now(self) -> float:
        """Tell the time that the guard has run; every limit is measured by it."""
        return self._clock.monotonic() - self._stood_still

    def _patience(self) -> float:
        """Tell for how many seconds nothing needs to be done."""
        moments = [child.next_moment() for child in self._children if not self._held(child)]
        if self._stop is not None:
            moments.append(self._stop.next_moment())
        return max(0.0, min([self._turn, *(moment - self._now() for moment in moments)]))

    def _all_over(self) -> bool:
        return all(child.state is State.ENDED for child in self._children)

    # --- starting and hearing

    def _start_due(self) -> None:
        for child in self._children:
            if not child.due(self._now()):
                continue
            if (never := self._never_ready(child)) is not None:
                child.ask_to_stop()
                self._give_up(child, f"{child.spec.name} waits for {never}, which never got ready")
            elif not self._held(child):
                failed = child.start(self._now())
                if failed is not None:
                    self._on_exit(child, failed)
                elif child.process is not None:
                    self._selector.register(child.process.beats, selectors.EVENT_READ)

    def _held(self, child: Child) -> bool:
        """Whether it waits for others that have not been ready yet."""
        if child.state is not State.WAITING:
            return False
        return any(not other.was_ready for other in self._before(child))

    def _never_ready(self, child: Child) -> str | None:
        """Name the process that it waits for in vain."""
        for other in self._before(child):
            if other.state is State.ENDED and not other.was_ready:
                return other.spec.name
        return None

    def _before(self, child: Child) -> list[Child]:
        if child.incarnation:
            return []
        return [other for other in self._children if other.spec.name in child.spec.after]

    def _hear(self, child: Child, now: float) -> None:
        if child.listen(now):
            self._service.progress()
        if all(child.was_ready for child in self._children if child.spec.critical):
            self._service.ready()
        if child.process is not None and child.process.silent:
            # An end of file stays readable: without this the loop would spin until the reap.
            self._forget_beats(child)

    def _forget_beats(self, child: Child) -> None:
        if child.process is not None:
            with suppress(KeyError):
                self._selector.unregister(child.process.beats)

    def _notice_gap(self) -> None:
        """Leave the time out that the guard itself stood still (stopped, or the lid closed)."""
        now = self._clock.monotonic()
        gap, self._last_turn = now - self._last_turn, now
        if gap <= 2 * self._turn:
            return
        # Not all of it: a guard that is always late would otherwise never notice a stall.
        self._stood_still += gap - self._turn
        text = f"The guard itself did not run for {gap:.1f} s, which counts for nobody's silence."
        self._log.emit("guard.suspended", level="warning", text=text, gap_s=round(gap, 3))

    def _look_at_ground(self, now: float) -> None:
        """End everything when what it stands on is gone."""
        if self._outcome is not None or now < self._looked + self._turn:
            return
        self._looked = now
        sentence = self._lost()
        if sentence is not None:
            self._say(sentence)
            self._finish(Outcome(1, sentence.rstrip(".")))

    # --- signals and stopping

    def _on_signal(self, number: signal.Signals) -> None:
        if number == signal.SIGWINCH:
            for child in self._children:
                if child.spec.terminal and child.process is not None:
                    child.process.signal(number)
        elif number in STOP_SIGNALS:
            self._on_stop_signal(number)

    def _on_stop_signal(self, number: signal.Signals) -> None:
        # A closing terminal sends its hangup twice, from the kernel and from the shell.
        if not self._signalled or number == signal.SIGHUP:
            self._signalled = True
            self._finish(Outcome(0, f"{number.name} came"))
            return
        self._log.emit(
            "guard.hurried",
            level="warning",
            text=f"{number.name} came while stopping: everything is killed.",
            signal=int(number),
        )
        self._outcome = Outcome(128 + number, f"{number.name} came twice")
        for child in self._children:
            child.kill()

    def _finish(self, outcome: Outcome) -> None:
        """Begin to stop everything; the first outcome stands."""
        if self._outcome is not None:
            return
        self._outcome = outcome
        self._service.stopping()
        text = f"Everything is stopped: {outcome.reason}."
        level = "info" if outcome.code == 0 else "error"
        self._log.emit("stop.requested", level=level, text=text, reason=outcome.reason)
        self._stop = Stop(self._children, now=self._now(), within=self._stop_within)

    def _advance_stop(self) -> None:
        if self._stop is not None:
            for child in self._stop.advance(self._now()):
                self._say(f"{child.spec.name} did not stop in time and was killed.")

    # --- ends

    def _reap(self) -> None:
        for child in self._children:
            end = child.reap(self._now())
            if end is not None:
                self._on_exit(child, end)

    def _on_exit(self, child: Child, end: Exit) -> None:
        self._forget_beats(child)
        stopping = self._outcome is not None
        decision = child.conclude(end, self._now(), stopping=stopping)
        if stopping:
            return
        if end.boot_failure:
            self._on_boot_failure(child, end.boot_failure)
        elif child.spec.critical and end.clean:
            self._finish(Outcome(0, f"{child.spec.name} is done"))
        elif decision.verdict is Verdict.GIVE_UP:
            said = f": {child.last_line.rstrip('.')}" if child.last_line else ""
            self._give_up(
                child,
                f"{child.spec.name} ended {child.failed_starts} times in a row "
                f"before it was ready (the last time it {end}{said})",
            )
        elif decision.verdict is Verdict.FORGET and child.spec.critical:
            self._give_up(child, f"{child.spec.name} {end}")

    def _on_boot_failure(self, child: Child, reason: str) -> None:
        """End all, except for a side process that fails while the fleet runs on."""
        sentence = reason.rstrip(".")
        if child.spec.restart == "temporary" and not child.spec.critical:
            return
        if child.spec.critical or not all(other.was_ready for other in self._children):
            self.refused = not child.was_ready
            self._say(f"{sentence}.")
            self._finish(Outcome(1, sentence))
        else:
            self._give_up(child, sentence)

    def _give_up(self, child: Child, why: str) -> None:
        text = f"{why}; it is given up."
        self._log.emit("process.gave_up", level="critical", text=text, child=child.spec.name)
        self._say(text)
        if child.spec.critical:
            self._finish(Outcome(1, why))

    def _leave_nobody(self) -> None:
        """Kill and reap what still runs; only after a failure of the guard itself."""
        for child in self._children:
            child.kill()
        for child in self._children:
            if child.process is not None:
                child.process.wait()
                child.process.close()
                child.process = None

    def _make_dump_folder(self) -> None:
        if self._dumps is not None:
            with suppress(OSError):
                self._dumps.mkdir(mode=0o700, exist_ok=True)
