"""Sent = handled + settled + dead letters + queued + leased + stashed + in hand, come what may."""

import random
import threading
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from hypothesis import example, given
from hypothesis import strategies as st

from fleet.protocol.errors import BadToken
from fleet.runtime import Bounded, Credited, Fifo, Hang, Held, LaneMailbox, Priority
from fleet.supervision.spec import Backoff, ChildSpec, Intensity, SupervisorSpec
from fleet.supervision.supervisor import WhichChildren, supervise

BUDGET = 5.0


@dataclass(frozen=True)
class Work:
    """Tells its receiver what to do; counted by its number."""

    number: int
    deed: str
    to: int = 0


@dataclass(frozen=True)
class Again(Work):
    """The same, and may be repeated."""

    redeliver: ClassVar[str] = "once"


@dataclass(frozen=True)
class Kept(Work):
    """Waits in a lane."""

    redeliver: ClassVar[str] = "once"


@dataclass(frozen=True)
class Granted:
    """Credits have come; counted by nobody."""

    to: int
    room: int


DEEDS = [
    "nothing", "crash", "doom", "exit", "short hang", "long hang", "stash", "unstash", "forward",
    "stash and crash", "stash and hang", "unstash and crash", "lease", "settle", "release", "note",
    "credit", "credit and crash",
]  # fmt: skip
MAILBOXES = {
    "plain": Fifo,
    "other": Fifo,
    "full": lambda: Bounded(3),
    "lanes": lambda: LaneMailbox(lambda m: 0 if isinstance(m, Kept) else None, bound=6),
    "oldest": lambda: Bounded(3, "drop_oldest"),
    "urgent": lambda: Priority(lambda m: m.number % 3 if isinstance(m, Work) else 0, bound=4),
    "credited": lambda: Credited(3),
}
NAMES = [*MAILBOXES]


class World:
    """Workers under a supervisor, one for each kind of mailbox, and a ledger of what was sent."""

    def __init__(self, stage, strategy):
        self.stage = stage
        self.sent = 0
        self.helds = 0
        self.settled = []
        self.system = stage.system
        children = tuple(
            ChildSpec(
                id=name,
                props=stage.props(receive=self.receive, budget=BUDGET, mailbox=mailbox),
            )
            for name, mailbox in MAILBOXES.items()
        )
        spec = SupervisorSpec(
            children=children,
            strategy=strategy,
            intensity=Intensity(restarts=4, within=30),
            backoff=Backoff(least=0.5, most=4),
            quarantine=20,
        )
        self.system.spawn("/root", supervise(spec))
        stage.run()

    def address(self, index):
        return self.system.address(f"/root/{NAMES[index % len(NAMES)]}")

    def work(self, kind, deed, to=0):
        self.sent += 1
        return kind(self.sent, deed, to)

    def receive(self, ctx, message):
        if isinstance(message, Held):
            self.helds += 1
            return None
        if isinstance(message, Granted):
            self.helds += 1
            self.spend(ctx, message)
            return None
        deed = message.deed
        if "stash" in deed:
            getattr(ctx, "unstash" if deed.startswith("unstash") else "stash")()
        if "credit" in deed:
            to, on_credit = message.to, lambda room: Granted(message.to, room)
            self.spend(ctx, Granted(to, ctx.credit(self.address(to), 2, on_credit=on_credit)))
        if "crash" in deed:
            raise SystemExit
        if deed == "doom":
            raise BadToken
        if deed == "exit":
            ctx.stop(ctx.self, "normal")
        if "hang" in deed:
            return Hang(until=ctx.now() + (BUDGET / 2 if "short" in deed else BUDGET * 3))
        if deed == "forward":
            ctx.tell(self.address(message.to), self.work(Work, "nothing"))
        if deed in {"lease", "settle", "release", "note"}:
            self.work_on_lanes(ctx, deed)
        return None

    def spend(self, ctx, granted):
        for _ in range(granted.room):
            ctx.tell(self.address(granted.to), self.work(Work, "nothing"))

    def work_on_lanes(self, ctx, deed):
        lanes = ctx.lanes  # a crash by TypeError where there are none
        if deed == "lease":
            lanes.lease(0, 2)
        for number in list(lanes.leases)[:1]:
            if deed == "settle":
                self.settled.append(lanes.settle(number).envelope)
            elif deed == "release":
                lanes.release(number)
            elif deed == "note":
                lanes.note(number, "noted")

    def do(self, name, *arguments):
        if name == "send":
            index, kind, deed, to = arguments
            self.address(index).tell(self.work(kind, deed, to))
        elif name == "run":
            self.stage.run(arguments[0])
        else:
            getattr(self.system, name)(self.address(arguments[0]).path)

    def places(self):
        """Everything that is somewhere now, as envelopes; and how many have ended well."""
        here, handled = list(self.settled), -self.helds
        for name in NAMES:
            cell = self.system.cell(f"/root/{name}")
            handled += cell.handled
            here += cell.stashed
            if cell.in_hand is not None and cell.in_hand.counts:
                here.append(cell.in_hand.envelope)
            mailbox = cell.mailbox
            here += [*mailbox._system, *mailbox._front, *mailbox._queue]
            here += [row[-1] for row in getattr(mailbox, "_heap", ())]
            if isinstance(mailbox, LaneMailbox):
                here += [lease.envelope for lease in mailbox.leases.values()]
                here += [envelope for lane in mailbox._lanes.values() for envelope in lane]
        here += [letter.envelope for letter in self.system.dead_letters.letters()]
        return [envelope for envelope in here if isinstance(envelope.message, Work)], handled

    def check(self):
        here, handled = self.places()
        twice = [n for n, times in Counter(e.message.number for e in here).items() if times > 1]
        assert twice == [], "in two places"
        assert handled + len(here) == self.sent, "lost or doubled"
        self.check_books()

    def check_books(self):
        """The kernel's own counts know of every message, those of the kernel among them."""
        for name in NAMES:
            books = self.system.view(f"/root/{name}").books
            assert books.missing == 0, (name, books)


