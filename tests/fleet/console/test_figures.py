"""Numbers, times and names as they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.console import figures
from fleet.status import EventStatus


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (999.4, "999"),
        (999.6, "1.00k"),
        (12_345, "12.3k"),
        (999_499, "999k"),
        (999_999, "1.00M"),
        (-4_567_890, "-4.57M"),
        (2.5e9, "2.50G"),
        (1e12, "1.00T"),
    ],
)
def test_a_short_number(value: float, shown: str) -> None:
    assert figures.short(value) == shown


@given(st.integers(-(10**14), 10**14))
def test_a_short_number_is_short_and_near(value: int) -> None:
    shown = figures.short(value)
    units = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
    read = float(shown.rstrip("kMGT")) * units.get(shown[-1], 1)
    assert len(shown) <= 6
    assert read == pytest.approx(value, rel=0.006, abs=0.5)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (0, "0.00 s"),
        (0.994, "0.99 s"),
        (0.996, "1.0 s"),
        (9.96, "10 s"),
        (38.2, "38 s"),
        (99.6, "1m 40s"),
        (131, "2m 11s"),
        (3_599.6, "1h 00m"),
    ],
)
def test_a_wait(value: float | None, shown: str) -> None:
    assert figures.seconds(value) == shown


def test_instants_and_what_is_none() -> None:
    assert figures.clock_time("2026-07-06T09:07:22.480Z") == "09:07:22"
    assert figures.day_and_time("2026-07-06T09:07:22.480Z") == "2026-07-06 09:07:22"
    assert figures.clock_time("\x1b[2J") == " [2J"


def test_names_and_counts() -> None:
    assert figures.actor_name("/fleet/ships/ME-1") == "ME-1"
    assert figures.actor_name("/") == "/"
    assert figures.count_of(1, "ship") == "1 ship"
    assert figures.count_of(2_000, "ship") == "2,000 ships"
    assert (figures.percent(0.984), figures.percent(None)) == ("98 %", "-")


@pytest.mark.parametrize(
    ("actor", "text", "shown"),
    [
        ("/fleet/ships", "/fleet/ships/A-1 runs again after: crash", "A-1 runs again after: crash"),
        ("/fleet/ships/A-1", "/fleet/ships/A-1 crashed on Step", "crashed on Step"),
        ("/fleet/ships/A-1", "A-1 sold 3 of 5/min at X1-A1/B", "sold 3 of 5/min at X1-A1/B"),
        ("/fleet/writer", "see http://example.org/a/b", "see http://example.org/a/b"),
        ("/fleet/writer", "", "rows.spilled"),
    ],
)
def test_an_event_names_actors_shortly(actor: str, text: str, shown: str) -> None:
    event = EventStatus(time="", actor=actor, event="rows.spilled", text=text)
    assert figures.event_text(event) == shown


@given(st.text())
def test_a_plain_text_cannot_steer_the_terminal(text: str) -> None:
    assert figures.plain(text).isprintable()
    assert len(figures.plain(text)) == len(text)
