"""What the C library keeps for nothing goes back."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from fleet.host.free_pages import FreePages

BLOCKS = 4_000
SIZE = 20_000
"""Bytes of a block: larger than a page, and small enough to come out of the heap."""


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library gives nothing back"
)
def test_pages_between_blocks_that_live_are_given_back() -> None:
    # Given blocks in the heap, of which all but every tenth are free again
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.free.argtypes = [ctypes.c_void_p]
    blocks = [library.malloc(SIZE) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, SIZE)
    for number, block in enumerate(blocks):
        if number % 10:
            library.free(block)
    before = _resident()
    # When the free pages are given back
    assert FreePages().give_back()
    # Then most of what was free is gone
    assert before - _resident() > BLOCKS * SIZE // 2
    for block in blocks[::10]:
        library.free(block)


def test_a_library_that_cannot_is_left_alone() -> None:
    assert not FreePages(object()).give_back()
