"""What all wire models have in common."""

from __future__ import annotations

import msgspec


class Wire(msgspec.Struct, rename="camel", frozen=True, kw_only=True, gc=False):
    """Base of all wire models: camelCase outside, unknown fields tolerated.

    A field that the server's specification demands but fleet does not read has a default: an
    answer is not refused for want of it. Names and descriptions of goods, parts, traits and the
    like are left out on purpose: ships are kept in the database whole, and that prose is three
    quarters of them. Models are trees without cycles: the garbage collector need not look at them.
    """


class Words:
    """Marks a text as one of a closed set of words; a new one is tolerated and told once.

    Only sets on whose words fleet decides something are closed. Goods, traits, parts and
    factions are open: the game adds to them, and nothing in fleet depends on their number.
    """

    def __init__(self, *words: str) -> None:
        self.words = words
