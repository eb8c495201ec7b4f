"""Several agents in one runtime: whose actors are whose.

The first agent's actors have the plain paths, `/fleet/conductor` and so on. Those of each further
one live below `/fleet/agents/SYMBOL`, under the same names. Bucket, workers and clock are there
once, for all of them.
"""

from __future__ import annotations

from fleet.protocol.fleet import BUCKET

FLEET = "/fleet"
AGENTS = f"{FLEET}/agents"
SHARED = (BUCKET, f"{FLEET}/api", f"{FLEET}/clock", f"{FLEET}/status", AGENTS)
"""Who serves everybody, with all that is below them."""


def path_for(agent: str, path: str) -> str:
    """Find the actor that serves an agent under a plain path; "" is the first agent."""
    if not agent or not path.startswith(f"{FLEET}/"):
        return path
    if any(path == each or path.startswith(f"{each}/") for each in SHARED):
        return path
    return f"{AGENTS}/{agent}{path.removeprefix(FLEET)}"


def agent_of(path: str) -> str:
    """Tell for which agent an actor works; "" for the first one's and for who serves all."""
    if not path.startswith(f"{AGENTS}/"):
        return ""
    agent, below, _ = path.removeprefix(f"{AGENTS}/").partition("/")
    return agent if below else ""
