"""The gauge tells the truth about this very process."""

import os
import threading
import time

from fleet.runtime.clocks import SystemClock
from fleet.supervision.resources.gauge import ProcessGauge


def test_memory_that_is_used_is_seen():
    gauge = ProcessGauge(SystemClock())
    before = gauge.memory().rss
    hoard = bytearray(b"\1") * (48 << 20)
    assert gauge.memory().rss - before > 40 << 20
    assert len(hoard) == 48 << 20


def undisturbed(measure):
    """Measure until nothing of an earlier test has ended meanwhile; the first look is as good."""
    for _ in range(50):
        counted, expected = measure()
        if counted == expected:
            break
    return counted, expected


def test_descriptors_and_threads_are_counted():
    counted, expected = undisturbed(count_five_threads_and_a_pipe)
    assert counted == expected


def count_five_threads_and_a_pipe():
    gauge, stop = ProcessGauge(SystemClock()), threading.Event()
    before = gauge.sample()
    threads = [threading.Thread(target=stop.wait) for _ in range(5)]
    for thread in threads:
        thread.start()
    reader, writer = os.pipe()
    after = gauge.sample()
    stop.set()
    for thread in threads:
        thread.join()
    os.close(reader)
    os.close(writer)
    assert gauge.file_limit >= after.files
    return (after.threads - before.threads, after.files - before.files), (5, 2)


def test_a_snapshot_tells_what_an_operation_has_used():
    counted, expected = undisturbed(snapshots_around_a_pipe)
    assert counted == expected


def snapshots_around_a_pipe():
    gauge = ProcessGauge(SystemClock())
    before = gauge.snapshot()
    reader, writer = os.pipe()
    while time.process_time() < before.computed + 0.01:
        pass
    after = gauge.snapshot()
    os.close(reader)
    os.close(writer)
    assert after.computed - before.computed >= 0.01
    assert after.memory.rss > 0
    return (after.files - before.files, after.threads - before.threads), (2, 0)


def test_a_thread_that_computes_is_told_from_one_that_waits():
    gauge, stop = ProcessGauge(SystemClock()), threading.Event()
    waiting = threading.Thread(target=stop.wait)
    waiting.start()
    me = threading.get_native_id()
    mine, other = gauge.thread_time(me), gauge.thread_time(waiting.native_id)
    while gauge.thread_time(me) - mine < 0.02:
        sum(range(1000))
    assert gauge.thread_time(waiting.native_id) - other < 0.005
    stop.set()
    waiting.join()


def test_a_thread_that_is_not_there_has_computed_nothing():
    # Beyond the largest id that the kernel gives out.
    assert ProcessGauge(SystemClock()).thread_time(2**22 + 1) == 0.0
