#!/usr/bin/env python3
"""Draws the charts of docs/storage.md: `scripts/draw_reports.py FOLDER`, a fleet's data folder.

The run that they tell of: `fleet run --scenario late --speed 60 --for 3m --data-dir FOLDER`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
REPORTS = ("hourly", "saturation", "ships", "goods")


def main() -> int:
    """Draw each chart with the command that users have; give its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="data folder of a fleet that has played")
    parser.add_argument("--bucket", default="10m", help="game time per point")
    parser.add_argument("--output", type=Path, default=IMAGES, help="folder for the charts")
    given = parser.parse_args()
    for report in REPORTS:
        chart = given.output / f"report-{report}.png"
        asked = ["--bucket", given.bucket, "--data-dir", str(given.folder), "--plot", str(chart)]
        command = [sys.executable, "-m", "fleet", "report", report, *asked]
        if status := subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            return status
        print(chart)
    return 0


if __name__ == "__main__":
    sys.exit(main())
