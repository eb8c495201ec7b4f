"""The commands that ask a running fleet: status, ships, chaos."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from rich.console import Console

from fleet.cli.experiments import _print_rows
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
    size = 64 * 1024 * 1024
    wanted = {"kind": "hang", "address": "/fleet/ships/*", "seconds": 90.0, "size": size}
    assert asked == [wanted]
    assert fleet("chaos", "crash", "/x").out.startswith("/fleet/ships/A-1 crashes.\n")


def test_chaos_asks_for_faults_of_the_surroundings(fleet: Fleet, serve: Serve) -> None:
    asked: list[Mapping[str, Any]] = []

    def chaos(arguments: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(arguments)
        return {"actors": [], "fault": "api-500"}

    serve({"chaos": chaos})
    ran = fleet("chaos", "api-500", "--for", "5s", "--share", "0.2")
    assert (ran.status, ran.out) == (0, "The API answers 500 for 5s.\n")
    assert asked == [{"kind": "api-500", "seconds": 5.0, "share": 0.2}]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("dance",), "There is no fault 'dance'; there are hang, "),
        (("hang",), "Name the actor that is to hang, such as /fleet/bucket."),
        (("db-down", "/fleet/a"), "db-down is not done to an actor; leave /fleet/a out."),
        (("leak", "/fleet/a", "--size", "much"), "--size is 'much'; give a size such as"),
    ],
)
def test_chaos_that_makes_no_sense_is_refused_without_asking(
    fleet: Fleet, typed: tuple[str, ...], sentence: str
) -> None:
    ran = fleet("chaos", *typed)
    assert ran.status == 2
    assert sentence in ran.err


LETTER = {
    "id": 7,
    "actor": "/fleet/bucket",
    "cause": "expired",
    "message_type": "Send",
    "message": "Send(1)",
    "attempt": 1,
    "may_be_sent_again": False,
}


def test_dead_letters_are_a_table_or_json(fleet: Fleet, serve: Serve) -> None:
    serve({"dead-letters": lambda _: {"letters": [LETTER], "counts": {"expired": 1}}})
    ran = fleet("dead-letters")
    assert "7  /fleet/bucket  expired  --force  Send(1)" in " ".join(ran.out.split("\n"))
    assert ran.out.endswith("1 since the start: 1 expired.\n")
    assert json.loads(fleet("dead-letters", "--json").out)["letters"] == [LETTER]


def test_a_long_message_leaves_the_id_of_a_dead_letter_whole(
    fleet: Fleet, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet.cli.output.PIPE_WIDTH", 80)
    letter = LETTER | {"id": 123456, "message": "NextStep(" + "x" * 400}
    serve({"dead-letters": lambda _: {"letters": [letter], "counts": {"expired": 1}}})
    line = fleet("dead-letters").out.splitlines()[1]
    assert line.startswith("123456  /fleet/bucket  expired  --force  NextStep(xxx")
    assert line.endswith("…")
    assert len(line) == 80


def test_a_long_address_gives_way_before_anything_that_a_replay_takes(
    fleet: Fleet, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = "/fleet/behaviours/reserve_and_mine_and_sell/FLEET-7QX2MA-2B"
    letter = LETTER | {"id": 1_234_567, "actor": actor, "cause": "quarantined"}
    letter |= {"message": "NextStep(" + "x" * 400 + ")"}
    serve({"dead-letters": lambda _: {"letters": [letter], "counts": {"quarantined": 1}}})
    whole = fleet("dead-letters").out.splitlines()[1]
    assert whole.split() == ["1234567", actor, "quarantined", "--force", letter["message"]]
    monkeypatch.setattr("fleet.cli.output.PIPE_WIDTH", 80)
    line = fleet("dead-letters").out.splitlines()[1]
    number, shown, cause, again, message = line.split()
    assert (number, cause, again) == ("1234567", "quarantined", "--force")
    assert shown.startswith("…")
    assert shown.endswith("/FLEET-7QX2MA-2B")
    assert message == "NextStep(xxxxxx…"
    assert len(line) == 80


EXPERIMENT = {
    "name": "reserve-mining-twice-as-often",
    "state": "running",
    "what": "behaviour mine_and_sell",
    "ships": ["FLEET-7QX2MA-2B", "FLEET-7QX2MA-2C"],
    "requests": 123_456,
    "quota": 12.5,
    "spent": 1_234_567,
    "budget": 2_500_000,
    "earned": 9_876_543,
    "seconds": 98_765.0,
    "outcome": "refused: " + "the ship is not of this experiment " * 5 + "at all",
    "design": "",
}


def test_experiments_are_a_line_each_and_their_outcomes_sentences_below(
    fleet: Fleet, serve: Serve
) -> None:
    serve({"experiments": lambda _: [EXPERIMENT, EXPERIMENT | {"name": "watch", "outcome": ""}]})
    head, first, second, outcome = fleet("experiments").out.splitlines()
    assert head.split()[-4:] == ["budget", "earned", "game", "time"]
    assert first.split()[-3:] == ["9,876,543", "1d", "03h"]
    assert "behaviour mine_and_sell  FLEET-7QX2MA-2B, FLEET-7QX2MA-2C  " in first
    assert second.startswith("watch ")
    assert outcome == f"reserve-mining-twice-as-often: {EXPERIMENT['outcome']}"


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_names_and_figures_of_experiments_are_whole_on_a_terminal(width: int) -> None:
    small = EXPERIMENT | {"name": "a", "ships": ["A-1"], "requests": 7, "outcome": ""}
    screen = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    _print_rows([EXPERIMENT, small], screen)
    assert isinstance(screen.file, io.StringIO)
    lines = [line.rstrip() for line in screen.file.getvalue().splitlines()]
    text = "\n".join(lines)
    assert max(map(len, lines)) <= width
    assert "…" not in text
    assert lines[1].split()[:2] == ["reserve-mining-twice-as-often", "running"]
    assert "1,234,567" in lines[1]
    assert "9,876,543" in lines[1]
    assert ("2,500,000" in lines[1]) == (width >= 80)
    assert ("1d 03h" in lines[1]) == ("game time" in lines[0])
    # The outcome is whole, and no word of it is broken.
    assert " ".join(text.split()).endswith(str(EXPERIMENT["outcome"]))


def test_no_dead_letters_is_said(fleet: Fleet, serve: Serve) -> None:
    serve({"dead-letters": lambda _: {"letters": [], "counts": {}}})
    assert fleet("dead-letters").out == "There are no dead letters.\n"


def test_a_dead_letter_is_sent_again_by_its_number(fleet: Fleet, serve: Serve) -> None:
    asked: list[Mapping[str, Any]] = []

    def replay(arguments: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(arguments)
        return LETTER | {"taken": True}

    serve({"replay": replay})
    assert fleet("dead-letters", "--replay", "7").out == "Send for /fleet/bucket was sent again.\n"
    assert asked == [{"letter": 7, "force": False}]


def row(path: str, parent: str = "/fleet", **more: Any) -> dict[str, Any]:
    plain = {"path": path, "parent": parent, "state": "running", "incarnation": 1, "restarts": 0}
    plain |= {"mailbox": 0, "handled": 12, "busy": "", "busy_for": 0.0, "oldest": 0.0}
    plain |= {"waited": 0.0, "cpu": 0.1, "event": "", "event_at": "", "event_level": ""}
    return plain | {"event_text": ""} | more


def test_the_tree_shows_who_is_in_trouble_and_counts_the_rest(fleet: Fleet, serve: Serve) -> None:
    ships = [row(f"/fleet/ships/A-{number}", "/fleet/ships") for number in range(30)]
    ships[7] |= {"state": "resting", "restarts": 5, "event": "child.quarantined"}
    ships[7] |= {"event_at": "2026-07-04T13:05:22.000Z", "event_level": "error"}
    rows = [row("/fleet", ""), row("/fleet/bucket", mailbox=3), row("/fleet/ships"), *ships]
    serve({"actors": lambda _: rows})
    out = fleet("tail", "--tree").out
    assert "├─● bucket" in out
    assert "◌ A-7" in out
    assert "13:05:22 child.quarantined" in out
    assert "29 more in order" in out
    assert max(map(len, out.splitlines())) < 120, "into a pipe it is as wide as what stands in it"
    assert "A-8" not in out
    assert "A-8" in fleet("tail", "--tree", "--all").out
    chosen = fleet("tail", "--tree", "--actor", "A-8").out
    assert "A-8" in chosen
    assert "bucket" not in chosen
    assert json.loads(fleet("tail", "--tree", "--json").out) == rows


def test_a_tree_is_followed_on_a_terminal_only(fleet: Fleet, serve: Serve) -> None:
    serve({"actors": lambda _: []})
    ran = fleet("tail", "--tree", "-f")
    assert (ran.status, "needs a terminal" in ran.err) == (1, True)


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
