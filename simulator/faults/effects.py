"""What each kind of fault does to a request."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import partial

from fleet.simulator.faults.newer import newer
from fleet.simulator.faults.pages import front_page, no_json, other_type
from fleet.simulator.faults.spread import parse_spread
from fleet.simulator.faults.trouble import Trouble
from fleet.simulator.locks import locked
from fleet.simulator.refusals import UNEXPECTED, Invalid, Refusal, unreadable

MAINTENANCE = (
    "SpaceTraders is currently in maintenance mode and unavailable. Please try again later."
)

Parameters = Mapping[str, str]
Effect = Callable[[Trouble, Parameters, random.Random], None]


def latency(trouble: Trouble, wanted: Parameters, rng: random.Random) -> None:
    """Draw how long both legs take."""
    trouble.request_leg += parse_spread(wanted["request"]).draw(rng) / 1000
    trouble.reply_leg += parse_spread(wanted["reply"]).draw(rng) / 1000


def limited_html(trouble: Trouble, _wanted: Parameters, _rng: random.Random) -> None:
    """Answer as a proxy that has had enough."""
    trouble.front = front_page(429)


def limited_json(trouble: Trouble, wanted: Parameters, _rng: random.Random) -> None:
    """Answer as the limiter does."""
    trouble.limited = float(wanted["wait"])


def status_500(trouble: Trouble, wanted: Parameters, rng: random.Random) -> None:
    """Fail as the server does; after the effect, as its front does."""
    if wanted["when"] == "after":
        page(trouble, wanted, rng, status=500)
    else:
        trouble.refusal = Refusal(500, UNEXPECTED)


def page(trouble: Trouble, wanted: Parameters, _rng: random.Random, *, status: int) -> None:
    """Put a page of the front in the answer's place."""
    answer = front_page(status)
    if wanted["when"] == "after":
        trouble.spoilers.append(lambda _: answer)
    else:
        trouble.front = answer


def maintenance(trouble: Trouble, _wanted: Parameters, _rng: random.Random) -> None:
    """Be under maintenance."""
    trouble.refusal = Refusal(503, MAINTENANCE)


def half_open(trouble: Trouble, wanted: Parameters, _rng: random.Random) -> None:
    """Never answer."""
    trouble.loss = "hang-after" if wanted["when"] == "after" else "hang-before"


def connection_reset(trouble: Trouble, wanted: Parameters, _rng: random.Random) -> None:
    """Reset the connection."""
    trouble.loss = "reset-after" if wanted["when"] == "after" else "reset-before"


def cut(trouble: Trouble, _wanted: Parameters, _rng: random.Random) -> None:
    """End the connection amid the reply."""
    trouble.loss = "cut"


def spoil_body(trouble: Trouble, _wanted: Parameters, _rng: random.Random) -> None:
    """Spoil the body."""
    trouble.spoilers.append(no_json)


def change_type(trouble: Trouble, wanted: Parameters, _rng: random.Random) -> None:
    """Change the content type."""
    trouble.spoilers.append(partial(other_type, kind=wanted["type"]))


def outgrow(trouble: Trouble, _wanted: Parameters, _rng: random.Random) -> None:
    """Answer as a later version would."""
    trouble.spoilers.append(newer)


def lock(trouble: Trouble, wanted: Parameters, _rng: random.Random) -> None:
    """Be busy with another request for the ship."""
    trouble.refusal = locked(wanted["ship"].upper())


def not_take(trouble: Trouble, wanted: Parameters, _rng: random.Random) -> None:
    """Take the body for invalid."""
    trouble.refusal = Invalid("units", "number", "string", style=wanted["style"])


def break_ship(trouble: Trouble, wanted: Parameters, _rng: random.Random) -> None:
    """Be unable to show a ship."""
    trouble.refusal = unreadable(wanted["ship"].upper())


def count_twice(trouble: Trouble, _wanted: Parameters, _rng: random.Random) -> None:
    """Take what is transferred twice."""
    trouble.twice = True


def shift_stamps(_trouble: Trouble, _wanted: Parameters, _rng: random.Random) -> None:
    """Do nothing to a request: the clock is asked at every answer."""


def reset_universe(trouble: Trouble, _wanted: Parameters, _rng: random.Random) -> None:
    """Reset the universe first."""
    trouble.reset = True


EFFECTS: Mapping[str, Effect] = {
    "latency": latency,
    "limited-html": limited_html,
    "limited-json": limited_json,
    "status-500": status_500,
    "status-502": partial(page, status=502),
    "status-503": partial(page, status=503),
    "status-504": partial(page, status=504),
    "maintenance": maintenance,
    "half-open": half_open,
    "connection-reset": connection_reset,
    "cut": cut,
    "content-type": change_type,
    "not-json": spoil_body,
    "newer": outgrow,
    "ship-locked": lock,
    "invalid": not_take,
    "ship-3000": break_ship,
    "negative-cargo": count_twice,
    "clock-skew": shift_stamps,
    "universe-reset": reset_universe,
}
"""Effects by the name of the fault."""
