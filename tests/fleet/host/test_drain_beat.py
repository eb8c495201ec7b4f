"""A process that cannot even end is ended by the guard, which hears no beat any more."""

from fleet.host.drain_beat import LONGEST, DrainBeat
from fleet.protocol.clock import Monotonic


def test_it_beats_for_ever_while_the_fleet_plays():
    beats, now = [], [0.0]
    beat = DrainBeat(lambda: beats.append(now[0]), lambda: False, lambda: Monotonic(now[0]))
    for now[0] in (0.0, LONGEST, 100 * LONGEST):
        beat()
    assert len(beats) == 3


def test_it_falls_silent_when_a_drain_takes_too_long():
    beats, now, drains = [], [0.0], [False]
    beat = DrainBeat(lambda: beats.append(now[0]), lambda: drains[0], lambda: Monotonic(now[0]))
    beat()
    drains[0] = True
    for now[0] in (1000.0, 1000.0 + LONGEST, 1000.1 + LONGEST, 2000.0):
        beat()
    assert beats == [0.0, 1000.0, 1000.0 + LONGEST]
