#!/usr/bin/env python3
"""Draws one saturated game minute of a real run: when each request was asked for, and when sent.

`scripts/draw_minute.py FOLDER` takes the busiest minute that the fleet of a data folder has in its
database, `--minute N` another one (game time divided by 60), and writes docs/images/minute.svg.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "minute.svg"
LANES = ("0 safety", "1 action", "2 trade", "3 market", "4 background")
COLOURS = ("#d1495b", "#2e86ab", "#3a9d5d", "#e0a03b", "#8d6a9f")
LEFT, WIDTH, ROW, TOP = 110, 960, 86, 64
SCALE = WIDTH / 60.0
BUSIEST = """
select cast(sent_at / 60 as integer) as minute from requests where outcome != 'limited'
group by minute order by count(*) desc, minute limit 1
"""
SENT = """
select lane, queued_at, sent_at, outcome from requests
where sent_at >= ? and sent_at < ? order by sent_at
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One request, in seconds from the start of the minute."""

    lane: int
    queued: float
    sent: float
    outcome: str


def read(file: Path, minute: int | None) -> tuple[int, list[Drawn]]:
    """Read a minute of a fleet's database; the busiest one where none is given."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        if minute is None:
            found = connection.execute(BUSIEST).fetchone()
            if found is None:
                sys.exit(f"{file} has no requests; let the fleet run for some minutes first")
            minute = int(found[0])
        start = 60.0 * minute
        rows = connection.execute(SENT, (start, start + 60.0)).fetchall()
    return minute, [Drawn(row[0], row[1] - start, row[2] - start, row[3]) for row in rows]


def picture(requests: Sequence[Drawn]) -> str:
    """Draw a row per lane: a line for the wait, a dot where the request went out."""
    height = TOP + ROW * len(LANES) + 44
    served = sum(each.outcome != "limited" for each in requests)
    title = f"A saturated game minute: {served} of 150 requests, {len(requests) - served} refused"
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 20}" height="{height}"'
            ' font-family="sans-serif" font-size="13">'
        ),
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="16">{title}</text>',
        (
            f'<text x="{LEFT}" y="44" fill="#667">Lines: waiting in the lane. Dots: sent; hollow'
            " where the answer was 429. Across: game seconds.</text>"
        ),
        *_grid(height),
        *_lanes(requests),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid(height: int) -> Iterable[str]:
    for second in range(0, 61, 5):
        x = LEFT + second * SCALE
        yield f'<path d="M{x:.1f} {TOP}V{height - 36}" stroke="#dde" fill="none"/>'
        text = f'text-anchor="middle" fill="#667">{second}</text>'
        yield f'<text x="{x:.1f}" y="{height - 16}" {text}'


def _lanes(requests: Sequence[Drawn]) -> Iterable[str]:
    by_lane: dict[int, list[Drawn]] = defaultdict(list)
    for each in requests:
        by_lane[each.lane].append(each)
    for lane, name in enumerate(LANES):
        mine, top = by_lane[lane], TOP + ROW * lane
        waits = sorted(each.sent - each.queued for each in mine)
        told = f"{len(mine)} sent"
        if waits:
            told += f", p50 {waits[len(waits) // 2]:.1f} s"
        yield f'<text x="8" y="{top + 36}">{name}</text>'
        yield f'<text x="8" y="{top + 54}" fill="#667" font-size="11">{told}</text>'
        for number, each in enumerate(mine):
            yield from _request(each, top + 10 + (number % 16) * 4.4, COLOURS[lane])


def _request(each: Drawn, y: float, colour: str) -> Iterable[str]:
    start = LEFT + max(0.0, each.queued) * SCALE
    end = LEFT + each.sent * SCALE
    fill = "#fff" if each.outcome == "limited" else colour
    yield f'<path d="M{start:.1f} {y:.1f}H{end:.1f}" stroke="{colour}" opacity=".45"/>'
    yield f'<circle cx="{end:.1f}" cy="{y:.1f}" r="2.2" fill="{fill}" stroke="{colour}"/>'


def main() -> None:
    """Read, draw and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="data folder of a fleet")
    parser.add_argument("--minute", type=int, help="game time divided by 60")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args()
    minute, requests = read(given.folder / "fleet.sqlite", given.minute)
    given.output.write_text(picture(requests), encoding="utf-8")
    print(f"{given.output}: minute {minute}, {len(requests)} requests")


if __name__ == "__main__":
    main()
