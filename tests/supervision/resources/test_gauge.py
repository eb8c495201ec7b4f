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


def test_descriptors_and_threads_are_counted():
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
    assert after.threads - before.threads == 5
    assert after.files - before.files == 2
    assert gauge.file_limit >= after.files


def test_a_snapshot_tells_what_an_operation_has_used():
    gauge = ProcessGauge(SystemClock())
    before = gauge.snapshot()
    reader, writer = os.pipe()
    while time.process_time() < before.computed + 0.01:
        pass
    after = gauge.snapshot()
    os.close(reader)
    os.close(writer)
    assert after.files - before.files == 2
    assert after.computed - before.computed >= 0.01
    assert after.threads == before.threads
    assert after.memory.rss > 0


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
