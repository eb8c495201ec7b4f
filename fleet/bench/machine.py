"""The machine that a bench ran on, as far as it explains a figure."""

from __future__ import annotations

import os
import platform

from fleet import __version__


def machine() -> dict[str, str | int | float]:
    """Describe the machine; the load is that of the last minute, by other programs too."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "fleet": __version__,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1,
        "load": round(os.getloadavg()[0], 2),
    }
