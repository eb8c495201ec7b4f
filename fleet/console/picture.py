"""Composes the picture from a status, for any size of terminal."""

from __future__ import annotations

from rich.align import Align
from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.text import Text

from fleet.console import figures, lines, panels
from fleet.console.look import LABEL, NAME
from fleet.console.ship_table import ship_table
from fleet.status import Status

LARGE = (140, 40)
"""From this size on the ships stand beside everything else."""

SMALL = (80, 20)
"""Below this size there are single lines only."""

TOP = 7
"""Lines of the frames with money and requests."""

LANES = 8
"""Lines of the frame with the bucket's five lanes."""

MOST_MONEY = 16
"""Lines of the frame with money where there is room for more than its figures."""

LEAST_SHIPS = 8
"""Lines below which a list of ships is not worth its frame."""

LEAST_EVENTS = 8
"""Lines that the events keep beside however many ships."""


def render(status: Status, width: int, height: int, *, notice: str = "") -> RenderableType:
    """Draw a status into `width` columns and `height` lines.

    `notice` stands at the top instead of the time when the status is not of this moment.
    """
    if width < SMALL[0] or height < SMALL[1]:
        return _small(status, width, height, notice)
    contract = lines.contract(status, width)
    body = Layout(name="body")
    root = Layout()
    root.split_column(
        Layout(lines.header(status, width, notice), size=1),
        body,
        Layout(lines.machinery(status, width), size=1),
        Layout(Group(*contract), size=len(contract)),
    )
    left = height - 2 - len(contract)
    if width >= LARGE[0] and height >= LARGE[1]:
        _large(body, status, width, left)
    else:
        _medium(body, status, width, left)
    return root


def waiting(sentence: str, width: int, height: int) -> RenderableType:
    """Draw what there is while no fleet has been seen yet."""
    text = Text.assemble(("Waiting for the fleet …\n\n", f"bold {NAME}"), (sentence, LABEL))
    text.justify = "center"
    return Align.center(text, vertical="middle", height=height, width=width)


def _medium(body: Layout, status: Status, width: int, height: int) -> None:
    left = width // 2
    spare = height - 21
    # Seven and eight lines show everything but a long list of behaviours.
    middle = max(5, 8 + min(spare, 0)) + max(0, min(spare // 3, len(status.behaviours) - 5))
    below = height - TOP - middle
    body.split_column(
        Layout(name="top", size=TOP), Layout(name="middle", size=middle), Layout(name="below")
    )
    body["top"].split_row(
        Layout(panels.money(status.money, status.agent.credits, left, TOP), size=left),
        Layout(panels.requests(status.requests, width - left, TOP)),
    )
    ships = below * 3 // 5
    listed = ships >= LEAST_SHIPS
    ships = min(ships, max(LEAST_SHIPS, len(status.ships) + 3))
    title = "Behaviours" if listed else figures.count_of(len(status.ships), "ship")
    body["middle"].split_row(
        Layout(panels.behaviours(status.behaviours, title, middle), size=left),
        Layout(panels.lanes(status.requests, middle)),
    )
    if not listed:
        body["below"].update(panels.events(status.events, below))
        return
    uptime = status.process.uptime_s
    body["below"].split_column(
        Layout(ship_table(status.ships, uptime, width, ships), size=ships),
        Layout(panels.events(status.events, below - ships)),
    )


def _large(body: Layout, status: Status, width: int, height: int) -> None:
    left = min(66, width // 3 + 4)
    right = width - left
    # The curve gets what the tables leave, and those get what would make it too tall.
    behaviours = max(5, min(3 + len(status.behaviours), height - 2 * TOP - LANES))
    money = min(height - behaviours - LANES - TOP, MOST_MONEY)
    rest = height - money - TOP - LANES
    # A short list of ships leaves its room to the events, a long one the least of it.
    ships = max(LEAST_SHIPS, min(len(status.ships) + 3, height - max(LEAST_EVENTS, height // 4)))
    body.split_row(Layout(name="left", size=left), Layout(name="right"))
    body["left"].split_column(
        Layout(panels.money(status.money, status.agent.credits, left, money), size=money),
        Layout(panels.requests(status.requests, left, TOP), size=TOP),
        Layout(panels.lanes(status.requests, LANES), size=LANES),
        Layout(panels.behaviours(status.behaviours, "Behaviours", rest)),
    )
    uptime = status.process.uptime_s
    body["right"].split_column(
        Layout(ship_table(status.ships, uptime, right, ships), size=ships),
        Layout(panels.events(status.events, height - ships)),
    )


def _small(status: Status, width: int, height: int, notice: str) -> RenderableType:
    """Draw single lines, the important ones first, as many as fit."""
    rows: list[RenderableType] = [
        lines.header(status, width, notice),
        *lines.summary(status),
        lines.machinery(status, width),
        *lines.contract(status, width),
    ]
    return Group(*rows[:height])
