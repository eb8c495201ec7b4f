import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.clock import Monotonic
from fleet.runtime import Actor, Address, Down, Props
from fleet.supervision.policy import Directive, Record, decide
from fleet.supervision.spec import Backoff, ChildSpec, Intensity

ADDRESS = Address("/fleet/a", None)
CHILD = ChildSpec(id="a", props=Props(factory=Actor))


def record(restart="permanent"):
    return Record(ChildSpec(id="a", props=CHILD.props, restart=restart), Monotonic(0.0))


def down(reason="crash", permanent=False):
    return Down(ADDRESS, 1, reason, permanent)


def decided(rec, now=0.0, death=None, **settings):
    given = {
        "intensity": Intensity(restarts=3, within=60.0),
        "backoff": Backoff(least=1.0, most=8.0, reset_after=100.0),
        "quarantine": 30.0,
        "rng": random.Random(0),
    }
    return decide(rec, death or down(), Monotonic(now), **{**given, **settings})


@pytest.mark.parametrize("reason", ["crash", "hung"])
@pytest.mark.parametrize("restart", ["permanent", "transient"])
def test_a_failure_is_restarted_at_once_the_first_time(restart, reason):
    decision = decided(record(restart), death=down(reason))
    assert (decision.directive, decision.delay) == (Directive.RESTART, 0.0)


@pytest.mark.parametrize(
    ("restart", "reason", "directive"),
    [
        ("permanent", "normal", Directive.RESTART),
        ("transient", "normal", Directive.FORGET),
        ("temporary", "normal", Directive.FORGET),
        ("temporary", "crash", Directive.FORGET),
        ("temporary", "hung", Directive.FORGET),
    ],
)
def test_who_is_restarted_after_what(restart, reason, directive):
    assert decided(record(restart), death=down(reason)).directive is directive


@pytest.mark.parametrize("restart", ["permanent", "transient", "temporary"])
def test_what_waiting_cannot_mend_is_never_restarted(restart):
    rec = record(restart)
    assert decided(rec, death=down(permanent=True)).directive is Directive.FORGET
    assert not rec.restarts


def test_one_restart_too_many_within_the_window_is_a_quarantine():
    rec = record()
    directives = [decided(rec, now).directive for now in [0, 1, 2, 3]]
    assert directives == [Directive.RESTART] * 3 + [Directive.QUARANTINE]


def test_restarts_older_than_the_window_are_forgotten():
    rec = record()
    for now in range(0, 400, 21):
        assert decided(rec, now, backoff=Backoff(reset_after=1e9)).directive is Directive.RESTART


def test_after_a_quarantine_the_count_begins_anew():
    rec = record()
    delays = []
    for _ in range(6):
        for nth in range(3):
            assert decided(rec, 1.0).directive is Directive.RESTART, nth
        decision = decided(rec, 1.0)
        assert decision.directive is Directive.QUARANTINE
        delays.append(decision.delay)
    assert delays == [30.0, 60.0, 120.0, 240.0, 300.0, 300.0]


def test_a_long_life_forgives_everything():
    rec = record()
    for _ in range(4):
        decided(rec, 1.0)
    rec.started = Monotonic(2.0)
    decision = decided(rec, 102.0)
    assert (decision.directive, decision.delay) == (Directive.RESTART, 0.0)
    assert rec.quarantines == 0


def test_a_window_of_thousands_of_restarts_makes_no_number_too_big():
    """Doubling 2,000 times would not fit into a float."""
    rec = record()
    patient = Intensity(restarts=5_000, within=1e9)
    for _ in range(3_000):
        assert 0 <= decided(rec, 1.0, intensity=patient).delay <= 8.0


def test_a_child_that_is_quarantined_for_ever_makes_no_number_too_big():
    rec = record()
    rec.quarantines = 10**6
    never = Intensity(restarts=0, within=1.0)
    assert decided(rec, 1.0, intensity=never).delay == 300.0


@given(
    gaps=st.lists(st.floats(0, 50), min_size=1, max_size=40),
    restarts=st.integers(0, 6),
    within=st.floats(1, 200),
    least=st.floats(0.01, 2),
    most=st.floats(2, 50),
    seed=st.integers(),
)
def test_intensity_and_delays_keep_their_bounds(gaps, restarts, within, least, most, seed):
    rec, rng, now, granted = record(), random.Random(seed), 0.0, []
    backoff = Backoff(least=least, most=most, reset_after=1e9)
    for gap in gaps:
        now += gap
        recent = sum(at > now - within for at in granted)
        decision = decided(
            rec,
            now,
            intensity=Intensity(restarts=restarts, within=within),
            backoff=backoff,
            rng=rng,
        )
        if recent >= restarts:
            assert decision.directive is Directive.QUARANTINE
            granted.clear()
        else:
            assert decision.directive is Directive.RESTART
            ceiling = min(most, least * 2 ** max(0, recent - 1)) if recent else 0.0
            assert 0 <= decision.delay <= ceiling
            granted.append(now)


def test_the_jitter_is_full():
    """Children that died together must not come back together."""
    delays = []
    for seed in range(200):
        rec = record()
        decided(rec, 0.0)
        delays.append(decided(rec, 0.0, rng=random.Random(seed)).delay)
    assert min(delays) < 0.05
    assert max(delays) > 0.95
    assert 0.4 < sum(delays) / len(delays) < 0.6
