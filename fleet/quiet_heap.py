"""Few looks for garbage while a run in virtual time makes hardly any."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# A request leaves some hundred objects that live for a while and next to no cycles: at the usual
# 700 the collector took a fifth of the processor time (measured).
YOUNG = 50_000


@contextmanager
def quiet_heap() -> Iterator[None]:
    """Leave what is there out of all collections, and collect seldom; for the whole process.

    For whoever has the process to himself: a run of an experiment, a bench.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
