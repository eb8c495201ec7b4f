"""How long a socket bears silence: set in the system where that works, else by the interpreter.

With a timeout of its own the interpreter asks before each sending and reading whether the socket
is ready: two more system calls per request, at each of which other threads may take their turn
between the moment when a request is to leave and its leaving.
"""

from __future__ import annotations

import socket
import ssl
import struct
import sys

IN_SYSTEM = sys.platform == "linux"
_BOTH = (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO)


def bear(connection: socket.socket, seconds: float) -> None:
    """Have a sending or reading fail after so many wall seconds of silence."""
    # What encrypts reads on by itself after a silence that the system has noticed.
    if not IN_SYSTEM or isinstance(connection, ssl.SSLSocket):
        connection.settimeout(seconds)
        return
    if connection.gettimeout() is not None:
        connection.settimeout(None)
    whole = int(seconds)
    # All zeros would mean for ever.
    told = struct.pack("@ll", whole, max(1, round((seconds - whole) * 1e6)))
    for option in _BOTH:
        connection.setsockopt(socket.SOL_SOCKET, option, told)


def told_by(error: Exception) -> Exception:
    """Name the silence that the system has noticed as the interpreter names it."""
    return TimeoutError("timed out") if isinstance(error, BlockingIOError) else error
