"""The picture at many sizes: nothing is cut that has to be seen, nothing runs over."""

from __future__ import annotations

import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from fleet.console.main import picture
from fleet.console.picture import render
from fleet.console.poller import Seen
from fleet.status import (
    ActorStatus,
    AgentStatus,
    BehaviourStatus,
    ContractStatus,
    DatabaseStatus,
    EventStatus,
    LaneStatus,
    MoneyStatus,
    RequestStatus,
    ShipStatus,
    Status,
)


def draw(status: Status, width: int, height: int, *, notice: str = "") -> list[str]:
    """Draw as the console does, as lines of plain text."""
    terminal = Console(
        file=io.StringIO(), width=width, height=height, record=True, color_system=None
    )
    terminal.print(render(status, width, height, notice=notice), height=height, end="")
    return terminal.export_text().splitlines()


def test_at_80_by_24_everything_important_is_there_and_nothing_is_cut(late: Status) -> None:
    lines = draw(late, 80, 24)
    text = "\n".join(lines)
    assert len(lines) == 24
    assert "…" not in text
    for fact in (
        "FLEET-7QX2MA",
        "2026-07-06 09:07:22  60x  up 1h 08m",
        "Credits        1,384,902",
        "Gain          +2,588,886",
        "Per hour         +38,016",
        "2.39/s  3 in flight     587,214 sent",
        " 98 % │",
        "99 % of 3.91k min",
        "62 ships",
        "mine_and_sell             24   1.07M",
        "background         41    46 s 2m 11s",
        "sold 80 MACHINERY at X1-DF55-A1 for 98,640",
        "78 actors  4 restarts  1 hung  1 quarantined  database ok",
        "Contract  37 of 61 COPPER_ORE at X1-DF55-H54; pays 118,400; 4d 02h left.",
    ):
        assert fact in text


def test_at_200_by_50_the_ships_stand_beside_the_figures(late: Status) -> None:
    lines = draw(late, 200, 50)
    text = "\n".join(lines)
    assert len(lines) == 50
    assert "…" not in text
    assert "0 zombies" in text
    first = next(line for line in lines if "FLEET-7QX2MA-1 " in line)
    for fact in ("Command", "fulfil_contract", "delivering 22", "X1-DF55-B13", "146", "272k"):
        assert fact in first
    assert sum("FLEET-7QX2MA-" in line for line in lines) > 30


def test_a_long_list_of_ships_is_shown_in_turn(late: Status) -> None:
    shown: set[str] = set()
    for uptime in range(0, 80, 8):
        process = msgspec.structs.replace(late.process, uptime_s=float(uptime))
        lines = draw(msgspec.structs.replace(late, process=process), 200, 50)
        shown |= {ship.symbol for ship in late.ships if any(f"{ship.symbol} " in x for x in lines)}
        assert any(f"of {len(late.ships)} " in line for line in lines)
    assert len(shown) == len(late.ships)


def test_ships_stand_in_the_order_of_their_numbers(late: Status) -> None:
    text = "\n".join(draw(late, 200, 50))
    assert 0 < text.index("7QX2MA-2 ") < text.index("7QX2MA-F ") < text.index("7QX2MA-10 ")


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40), (140, 40), (200, 50), (250, 90)])
def test_a_fleet_that_has_just_begun_is_drawn(early: Status, size: tuple[int, int]) -> None:
    text = "\n".join(draw(early, *size))
    assert "175,000" in text
    assert "Nothing has happened yet." in text
    assert "No contract at hand." in text
    assert "2 ships" in text


def test_a_notice_takes_the_place_of_the_time(late: Status) -> None:
    first = draw(late, 80, 24, notice="waiting for the fleet …")[0]
    assert first.rstrip().endswith("waiting for the fleet …")
    assert "2026" not in first


def test_several_agents_stand_in_the_first_line(late: Status) -> None:
    agents = [AgentStatus(symbol=name, credits=123_456) for name in ("FIRST", "SECOND", "THIRD")]
    first = draw(msgspec.structs.replace(late, agents=agents), 120, 30)[0]
    assert "SECOND 123k" in first
    assert "THIRD 123k" in first


def test_a_long_contract_gets_a_second_line(late: Status) -> None:
    line = "deliver 61 COPPER_ORE and 12 IRON_ORE to X1-DF55-H54, of which 37 and 2 are done; last."
    status = msgspec.structs.replace(late, contract=ContractStatus(line=line))
    lines = draw(status, 80, 24)
    assert len(lines) == 24
    assert lines[-1].strip().endswith("last.")
    assert " ".join(f"{lines[-2]} {lines[-1]}".split()) == f"Contract {line}"


