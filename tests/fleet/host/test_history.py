from hypothesis import given
from hypothesis import strategies as st

from fleet.host.history import History


def test_a_value_is_kept_per_step_however_often_somebody_looks():
    history = History(step=10.0)
    for elapsed in (0.0, 1.0, 9.9, 10.0, 10.1, 25.0):
        history.take(int(elapsed), elapsed)
    assert history.values() == [0, 10, 25]


def test_when_there_are_too_many_every_other_one_goes_and_steps_are_twice_as_long():
    history = History(most=4, step=1.0)
    for elapsed in range(8):
        history.take(elapsed, float(elapsed))
    assert history.values() == [0, 2, 4, 6]


@given(st.lists(st.floats(0.0, 100.0), max_size=400))
def test_there_are_never_more_than_so_many(gaps):
    history, elapsed = History(most=20, step=1.0), 0.0
    for number, gap in enumerate(gaps):
        elapsed += gap
        history.take(number, elapsed)
    values = history.values()
    assert len(values) <= 20
    assert values == sorted(values)
    assert values[:1] == ([0] if gaps else [])
