"""Has msgspec learn every model of the wire in one thread, before there are several."""

from __future__ import annotations

from typing import Any

import msgspec

from fleet.protocol.endpoints import ENDPOINTS
from fleet.protocol.tasks import AnyTask


def learn_models() -> None:
    """Make what msgspec keeps for each model; takes some 10 ms. In the main thread, at first.

    It makes that when a model is first used, and lets other threads see it half made: two
    workers that got the same kind of reply at the same moment, as the first of their process,
    crashed the interpreter (observed with 0.22: 19 of 60 tries).
    """
    models: list[Any] = [*(row.reply for row in ENDPOINTS), AnyTask]
    for model in models:
        msgspec.json.Decoder(model)
