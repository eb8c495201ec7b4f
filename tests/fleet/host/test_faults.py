"""What `fleet chaos` does to a fleet, its database and its server."""

from types import SimpleNamespace

import pytest

from fleet.host.faults import API_FAULTS, Faults
from fleet.protocol.errors import UsageError
from fleet.simulator.faults.fault import parse_fault


@pytest.fixture
def booted(tmp_path):
    return SimpleNamespace(
        config=SimpleNamespace(database_url=f"sqlite:///{tmp_path}/fleet.sqlite"),
        session=SimpleNamespace(base_url="http://127.0.0.1:9"),
        simulated=False,
    )


def test_every_actor_that_a_pattern_names_is_hit_and_told_of(virtual, booted):
    for path in ("/fleet/a", "/fleet/b", "/other"):
        virtual.spawn(path)
    virtual.run()
    done = Faults(booted, virtual.system).begin({"kind": "crash", "address": "/fleet/*"})
    virtual.run(10.0)
    assert done == {"actors": ["/fleet/a", "/fleet/b"]}
    crashed = {record["actor"] for record in virtual.events.records("actor.crashed")}
    assert crashed == {"/fleet/a", "/fleet/b"}
    assert len(virtual.events.records("chaos.injected", kind="crash")) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"kind": "crash", "address": "/x"}, "no actor /x"),
        ({"kind": "dance", "address": ""}, "Chaos can hang, spin"),
        ({"kind": "api-500", "address": "/a"}, "leave /a out"),
        ({"kind": "api-500"}, "is no simulator"),
        ({"kind": "hang", "address": "/a", "seconds": -1}, "A fault lasts"),
        ({"kind": "hang", "address": "/a", "seconds": float("nan")}, "A fault lasts"),
        ({"kind": "gil", "address": "/a", "seconds": 100}, "up to 60 seconds"),
        ({"kind": "hang", "address": "/a", "seconds": "soon"}, "A fault lasts"),
        ({"kind": "leak", "address": "/a", "size": 1 << 40}, "A leak takes"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(virtual, booted, arguments, sentence):
    virtual.spawn("/a")
    virtual.run()
    with pytest.raises(UsageError, match=sentence):
        Faults(booted, virtual.system).begin(arguments)


def test_many_actors_may_not_leak_more_than_the_machine_can_bear(virtual, booted):
    for number in range(30):
        virtual.spawn(f"/fleet/{number}")
    virtual.run()
    with pytest.raises(UsageError, match="30 actors would leak more"):
        Faults(booted, virtual.system).begin({"kind": "leak", "address": "/fleet/*"})
    assert virtual.events.records("chaos.injected") == []


@pytest.mark.parametrize("order", API_FAULTS.values())
def test_the_simulator_knows_every_fault_that_it_is_asked_for(order):
    joint = "," if ":" in order else ":"
    parse_fault(f"{order}{joint}for=10,p=0.5")