def test_trouble_is_named_at_any_width(late: Status) -> None:
    status = msgspec.structs.replace(
        late,
        actors=ActorStatus(total=612, restarts=1_204, hung=17, zombies=2, quarantined=1),
        database=DatabaseStatus(failing=True, pending=412),
    )
    line = next(line for line in draw(status, 80, 24) if "actors" in line)
    assert "2 zombies  1 quarantined  database fail" in line
    assert "database failing, 412 rows waiting" in "\n".join(draw(status, 120, 30))


def test_the_smallest_terminals_get_the_most_important_lines(late: Status) -> None:
    lines = draw(late, 40, 6)
    assert len(lines) == 6
    assert "1,384,902" in "\n".join(lines)
    assert "2.39/s, 98 %" in "\n".join(lines)


def test_a_text_from_the_server_cannot_steer_the_terminal(late: Status) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07\rgone\n[bold]loud[/bold]"
    status = msgspec.structs.replace(
        late,
        agent=AgentStatus(symbol=evil, headquarters=evil),
        contract=ContractStatus(line=evil),
        events=[EventStatus(time=evil, level=evil, actor=evil, event=evil, text=evil)],
        behaviours=[BehaviourStatus(name=evil)],
        ships=[ShipStatus(symbol=evil, role=evil, behaviour=evil, doing=evil, waypoint=evil)],
        requests=RequestStatus(breaker=evil, lanes=[LaneStatus(lane=0, name=evil)]),
    )
    for size in ((40, 10), (80, 24), (200, 50)):
        terminal = Console(file=io.StringIO(), width=size[0], height=size[1], color_system=None)
        terminal.print(render(status, *size), height=size[1], end="")
        output = terminal.file.getvalue()  # type: ignore[attr-defined]
        assert all(letter.isprintable() or letter == "\n" for letter in output)
        assert "[bold]loud" in output


NUMBER = st.integers(-(10**13), 10**13)
TEXT = st.text(max_size=40)
STATUS = st.builds(
    Status,
    agent=st.builds(AgentStatus, symbol=TEXT, credits=NUMBER, headquarters=TEXT),
    money=st.builds(
        MoneyStatus,
        net_worth=NUMBER,
        gain=NUMBER,
        per_hour=NUMBER.map(float),
        history=st.lists(NUMBER, max_size=200),
    ),
    requests=st.builds(
        RequestStatus,
        total=st.integers(0, 10**12),
        share_last_minute=st.floats(0, 2),
        share_saturated=st.none() | st.floats(0, 1),
        lanes=st.lists(
            st.builds(LaneStatus, lane=st.just(0), name=TEXT, queued=st.integers(0, 10**6)),
            max_size=6,
        ),
    ),
    behaviours=st.lists(st.builds(BehaviourStatus, name=TEXT, ships=st.integers(0, 999))),
    ships=st.lists(
        st.builds(
            ShipStatus,
            symbol=TEXT,
            doing=TEXT,
            arrives_in=st.none() | st.floats(0, 10**6),
            fuel=st.integers(0, 999),
            fuel_capacity=st.integers(0, 999),
        ),
        max_size=40,
    ),
    events=st.lists(st.builds(EventStatus, time=TEXT, actor=TEXT, text=TEXT), max_size=20),
    contract=st.builds(ContractStatus, line=st.text(max_size=300)),
)


@given(STATUS, st.integers(20, 260), st.integers(5, 90))
def test_any_status_fits_any_size(status: Status, width: int, height: int) -> None:
    lines = draw(status, width, height)
    assert len(lines) <= height
    assert max((cell_len(line) for line in lines), default=0) <= width


def test_what_is_seen_decides_the_notice(late: Status) -> None:
    def first(seen: Seen) -> str:
        terminal = Console(file=io.StringIO(), width=80, height=24, color_system=None)
        terminal.print(picture(seen, 80, 24), height=24, end="")
        output: str = terminal.file.getvalue()  # type: ignore[attr-defined]
        return output

    assert "Waiting for the fleet …" in first(Seen())
    assert "start one with" in first(Seen(failure="No fleet runs; start one with `fleet run`."))
    assert "up 1h 08m" in first(Seen(late, running=True))
    assert "waiting for the fleet …" in first(Seen(late, "gone"))
    assert "does not answer …" in first(Seen(late, "late", running=True))
