import pytest

from fleet.supervision.resources.alarms import ProcessAlarms
from fleet.supervision.resources.limits import ResourceLimits
from fleet.supervision.resources.sample import MB


@pytest.fixture
def alarms(gauge):
    made = ProcessAlarms("runtime", ResourceLimits(), file_limit=gauge.file_limit)
    assert list(made.check(gauge.sample())) == []
    return made


def told(alarms, gauge, **needles):
    for name, value in needles.items():
        setattr(gauge, name, value)
    return [(alarm.event, alarm.text) for alarm in alarms.check(gauge.sample())]


def test_memory_that_grows_by_sixty_percent_is_told_once(alarms, gauge):
    text = "High memory usage in task runtime | Current: 160.00MB | Previous Peak: 100.00MB"
    assert told(alarms, gauge, rss=160 * MB) == [("memory.grown", text)]
    assert told(alarms, gauge, now=1001.0) == []
    assert alarms.peak == 160 * MB


def test_memory_that_grows_by_forty_percent_is_not_told(alarms, gauge):
    assert told(alarms, gauge, rss=140 * MB) == []


@pytest.mark.parametrize(("threads", "worth"), [(55, False), (61, True), (39, True), (45, False)])
def test_a_change_of_threads_by_a_fifth_or_ten_is_told(alarms, gauge, threads, worth):
    text = f"Significant thread count change | Current: {threads} | Previous: 50"
    assert told(alarms, gauge, threads=threads) == ([("threads.changed", text)] if worth else [])


def test_threads_of_actors_that_come_are_nothing_unusual_and_those_they_leave_are(gauge):
    alarms = ProcessAlarms("runtime", ResourceLimits(), file_limit=0)
    gauge.threads = 50
    assert list(alarms.check(gauge.sample(), actors=30)) == []
    gauge.threads = 150
    assert list(alarms.check(gauge.sample(), actors=130)) == []
    (alarm,) = alarms.check(gauge.sample(), actors=90)
    assert alarm.text == "Significant thread count change | Current: 150 | Previous: 50"


def test_a_cool_down_keeps_alarms_apart_and_loses_no_change(alarms, gauge):
    assert told(alarms, gauge, threads=70)
    assert told(alarms, gauge, threads=90, now=1030.0) == []
    text = "Significant thread count change | Current: 90 | Previous: 70"
    assert told(alarms, gauge, now=1060.0) == [("threads.changed", text)]


def test_half_as_many_descriptors_again_are_unusual(alarms, gauge):
    assert told(alarms, gauge, files=30) == []
    text = "Unusual file handle count | Current: 31 | Peak: 20"
    assert told(alarms, gauge, files=31) == [("files.grown", text)]


def test_descriptors_near_their_limit_are_told_again_after_the_cool_down(alarms, gauge):
    text = "Unusual file handle count | Current: 900 | Limit: 1024"
    assert told(alarms, gauge, files=900) == [("files.grown", text)]
    assert told(alarms, gauge, now=1059.0) == []
    assert told(alarms, gauge, now=1060.0) == [("files.grown", text)]


def test_three_passes_with_much_cpu_are_told_and_two_are_not(alarms, gauge):
    assert told(alarms, gauge, cpu=95.0) == []
    assert told(alarms, gauge, cpu=95.0) == []
    assert told(alarms, gauge, cpu=20.0) == []
    assert [told(alarms, gauge, cpu=91.0) for _ in range(2)] == [[], []]
    assert told(alarms, gauge) == [("cpu.exceeded", "High CPU usage | Current: 91% | Passes: 3")]


def test_figures_of_the_process_are_marked_as_such(alarms, gauge):
    gauge.rss = 200 * MB
    (alarm,) = alarms.check(gauge.sample())
    assert (alarm.fields["scope"], alarm.fields["rss_mb"]) == ("process", 200.0)
