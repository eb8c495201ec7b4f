"""Programs that a guard runs in the tests."""

from __future__ import annotations

from fleet.supervision.spec import Backoff

QUICK = Backoff(least=0.01, most=0.02, reset_after=60)

SERVE = "serve()"

CRASH_ONCE = """
if first_time():
    print("no way on", file=sys.stderr)
    sys.exit(3)
serve()
"""

STOP_BEATING_ONCE = """
def absent_minded():
    threading.Event().wait()
if first_time():
    life.ready()
    absent_minded()
serve()
"""

HOLD_THE_GIL_ONCE = """
import ctypes
def hog():
    ctypes.PyDLL(None).sleep(100)
if first_time():
    life.ready()
    hog()
serve()
"""

IGNORE_SIGTERM = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
life.ready()
threading.Event().wait()
"""
