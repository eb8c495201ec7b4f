from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from fleet.supervision.guard.restarts import Decision, Restarts, Verdict
from fleet.supervision.guard.spec import ProcessSpec
from fleet.supervision.spec import Backoff

BACKOFF = Backoff(least=1.0, most=8.0, reset_after=60.0)


def restarts(**settings: object) -> Restarts:
    spec = ProcessSpec(name="a", argv=("true",), backoff=BACKOFF, **settings)  # type: ignore[arg-type]
    return Restarts(spec, random.Random(3))


def test_the_first_restart_is_immediate_and_the_next_ones_wait_longer_and_longer() -> None:
    most = []
    for seed in range(200):
        record = Restarts(
            ProcessSpec(name="a", argv=("true",), backoff=BACKOFF), random.Random(seed)
        )
        most.append([record.decide(clean=False, ready_for=1.0).delay for _ in range(7)])
    peaks = [max(delays) for delays in zip(*most, strict=True)]
    assert peaks[0] == 0.0
    for peak, ceiling in zip(peaks[1:], [1.0, 2.0, 4.0, 8.0, 8.0, 8.0], strict=True):
        assert ceiling * 0.9 < peak <= ceiling


def test_a_stable_run_starts_the_backoff_from_the_beginning() -> None:
    record = restarts()
    for _ in range(4):
        record.decide(clean=False, ready_for=1.0)
    assert record.decide(clean=False, ready_for=60.0) == Decision(Verdict.RESTART, 0.0)
    assert record.decide(clean=False, ready_for=1.0).delay > 0


def test_only_failed_starts_in_a_row_lead_to_giving_up() -> None:
    record = restarts(attempts=3)
    for _ in range(5):
        record.decide(clean=False, ready_for=None)
        verdicts = [record.decide(clean=False, ready_for=None).verdict]
        assert record.decide(clean=False, ready_for=0.1).verdict is Verdict.RESTART
        assert verdicts == [Verdict.RESTART]
    ends = [record.decide(clean=False, ready_for=None).verdict for _ in range(3)]
    assert ends == [Verdict.RESTART, Verdict.RESTART, Verdict.GIVE_UP]


@given(clean=st.booleans(), ready_for=st.none() | st.floats(0, 1e6))
def test_temporary_ones_never_and_transient_ones_only_come_back_after_a_failure(
    clean: bool, ready_for: float | None
) -> None:
    temporary = restarts(restart="temporary").decide(clean=clean, ready_for=ready_for)
    transient = restarts(restart="transient").decide(clean=clean, ready_for=ready_for)
    assert temporary.verdict is Verdict.FORGET
    assert (transient.verdict is Verdict.FORGET) == clean


def test_an_endless_crash_loop_never_runs_out_of_numbers() -> None:
    record = restarts()
    assert all(record.decide(clean=False, ready_for=1.0).delay <= 8.0 for _ in range(3000))
