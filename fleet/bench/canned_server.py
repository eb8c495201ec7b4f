"""A server in a process of its own that gives out the same answers over and over."""

from __future__ import annotations

import multiprocessing
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection

SPAWN = multiprocessing.get_context("spawn")


def _serve(answers: Mapping[bytes, bytes], tell: Connection) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    tell.send(listener.getsockname()[1])
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_talk, args=(client, answers), daemon=True).start()


def _talk(client: socket.socket, answers: Mapping[bytes, bytes]) -> None:
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with client, suppress(OSError):
        data = b""
        while part := client.recv(65536):
            data += part
            while b"\r\n\r\n" in data:
                head, _, data = data.partition(b"\r\n\r\n")
                client.sendall(answers[head.split(b" ", 2)[1]])


@contextmanager
def canned_server(answers: Mapping[str, bytes]) -> Iterator[str]:
    """Give out whole answers by path, to requests without bodies; yields the server's URL."""
    ours, theirs = SPAWN.Pipe()
    known = {path.encode(): answer for path, answer in answers.items()}
    process = SPAWN.Process(target=_serve, args=(known, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.kill()
        process.join()
