"""The actor kernel on pykka: addresses, mailboxes, contexts, clocks, dispatchers."""

from fleet.runtime.actor import Actor, Down, Hang, Props, Up
from fleet.runtime.address import Address
from fleet.runtime.adversary import Adversary, Attack
from fleet.runtime.bounded import Bounded
from fleet.runtime.clocks import ClockSample, GameClock, SystemClock, VirtualClock
from fleet.runtime.context import Context, Fenced
from fleet.runtime.credits import Credited
from fleet.runtime.envelope import Envelope
from fleet.runtime.events import EventSink, NullEvents
from fleet.runtime.future import AskFailed, AskTimeout, Future, Quarantined
from fleet.runtime.lanes import Held, LaneMailbox
from fleet.runtime.mailbox import Fifo, Mailbox
from fleet.runtime.priority import Priority
from fleet.runtime.system import ActorSystem
from fleet.runtime.thread_dispatcher import ThreadDispatcher
from fleet.runtime.virtual_dispatcher import VirtualDispatcher

__all__ = [
    "Actor",
    "ActorSystem",
    "Address",
    "Adversary",
    "AskFailed",
    "AskTimeout",
    "Attack",
    "Bounded",
    "ClockSample",
    "Context",
    "Credited",
    "Down",
    "Envelope",
    "EventSink",
    "Fenced",
    "Fifo",
    "Future",
    "GameClock",
    "Hang",
    "Held",
    "LaneMailbox",
    "Mailbox",
    "NullEvents",
    "Priority",
    "Props",
    "Quarantined",
    "SystemClock",
    "ThreadDispatcher",
    "Up",
    "VirtualClock",
    "VirtualDispatcher",
]
