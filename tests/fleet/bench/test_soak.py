"""The storm of a soak is what it says, and its memory is judged fairly."""

from collections import Counter

import pytest

from fleet.bench.soak_memory import of_all, of_each, slope_per_hour
from fleet.bench.soak_storm import LONGEST, MIX, PER_MINUTE, SPINNERS, Storm

ACTORS = ["/fleet/bucket", *(f"/fleet/ships/A-{number}" for number in range(50))]


@pytest.fixture(scope="module")
def blows():
    return list(Storm(seed=1, seconds=1800.0).blows(ACTORS))


def test_two_hundred_events_a_minute_come_in_an_even_mix(blows):
    usual = Counter(blow.kind for blow in blows if blow.kind != "gil")
    usual["crash"] -= 6
    assert sum(usual.values()) == 30 * PER_MINUTE
    assert set(usual) == set(MIX)
    assert max(usual.values()) - min(usual.values()) <= 1


def test_a_hold_and_a_kill_of_the_writer_come_every_five_minutes(blows):
    assert [blow.at for blow in blows if blow.kind == "gil"] == [60 + 300 * n for n in range(6)]
    kills = [blow.at for blow in blows if blow.arguments.get("address") == "/fleet/writer"]
    assert kills == [210 + 300 * n for n in range(6)]


def test_they_come_in_order_and_every_fault_ends_in_time(blows):
    assert [blow.at for blow in blows] == sorted(blow.at for blow in blows)
    assert all(blow.arguments.get("seconds", 0.0) <= LONGEST for blow in blows)


def test_no_more_compute_at_once_than_a_process_may_carry(blows):
    spins = [blow for blow in blows if blow.kind == "spin"]
    for spin in spins:
        over = [one for one in spins if one.at <= spin.at < one.at + one.arguments["seconds"] - 0.5]
        assert len(over) <= SPINNERS + 1


def test_the_same_seed_is_the_same_storm(blows):
    assert list(Storm(seed=1, seconds=1800.0).blows(ACTORS)) == blows


def saw(seconds, *, leak_per_hour=0.0):
    """Memory of a runtime that grows by 40 MB after each start, every 300 s."""
    return [
        (float(at), 150 + 40 * min(1, at % 300 / 100) + leak_per_hour * at / 3600)
        for at in range(0, seconds, 5)
    ]


def test_a_runtime_that_is_started_anew_does_not_look_like_a_leak():
    slope = slope_per_hour(saw(1800), since=600.0, cycle=300.0)
    assert slope == pytest.approx(0.0, abs=0.1)


def test_a_leak_is_found_behind_the_restarts():
    slope = slope_per_hour(saw(1800, leak_per_hour=30.0), since=600.0, cycle=300.0)
    assert slope == pytest.approx(30.0, rel=0.05)


def test_too_short_a_time_tells_nothing():
    assert slope_per_hour(saw(800), since=600.0, cycle=300.0) is None
    assert slope_per_hour([], since=600.0, cycle=300.0) is None


def test_the_process_that_leaks_is_named():
    sizes = saw(1800, leak_per_hour=30.0)
    looks = [(at, {"runtime": mb, "simulator": 40.0}) for at, mb in sizes]
    slopes = {
        name: slope_per_hour(samples, since=600.0, cycle=300.0)
        for name, samples in of_each(looks).items()
    }
    assert slopes == {"runtime": pytest.approx(30.0, rel=0.05), "simulator": pytest.approx(0.0)}
    assert of_all(looks) == [(at, mb + 40.0) for at, mb in sizes]
