"""`fleet child`: how the processes of a fleet end."""

from __future__ import annotations

import asyncio
import io
import socket
from types import SimpleNamespace

import pytest

from fleet import launch
from fleet.cli import child
from fleet.protocol.errors import SetupError
from fleet.simulator import service
from fleet.supervision.guard.lifeline import BOOT_FAILURE, RENEWAL


@pytest.fixture
def ordered(tmp_path, monkeypatch):
    """Have the order of a guard on standard input, with a socket."""
    listener = socket.socket()
    settings = {"speed": 1.0, "seed": None, "universe": None, "scenario": None, "limits": "off"}
    order = SimpleNamespace(listener=listener.detach())
    told = order, SimpleNamespace(data_dir=tmp_path, **settings)
    monkeypatch.setattr(launch, "read_order", lambda _: told)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO()))


def test_a_simulator_that_cannot_start_is_not_started_again(ordered, monkeypatch):
    def serve(_settings, listener, _on_ready):
        listener.close()
        raise SetupError("The world is broken.")

    monkeypatch.setattr(service, "serve", serve)
    assert child.simulator() == BOOT_FAILURE


def test_a_simulator_that_has_served_asks_for_a_fresh_start(ordered, monkeypatch):
    def serve(_settings, listener, on_ready):
        listener.close()

        async def answer():
            on_ready("http://127.0.0.1:1")

        asyncio.run(answer())
        raise SetupError("The disk is full.")

    monkeypatch.setattr(service, "serve", serve)
    assert child.simulator() == RENEWAL
