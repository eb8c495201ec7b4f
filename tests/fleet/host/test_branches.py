from fleet.host.branches import branches
from fleet.host.tally import Tally
from fleet.runtime.chaos import Misbehave
from fleet.supervision.spec import ChildSpec, SupervisorSpec
from fleet.supervision.supervisor import supervise


def test_the_tree_is_shown_without_asking_anybody(virtual):
    virtual.system.events = tally = Tally(virtual.events, virtual.clock.wall)
    children = tuple(ChildSpec(id=name, props=virtual.props(budget=60.0)) for name in ("a", "b"))
    virtual.system.spawn("/fleet", supervise(SupervisorSpec(children=children)))
    virtual.run()
    virtual.system.address("/fleet/a").tell(Misbehave("crash"))
    virtual.run(1.0)
    virtual.system.address("/fleet/b").tell(Misbehave("hang", seconds=30.0))
    virtual.run(2.0)
    virtual.system.address("/fleet/b").tell("waits")
    rows = {row["path"]: row for row in branches(virtual.system, tally, None)}
    assert list(rows) == ["/fleet", "/fleet/a", "/fleet/b"]
    a, b = rows["/fleet/a"], rows["/fleet/b"]
    assert (a["parent"], a["state"], a["restarts"]) == ("/fleet", "running", 1)
    assert a["event"] == "actor.restarted"
    assert (b["state"], b["busy"], b["mailbox"], b["busy_for"]) == ("busy", "Misbehave", 1, 2.0)
