"""Starts a script's process: `python -m fleet.inject`, by the runtime alone.

Not a command like the others, because what they need would take a third of its start.
"""

import os
import sys

from fleet.supervision.guard.lifeline import Lifeline

# Held to the end, and before the slow imports: it is what ends this process with the runtime.
lifeline = Lifeline.from_environment()

from fleet.inject.child import main  # noqa: E402

code = main(sys.stdin.buffer.read())
# At once: threads of the script's own may not want to end.
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)
