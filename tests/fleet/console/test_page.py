"""The status page and the list of ships as text."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from fleet.console.page import print_page
from fleet.console.ship_list import KEYS, ship_list, sort_ships
from fleet.status import (
    AgentStatus,
    BehaviourStatus,
    EventStatus,
    ProcessStatus,
    RequestStatus,
    ShipStatus,
    Status,
)


def page(status: Status) -> str:
    terminal = Console(file=io.StringIO(), width=240, record=True, color_system=None)
    print_page(status, terminal)
    return terminal.export_text()


def test_the_page_tells_every_matter_in_one_line(late: Status) -> None:
    text = page(late)
    for line in (
        "FLEET-7QX2MA at X1-DF55-A1, process 48211, epoch 3, up 1h 08m",
        "  Game time  2026-07-06 09:07:22 UTC, 60x, known to 0.04 s",
        "  Credits    1,384,902 (175,000 at the start)",
        "  Net worth  2,802,286 (+2,588,886, +38,016 per game hour)",
        "  Contract   37 of 61 COPPER_ORE at X1-DF55-H54; pays 118,400; 4d 02h left.",
        "  Requests   587,214 sent, 2.39/s, 3 in flight, API ok",
        "  Allowance  98 % used in the last minute, 99 % while saturated (3,912 game minutes)",
        "  Answers    0 too many requests (429), 143 refused, 2 lost",
        "  Actors     78 alive, 4 restarts, 1 hung, 0 zombies, 1 quarantined",
        "  Database   sqlite:///fleet.sqlite ok, 0 rows waiting, 7 ms per write",
    ):
        assert line in text.splitlines()
    assert "  mine_and_sell          24     1.07M" in text
    assert "  background        41      46 s    2m 11s" in text
    assert "14:06:12 ✗ FLEET-7QX2MA-2B  failed 5 times" in text


def test_a_runtime_that_was_started_anew_is_told() -> None:
    assert "Restarts" not in page(Status())
    text = page(Status(process=ProcessStatus(restarts=2)))
    assert "Restarts   the runtime was started anew 2 times; see `fleet tail`" in text


def test_a_page_with_nothing_known_is_still_a_page() -> None:
    text = page(Status())
    assert "Contract   none at hand" in text
    assert "None" not in text


def test_an_events_escape_sequences_are_taken_out() -> None:
    events = [EventStatus(time="x", text="\x1b[2Jgone\nforged")]
    assert "\x1b" not in page(Status(events=events))
    assert " [2Jgone forged" in page(Status(events=events))


def test_every_key_sorts_and_equal_ships_stand_by_number(late: Status) -> None:
    for key in KEYS:
        ordered = sort_ships(late.ships, key)
        assert sorted(ship.symbol for ship in ordered) == sorted(x.symbol for x in late.ships)
        assert sort_ships(late.ships, key, reverse=True) != ordered
    incomes = [ship.income for ship in sort_ships(late.ships, "income")]
    assert incomes == sorted(incomes, reverse=True)
    assert [ship.symbol for ship in sort_ships(late.ships, "role")][:2] == [
        "FLEET-7QX2MA-1",
        "FLEET-7QX2MA-2",
    ]


def test_the_list_has_a_line_for_each_ship(late: Status) -> None:
    terminal = Console(file=io.StringIO(), width=240, record=True, color_system=None)
    terminal.print(ship_list(late.ships, terminal.width))
    lines = terminal.export_text().splitlines()
    assert len(lines) == 1 + len(late.ships)
    assert lines[0].split()[:3] == ["Ship", "Role", "Behaviour"]
    assert "146/400" in lines[1]


def test_at_eighty_columns_no_symbol_and_no_figure_is_cut(late: Status) -> None:
    terminal = Console(file=io.StringIO(), width=80, record=True, color_system=None)
    terminal.print(ship_list(late.ships, terminal.width))
    head, *lines = terminal.export_text().splitlines()
    assert head.split()[0] == "Ship"
    assert head.split()[-1] == "Income"
    assert len(lines) == len(late.ships)
    for ship, line in zip(late.ships, lines, strict=True):
        assert line.split()[0] == ship.symbol
        assert "…" not in line.split()[-1]


def test_at_eighty_columns_long_symbols_and_figures_are_whole(late: Status) -> None:
    long = {"behaviour": "reserve_and_mine_and_sell", "fuel": 12_345, "fuel_capacity": 24_690}
    long |= {"doing": "navigating to X1-DF55-H54 for 37 COPPER_ORE", "income": 273_000_000}
    ships = [
        msgspec.structs.replace(ship, symbol=f"SPACEFLEET7QX2-{number}", **long)
        for number, ship in enumerate(late.ships)
    ]
    terminal = Console(file=io.StringIO(), width=80, record=True, color_system=None)
    terminal.print(ship_list(ships, terminal.width))
    head, *lines = terminal.export_text().splitlines()
    # The behaviour has no room; what needs less than it still has.
    assert head.split() == ["Ship", "Doing", "Place", "Fuel", "Cargo", "Income"]
    for ship, line in zip(ships, lines, strict=True):
        cells = line.split()
        assert cells[0] == ship.symbol
        cargo = f"{ship.cargo}/{ship.cargo_capacity}" if ship.cargo_capacity else "-"
        assert cells[-4:] == [ship.waypoint, "12345/24690", cargo, "273M"]
        assert "…" in line


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_at_no_width_is_anything_cut_but_what_a_ship_does(late: Status, width: int) -> None:
    terminal = Console(file=io.StringIO(), width=width, record=True, color_system=None)
    terminal.print(ship_list(late.ships, terminal.width))
    head, *lines = terminal.export_text().splitlines()
    assert len(lines) == len(late.ships)
    for ship, line in zip(late.ships, lines, strict=True):
        assert line.startswith(f"{ship.symbol} ")
        place = head.index("Doing")
        assert line.count("…") <= 1
        assert "…" not in line[:place] + line.split()[-1]


def test_at_eighty_columns_the_tables_stand_below_each_other(late: Status) -> None:
    lines = printed(late, 80)
    assert "  mine_and_sell          24     1.07M" in lines
    assert any(line.startswith("  background        41      46 s    2m 11s") for line in lines)


def test_tables_stand_side_by_side_only_where_both_are_whole(late: Status) -> None:
    long = [BehaviourStatus(name="reserve_and_mine_and_sell_twice_a_day", ships=3, income=5e6)]
    wide = msgspec.structs.replace(late, behaviours=long)
    assert any("Behaviour" in line and "Lane" in line for line in printed(late, 100))
    for width in range(80, 130):
        text = "\n".join(printed(wide, width))
        assert "…" not in text
        assert "reserve_and_mine_and_sell_twice_a_day" in text
        assert "2m 11s" in text


def test_at_eighty_columns_a_long_line_goes_on_below_and_breaks_no_word(late: Status) -> None:
    event = EventStatus(time="2026-07-06T14:06:12.000Z", actor="/fleet/x", text="refused " * 20)
    lines = printed(msgspec.structs.replace(late, events=[event]), 80)
    assert max(map(len, lines)) <= 80
    start = next(n for n, line in enumerate(lines) if line.startswith("  Allowance"))
    assert lines[start].endswith("(3,912 game")
    assert lines[start + 1] == " " * 13 + "minutes)"
    assert " ".join(lines).split().count("refused") == 20
    piped = printed(msgspec.structs.replace(late, events=[event]), 2_000)
    assert any(line.count("refused") == 20 for line in piped)


def printed(status: Status, width: int) -> list[str]:
    terminal = Console(file=io.StringIO(), width=width, record=True, color_system=None)
    print_page(status, terminal)
    return [line.rstrip() for line in terminal.export_text().splitlines()]


def test_a_status_survives_json_and_fields_of_a_later_version(late: Status) -> None:
    encoded = msgspec.json.encode(late)
    assert msgspec.json.decode(encoded, type=Status) == late
    later = encoded.replace(b'{"version":1', b'{"news":[1],"version":1', 1)
    assert msgspec.json.decode(later, type=Status) == late
    assert ShipStatus(symbol="A").arrives_in is None


def test_all_agents_are_told_where_several_are_played(late: Status) -> None:
    agents = [
        AgentStatus(symbol=symbol, credits=credits_now, ships=3)
        for symbol, credits_now in (("FIRST", 5_000), ("SECOND", 123_456), ("THIRD", 7))
    ]
    lines = page(msgspec.structs.replace(late, agents=agents)).splitlines()
    assert "  SECOND     123,456, 3 ships" in lines
    assert "  THIRD      7, 3 ships" in lines


def test_operations_are_listed_with_what_became_of_them_the_most_asked_for_first() -> None:
    ends = {"get-market": {"reply": 1_200, "limited": 3}, "dock-ship": {"reply": 5, "unknown": 1}}
    asked = RequestStatus(by_operation=ends, saturated=["trade"])
    lines = [" ".join(line.split()) for line in page(Status(requests=asked)).splitlines()]
    head = lines.index("Operation Requests of them refused 429 lost")
    assert lines[head + 1 : head + 3] == ["get-market 1,203 0 3 0", "dock-ship 6 0 0 1"]
    assert "Saturated trade" in lines


def test_what_is_down_and_what_a_request_brings_in_is_told() -> None:
    asked = RequestStatus(down=["my/ships/extract"], credits_per_request=12.4)
    text = page(Status(requests=asked))
    assert "API ok, down: my/ships/extract" in text
    assert "Yield      +12 credits per request" in text
