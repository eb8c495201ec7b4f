"""Looking at all threads' frames never collects garbage in the middle."""

from __future__ import annotations

import gc
import linecache
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from fleet.runtime.frames import current_frames

THREADS = 30


@pytest.fixture
def waiting() -> Iterator[list[threading.Thread]]:
    """Threads whose frames nobody has asked for yet: each look has to make objects of them."""
    over = threading.Event()
    threads = [threading.Thread(target=over.wait, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    yield threads
    over.set()
    for thread in threads:
        thread.join()


@contextmanager
def eager() -> Iterator[list[str]]:
    """Collect at the first chance; gives in which lines that was."""
    begun: list[str] = []

    def note(phase: str, _info: dict[str, Any]) -> None:
        caller = sys._getframe(1)
        line = linecache.getline(caller.f_code.co_filename, caller.f_lineno)
        begun.append(f"{phase}: {line.strip()}")

    before = gc.get_threshold()
    with ExitStack() as stack:
        stack.callback(gc.set_threshold, *before)
        gc.callbacks.append(note)
        stack.callback(gc.callbacks.remove, note)
        gc.set_threshold(1)
        yield begun


def test_no_collection_begins_while_they_are_listed(waiting: list[threading.Thread]) -> None:
    with eager() as begun:
        frames = current_frames()
    assert {thread.ident for thread in waiting} <= set(frames)
    assert begun
    assert not [each for each in begun if "sys._current_frames" in each]
    assert gc.isenabled()


def test_collections_that_were_off_stay_off() -> None:
    gc.disable()
    try:
        assert threading.get_ident() in current_frames()
        assert not gc.isenabled()
    finally:
        gc.enable()
