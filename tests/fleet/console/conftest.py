"""Statuses to draw: a fleet in its second game day, and one that has just begun."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from fleet.status import AgentStatus, ClockStatus, MoneyStatus, ShipStatus, Status


@pytest.fixture(scope="session")
def late() -> Status:
    """62 ships, all lanes in use, some trouble behind it."""
    recorded = Path(__file__).with_name("late.json").read_bytes()
    return msgspec.json.decode(recorded, type=Status)


@pytest.fixture(scope="session")
def early() -> Status:
    """Two ships and nothing else yet."""
    return Status(
        clock=ClockStatus(game="2026-07-04T13:00:05.000Z", speed=1),
        agent=AgentStatus(symbol="ME", credits=175_000, headquarters="X1-AB1-A1"),
        money=MoneyStatus(net_worth=213_400, net_worth_start=213_400, history=[213_400]),
        ships=[ShipStatus(symbol="ME-1"), ShipStatus(symbol="ME-2")],
    )
