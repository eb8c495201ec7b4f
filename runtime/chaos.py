"""Faults on demand: messages that make any actor misbehave, for drills and tests.

On threads a fault is what it says; in virtual time one that takes long is a `Hang`, so that the
same script runs on both.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, get_args

from fleet.protocol.clock import Clock, GameTime
from fleet.protocol.errors import FleetError
from fleet.runtime.actor import Hang
from fleet.runtime.clocks import VirtualClock

if TYPE_CHECKING:
    from fleet.runtime.actor import Redeliver
    from fleet.runtime.context import Context

Kind = Literal["hang", "spin", "crash", "slow", "leak", "deadlock", "gil"]
KINDS: Final[tuple[str, ...]] = (*get_args(Kind), "poison")
"""Everything that an actor can be made to do."""

SLOWNESS: Final = 0.5
"""Part of its budget that a slow actor takes before each look at its mailbox."""

LAST_WORDS: Final = 0.2
"""Wall seconds before the interpreter's lock is held."""

LEAK: Final = 64 * 1024 * 1024


class Misbehaviour(FleetError):
    """A crash that somebody asked for."""


class Fault:
    """A message that the kernel carries out instead of the actor."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Misbehave(Fault):
    """Do something bad for wall seconds. Never handled again by the replacement.

    hang: wait; spin: compute; deadlock: wait for a lock that nobody releases; gil: wait in C
    with the interpreter's lock held; slow: take half the budget again and again; leak: hold
    memory; crash: raise.
    """

    kind: Kind
    seconds: float = 60.0
    size: int = LEAK
    """Bytes that a leak holds."""


@dataclass(frozen=True, slots=True)
class Poison(Fault):
    """A message that crashes whoever handles it, each time; it ends among the dead letters."""

    redeliver: ClassVar[Redeliver] = "once"


@dataclass(frozen=True, slots=True)
class Leaked(Fault):
    """Holds leaked memory until it is handled, as a timer's message that comes late."""

    hoard: bytearray


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a fault is carried out."""

    ctx: Context[Any]
    clock: Clock
    budget: float


def misbehave(fault: Fault, scene: Scene) -> Hang | None:
    """Carry a fault out, in the actor's thread. Raises Misbehaviour for crash and poison."""
    match fault:
        case Poison():
            raise Misbehaviour("asked to handle poison")
        case Misbehave(kind="crash"):
            raise Misbehaviour("asked to crash")
        case Misbehave(kind="leak"):
            # Written to, because the system gives no memory for zeros that nobody has touched.
            hoard = bytearray(b"\1") * fault.size
            scene.ctx.timer("chaos leak", Leaked(hoard), after=fault.seconds)
        case Misbehave(kind="slow"):
            return _slow(fault, scene)
        case Misbehave():
            return _hang(fault, scene, fault.seconds)
    return None


def _slow(fault: Misbehave, scene: Scene) -> Hang | None:
    """Take a while, then queue up again behind what has come meanwhile, until it is over."""
    turn = min(fault.seconds, SLOWNESS * scene.budget)
    left = fault.seconds - turn
    if left > 0:
        scene.ctx.tell(scene.ctx.self, replace(fault, seconds=left))
    return _hang(replace(fault, kind="hang"), scene, turn)


def _hang(fault: Misbehave, scene: Scene, seconds: float) -> Hang | None:
    clock = scene.clock
    if isinstance(clock, VirtualClock):
        return Hang(GameTime(clock.now + seconds))
    match fault.kind:
        case "spin":
            _spin(clock, seconds)
        case "deadlock":
            lock = threading.Lock()
            lock.acquire()
            lock.acquire(timeout=seconds)
        case "gil":
            # Imported where it is used: nobody else needs it. PyDLL, unlike CDLL, keeps the
            # interpreter's lock during the call.
            import ctypes

            # Whoever asked is to be answered, and the log to be written, before nothing runs.
            threading.Event().wait(LAST_WORDS)
            ctypes.PyDLL(None).usleep(int(seconds * 1e6))
        case _:
            # A wait that nothing ends but its time: what a hung call looks like from outside.
            threading.Event().wait(seconds)
    return None


def _spin(clock: Clock, seconds: float) -> None:
    end = clock.monotonic() + seconds
    while clock.monotonic() < end:
        sum(range(1_000))
