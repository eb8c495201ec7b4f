"""Where every thread is: asked without a garbage collection in the middle of the answer."""

from __future__ import annotations

import gc
import sys
import threading
from types import FrameType
from typing import Final

_ALONE: Final = threading.Lock()
"""Whoever switches collections on again must not do so while another one asks."""


def current_frames() -> dict[int, FrameType]:
    """Give the frame of each thread, by its ident. Any thread.

    Up to Python 3.11 the interpreter may collect garbage while it lists them and keeps all threads
    from being started (CPython gh-106883). A finalizer that lets go of the interpreter's lock then
    stops the process for ever as soon as another thread starts one: seen after some hundred hangs.
    """
    with _ALONE:
        collects = gc.isenabled()
        gc.disable()
        try:
            return sys._current_frames()
        finally:
            if collects:
                gc.enable()
