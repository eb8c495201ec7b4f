"""The storm of a soak is what it says, and its memory is judged fairly."""

import sqlite3
import threading
from collections import Counter
from concurrent.futures import Executor, Future
from contextlib import closing

import pytest

from fleet.bench.plan import Plan
from fleet.bench.soak import soak
from fleet.bench.soak_attendance import Attendance
from fleet.bench.soak_books import roles, sellers
from fleet.bench.soak_figures import figures
from fleet.bench.soak_memory import growth, of_all, of_each
from fleet.bench.soak_run import Run
from fleet.bench.soak_sender import Sender
from fleet.bench.soak_storm import LONGEST, MIX, PER_MINUTE, SPINNERS, WRITER, Blow, Storm
from fleet.protocol.errors import UsageError

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
    kills = [blow for blow in blows if blow.part == "writer kill"]
    assert [blow.at for blow in kills] == [210 + 300 * n for n in range(6)]
    assert {(blow.kind, blow.hits_writer) for blow in kills} == {("crash", True)}


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


def test_a_spin_that_is_given_later_is_shortened_like_any_other():
    storm = Storm(seed=1, seconds=60.0)
    spin = Blow(0.0, {"kind": "spin", "address": ACTORS[0], "seconds": 8.0})
    again = [storm.again(spin, 30.0) for _ in range(SPINNERS + 1)]
    assert [blow.at for blow in again] == [30.0] * (SPINNERS + 1)
    assert [blow.arguments["seconds"] for blow in again] == [8.0] * SPINNERS + [0.5]


class AtOnce(Executor):
    """Does what it is given before it gives it back."""

    def submit(self, call, /, *arguments):
        done = Future()
        done.set_result(call(*arguments))
        return done


class ByHand(Executor):
    """Leaves it to the test when an answer comes, and which."""

    def __init__(self):
        self.answers = []

    def submit(self, _call, /, *_arguments):
        self.answers.append(Future())
        return self.answers[-1]


CRASH = Blow(1.0, {"kind": "crash", "address": ACTORS[0]})
AT_WRITER = Blow(2.0, {"kind": "crash", "address": WRITER})
KILL = Blow(3.0, {"kind": "crash", "address": WRITER}, "writer kill")


def test_a_blow_that_nobody_took_is_owed_until_somebody_takes_it():
    listens, struck = [False], []

    def strike(blow):
        struck.append(blow)
        return listens[0]

    sender = Sender(strike, AtOnce())
    sender.send(CRASH)
    sender.send_owed(lambda blow: blow)
    assert (sender.outstanding, sender.missed, sender.taken.total()) == (1, 2, 0)
    listens[0] = True
    sender.send_owed(lambda blow: Blow(9.0, blow.arguments))
    assert (sender.outstanding, sender.missed, sender.taken) == (0, 2, Counter(crash=1))
    assert [blow.at for blow in struck] == [1.0, 1.0, 9.0]


def test_nothing_is_sent_again_while_its_answer_may_still_come():
    threads = ByHand()
    sender = Sender(lambda _blow: True, threads)
    sender.send(CRASH)
    sender.send_owed(lambda blow: blow)
    assert (len(threads.answers), sender.outstanding) == (1, 1)
    threads.answers[0].set_result(True)
    assert (sender.outstanding, sender.taken) == (0, Counter(crash=1))


def test_a_fault_of_the_mix_that_hits_the_writer_is_no_kill_of_it():
    sender = Sender(lambda _blow: True, AtOnce())
    for blow in (CRASH, AT_WRITER, KILL):
        sender.send(blow)
    sender.look()
    assert sender.taken == {"crash": 2, "writer kill": 1}
    assert sender.at_the_writer == 1


def seen_ships(sellers):
    """What the database tells of so many miners and haulers, and of the others."""
    return {
        f"A-{n}": ("EXCAVATOR", "HAULER")[n % 2] if n < sellers else "SATELLITE" for n in range(200)
    }


def saw(seconds, *, leak_per_hour=0.0):
    """Memory of a runtime that grows by 40 MB after each start, every 300 s."""
    return [
        (float(at), 150 + 40 * min(1, at % 300 / 100) + leak_per_hour * at / 3600)
        for at in range(0, seconds, 5)
    ]


def seen(**changes):
    """A soak of an hour that went well."""
    run = Run(60)
    run.due, run.lasted = 12, 3600.0
    run.taken = Counter(dict.fromkeys(MIX, 1000)) + Counter({"GIL hold": 12, "writer kill": 12})
    run.events["process.restarted runtime"] = 12
    run.rss = [(at, {"runtime": mb}) for at, mb in saw(3601)]
    run.ships = seen_ships(140)
    run.sold, run.back = set(run.ships), 16.0
    run.silences = dict.fromkeys(run.ships, 70.0)
    run.summary = {"audit_difference": 0, "net_worth_gain": 1}
    for name, value in changes.items():
        setattr(run, name, value)
    return run


def test_a_soak_that_went_well_reaches_all():
    assert [row.name for row in figures(seen()) if not row.ok] == []


SPECIALS = Counter({"GIL hold": 12, "writer kill": 12})
TOO_FEW_CRASHES = Counter(dict.fromkeys(MIX, 1010)) - Counter(crash=30) + SPECIALS


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"lasted": 3660.0}, "chaos events that the fleet took"),
        ({"taken": TOO_FEW_CRASHES}, "rarest"),
        ({"taken": Counter(dict.fromkeys(MIX, 1002)) + Counter({"GIL hold": 12})}, "writer kills"),
        ({"events": Counter({"process.restarted runtime": 13})}, "guard restarts"),
        ({"summary": {"audit_difference": 1, "net_worth_gain": 1}}, "audit"),
        ({"rss": [(at, {"runtime": mb}) for at, mb in saw(3601, leak_per_hour=6.0)]}, "RSS slope"),
        ({"sold": set()}, "sold nothing"),
        ({"ships": {}, "sold": set()}, "sold nothing"),
        ({"ships": seen_ships(139)}, "sold nothing"),
        ({"back": None}, "every ship had answered"),
        ({"silences": dict.fromkeys(seen_ships(140), 10.0) | {"A-7": 151.0}}, "silent for more"),
        ({"silences": {}}, "silent for more"),
    ],
)
def test_what_goes_wrong_fails_its_row(changes, name):
    failed = [row.name for row in figures(seen(**changes)) if not row.ok]
    assert len(failed) == 1
    assert name in failed[0]


