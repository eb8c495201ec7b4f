#!/usr/bin/env python3
"""Draws the pictures of terminals for the documentation.

The console from a recorded status by default; from a running fleet's with
`fleet status --json > status.json; scripts/draw_console.py status.json`. What any command printed
with `script -qc 'fleet tail -n 20' tail.txt; scripts/draw_console.py --text tail.txt`.
"""

from __future__ import annotations

import argparse
import html
import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from fleet.console.picture import render
from fleet.status import Status

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "tests" / "fleet" / "console" / "late.json"
SIZES = ((80, 24), (200, 50))
TEXT = re.compile(
    r'<text class="(?P<class>[^"]+-r\d+)" x="(?P<x>[^"]+)" y="(?P<y>[^"]+)" '
    r'textLength="(?P<length>[^"]+)" (?P<rest>clip-path="[^"]+")>(?P<text>[^<]*)</text>'
)
"""A run of one style, as rich writes it."""

NIGHT = TerminalTheme(
    (16, 20, 28),
    (214, 220, 230),
    [
        (45, 52, 66),
        (235, 95, 95),
        (110, 205, 125),
        (230, 190, 95),
        (105, 155, 235),
        (190, 140, 225),
        (95, 200, 215),
        (214, 220, 230),
    ],
    [
        (92, 102, 120),
        (255, 120, 120),
        (140, 225, 150),
        (245, 210, 120),
        (135, 180, 250),
        (215, 165, 245),
        (125, 220, 235),
        (240, 244, 250),
    ],
)

# Without the web fonts of rich's own frame: a page must show it without asking anybody.
FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw(status: Status, width: int, height: int) -> str:
    """Draw a status as an SVG picture of a terminal."""
    terminal = Console(
        file=io.StringIO(),
        width=width,
        height=height,
        record=True,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    terminal.print(render(status, width, height), height=height, end="")
    picture = terminal.export_svg(
        title="fleet console", theme=NIGHT, code_format=FRAME, unique_id=f"console-{width}"
    )
    return TEXT.sub(_split, picture)


def draw_text(captured: str, width: int, title: str, name: str) -> str:
    """Draw what a command printed to a terminal, colours and all."""
    text = Text.from_ansi(captured.rstrip("\n"))
    terminal = Console(
        file=io.StringIO(),
        width=width,
        height=captured.count("\n") + 1,
        record=True,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    terminal.print(text)
    picture = terminal.export_svg(title=title, theme=NIGHT, code_format=FRAME, unique_id=name)
    return TEXT.sub(_split, picture)


def _split(found: re.Match[str]) -> str:
    """Put each word group of a text into its own place: not every viewer keeps blanks."""
    cells = html.unescape(found["text"])
    left, step = float(found["x"]), float(found["length"]) / max(1, len(cells))
    parts = []
    for group in re.finditer(r"[^\s](?:\s?[^\s])*", cells):
        x, length = left + group.start() * step, len(group[0]) * step
        text = html.escape(group[0]).replace("\u00a0", " ")
        place = f'x="{x:.1f}" y="{found["y"]}" textLength="{length:.1f}"'
        parts.append(f'<text class="{found["class"]}" {place} {found["rest"]}>{text}</text>')
    return "".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw one picture per size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("status", nargs="?", type=Path, default=RECORDED)
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--text", type=Path, help="draw this captured terminal output instead")
    parser.add_argument("--title", default="fleet", help="what stands above captured output")
    parser.add_argument("--width", type=int, default=120)
    options = parser.parse_args(arguments)
    if options.text is not None:
        captured = options.text.read_text(encoding="utf-8").replace("\r", "")
        path = options.into / f"{options.text.stem}.svg"
        drawn = draw_text(captured, options.width, options.title, options.text.stem)
        path.write_text(drawn, encoding="utf-8")
        print(path)
        return 0
    status = msgspec.json.decode(options.status.read_bytes(), type=Status)
    options.into.mkdir(parents=True, exist_ok=True)
    for width, height in SIZES:
        path = options.into / f"console-{width}x{height}.svg"
        path.write_text(draw(status, width, height), encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
