"""The thread that notices hung actors; it shares no lock with them but the fence's own."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from fleet.protocol.clock import Monotonic
from fleet.protocol.errors import UsageError
from fleet.runtime import ActorSystem
from fleet.runtime.auto_reset_event import AutoResetEvent
from fleet.runtime.clocks import process_seconds
from fleet.runtime.interrupts import Interrupts
from fleet.runtime.traces import line_of

# Seconds of the interpreter's turns while a zombie computes, or may: each one that does takes
# its turn before anybody else goes on, and a replacement needs several to start.
SHORT_TURN = 0.0005
# A watchdog that gets its turn so many wall seconds late (two usual turns of the interpreter),
# while a message has been in hand for `LONG`, is behind actors that compute: they are to be
# noticed in time.
LATE, LONG = 0.01, 0.1
# A watchdog that gets its turn so many wall seconds late was not alone in that where the process
# has computed for less than a part of them: it was stopped, or C code that waits held the
# interpreter's lock. What is beyond them counts for nobody's budget; not all of it, since one that
# is always late could otherwise never fence anybody. Behind actors that compute it is late as well
# (six seconds behind ten of them on a busy machine), but there they are what is to be fenced.
STANDSTILL, COMPUTED = 0.5, 0.05
# The least wait between two looks, in wall seconds, for a deadline that is almost there.
LEAST_WAIT = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class ZombieBudget:
    """How many replaced incarnations a process may carry before it needs a fresh start."""

    spinners: int = 2
    """Those that compute: each halves what is left of the interpreter for the others."""

    zombies: int = 64
    """All together, those that only wait among them."""

    grace: float = 1.0
    """Wall seconds that it may be exceeded: cancellables end most of a burst at once."""

    def check(self) -> None:
        """Raise UsageError for a budget that cannot be kept."""
        if self.spinners < 0 or self.zombies < 0 or not self.grace >= 0:
            raise UsageError("the budget of zombies, spinners and grace takes numbers from 0 up")


class Watchdog:
    """Looks for messages over their budget and replaces their actors.

    It looks when the next message would be over its budget, and every `period` wall seconds at
    least, because it does not know of those that began since. Each look also beats: whoever
    waits for the beat (the process guard) learns that the interpreter still runs. Time in which
    the process itself stood still (stopped, or its lock held in C) is nobody's hang.

    With `interrupt` it raises an exception in zombies that compute, as the last resort and with
    its guards (`fleet.runtime.interrupts`).

    `over_budget` is called, in this thread, with one sentence when more zombies live than the
    budget allows (once, until there are fewer again), or no thread for timers lasts. Raises
    UsageError for a bad budget.
    """

    def __init__(
        self,
        system: ActorSystem,
        *,
        period: float = 0.02,
        beat: Callable[[], None] | None = None,
        budget: ZombieBudget | None = None,
        over_budget: Callable[[str], None] | None = None,
        interrupt: bool = False,
    ) -> None:
        self._system = system
        self._period = period
        self._beat = beat
        self._budget = budget or ZombieBudget()
        self._budget.check()
        self._over_budget = over_budget
        self._interrupts = Interrupts(system.fallen) if interrupt else None
        self._exceeded: Monotonic | None = None
        """Since when there are too many."""

        self._told = False
        self._usual_turn = sys.getswitchinterval()
        self._short = False
        self._crowded = False
        """Whether something computes so long that the watchdog has to wait for its turn."""

        self._closed = AutoResetEvent()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._thread.join(1.0)
        self._shorten_turns(wanted=False)

    def _run(self) -> None:
        monotonic, pause = self._system.clock.monotonic, self._period
        looked, computed = monotonic(), process_seconds()
        due = looked + pause
        while not self._closed.wait(pause):
            # A failure here would leave the fleet unwatched: say it and go on.
            try:
                now, computing = monotonic(), process_seconds()
                self._forgive(now - looked - pause, computing - computed)
                looked, computed = now, computing
                pause = self._look(now - due)
                due = monotonic() + pause
                self._mend()
                if self._beat is not None:
                    self._beat()
            except BaseException as failure:
                pause, reason = self._period, line_of(failure)
                self._system.events.emit("watchdog.failed", level="critical", reason=reason)

    def _forgive(self, gap: float, computed: float) -> None:
        """Leave the time out in which the whole process stood still."""
        if gap <= STANDSTILL or computed > COMPUTED * gap:
            return
        self._system.hangs.excuse(gap - STANDSTILL)
        text = f"The runtime itself did not run for {gap:.1f} s, which counts for nobody's budget."
        self._system.events.emit(
            "watchdog.suspended", level="warning", text=text, gap_s=round(gap, 3)
        )

    def _mend(self) -> None:
        """Have the kernel's own threads looked after; no actor would notice that they hang."""
        why = self._system.dispatcher.mend()
        if why and self._over_budget is not None:
            self._over_budget(why)

    def _look(self, late: float) -> float:
        """Replace what hangs; tell how long to wait until the next look."""
        system, hangs = self._system, self._system.hangs
        hung = hangs.fence(system.cells())
        self._crowded = hangs.longest >= LONG and (self._crowded or late >= LATE)
        if hung or self._crowded:
            # Before anybody waits for a turn among them: some of these may compute.
            self._shorten_turns(wanted=True)
            hangs.replace(hung)
        if system.zombies or self._short or self._exceeded is not None:
            self._look_at_zombies(system.clock.monotonic())
        if hangs.nearest is None:
            return self._period
        return max(LEAST_WAIT, min(self._period, hangs.nearest - system.clock.monotonic()))

    def _look_at_zombies(self, now: Monotonic) -> None:
        fallen = self._system.fallen
        fallen.look(now, self._system.dispatcher.on_cpu)
        self._shorten_turns(wanted=fallen.may_spin or self._crowded)
        self._interrupt_spinners()
        self._keep_budget(now)

    def _interrupt_spinners(self) -> None:
        for zombie, stack in self._interrupts.look() if self._interrupts is not None else ():
            self._system.events.emit(
                "zombie.interrupted",
                level="warning",
                text=f"{zombie.path} computed on after it was replaced, and was interrupted",
                actor=zombie.path,
                incarnation=zombie.number,
                stack=stack,
            )

    def _shorten_turns(self, *, wanted: bool) -> None:
        if wanted is not self._short:
            self._short = wanted
            sys.setswitchinterval(SHORT_TURN if wanted else self._usual_turn)

    def _keep_budget(self, now: Monotonic) -> None:
        zombies, spinners = self._system.zombies, self._system.fallen.spinners
        budget = self._budget
        if zombies <= budget.zombies and spinners <= budget.spinners:
            self._exceeded, self._told = None, False
            return
        if self._exceeded is None:
            self._exceeded = now
        if self._told or now < self._exceeded + budget.grace:
            return
        self._told = True
        text = (
            f"{zombies} replaced actors have not come back, {spinners} of them compute; this"
            f" process carries {budget.zombies} and {budget.spinners}, and needs a fresh start"
        )
        self._system.events.emit(
            "zombies.exceeded", level="critical", text=text, zombies=zombies, spinners=spinners
        )
        if self._over_budget is not None:
            self._over_budget(text)
