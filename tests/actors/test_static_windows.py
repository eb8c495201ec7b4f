"""Which requests are counted in which second."""

from __future__ import annotations

from fleet.actors.limits import Limits
from fleet.actors.static_windows import StaticWindows
from fleet.actors.way import KnownSpread
from fleet.protocol.clock import GameTime


def at(seconds: float) -> GameTime:
    return GameTime(seconds)


def windows() -> StaticWindows:
    way = KnownSpread(0.1)
    way.took(0.1)
    return StaticWindows(Limits(), way)


def test_an_answer_that_is_the_second_tells_of_one_that_nobody_knows():
    found = windows()
    found.open(1, at(0.0))
    window = found.place(1, at(0.0), at(1.1), remaining=0)
    assert (window.members, window.unknown) == (2, 1)


def test_whoever_turns_out_to_be_the_unknown_first_is_not_counted_twice():
    found = windows()
    found.open(1, at(0.0))
    found.loose[2] = at(0.05)
    found.place(1, at(0.0), at(1.1), remaining=0)
    window = found.place(2, at(0.05), at(1.1), remaining=1)
    assert (window.members, window.unknown) == (2, 0)


def test_what_came_early_tells_that_everything_before_that_windows_end_will_do_so_too():
    found = windows()
    found.open(1, at(0.0))
    found.place(1, at(0.0), at(2.0), remaining=1)
    found.open(2, at(1.2))
    found.join(3, at(1.2))
    assert found.holds(at(1.3))
    found.place(2, at(1.2), at(2.0), remaining=0)
    assert not found.holds(at(1.3))


def test_a_place_in_a_window_is_reached_only_after_as_many_were_sent():
    found = windows()
    found.open(1, at(0.0))
    found.join(2, at(0.2))
    window = found.join(3, at(0.4))
    least = found.way.least
    assert window.earliest(2, found.way) == 0.4 + least
    window.unknown = 1
    assert window.earliest(2, found.way) == 0.2 + least
