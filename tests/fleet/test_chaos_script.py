"""A script of faults: when each comes, whom it meets, and what is refused before anything does."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.chaos_script import Strike, read_script
from fleet.protocol.errors import UsageError

SHIPS = [f"/fleet/ships/A-{number}" for number in range(1, 9)]


def strikes(folder: Path, text: str) -> tuple[Strike, ...]:
    file = folder / "storm.toml"
    file.write_text(text)
    return read_script(file)


def test_faults_come_in_order_of_time_and_again_as_often_as_asked(tmp_path: Path) -> None:
    text = """
    [[fault]]
    kind = "crash"
    address = "/fleet/writer"
    at = 5
    every = "1m30s"
    times = 3

    [[fault]]
    kind = "api-500"
    at = "5s"
    for = "2s"
    share = 0.1
    count = 4
    """
    crash = {"kind": "crash", "address": "/fleet/writer", "seconds": 30.0, "size": 64 << 20}
    outage = {"kind": "api-500", "seconds": 2.0, "share": 0.1, "count": 4}
    assert strikes(tmp_path, text) == (
        Strike(5.0, 1, crash),
        Strike(5.0, 2, outage),
        Strike(95.0, 3, crash),
        Strike(185.0, 4, crash),
    )


def test_the_seed_draws_some_of_those_who_are_there(tmp_path: Path) -> None:
    text = '[[fault]]\nkind = "hang"\naddress = "/fleet/ships/*"\nsome = 2\nevery = 1\ntimes = 20'
    script = strikes(tmp_path, text)

    def drawn(seed: int, there: list[str] = SHIPS) -> list[list[str]]:
        return [[one["address"] for one in each.aimed(there, seed)] for each in script]

    assert drawn(1) == drawn(1, [*reversed(SHIPS), "/fleet/writer"])
    assert drawn(1) != drawn(2)
    assert {len(set(pair)) for pair in drawn(1)} == {2}
    assert {path for pair in drawn(1) for path in pair} == set(SHIPS)
    assert drawn(1, SHIPS[:1]) == [SHIPS[:1]] * 20


def test_who_is_there_at_one_moment_changes_nothing_about_the_next(tmp_path: Path) -> None:
    text = '[[fault]]\nkind = "hang"\naddress = "/fleet/*"\nsome = 1\nevery = 1\ntimes = 2'
    first, second = strikes(tmp_path, text)
    alone = second.aimed(SHIPS, 7)
    first.aimed(SHIPS[:3], 7)
    assert second.aimed(SHIPS, 7) == alone


def test_where_nobody_is_there_the_pattern_itself_is_asked_for(tmp_path: Path) -> None:
    """So that the fleet says which actors there are."""
    (strike,) = strikes(tmp_path, '[[fault]]\nkind = "hang"\naddress = "/x/*"\nsome = 1')
    assert [one["address"] for one in strike.aimed(SHIPS, 0)] == ["/x/*"]


def test_the_script_in_the_manual_can_be_played(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "chaos.md").read_text()
    script = strikes(tmp_path, manual.split("```toml\n")[1].split("```")[0])
    assert [strike.at for strike in script] == [10.0, 70.0, 120.0, 130.0, 190.0, 250.0]
    assert {strike.arguments["kind"] for strike in script} == {"hang", "api-500"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is no script of faults (Object missing required field `fault`)"),
        ("fault = []", "lists no faults; write for each: '[[fault]]"),
        ("[[fault", "is no script of faults"),
        ('[[fault]]\nkind = "dance"', "fault 1: There is no fault 'dance'; there are hang"),
        ('[[fault]]\nkind = "hang"', "fault 1: Name the actor that is to hang"),
        ('[[fault]]\nkind = "db-down"\nadress = "/x"', "unknown field `adress`"),
        ('[[fault]]\nkind = "db-down"\naddress = "/x"', "leave /x out"),
        ('[[fault]]\nkind = "db-down"\nsome = 2', "`some` picks among actors"),
        ('[[fault]]\nkind = "db-down"\nsome = 0', "Expected `int` >= 1"),
        ('[[fault]]\nkind = "db-down"\nevery = 5', "`every` and `times` (2 or more) go together"),
        ('[[fault]]\nkind = "db-down"\ntimes = 5', "`every` and `times` (2 or more) go together"),
        ('[[fault]]\nkind = "db-down"\nat = "soon"', "`at` is 'soon'; give a duration such as"),
        ('[[fault]]\nkind = "db-down"\nat = -5', "`at` is '-5"),
        ('[[fault]]\nkind = "db-down"\nat = "9999999d"', "it comes as late as 9999999d 00h"),
        ('[[fault]]\nkind = "db-down"\nat = inf', "`at` is 'inf'"),
        ('[[fault]]\nkind = "db-down"\nfor = "long"', "`for` is 'long'"),
        ('[[fault]]\nkind = "db-down"\nfor = "2h"', "A fault lasts up to 3600 seconds"),
        ('[[fault]]\nkind = "gil"\naddress = "/x"\nfor = 90', "lasts up to 60 seconds, not 90"),
        ('[[fault]]\nkind = "api-500"\nshare = 2', "at most 1, not 2"),
        ('[[fault]]\nkind = "leak"\naddress = "/x"\nsize = "2GiB"', "A leak takes 1 to"),
        ('[[fault]]\nkind = "leak"\naddress = "/x"\nsize = "big"', "`size` is 'big'"),
        ('[[fault]]\nkind = "db-down"\nevery = 1\ntimes = 1000000', "more than 100000 faults"),
    ],
)
def test_a_script_that_makes_no_sense_is_refused_in_one_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(UsageError) as raised:
        strikes(tmp_path, text)
    assert sentence in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path / "storm.toml"))


def test_a_file_that_is_not_there_or_no_text_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        read_script(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="it is no text"):
        read_script(tmp_path / "binary.toml")
