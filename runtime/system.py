"""The actor system: lives begin and end here, and what they leave is put in order."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from fleet.protocol.clock import Clock, Monotonic
from fleet.protocol.errors import PermanentFailure
from fleet.runtime.actor import Down, Props, Starting, Up
from fleet.runtime.address import Address
from fleet.runtime.cell import Cell, Cut, State
from fleet.runtime.chaos import Leaked, Misbehave
from fleet.runtime.dispatcher import Dispatcher
from fleet.runtime.envelope import Envelope, Stop
from fleet.runtime.events import EventSink
from fleet.runtime.furnished import furnished
from fleet.runtime.future import Quarantined
from fleet.runtime.graveyard import Graveyard
from fleet.runtime.hangs import Hangs
from fleet.runtime.incarnation import Incarnation
from fleet.runtime.keyed_timers import KeyedTimers
from fleet.runtime.lanes import Held
from fleet.runtime.mailbox import Bell
from fleet.runtime.post import Post
from fleet.runtime.traces import line_of
from fleet.runtime.zombies import Zombies

# A root that dies again within this many wall seconds waits before it is started anew.
QUICK = 10.0
LEAST_WAIT, MOST_WAIT = 0.05, 5.0
# Wall seconds until blocking calls are ended where no thread could be had for that.
CANCEL_AGAIN = 0.5


class ActorSystem(Post):
    """Owns the cells. Its methods may be called from any thread unless they say otherwise."""

    def __init__(
        self, *, dispatcher: Dispatcher, clock: Clock, events: EventSink, seed: int = 0
    ) -> None:
        super().__init__(dispatcher=dispatcher, clock=clock, events=events)
        self.seed = seed
        self.timers = KeyedTimers(self)
        self._spawning = threading.Lock()
        self._graveyard = Graveyard(self._cells)
        self.fallen = Zombies()
        """Incarnations that were cut off with a message in hand and have not come back."""

        self.hangs = Hangs(self)
        """What the watchdog works with."""

        self.adapt: Callable[[str, Props], Props] = lambda _path, props: props
        """May wrap an actor about to be spawned at a path, to look into it; set before any is."""

        self.lives: Callable[[ActorSystem, Cell, int, Bell, str | None], Incarnation] = Incarnation
        """Makes each incarnation; a recording sets one of its own before any actor is spawned."""

    @property
    def zombies(self) -> int:
        """Count the incarnations that were cut off and have not come back."""
        return len(self.fallen)

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Call back after wall seconds, in the timer thread; returns what forgets it."""
        return self.dispatcher.after(seconds, call)

    def address(self, path: str) -> Address[Any]:
        """Name an actor by its path; it need not exist (yet)."""
        cell = self._cells.get(path)
        # Asked for each message: what is there already is not made anew.
        return Address(path, self) if cell is None else cell.address

    # -- lives begin

    def spawn(
        self,
        path: str,
        props: Props,
        *,
        parent: str = "",
        note: Any = None,
        in_turn: bool = False,
        remembered: bool = False,
        check: Callable[[], None] = lambda: None,
    ) -> Address[Any]:
        """Start an actor at a path; what an earlier, stopped actor left there is gone.

        With `in_turn`, only its mailbox is there until its parent restarts it, and each of its
        incarnations tells the parent (Up) that it has come through its start. Its end is known
        for ever if `remembered`, else until many others have ended. `check` raises when whoever
        spawns has been replaced. Raises ValueError when a live one has the path.
        """
        props, mailbox = furnished(path, props, self.adapt)
        with self._spawning:
            # Making a mailbox may have taken long, and whoever came after has its own children.
            check()
            old = self._cells.get(path)
            if old is not None and not old.closed:
                raise ValueError(f"{path} is taken")
            # The numbers go on, so that path and incarnation never name two lives.
            number = old.number if old is not None else self._graveyard.number
            address = self.address(path)
            cell = Cell(address, props, mailbox, parent, number, note, zombies=self.fallen)
            if self.dispatcher.wakes:
                mailbox.hush()
            if parent:
                cell.monitors.add(parent)
            cell.in_turn, cell.remembered = in_turn, remembered
            self._cells[path] = cell
        if not in_turn:
            self._launch(cell, None)
        return cell.address

    def restart(self, path: str, reason: str | None) -> bool:
        """Put a new incarnation on a mailbox that has none; say whether that was so.

        The reason is why the last one ended; None when there was none.
        """
        cell = self._cells.get(path)
        if cell is None or not self._launch(cell, reason):
            return False
        cell.restarts += reason is not None
        return True

    def up(self, cell: Cell, number: int) -> None:
        """Take note that an incarnation has come through its start; called by it."""
        path = cell.address.path
        self.events.emit("actor.ready", level="debug", actor=path, incarnation=number)
        if cell.in_turn:
            self._tell(cell.parent, Up(cell.address, number))

    def quarantine(self, path: str, seconds: float) -> None:
        """Fail asks to an actor that is down, and to all below it that are, at once.

        Until it is started again, which is meant to be after so many wall seconds.
        """
        cell = self._cells.get(path)
        if cell is None or cell.state is not State.DOWN:
            return
        cell.rests_until = Monotonic(self.clock.monotonic() + seconds)
        self.fail_asks(cell, Quarantined(path, seconds))
        for child in self._living(path):
            self.quarantine(child.address.path, seconds)

    def _launch(self, cell: Cell, reason: str | None) -> bool:
        opened = cell.open()
        if opened is None:
            return False
        number, bell = opened
        self.timers.forget_all(cell)
        self._tell_of(cell, number, "actor.started", reason=reason or "")
        try:
            cell.unstash(number)
            self.dispatcher.start(self.lives(self, cell, number, bell, reason))
        # No thread, or a mailbox that fails: as good as a crash, and tried again like one.
        except BaseException as failure:
            begin = Envelope(Starting(), self.next_id())
            self.crashed(cell, number, begin, failure, traceback.format_exc())
        return True

    # -- who is there

    def children(self, parent: str) -> dict[str, Props]:
        """List an actor's children that have not stopped, by path."""
        return {cell.address.path: cell.props for cell in self._living(parent)}

    def _living(self, parent: str) -> list[Cell]:
        return [c for c in self.cells() if c.parent == parent and not c.closed]

    def children_down(self, parent: str) -> list[str]:
        """Name an actor's children that wait for a new incarnation."""
        return [
            cell.address.path.rsplit("/", 1)[1]
            for cell in self._living(parent)
            if cell.state is State.DOWN
        ]

    def is_current(self, down: Down | Up) -> bool:
        """Say whether a Down or Up still tells how its address stands, or has been overtaken."""
        cell = self._cells.get(down.address.path)
        if isinstance(down, Up):
            return cell is not None and cell.number == down.incarnation
        if cell is None or cell.closed:
            return down.reason == "stopped"
        dead = cell.state is State.DOWN and cell.number == down.incarnation + 1
        return dead and down.reason != "stopped"

    def monitor(self, path: str, watcher: str) -> None:
        """Tell `watcher` whenever an incarnation at `path` ends; at once if there is no actor."""
        cell = self._cells.get(path)
        if cell is not None:
            cell.monitors.add(watcher)
        if cell is None or cell.closed:
            self._tell(watcher, Down(self.address(path), 0, "stopped", detail="no actor"))

    # -- lives end

    def stop(self, path: str, reason: str = "stopped") -> None:
        """Ask an actor to end after the message in hand."""
        cell = self._cells.get(path)
        if cell is None:
            return
        if cell.state is State.DOWN:
            self._close(cell, reason)
        else:
            cell.mailbox.put_system(Envelope(Stop(reason), self.next_id()))
            self.dispatcher.woken(cell)

    def abandon(self, path: str) -> None:
        """Fence an actor and all below it, whatever they do, and close their addresses."""
        cell = self._cells.get(path)
        if cell is not None:
            self._close(cell, "abandoned")
        for child in self._living(path):
            self.abandon(child.address.path)

    def retire(self, path: str, *, subtree: bool = False) -> None:
        """Fence an actor whatever it does; its mailbox waits for the next incarnation."""
        cell = self._cells.get(path)
        cut = cell.retire() if cell is not None else None
        if cell is not None and cut is not None:
            self._tell_of(cell, cut.number, "actor.fenced", reason="sibling")
            if cut.hand is not None and not cut.hand.gone:
                self._dispose(cell, cut.hand.envelope, "fenced")
            self.clean_up(cell, cut)
        for child in self._living(path) if subtree else ():
            self.retire(child.address.path, subtree=True)

    def close(self) -> list[str]:
        """Abandon every actor and tell their paths; whoever is left after a stop is a bug."""
        left = [cell for cell in self.cells() if not cell.closed]
        for cell in left:
            self._close(cell, "closed")
        return [cell.address.path for cell in left]

    def ended(self, cell: Cell, number: int, reason: str) -> None:
        """Take note that an incarnation has stopped in order; called by it."""
        cut = cell.retire(number)
        if cut is None:
            return
        self._tell_of(cell, number, "actor.stopped", reason=reason)
        self._call_all(cell, cut.last_words)
        if reason == "normal" and cell.parent:
            self._tell_down(cell, Down(cell.address, number, "normal"))
        else:
            self._close(cell, reason)

    def outlived(self, cell: Cell, number: int) -> None:
        """Take note that a replaced incarnation has come back from what held it."""
        if cell.outlived(number):
            self._tell_outlived(cell, number, self.zombies)

    def _close(self, cell: Cell, reason: str) -> None:
        cut = cell.close()
        if cut is None:
            return
        self.timers.forget_all(cell)
        if cut.hand is not None:
            self._tell_of(cell, cut.number, "actor.fenced", reason=reason)
            if not cut.hand.gone:
                self._dispose(cell, cut.hand.envelope, "fenced")
        self.drain(cell)
        # Nobody would look after its children any more.
        for child in self._living(cell.address.path):
            self.stop(child.address.path, reason)
        self._tell_down(cell, Down(cell.address, cut.number, "stopped", detail=reason))
        self.clean_up(cell, cut)
        with self._spawning:
            self._graveyard.add(cell)

    def crashed(
        self, cell: Cell, number: int, envelope: Envelope, failure: BaseException, trace: str
    ) -> None:
        """End an incarnation that raised; called by it. A zombie's crash is only noted."""
        path = cell.address.path
        cut = cell.retire(number)
        if cut is None:
            self.events.emit("zombie.crashed", level="debug", actor=path, incarnation=number)
            self.outlived(cell, number)
            return
        # Not `isinstance`, which asks the failure itself what it is.
        permanent = issubclass(type(failure), PermanentFailure)
        down = Down(cell.address, number, "crash", permanent, line_of(failure))
        try:
            self._tell_crash(cell, number, envelope, failure, trace)
        # It is cut off by now: whatever fails about telling the log, its supervisor must know.
        except BaseException as untold:
            text, reason = line_of(untold), type(failure).__name__
            self.events.emit("actor.crashed", level="error", text=text, actor=path, reason=reason)
        self.died(cell, envelope, down, gone=cut.hand is not None and cut.hand.gone)
        self.clean_up(cell, cut)

    def fence_overdue(self) -> None:
        """Replace every incarnation whose message is over its budget."""
        self.hangs.replace(self.hangs.fence(self.cells()))

    def died(self, cell: Cell, envelope: Envelope, down: Down, *, gone: bool) -> None:
        """Settle a crash or a hang; one that came while stopping has only shortened the stop.

        `gone` tells that the message in hand has found its end already. For the kernel's own
        use, like `clean_up`.
        """
        if type(envelope.message) is Stop:
            with cell.lock:
                cell.dropped += 1
            self._close(cell, f"{down.reason} while stopping")
            return
        try:
            if not gone:
                self._dispose(cell, envelope, "poison")
        # A message may fail at being looked at: the actor must not stay down for that.
        except BaseException as failure:
            path, reason = cell.address.path, line_of(failure)
            self.events.emit("letter.lost", level="error", actor=path, reason=reason)
        self._tell_down(cell, down)

    def clean_up(self, cell: Cell, cut: Cut) -> None:
        """End the blocking calls of what was cut off, where that can't hold anybody up."""
        self._call_all(cell, cut.last_words)
        if cut.cancellables:
            self._cancel_aside(cell, cut)

    def _cancel_aside(self, cell: Cell, cut: Cut) -> None:
        try:
            self.dispatcher.aside(lambda: self._call_all(cell, cut.cancellables))
        # No thread to be had now: what they end may be what gives some back.
        except RuntimeError:
            self.dispatcher.after(CANCEL_AGAIN, lambda: self._cancel_aside(cell, cut))

    def _call_all(self, cell: Cell, calls: Sequence[Callable[[], None]]) -> None:
        """Call what a life has left to be called; one that fails spares the others nothing."""
        for call in calls:
            try:
                call()
            except BaseException as failure:
                path, reason = cell.address.path, line_of(failure)
                self.events.emit("cancel.failed", level="warning", actor=path, reason=reason)

    def _dispose(self, cell: Cell, envelope: Envelope, cause: Literal["poison", "fenced"]) -> None:
        """Decide on the message that an incarnation had in hand, by its type's policy."""
        message = envelope.message
        # It may have been stashed before things went wrong; it is here only once.
        cell.stashed = [kept for kept in cell.stashed if kept.id != envelope.id]
        if isinstance(message, Starting):
            return
        if isinstance(message, Stop | Held | Misbehave | Leaked):
            with cell.lock:
                cell.dropped += 1
            return
        if getattr(type(message), "redeliver", "never") == "once" and envelope.attempt < 2:
            attempt = envelope.attempt + 1
            cell.mailbox.give_back(msgspec.structs.replace(envelope, attempt=attempt, timer=None))
        else:
            self.bury(cell.address.path, envelope, cause, cell)

    def _tell_down(self, cell: Cell, down: Down) -> None:
        # Sorted, so that virtual time has the same order in every process.
        for path in sorted(cell.monitors):
            self._tell(path, down)
        if down.reason == "stopped":
            return
        if not cell.parent:
            self._revive(cell, down.reason)
        elif (parent := self._cells.get(cell.parent)) is None or parent.closed:
            self._close(cell, "orphaned")

    def _tell(self, path: str, down: Down | Up) -> None:
        watcher = self._cells.get(path)
        if watcher is not None and not watcher.closed:
            watcher.mailbox.put_system(Envelope(down, self.next_id()))
            self.dispatcher.woken(watcher)

    def _revive(self, cell: Cell, reason: str) -> None:
        """Nobody stands above a root: the system itself never lets it stay down."""
        now, path = self.clock.monotonic(), cell.address.path
        quick = cell.revived is not None and now - cell.revived < QUICK
        cell.revivals = cell.revivals + 1 if quick else 0
        wait = min(MOST_WAIT, LEAST_WAIT * 2 ** min(cell.revivals, 20)) if cell.revivals else 0.0
        cell.revived = Monotonic(now + wait)
        self.events.emit(
            "actor.restarted",
            level="warning",
            text=f"{path} stands alone and runs again after: {reason}",
            actor=path,
            reason=reason,
            backoff_s=wait,
        )
        if wait:
            self.dispatcher.after(wait, lambda: self._restart_root(path, reason))
        else:
            self._restart_root(path, reason)

    def _restart_root(self, path: str, reason: str) -> None:
        self.restart(path, reason)
