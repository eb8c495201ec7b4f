from __future__ import annotations

import pytest

from fleet.protocol.fleet import BOOK, BUCKET, SHIPS, WRITER
from fleet.protocol.members import agent_of, path_for


@pytest.mark.parametrize("path", [BOOK, WRITER, SHIPS, f"{SHIPS}/A-1"])
def test_a_further_agents_actors_have_the_same_names_in_a_place_of_its_own(path: str):
    assert path_for("", path) == path
    assert path_for("B", path) == path.replace("/fleet/", "/fleet/agents/B/")
    assert agent_of(path_for("B", path)) == "B"
    assert path_for("B", path_for("B", path)) == path_for("B", path)


@pytest.mark.parametrize(
    "path", [BUCKET, "/fleet/api", "/fleet/api/worker-1", "/fleet/clock", "/x"]
)
def test_who_serves_all_is_there_once(path: str):
    assert path_for("B", path) == path
    assert agent_of(path) == ""


def test_the_place_of_an_agent_is_nobodys():
    assert agent_of("/fleet/agents") == ""
    assert agent_of("/fleet/agents/B") == ""
    assert agent_of("/fleet/apiary") == ""
    assert path_for("B", "/fleet/apiary") == "/fleet/agents/B/apiary"
