"""What the bench of bots makes of its slices."""

from __future__ import annotations

import pytest

from fleet.bench.interleaved import Runs
from fleet.bench.simulate import joined


def test_a_round_is_as_fast_as_its_slices_together() -> None:
    # A hundred requests each at 100, 50 and 300 a second take 1 + 2 + 1/3 seconds.
    runs = joined(Runs((100.0, 50.0, 300.0, 10.0, 10.0, 10.0)), 3)
    assert runs.values == pytest.approx((300 / (1 + 2 + 1 / 3), 10.0))


def test_a_round_of_one_slice_stays_as_it_is() -> None:
    assert joined(Runs((3.0, 4.0)), 1).values == pytest.approx((3.0, 4.0))
