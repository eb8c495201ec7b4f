"""One specified process over all its restarts: when it is stalled, when it starts again."""

from __future__ import annotations

import os
import random
import signal
from enum import Enum
from pathlib import Path
from typing import Any, Final

from fleet.runtime.events import EventSink
from fleet.supervision.guard.exits import Exit
from fleet.supervision.guard.lifeline import BOOT_FAILURE, RENEWAL
from fleet.supervision.guard.process import Process
from fleet.supervision.guard.reports import BootFailed, Progress, Ready, Renew
from fleet.supervision.guard.restarts import Decision, Restarts, Verdict
from fleet.supervision.guard.spec import ProcessSpec
from fleet.supervision.guard.stack_dump import READ_MOST, StackDump, fold_stacks

EXCERPT: Final = 3000
"""Characters of stacks or output that are given to the log; the files have the rest."""


class State(Enum):
    """Where a child stands."""

    WAITING = "waiting"
    """It is started when those before it are ready, or when its backoff is over."""

    STARTING = "starting"
    READY = "ready"
    DUMPING = "dumping"
    """Stalled; its stacks are being written."""

    ENDING = "ending"
    """Asked to stop, or killed."""

    ENDED = "ended"


class Child:
    """Runs one process and its successors; driven by the guard's loop, in its only thread."""

    def __init__(
        self, spec: ProcessSpec, *, log: EventSink, rng: random.Random, dumps: Path | None
    ) -> None:
        """Wait for the first start."""
        self.spec = spec
        self.process: Process | None = None
        self.state = State.WAITING
        self.incarnation = 0
        self.late = False
        """It did not stop in its share of the time and was killed."""

        self.was_ready = False
        """Whether any incarnation ever got ready."""

        self.last_line = ""
        """What an incarnation that failed printed last."""

        self._log = log
        self._dumps = dumps
        self._restarts = Restarts(spec, rng)
        self._due = 0.0
        self._backoff = 0.0
        self._started = self._last_beat = 0.0
        self._ready_at: float | None = None
        self._dump: StackDump | None = None
        self._boot_failure = self._renewal = ""
        self._killed = False

    def start(self, now: float) -> Exit | None:
        """Start the next incarnation; returns how it ended if it could not even be started."""
        self.incarnation += 1
        self._started = self._last_beat = now
        self._ready_at = None
        self._boot_failure = self._renewal = ""
        self._killed = False
        self.state = State.STARTING
        try:
            self.process = Process(self.spec, self._dumps)
        except OSError as failure:
            return self._not_started(failure)
        self._tell_started()
        if self.spec.ready_timeout is None:
            self._become_ready(now, {})
        return None

    def due(self, now: float) -> bool:
        """Whether it waits for nothing but the guard to start it."""
        return self.state is State.WAITING and now >= self._due

    def listen(self, now: float) -> bool:
        """Take what the process told; say whether that it gets on with its work was among it."""
        progressed = False
        if self.process is None:
            return progressed
        for report in self.process.reports():
            self._last_beat = now
            match report:
                case Ready(info) if self.state is State.STARTING:
                    self._become_ready(now, info)
                case BootFailed(reason):
                    self._boot_failure = reason
                case Renew(reason):
                    self._renewal = reason
                case Progress():
                    progressed = True
        return progressed

    def judge(self, now: float) -> None:
        """Take the next step against a process that is late with its start or its beats."""
        late = now >= self._limit()
        if self.state is State.STARTING and late:
            self._stall(now, f"it was not ready after {self.spec.ready_timeout:g} s")
        elif self.state is State.READY and late:
            self._stall(now, f"no beat came for {now - self._last_beat:.1f} s")
        elif self._dump is not None and self._dump.is_over(now):
            self._kill_stalled()

    def next_moment(self) -> float:
        """Tell when to look at it again at the latest."""
        match self.state:
            case State.WAITING:
                return self._due
            case State.STARTING | State.READY:
                return self._limit()
        return self._dump.next_moment if self._dump else float("inf")

    def ask_to_stop(self) -> None:
        """Ask for an orderly end; a child without a process is done."""
        if self.process is None:
            self.state = State.ENDED
            return
        self.state, self._dump = State.ENDING, None
        self.process.signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and its whole group at once."""
        if self.process is None:
            self.state = State.ENDED
            return
        self.state, self._dump, self._killed = State.ENDING, None, True
        self.process.kill()

    def kill_late(self) -> bool:
        """Kill it because it outstays its time; say whether that was still to be done."""
        if self.late:
            return False
        self.late = True
        self.kill()
        text = f"{self.spec.name} did not stop in time and is killed."
        self._tell("process.killed", text, level="error")
        return True

    def reap(self, now: float) -> Exit | None:
        """Tell how its process ended, if it did; the last reports are taken first."""
        if self.process is None or (code := self.process.reap()) is None:
            return None
        self.listen(now)
        reason = self._boot_failure if code == BOOT_FAILURE else ""
        if code == BOOT_FAILURE and not reason:
            reason = f"{self.spec.name} can't start (exit code {BOOT_FAILURE})."
        return Exit(code, reason, self._renewal if code == RENEWAL else "")

    def conclude(self, end: Exit, now: float, *, stopping: bool) -> Decision:
        """Put the ended process away and decide on the next one."""
        ready_for = None if self._ready_at is None else now - self._ready_at
        decision = Decision(Verdict.FORGET)
        done = end.clean and self.spec.critical
        if not (stopping or end.boot_failure or done):
            decision = self._restarts.decide(clean=end.clean, ready_for=ready_for)
        self._tell_exit(end, decision, now, asked=stopping)
        if self.process is not None:
            self.process.close()
            self.process = None
        again, self._dump = decision.verdict is Verdict.RESTART, None
        self.state = State.WAITING if again else State.ENDED
        self._due, self._backoff = now + decision.delay, decision.delay
        return decision

    @property
    def failed_starts(self) -> int:
        """Starts in a row that ended before it was ready."""
        return self._restarts.failed_starts

    def _limit(self) -> float:
        """Tell the moment at which the present silence is too long."""
        if self.state is State.STARTING:
            limit, since = self.spec.ready_timeout, self._started
        else:
            limit, since = self.spec.heartbeat, self._last_beat
        return float("inf") if limit is None else since + limit

    def _not_started(self, failure: OSError) -> Exit:
        """Tell a program that can't be run from a system that is short of something."""
        reason = f"{self.spec.name} can't be started: {failure.strerror}."
        if isinstance(failure, FileNotFoundError | PermissionError | NotADirectoryError):
            return Exit(BOOT_FAILURE, reason)
        self._tell("process.delayed", reason, level="error", reason=failure.strerror)
        return Exit(os.EX_OSERR)

    def _become_ready(self, now: float, info: dict[str, Any]) -> None:
        self.state = State.READY
        self.was_ready = True
        self._ready_at = self._last_beat = now
        took = round(now - self._started, 3)
        text, level = f"{self.spec.name} is ready after {took:g} s.", "info"
        if "waits_for" in info:
            # Alive, and so not to be killed, but nobody may take it for one that works.
            text, level = f"{self.spec.name} waits, and tries again: {info['waits_for']}", "warning"
        self._tell("process.ready", text, level=level, took_s=took, info=info)

    def _stall(self, now: float, reason: str) -> None:
        process = self._running()
        self.state = State.DUMPING
        text = f"{self.spec.name} is stalled: {reason}. It is killed."
        self._tell("process.stalled", text, level="error", reason=reason)
        heading = f"{self.spec.name}, process {process.pid}: {reason}"
        self._dump = StackDump(process, heading, now)

    def _kill_stalled(self) -> None:
        process = self._running()
        fields = self._stacks(process)
        self.kill()
        text = f"{self.spec.name} was stalled and is killed."
        self._tell("process.killed", text, level="error", **fields)

    def _tell_started(self) -> None:
        pid = self._running().pid
        if self.incarnation == 1:
            self._tell("process.started", f"{self.spec.name} starts as process {pid}.")
            return
        text = f"{self.spec.name} starts again as process {pid}."
        self._tell(
            "process.restarted",
            text,
            level="warning",
            restarts=self._restarts.count,
            backoff_s=round(self._backoff, 3),
        )

    def _tell_exit(self, end: Exit, decision: Decision, now: float, *, asked: bool) -> None:
        fields: dict[str, Any] = {"lived_s": round(now - self._started, 3)}
        fields |= {"signal": -end.code} if end.code < 0 else {"exit_code": end.code}
        text = f"{self.spec.name} {end}"
        expected = end.clean or bool(end.renewal) or (asked and end.code == -signal.SIGTERM)
        if not expected and not self._killed and self.process is not None:
            fields |= self._last_words(self.process)
            if end.code == -signal.SIGKILL:
                text += ", but not by the guard (is the system short of memory?)"
        if decision.verdict is Verdict.RESTART:
            fields["backoff_s"] = round(decision.delay, 3)
            delay = f"in {decision.delay:.1f} s" if decision.delay else "at once"
            text += f"; it is started again {delay}"
        if end.boot_failure:
            fields["reason"] = end.boot_failure
        level = "info" if expected else "error"
        if end.renewal:
            level, fields["reason"] = "warning", end.renewal
        self._tell("process.exited", f"{text}.", level=level, **fields)

    def _last_words(self, process: Process) -> dict[str, str]:
        """Find what explains the end: the stacks of a crash, or the end of its output."""
        if stacks := self._stacks(process):
            return stacks
        words = process.output.text(EXCERPT).strip() if process.output else ""
        self.last_line = words.rpartition("\n")[2]
        return {"stack": words} if words else {}

    def _stacks(self, process: Process) -> dict[str, str]:
        """Read what it dumped since it was started or asked."""
        if process.dump is None or not (dump := process.dump.text(READ_MOST)):
            return {}
        return {"stack": fold_stacks(dump)[:EXCERPT], "dump": str(process.dump.path)}

    def _tell(self, event: str, text: str, *, level: str = "info", **fields: Any) -> None:
        pid = self.process.pid if self.process else None
        where = {"child": self.spec.name, "pid": pid, "incarnation": self.incarnation}
        self._log.emit(event, level=level, text=text, **where, **fields)

    def _running(self) -> Process:
        assert self.process is not None
        return self.process
