from __future__ import annotations

from fleet.actors.patience import CALM, LEAST, LONGEST_REFUSED, MOST, Patience
from fleet.protocol.clock import GameTime

NOW = GameTime(1000.0)


def test_reads_that_bring_nothing_are_tried_again_later_each_time():
    patience = Patience()
    waits = [patience.try_again(NOW) - NOW for _ in range(100)]
    assert waits[:3] == [LEAST, 2 * LEAST, 4 * LEAST]
    assert waits == sorted(waits)
    assert waits[-1] == MOST
    patience.done(mutating=False)
    assert patience.try_again(NOW) - NOW == LEAST


def test_some_refusals_are_heard_at_once_and_more_in_a_row_ever_later():
    patience = Patience()
    assert [patience.refused() for _ in range(CALM)] == [0.0] * CALM
    assert [patience.refused() for _ in range(3)] == [1.0, 2.0, 4.0]
    assert [patience.refused() for _ in range(100)][-1] == LONGEST_REFUSED


def test_only_what_was_done_ends_a_row_of_refusals():
    patience = Patience(refusals=CALM)
    patience.done(mutating=False)
    assert patience.refused() == 1.0
    patience.done(mutating=True)
    assert patience.refused() == 0.0
