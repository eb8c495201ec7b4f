"""The breakers of one dependency: dead groups must not take the turns of live ones."""

import pytest

from fleet.protocol.clock import Monotonic
from fleet.supervision.breaker import BreakerSettings, BreakerState
from fleet.supervision.breakers import Breakers

SETTINGS = BreakerSettings(failures=5, reset=20.0, most=60.0, permit=30.0, slow=10.0)
CLOSED, OPEN, HALF_OPEN = BreakerState


def at(seconds):
    return Monotonic(float(seconds))


@pytest.fixture
def breakers():
    return Breakers(SETTINGS)


class Targets:
    """Answers of targets, some of which are dead in their own ways; one call after the other."""

    def __init__(self, breakers, dead):
        self.breakers = breakers
        self.dead = dead
        self.now = 0.0
        self.calls = []

    def call(self, name, grant):
        self.calls.append(name)
        kind = self.dead.get(name)
        if kind == "broken":
            self.now += 0.1
            self.breakers.failed(grant, at(self.now))
        elif kind == "slow":
            self.now += 11.0
            self.breakers.answered(grant, at(self.now))
        elif kind == "hung":
            self.now += 30.0  # nobody ever tells of it
        else:
            self.now += 0.05
            self.breakers.answered(grant, at(self.now))

    def round(self, names):
        """Call every target that may be called; tell who was served."""
        served = set()
        for name in self.breakers.in_turn(names, at(self.now)):
            grant = self.breakers.allow(name, at(self.now))
            if grant is not None:
                self.call(name, grant)
                if name not in self.dead:
                    served.add(name)
        return served


@pytest.mark.parametrize("kind", ["broken", "slow", "hung"])
@pytest.mark.parametrize("pause", [0.0, 7.0, 45.0])
def test_five_dead_targets_never_keep_twenty_live_ones_from_being_served(breakers, kind, pause):
    """The dead ones stand at the head, where they once starved all that came after them."""
    names = [f"dead-{n}" for n in range(5)] + [f"live-{n}" for n in range(20)]
    targets = Targets(breakers, dict.fromkeys(names[:5], kind))
    for nth in range(40):
        assert len(targets.round(names)) == 20, f"round {nth}"
        targets.now += pause
    per_target = [targets.calls.count(name) for name in names[:5]]
    due = 8 + targets.now / SETTINGS.most
    assert max(per_target) <= min(40, due), "the dead ones are left alone"
    assert min(per_target) >= 6, "and each is tried again"
    assert targets.breakers.state(at(targets.now)) is CLOSED


def test_a_dead_target_that_comes_back_is_served_again(breakers):
    targets = Targets(breakers, {"dead": "broken"})
    for _ in range(5):
        targets.round(["dead", "live"])
    assert breakers.states(at(targets.now)) == {"dead": OPEN, "live": CLOSED}
    targets.dead = {}
    assert targets.round(["dead", "live"]) == {"live"}
    targets.now += 20
    assert breakers.in_turn(["dead", "live"], at(targets.now)) == ["live", "dead"]
    assert targets.round(["dead", "live"]) == {"dead", "live"}
    assert breakers.states(at(targets.now)) == {"dead": CLOSED, "live": CLOSED}


def test_one_group_alone_never_opens_the_whole(breakers):
    now = 0.0
    for _ in range(200):
        grant = breakers.allow("markets", at(now))
        if grant is not None:
            breakers.failed(grant, at(now))
        now += 1.0
        assert breakers.state(at(now)) is CLOSED
    assert breakers.allow("ships", at(now)) is not None


def test_when_nothing_can_be_reached_the_whole_opens_at_once_and_groups_are_not_blamed(breakers):
    for nth in range(SETTINGS.failures):
        grant = breakers.allow(f"group-{nth % 2}", at(0))
        breakers.unreachable(grant, at(0))
    assert breakers.state(at(0)) is OPEN
    assert set(breakers.states(at(0)).values()) == {CLOSED}
    assert breakers.allow("ships", at(19)) is None
    assert breakers.retry_in("ships", at(5)) == 15.0


def test_groups_that_fail_in_turn_without_an_answer_open_the_whole(breakers):
    for nth in range(10):
        assert breakers.state(at(0)) is CLOSED, nth
        breakers.failed(breakers.allow(f"group-{nth}", at(0)), at(0))
    assert breakers.state(at(0)) is OPEN


def test_the_whole_is_tried_by_exactly_one_call_of_whichever_group(breakers):
    for nth in range(5):
        breakers.unreachable(breakers.allow(f"group-{nth}", at(0)), at(0))
    trial = breakers.allow("ships", at(20))
    assert trial is not None
    assert [breakers.allow(f"group-{nth}", at(20 + nth)) for nth in range(5)] == [None] * 5
    breakers.answered(trial, at(25))
    assert breakers.state(at(25)) is CLOSED
    assert all(breakers.allow(f"group-{nth}", at(25)) for nth in range(5))


def test_a_dead_group_leaves_the_trial_of_the_whole_to_the_others(breakers):
    for _ in range(5):
        breakers.failed(breakers.allow("dead", at(0)), at(0))
    while (grant := breakers.allow("ships", at(10))) is not None:
        breakers.unreachable(grant, at(10))
    assert breakers.state(at(10)) is OPEN
    # The dead group's own trial is due before that of the whole, and must not be spent on it.
    assert breakers.allow("dead", at(21)) is None
    assert breakers.in_turn(["dead", "ships"], at(30)) == ["ships", "dead"]
    assert breakers.allow("ships", at(30)) is not None


def test_a_grant_that_was_not_used_counts_for_nothing(breakers):
    grants = [breakers.allow("ships", at(0)) for _ in range(20)]
    for grant in grants:
        breakers.give_back(grant)
        breakers.failed(grant, at(0))
    assert breakers.state(at(100)) is CLOSED
    assert breakers.states(at(100)) == {"ships": CLOSED}


def test_changes_name_the_group_or_the_whole(breakers):
    for _ in range(5):
        breakers.failed(breakers.allow("markets", at(0)), at(0))
    while (grant := breakers.allow("ships", at(0))) is not None:
        breakers.unreachable(grant, at(0))
    told = [(change.target, change.state) for change in breakers.changes()]
    assert sorted(told) == [("api", OPEN), ("api/markets", OPEN)]
    assert breakers.changes() == []
