import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fleet.supervision.start_order import StartOrder

NAMES = ["a", "b", "c", "d"]
DEPENDENT = ["rest_for_one", "one_for_all"]


def started(order, names=NAMES):
    """Start all that may start, each coming through at once; tell who did."""
    found = []
    while (name := order.next(names)) is not None:
        found.append(name)
        order.down(name)
    return found


@pytest.mark.parametrize("strategy", DEPENDENT)
def test_each_waits_until_the_one_before_has_come_through(strategy):
    order = StartOrder(strategy)
    order.want(["c", "a", "b"])
    assert order.next(NAMES) == "a"
    assert order.next(NAMES) is None
    order.down("b")
    assert order.next(NAMES) is None, "it was not b who was starting"
    order.down("a")
    assert order.next(NAMES) == "b"


def test_children_that_do_without_each_other_do_not_wait():
    order = StartOrder("one_for_one")
    order.want(["c", "a"])
    order.delay("a")
    assert [order.next(NAMES), order.next(NAMES)] == ["c", None]
    order.due("a")
    assert order.next(NAMES) == "a"


def test_nobody_starts_while_one_of_all_waits_out_a_delay():
    order = StartOrder("one_for_all")
    order.want(["a", "b", "d"])
    order.delay("c")
    assert order.next(NAMES) is None
    order.due("c")
    assert started(order) == NAMES


def test_only_those_before_a_delayed_one_start():
    order = StartOrder("rest_for_one")
    order.want(["a", "b", "d"])
    order.delay("c")
    assert started(order) == ["a", "b"]
    order.due("c")
    assert started(order) == ["c", "d"]


@pytest.mark.parametrize("strategy", DEPENDENT)
def test_nobody_waits_for_one_that_was_forgotten(strategy):
    order = StartOrder(strategy)
    order.want(["b"])
    order.delay("a")
    order.forget("a")
    assert order.next(NAMES) == "b"
    order.want(["c"])
    order.forget("b")
    assert order.next(NAMES) == "c"


@pytest.mark.parametrize(
    ("strategy", "others"),
    [("one_for_one", []), ("rest_for_one", ["c", "d"]), ("one_for_all", ["a", "c", "d"])],
)
def test_who_shares_a_failure(strategy, others):
    assert StartOrder(strategy).affected("b", NAMES) == others


class StartOrderModel(RuleBasedStateMachine):
    """Whoever starts was to, has none before it to wait for, and starts alone."""

    strategy = "rest_for_one"

    def __init__(self):
        super().__init__()
        self.order = StartOrder(self.strategy)
        self.due, self.delayed, self.starting = set(), set(), None

    @rule(names=st.sets(st.sampled_from(NAMES)))
    def want(self, names):
        names -= self.delayed
        self.order.want(names)
        self.due |= names

    @rule(name=st.sampled_from(NAMES))
    def delay(self, name):
        self.order.down(name)
        self.order.delay(name)
        self.starting = None if self.starting == name else self.starting
        self.due.discard(name)
        self.delayed.add(name)

    @precondition(lambda self: self.delayed)
    @rule(data=st.data())
    def end_of_delay(self, data):
        name = data.draw(st.sampled_from(sorted(self.delayed)))
        self.order.due(name)
        self.delayed.discard(name)
        self.due.add(name)

    @rule(name=st.sampled_from(NAMES))
    def forget(self, name):
        self.order.forget(name)
        self.due.discard(name)
        self.delayed.discard(name)
        self.starting = None if self.starting == name else self.starting

    @rule()
    def come_through(self):
        if self.starting is not None:
            self.order.down(self.starting)
            self.starting = None

    @rule()
    def next(self):
        name = self.order.next(NAMES)
        allowed = self.allowed()
        assert name == (allowed[0] if allowed else None)
        if name is not None:
            self.due.discard(name)
            self.starting = name

    def allowed(self):
        if self.starting is not None:
            return []
        if self.strategy == "one_for_all":
            return [] if self.delayed else [name for name in NAMES if name in self.due]
        first = min((NAMES.index(name) for name in self.delayed), default=len(NAMES))
        return [name for name in NAMES[:first] if name in self.due]

    @invariant()
    def knows_who_is_due_and_who_waits(self):
        assert {name for name in NAMES if self.order.is_due(name)} == self.due
        assert {name for name in NAMES if self.order.is_delayed(name)} == self.delayed


class OneForAllModel(StartOrderModel):
    strategy = "one_for_all"


TestRestForOne = StartOrderModel.TestCase
TestOneForAll = OneForAllModel.TestCase
TestRestForOne.settings = settings(stateful_step_count=25)
TestOneForAll.settings = TestRestForOne.settings
