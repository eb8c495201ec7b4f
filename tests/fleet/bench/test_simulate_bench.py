"""What the bench of bots makes of its slices."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.bench.interleaved import Runs
from fleet.bench.plan import Plan
from fleet.bench.simulate import joined
from fleet.protocol.errors import UsageError


def test_a_round_is_as_fast_as_its_slices_together() -> None:
    # A hundred requests each at 100, 50 and 300 a second take 1 + 2 + 1/3 seconds.
    runs = joined(Runs((100.0, 50.0, 300.0, 10.0, 10.0, 10.0)), 3)
    assert runs.values == pytest.approx((300 / (1 + 2 + 1 / 3), 10.0))


def test_a_round_of_one_slice_stays_as_it_is() -> None:
    assert joined(Runs((3.0, 4.0)), 1).values == pytest.approx((3.0, 4.0))


def test_bots_that_make_no_requests_are_refused(tmp_path: Path) -> None:
    def plan(cycles: str, *, quick: bool = False) -> Plan:
        return Plan(quick, tmp_path, print, {"cycles": cycles})

    for wrong in ("0", "-3"):
        with pytest.raises(UsageError, match="give 1 or more"):
            plan(wrong).cycles(500)
    assert plan("20").cycles(500) == 20
    assert plan("3", quick=True).cycles(500) == 1
    assert Plan(True, tmp_path, print).cycles(500) == 100
