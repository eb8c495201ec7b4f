"""What tests have measured, for `scripts/accept`: it runs them with `-s` and reads these lines."""

from __future__ import annotations

import sys


def within(name: str, value: float, most: float, unit: str = "s") -> None:
    """Tell a figure that must not be larger than `most`, and fail if it is."""
    ok = value <= most
    # On a line of its own: the test runner's dots have no end.
    verdict = "ok" if ok else "NOT OK"
    sys.stdout.write(f"\nfigure: {name} {value:.4g} {unit} | <= {most:g} {unit} | {verdict}\n")
    assert ok, f"{name}: {value} {unit}"


def exactly(name: str, value: object, wanted: object) -> None:
    """Tell a figure that must be this, and fail if it isn't."""
    ok = value == wanted
    verdict = "ok" if ok else "NOT OK"
    sys.stdout.write(f"\nfigure: {name} {value} | {wanted} | {verdict}\n")
    assert ok, f"{name}: {value}, not {wanted}"