WORKERS = st.integers(0, len(NAMES) - 1)
operations = st.lists(
    st.one_of(
        st.tuples(
            st.just("send"),
            WORKERS,
            st.sampled_from([Work, Again, Kept]),
            st.sampled_from(DEEDS),
            WORKERS,
        ),
        st.tuples(st.just("run"), st.sampled_from([0.0, 0.3, 2.6, 6.0, 25.0])),
        st.tuples(st.sampled_from(["retire", "stop", "abandon"]), WORKERS),
        st.tuples(st.just("retire"), WORKERS),
    ),
    max_size=60,
)


@given(
    operations=operations,
    strategy=st.sampled_from(["one_for_one", "rest_for_one", "one_for_all"]),
    seed=st.integers(0, 1000),
    shuffled=st.booleans(),
)
@example([("send", 0, Work, "stash and crash", 0), ("run", 1.0)], "one_for_one", 0, False)
@example([("send", 3, Kept, "nothing", 0), ("stop", 3), ("run", 1.0)], "one_for_one", 0, False)
def test_no_message_is_lost_or_doubled(stages, operations, strategy, seed, shuffled):
    stage = stages(seed=seed, shuffle=random.Random(seed) if shuffled else None)
    world = World(stage, strategy)
    for operation in operations:
        world.do(*operation)
        world.check()
    stage.run(2000)
    world.check()
    assert stage.system.cell("/root").number == 1, "the supervisor was never in danger"
    for name in NAMES:
        cell = stage.system.cell(f"/root/{name}")
        assert cell.in_hand is None
        if cell.state.value == "running":
            assert not cell.mailbox._queue, "whoever lives has handled what it could"


def test_the_check_itself_notices_a_loss_and_a_double(stages):
    world = World(stages(), "one_for_one")
    world.do("send", 0, Work, "nothing", 0)
    cell = world.system.cell("/root/plain")
    (envelope,) = cell.mailbox._queue
    for spoiled in ([], [envelope, envelope]):
        cell.mailbox._queue.clear()
        cell.mailbox._queue.extend(spoiled)
        try:
            world.check()
        except AssertionError:
            continue
        raise RuntimeError("nothing noticed")


class Storm:
    """Senders, crashes, and a hand that cuts idle and busy actors off, all at the same time."""

    NAMES, EACH, SENDERS = ("a", "b", "c"), 400, 3

    def __init__(self, threads):
        self.system = threads.system
        self.done = {name: [] for name in self.NAMES}
        self.cuts = 0
        # Everybody waits for the others every ten messages, so that cuts fall among them.
        self.gather = threading.Barrier(self.SENDERS + 1)
        children = tuple(
            ChildSpec(id=name, props=threads.props(receive=self.receiver(name)))
            for name in self.NAMES
        )
        spec = SupervisorSpec(
            children=children,
            strategy="one_for_all",
            intensity=Intensity(restarts=10**6, within=1e6),
            backoff=Backoff(least=1e-9, most=1e-9),
        )
        self.system.spawn("/root", supervise(spec)).ask(WhichChildren(), timeout=30)
        self.addresses = [self.system.address(f"/root/{name}") for name in self.NAMES]

    def receiver(self, name):
        def receive(ctx, message):
            if message == "end":
                ctx.reply("end")
            elif message[1] % 97 == 13:
                raise SystemExit
            else:
                self.done[name].append(message)

        return receive

    def send(self, sender):
        for number in range(self.EACH):
            if number % 10 == 0:
                self.gather.wait(30)
            for address in self.addresses:
                address.tell((sender, number))

    def cut(self):
        rng = random.Random(1)
        for _ in range(self.EACH // 10):
            self.gather.wait(30)
            path = rng.choice(self.addresses).path
            self.system.retire(path)
            self.cuts += self.system.restart(path, "cut off")

    def rage(self):
        senders = [threading.Thread(target=self.send, args=(n,)) for n in range(self.SENDERS)]
        cutter = threading.Thread(target=self.cut)
        for thread in [*senders, cutter]:
            thread.start()
        for thread in [*senders, cutter]:
            thread.join()
        assert [each.ask("end", timeout=40) for each in self.addresses] == ["end"] * 3

    def check(self, name):
        letters = [x for x in self.system.dead_letters.letters() if x.path == f"/root/{name}"]
        lost = {letter.envelope.message for letter in letters}
        done = self.done[name]
        assert {letter.cause for letter in letters} <= {"poison", "fenced"}
        assert len(done) == len(set(done)), "doubled"
        assert set(done) | lost == {
            (sender, number) for sender in range(self.SENDERS) for number in range(self.EACH)
        }, "lost"
        # What was cut off in the middle may come to its effect late, as a zombie's.
        for sender in range(self.SENDERS):
            mine = [m[1] for m in done if m[0] == sender and m not in lost]
            assert mine == sorted(mine), "out of order"


def test_no_message_is_lost_or_doubled_on_threads(threads):
    storm = Storm(threads)
    storm.rage()
    for name in storm.NAMES:
        storm.check(name)
    assert storm.cuts > 10
