import os
import threading

import pytest

from fleet.runtime.cpu_time import seconds_on_cpu

ME = 4711


def task(folder, **files):
    home = folder / str(ME)
    home.mkdir()
    for name, text in files.items():
        (home / name).write_text(text)
    return folder


def test_nanoseconds_are_read_where_the_system_counts_them(tmp_path):
    assert seconds_on_cpu(ME, task(tmp_path, schedstat="1500000000 7 3\n")) == 1.5


def test_ticks_are_read_elsewhere_whatever_the_thread_is_called(tmp_path):
    ticks = os.sysconf("SC_CLK_TCK")
    # The name may hold anything; user and system time are the 14th and 15th field.
    stat = f"{ME} (a) b (c)) R 1 1 1 0 -1 0 0 0 0 0 {2 * ticks} {ticks} 0 0 20\n"
    assert seconds_on_cpu(ME, task(tmp_path, stat=stat)) == 3.0


@pytest.mark.parametrize("files", [{}, {"schedstat": "", "stat": "garbage"}])
def test_nothing_is_told_of_a_thread_that_is_gone_or_unreadable(tmp_path, files):
    assert seconds_on_cpu(ME, task(tmp_path, **files)) is None


def test_a_live_thread_that_computes_gains_time():
    me = threading.get_native_id()
    before = seconds_on_cpu(me)
    if before is None:
        pytest.skip("this system does not count the time of threads")
    while seconds_on_cpu(me) == before:
        sum(range(10_000))
    assert seconds_on_cpu(me) > before
