"""What is saved when not everybody stops in time; on real threads."""

import threading

import pytest

from fleet.host import stopping
from fleet.host.stopping import ROOT, stop_tree
from fleet.host.tally import Tally
from fleet.protocol.fleet import WRITER
from fleet.protocol.rows import Flush
from fleet.supervision.spec import ChildSpec, SupervisorSpec
from fleet.supervision.supervisor import WhichChildren, supervise


class Fleet:
    """A writer that notes its flushes, and actors that stop after it, on threads."""

    def __init__(self, stage):
        self.stage = stage
        self.events = Tally(stage.events, stage.clock.wall)

    def begin(self, *names):
        def write(ctx, message):
            if isinstance(message, Flush):
                self.stage.notes("flushed")
                ctx.reply(True)
            else:
                message(ctx)

        name = WRITER.rsplit("/", 1)[1]
        writer = ChildSpec(id=name, props=self.stage.props(receive=write, budget=60))
        others = [ChildSpec(id=n, props=self.stage.props(budget=60), shutdown=30) for n in names]
        tree = supervise(SupervisorSpec(children=(writer, *others)))
        self.stage.system.spawn(ROOT, tree).ask(WhichChildren(), timeout=30)

    def occupy(self, path, release):
        inside = threading.Event()

        def hang(ctx):
            inside.set()
            release.wait(20)

        self.stage.system.address(path).tell(hang)
        assert inside.wait(30)

    def stop(self, within=0.2):
        return stop_tree(self.stage.system, self.events, within)


@pytest.fixture
def fleet(threads):
    return Fleet(threads)


@pytest.fixture
def release():
    event = threading.Event()
    yield event
    event.set()


def test_an_orderly_stop_leaves_nobody(fleet):
    fleet.begin("a", "b")
    assert fleet.stop(within=30.0) == ()
    assert fleet.stage.events.records("fleet.stopped")[0]["survivors"] == []
    assert all(cell.closed for cell in fleet.stage.system.cells())


def test_what_the_writer_has_is_saved_although_somebody_before_it_does_not_stop(
    fleet, release, monkeypatch
):
    monkeypatch.setattr(stopping, "FLUSH_WITHIN", 30.0)
    fleet.begin("a", "deaf")
    fleet.occupy(f"{ROOT}/deaf", release)
    assert fleet.stop() == (f"{ROOT}/deaf",)
    assert fleet.stage.notes.all == ["flushed"]
    told = fleet.stage.events.records("fleet.stopped")[0]
    assert (told["level"], told["survivors"]) == ("error", [f"{ROOT}/deaf"])
    assert f"{ROOT}/deaf" in told["text"]
    assert all(cell.closed for cell in fleet.stage.system.cells())


def test_a_writer_that_hangs_itself_does_not_hold_up_the_end(fleet, release):
    fleet.begin("a", "deaf")
    fleet.occupy(f"{ROOT}/deaf", release)
    fleet.occupy(WRITER, release)
    assert set(fleet.stop()) == {f"{ROOT}/deaf", WRITER}
