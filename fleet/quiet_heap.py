"""Few looks for garbage while a fleet makes hardly any."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# A request leaves some hundred objects that live for a while and next to no cycles: at the usual
# 700 the collector took a fifth of the processor time (measured).
YOUNG = 50_000

# Fewer where threads wait for each other's turns: a collection holds all of them up, at most for a
# millisecond then. What was read at the start, the whole map, would take it a tenth of a second.
YOUNG_IN_THREADS = 10_000


@contextmanager
def quiet_heap(young: int = YOUNG) -> Iterator[None]:
    """Leave what is there out of all collections, and collect seldom; for the whole process.

    `young` objects may come before a look. For whoever has the process to himself: the runtime, a
    run of an experiment, a bench.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(young, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
