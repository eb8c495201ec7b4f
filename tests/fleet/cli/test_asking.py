"""The commands that ask a running fleet: status, ships, chaos."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fleet.protocol.errors import UsageError
from fleet.status import Status

Fleet = Callable[..., Any]
Serve = Callable[[Mapping[str, Any]], None]


def test_status_is_a_page_or_json(fleet: Fleet, serve: Serve, late: Status) -> None:
    serve({"status": lambda _: late})
    page = fleet("status")
    assert page.status == 0
    assert "  Credits    1,384,902 (175,000 at the start)\n" in page.out
    assert json.loads(fleet("status", "--json").out)["requests"]["total"] == 587_214


def test_ships_are_a_table_or_json_in_the_order_asked_for(
    fleet: Fleet, serve: Serve, late: Status
) -> None:
    serve({"status": lambda _: late})
    lines = fleet("ships").out.splitlines()
    assert len(lines) == 63
    assert lines[1].startswith("FLEET-7QX2MA-1 ")
    richest = json.loads(fleet("ships", "--sort", "income", "--json").out)
    assert [ship["income"] for ship in richest] == sorted(
        (ship.income for ship in late.ships), reverse=True
    )
    poorest = json.loads(fleet("ships", "--sort", "income", "--reverse", "--json").out)
    assert poorest[0]["income"] == richest[-1]["income"]


def test_ships_need_a_known_key(fleet: Fleet) -> None:
    ran = fleet("ships", "--sort", "incom")
    assert ran.err == "fleet: Ships cannot be sorted by 'incom'; did you mean 'income'?\n"
    assert fleet("ships", "--sort", "zzz").err.endswith("fuel, cargo, income.\n")


def test_a_fleet_without_ships_says_so(fleet: Fleet, serve: Serve) -> None:
    serve({"status": lambda _: Status()})
    assert fleet("ships").out == "The fleet has no ships yet.\n"


def test_chaos_asks_for_what_was_typed(fleet: Fleet, serve: Serve) -> None:
    asked: list[Mapping[str, Any]] = []

    def chaos(arguments: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(arguments)
        return {"actors": ["/fleet/ships/A-1", "/fleet/ships/A-2"]}

    serve({"chaos": chaos})
    ran = fleet("chaos", "hang", "/fleet/ships/*", "--for", "1m30s")
    assert ran.out == "/fleet/ships/A-1 hangs for 1m 30s.\n/fleet/ships/A-2 hangs for 1m 30s.\n"
    assert asked == [{"kind": "hang", "address": "/fleet/ships/*", "seconds": 90.0}]
    assert fleet("chaos", "crash", "/x").out.startswith("/fleet/ships/A-1 crashes.\n")


def test_chaos_passes_the_fleets_own_refusal_on(fleet: Fleet, serve: Serve) -> None:
    def chaos(_: Mapping[str, Any]) -> None:
        raise UsageError("There is no actor /x; there is /fleet/bucket.")

    serve({"chaos": chaos})
    ran = fleet("chaos", "crash", "/x")
    assert (ran.status, ran.err) == (2, "fleet: There is no actor /x; there is /fleet/bucket.\n")


@pytest.mark.parametrize("text", ["soon", "-3", ""])
def test_chaos_needs_a_duration(fleet: Fleet, text: str) -> None:
    ran = fleet("chaos", "hang", "/x", "--for", text)
    assert ran.status == 2
    assert f"--for is '{text}'; give a duration such as" in ran.err


def test_another_versions_status_is_told_from_a_broken_one(fleet: Fleet, serve: Serve) -> None:
    serve({"status": lambda _: {"version": "new"}})
    ran = fleet("status")
    assert ran.status == 1
    assert "runs another version of fleet" in ran.err
