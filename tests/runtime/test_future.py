import threading

import pytest

from fleet.runtime import AskFailed, AskTimeout, Future


def test_the_first_result_counts():
    future = Future()
    assert future.set(1)
    assert not future.set(2)
    assert not future.fail(AskFailed("late"))
    assert future.get(0) == 1


def test_a_failure_is_raised_and_counts_as_the_first_result():
    future = Future()
    assert future.fail(AskFailed("gone"))
    assert not future.set(1)
    for _ in range(2):
        with pytest.raises(AskFailed, match="gone"):
            future.get(0)


def test_none_is_a_result():
    future = Future()
    future.set(None)
    assert future.get(0) is None


@pytest.mark.parametrize("timeout", [0, 0.01, -1, -0.5, float("-inf")])
def test_waiting_ends_in_time(timeout):
    """A lock alone would take -1 for ever and refuse other negative times."""
    with pytest.raises(AskTimeout):
        Future().get(timeout)


@pytest.mark.parametrize("timeout", [float("inf"), 1e300])
def test_a_wait_may_be_endless(timeout):
    future, got = Future(), []
    waiter = threading.Thread(target=lambda: got.append(future.get(timeout)))
    waiter.start()
    future.set("came")
    waiter.join(30)
    assert got == ["came"]


def test_all_who_wait_are_woken():
    future, got = Future(), []
    waiters = [threading.Thread(target=lambda: got.append(future.get(5))) for _ in range(5)]
    for waiter in waiters:
        waiter.start()
    future.set("x")
    for waiter in waiters:
        waiter.join(30)
    assert got == ["x"] * 5


def outcome(future):
    try:
        return str(future.get(0))
    except AskFailed as failure:
        return str(failure)


@pytest.mark.parametrize("_", range(20))
def test_of_many_who_race_exactly_one_is_first(_):
    future, start, firsts = Future(), threading.Barrier(8), []

    def race(number):
        start.wait()
        if future.set(number) if number % 2 else future.fail(AskFailed(str(number))):
            firsts.append(str(number))

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert firsts == [outcome(future)]


@pytest.mark.parametrize("end", [lambda f: f.set(None), lambda f: f.fail(AskFailed("gone"))])
def test_it_tells_whether_it_has_come_to_an_end(end):
    future = Future()
    assert not future.done
    end(future)
    assert future.done
