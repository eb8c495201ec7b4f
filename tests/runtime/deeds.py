"""What the tests have actors do, and what an ask of theirs comes to."""

from dataclasses import dataclass
from typing import ClassVar

from fleet.runtime import Hang


@dataclass(frozen=True)
class Got:
    """What an ask came to, as the asker's own message."""

    value: object


@dataclass(frozen=True)
class Again:
    """Crashes or hangs the first time, and may be repeated."""

    redeliver: ClassVar[str] = "once"


def crash(ctx):
    raise ValueError("as told")


def hang(ctx):
    return Hang(until=ctx.now() + 1e9)


def asking(to, message, timeout=10.0, on_reply=Got):
    return lambda ctx: ctx.ask(to, message, timeout=timeout, on_reply=on_reply)
