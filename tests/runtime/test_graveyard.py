"""What closed long ago costs nothing, and is never taken for what came after it."""

import pytest

from fleet.runtime.graveyard import Graveyard
from fleet.supervision.spec import ChildSpec, SupervisorSpec
from fleet.supervision.supervisor import StartChild, StopChild, supervise


@pytest.fixture
def few(virtual):
    """A system that remembers two closed addresses."""
    virtual.system._graveyard = Graveyard(virtual.system._cells, kept=2)
    return virtual


def live_and_end(stage, path):
    address = stage.spawn(path)
    stage.run()
    number = stage.cell(address).number
    stage.system.stop(path)
    stage.run()
    return number


def test_the_last_that_closed_are_remembered_and_no_others(few):
    for path in ("/a", "/b", "/c"):
        live_and_end(few, path)
    assert [few.system.has_ended(path) for path in ("/a", "/b", "/c")] == [False, True, True]
    assert [cell.address.path for cell in few.system.cells()] == ["/b", "/c"]


def test_a_message_to_one_that_was_forgotten_is_a_dead_letter(few):
    for path in ("/a", "/b", "/c"):
        live_and_end(few, path)
    few.system.address("/a").tell("is anybody there")
    (letter,) = few.system.dead_letters.letters()
    assert (letter.path, letter.cause) == ("/a", "no_actor")


def test_path_and_incarnation_never_name_two_lives_even_of_one_that_was_forgotten(few):
    first = [live_and_end(few, "/a") for _ in range(3)]
    for path in ("/b", "/c", "/d"):
        live_and_end(few, path)
    assert few.system.cell("/a") is None
    assert live_and_end(few, "/a") > max(first)


def test_who_came_to_the_path_of_one_that_closed_is_not_forgotten_with_it(few):
    live_and_end(few, "/a")
    address = few.spawn("/a")
    for path in ("/b", "/c", "/d"):
        live_and_end(few, path)
    address.tell("still there")
    few.run()
    assert few.notes.all == ["still there"]


def test_a_supervisor_knows_for_ever_which_of_its_own_have_ended(few):
    own = ChildSpec(id="own", props=few.props(), restart="transient")
    few.system.spawn("/fleet", supervise(SupervisorSpec(children=(own,))))
    few.run()
    few.system.address("/fleet").tell(StopChild("own"))
    for number in range(5):
        few.system.address("/fleet").tell(StartChild(ChildSpec(id=f"{number}", props=few.props())))
        few.system.address("/fleet").tell(StopChild(f"{number}"))
        few.run()
    few.system.address("/fleet").tell("what it does not know")
    few.run(1)
    assert few.events.records("actor.restarted", actor="/fleet")
    assert few.system.has_ended("/fleet/own")
    assert len(few.system.cells()) == 4


def test_a_child_that_comes_back_after_its_parent_was_forgotten_ends(few):
    few.spawn("/parent").tell(lambda ctx: ctx.spawn("child", few.props()) and None)
    few.run()
    child = few.system.address("/parent/child")
    few.system._close(few.system.cell("/parent"), "gone")
    few.system.cell("/parent/child").mailbox.drain()
    for path in ("/b", "/c", "/d"):
        live_and_end(few, path)
    assert few.system.cell("/parent") is None
    child.tell(lambda ctx: 1 / 0)
    few.run(1)
    assert few.system.has_ended("/parent/child")
