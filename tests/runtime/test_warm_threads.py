import threading
from queue import SimpleQueue

import pytest

from fleet.runtime.warm_threads import WarmThreads


@pytest.fixture
def pool():
    pool = WarmThreads(2)
    yield pool
    pool.close()


def parked():
    # A thread is listed before it runs, when nobody can join it yet.
    listed = threading.enumerate()
    return {thread for thread in listed if thread.name == "parked" and thread.is_alive()}


def until(holds):
    looks = (threading.Event().wait(0.005) for _ in range(1000))
    return any(holds() for _ in looks)


def run(pool, name, *, warm):
    done = SimpleQueue()
    pool.run(lambda: done.put(threading.current_thread()), name, warm=warm)
    return done.get(timeout=30)


def test_a_warm_call_runs_in_a_thread_that_was_there_before_under_its_own_name(pool):
    assert until(lambda: len(parked()) >= 2)
    before = parked()
    thread = run(pool, "/a#3", warm=True)
    assert thread in before
    assert thread.name == "/a#3"
    assert thread.daemon


def test_a_cold_call_leaves_the_parked_ones_alone(pool):
    assert until(lambda: len(parked()) >= 2)
    before = parked()
    assert run(pool, "/a#1", warm=False) not in before


def test_when_all_are_used_a_new_thread_does(pool):
    assert until(lambda: len(parked()) >= 2)
    release = threading.Event()
    for number in range(5):
        pool.run(lambda: release.wait(30), f"busy {number}", warm=True)
    assert run(pool, "one more", warm=True).name == "one more"
    release.set()


def test_used_ones_are_replaced_and_end_after_their_call(pool):
    assert until(lambda: len(parked()) >= 2)
    used = run(pool, "used", warm=True)
    used.join(30)
    assert not used.is_alive()
    assert until(lambda: len(parked()) >= 2)


def test_after_a_shortage_of_threads_there_are_warm_ones_again(monkeypatch):
    refused, start = threading.Event(), threading.Thread.start

    def refuse(thread):
        if thread.name == "parked":
            refused.set()
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        pool = WarmThreads(2)
        assert refused.wait(30)
        # The refiller has taken note of all that were used by now, and sleeps.
        assert until(lambda: pool._used.empty())
    run(pool, "/a#2", warm=True)
    assert until(lambda: len(pool._parked) == 2)
    pool.close()


def test_a_closed_pool_keeps_no_thread():
    others = parked()
    pool = WarmThreads(3)
    assert until(lambda: len(parked() - others) == 3)
    mine = parked() - others
    pool.close()
    for thread in mine:
        thread.join(30)
        assert not thread.is_alive()


def test_what_a_call_raises_is_its_own_affair(pool, monkeypatch):
    raised = SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", lambda args: raised.put(args.exc_type))
    pool.run(lambda: 1 / 0, "bad", warm=True)
    assert raised.get(timeout=30) is ZeroDivisionError
    assert run(pool, "good", warm=True).name == "good"