def test_a_silence_is_counted_from_answer_to_answer_and_to_the_end_of_the_storm():
    answering, now = {"A-1", "A-2"}, [0.0]
    attendance = Attendance(lambda: set(answering), lambda: now[0], period=3600.0)
    with attendance:
        looks = ((0.0, set()), (20.0, {"A-2"}), (90.0, {"A-2"}), (95.0, {"A-3"}))
        for now[0], change in looks:
            answering ^= change
            attendance.look()
        now[0] = 130.0
    assert attendance.longest == {"A-1": 70.0, "A-2": 90.0, "A-3": 35.0}


def test_a_fleet_that_does_not_answer_at_all_is_silent():
    now, fleet = [0.0], [{"A-1"}]
    attendance = Attendance(lambda: fleet[0], lambda: now[0], period=3600.0)
    attendance.look()
    fleet[0], now[0] = set(), 200.0
    attendance.look()
    fleet[0], now[0] = {"A-1"}, 300.0
    attendance.look()
    assert attendance.longest == {"A-1": 300.0}


def test_it_looks_by_itself_until_the_storm_is_over():
    looked = threading.Semaphore(0)

    def answering():
        looked.release()
        return {"A-1"}

    with Attendance(answering, period=0.001) as attendance:
        assert all(looked.acquire(timeout=30) for _ in range(3))
    assert set(attendance.longest) == {"A-1"}


@pytest.mark.parametrize("minutes", ["0", "-3"])
def test_a_soak_of_no_time_is_refused_before_anything_starts(minutes, tmp_path):
    plan = Plan(quick=False, folder=tmp_path, say=print, options={"minutes": minutes})
    with pytest.raises(UsageError, match=f"--minutes is {minutes}; give 1 or more"):
        next(soak(plan))
    assert list(tmp_path.iterdir()) == []


def test_a_shorter_soak_proves_nothing():
    rows = list(figures(seen(minutes=20)))
    assert {row.ok for row in rows if row.reach} == {False}


def test_who_sold_to_a_market_or_fulfilled_a_contract_lately_has_sold(tmp_path):
    rows = [
        ("A-1", "sell-cargo", 1000.0),
        ("A-2", "fulfill-contract", 950.0),
        ("A-3", "sell-cargo", 899.0),
        ("A-4", "purchase-cargo", 1000.0),
    ]
    with closing(sqlite3.connect(tmp_path / "fleet.sqlite")) as books, books:
        books.execute("CREATE TABLE ledger (ship TEXT, operation TEXT, at REAL)")
        books.executemany("INSERT INTO ledger VALUES (?, ?, ?)", rows)
    assert sellers(tmp_path, 100.0) == {"A-1", "A-2"}


def test_the_roles_of_all_ships_are_known_whoever_answers(tmp_path):
    with closing(sqlite3.connect(tmp_path / "fleet.sqlite")) as books, books:
        books.execute("CREATE TABLE ships (symbol TEXT, role TEXT)")
        books.executemany("INSERT INTO ships VALUES (?, ?)", [("A-1", "HAULER"), ("A-2", "PROBE")])
    assert roles(tmp_path) == {"A-1": "HAULER", "A-2": "PROBE"}


def test_a_runtime_that_is_started_anew_does_not_look_like_a_leak():
    grown = growth(saw(1800), since=600.0, cycle=300.0)
    assert grown.per_hour == pytest.approx(0.0, abs=0.1)


def test_a_leak_is_found_behind_the_restarts():
    grown = growth(saw(1800, leak_per_hour=30.0), since=600.0, cycle=300.0)
    assert grown.per_hour == pytest.approx(30.0, rel=0.05)


def test_the_error_tells_how_much_may_be_chance():
    def swaying(at):
        return 1.0 if at // 300 % 2 else -1.0

    even = growth(saw(4200), since=600.0, cycle=300.0)
    swayed = [(at, mb + swaying(at)) for at, mb in saw(4200)]
    grown = growth(swayed, since=600.0, cycle=300.0)
    assert even.error == pytest.approx(0.0, abs=0.1)
    # Twelve cycles, 1 MB up or down: 1 / sqrt(10/12 * sum of the squared distances in hours).
    assert grown.error == pytest.approx(1.09, rel=0.02)
    assert abs(grown.per_hour) < 2 * grown.error
    assert len(grown.sizes) == 12


def test_too_short_a_time_tells_nothing():
    assert growth(saw(1100), since=600.0, cycle=300.0) is None
    assert growth([], since=600.0, cycle=300.0) is None


def test_the_process_that_leaks_is_named():
    sizes = saw(1800, leak_per_hour=30.0)
    looks = [(at, {"runtime": mb, "simulator": 40.0}) for at, mb in sizes]
    slopes = {
        name: growth(samples, since=600.0, cycle=300.0).per_hour
        for name, samples in of_each(looks).items()
    }
    assert slopes == {"runtime": pytest.approx(30.0, rel=0.05), "simulator": pytest.approx(0.0)}
    assert of_all(looks) == [(at, mb + 40.0) for at, mb in sizes]
