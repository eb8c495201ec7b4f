"""Scripts in real processes: they join, and whatever they do, only they end."""

from __future__ import annotations

import re
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from fleet.actors.experiment_messages import (
    EXPERIMENTS,
    BudgetQuery,
    EndBudget,
    EndQuota,
    Finished,
    GiveBack,
    Lend,
    NextStep,
    QuotaQuery,
    Refused,
    SetBudget,
    SetQuota,
    Stepped,
)
from fleet.actors.steps import Call, Saved
from fleet.inject import director as module
from fleet.inject import host_process, printed, stand_in
from fleet.inject.director import Director
from fleet.inject.laboratory import laboratory_props
from fleet.inject.register import Register
from fleet.inject.script import BrokenScript
from fleet.protocol.api import ApiRefusal, ApiRequest, Overloaded
from fleet.protocol.errors import FleetError, UsageError
from fleet.protocol.fleet import (
    BOOK,
    BUCKET,
    CONDUCTOR,
    TREASURY,
    WRITER,
    Describe,
    Funds,
    TreasuryQuery,
)
from fleet.protocol.rows import Recall, Upsert
from fleet.protocol.tasks import Lent
from fleet.runtime import Envelope, Future
from fleet.runtime.chaos import Misbehave

from .home import ship_at_home

HEAD = """
import ctypes, os, sys, threading, time
from fleet import *

class Idea(Actor):
    def on_start(self, ctx):
        ctx.tell(ctx.self, "go")

    def receive(self, ctx, message):
"""


@dataclass
class Lab:
    """A director with a laboratory, before a bucket, treasury and conductor that only nod."""

    stage: Any
    director: Director
    register: Register
    seen: list[Any]
    kept: dict[str, Any]
    """Rows of the database, by name."""

    folder: Path

    def inject(self, body: str, name: str = "idea", **more: Any) -> dict[str, Any]:
        source = textwrap.dedent(HEAD) + textwrap.indent(textwrap.dedent(body), " " * 8)
        return self.script(source, name, **more)

    def script(self, source: str, name: str = "idea", **more: Any) -> dict[str, Any]:
        file = str(self.folder / "idea.py")
        return self.director.inject({"name": name, "file": file, "source": source, **more})

    def over(self, name: str = "idea", timeout: float = 20.0) -> str:
        assert self.stage.events.wait_for("experiment.ended", experiment=name, timeout=timeout)
        return str(self.register.past[-1].outcome)

    def ask(self, message: Any, name: str = "idea") -> Any:
        future: Future[Any] = Future()
        system = self.stage.system
        path = f"{EXPERIMENTS}/{name}"
        system.post(path, Envelope(message, system.next_id(), future=future))
        return future.get(20.0)


@pytest.fixture
def lab(threads: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A laboratory without a spare, and with little patience."""
    monkeypatch.setattr(module, "LOAD_WITHIN", 10.0)
    monkeypatch.setattr(module.Spares, "warm_aside", lambda _self: None)
    monkeypatch.setattr(module, "MESSAGE_BUDGET", 0.5)
    monkeypatch.setattr(stand_in, "MESSAGE_BUDGET", 0.5)
    seen: list[Any] = []
    kept: dict[str, Any] = {}

    def nod(ctx: Any, message: Any) -> None:
        seen.append(message)
        match message:
            case ApiRequest(number=number):
                seen.append(("expires", ctx.envelope.expires))
                ctx.tell(ctx.sender, Overloaded(number))
            case Lend(ship="NONE"):
                ctx.reply(Refused("there is no ship NONE"))
            case TreasuryQuery():
                ctx.reply(Funds(1_000_000, 0))
            case Recall(table="experiments", key=(name,)):
                ctx.reply(kept.get(name))
            case Describe():
                ctx.reply(None)
            case QuotaQuery() | BudgetQuery():
                ctx.reply(())
            case _:
                ctx.reply(True)

    for path in (BUCKET, TREASURY, CONDUCTOR, WRITER, BOOK):
        threads.spawn(path, receive=nod)
    register = Register()
    threads.system.spawn(EXPERIMENTS, laboratory_props(register))
    director = Director(threads.system, register, threads.clock, tmp_path)
    yield Lab(threads, director, register, seen, kept, tmp_path)
    director.close()
    until(lambda: not _children())


def _children() -> list[psutil.Process]:
    return list(filter(_is_ours, psutil.Process().children()))


def _is_ours(child: psutil.Process) -> bool:
    """Say whether it is a script's, or one that nobody reaped; a child that has gone is neither."""
    with suppress(psutil.NoSuchProcess):
        zombie: bool = child.status() == psutil.STATUS_ZOMBIE
        return zombie or "fleet.inject" in " ".join(child.cmdline())
    return False


def until(found: Callable[[], Any]) -> Any:
    pause = threading.Event()
    for _ in range(1000):
        with suppress(IndexError):
            if value := found():
                return value
        pause.wait(0.01)
    raise AssertionError("it did not come")


def test_an_actor_speaks_to_the_fleet_and_is_cleaned_up_after(lab: Lab) -> None:
    row = lab.inject(
        """
        if message == "go":
            ctx.ask(ctx.address(TREASURY), TreasuryQuery(), timeout=5.0, on_reply=lambda v: v)
        elif isinstance(message, Funds):
            ctx.log("funds.seen", text=str(message.free), here=True)
            request = ApiRequest(number=7, operation="get-my-agent", lane=Lane.TRADE)
            ctx.tell(ctx.address(BUCKET), request, expires=GameTime(5e9))
        elif isinstance(message, Overloaded):
            ctx.log("answer.seen", number=message.number)
        """,
        quota=12.0,
        budget=500,
    )
    assert (row["state"], row["what"]) == ("running", "actor Idea")
    assert lab.stage.events.wait_for("answer.seen", number=7, experiment="idea")
    # It is shown its own purse.
    assert lab.stage.events.records("funds.seen")[0]["text"] == "500"
    assert ("expires", 5e9) in lab.seen
    assert SetQuota("idea", 12.0) in lab.seen
    assert SetBudget(experiment="idea", credits=500, owners=("idea",)) in lab.seen
    assert lab.director.eject({"name": "idea"})["state"] == "ended"
    until(lambda: {EndQuota("idea"), EndBudget("idea"), GiveBack("idea")} <= _hashable(lab.seen))
    until(lambda: _kept(lab.seen) == ["running", "ended"])
    with pytest.raises(UsageError, match="running: none"):
        lab.director.eject({"name": "idea"})


def _kept(messages: list[Any]) -> list[Any]:
    return [row.values["status"] for row in list(messages) if isinstance(row, Upsert)]


def _hashable(messages: list[Any]) -> set[Any]:
    return {message for message in messages if not isinstance(message, Upsert | ApiRequest)}


BAD = {
    "sleep": ("time.sleep(1000)", "hung: .*idea.py, line 10: a message \\(str\\) took longer"),
    "exit": ("os._exit(7)", "exit code 7"),
    # Two answers come, and whoever reads them has read the first when the process ends.
    "unread": (
        """
        sys.setswitchinterval(100.0)
        for number in (7, 8):
            request = ApiRequest(number=number, operation="get-my-agent", lane=Lane.TRADE)
            ctx.tell(ctx.address(BUCKET), request)
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            pass
        os._exit(7)
        """,
        "exit code 7",
    ),
    "forbidden": ("ctx.tell(ctx.address('/fleet'), 'x')", "line 10: Forbidden: .*may not send str"),
}


@pytest.mark.parametrize("kind", BAD)
def test_whatever_a_script_does_only_its_own_process_ends(lab: Lab, kind: str) -> None:
    code, outcome = BAD[kind]
    with suppress(BrokenScript):
        lab.inject(code)
    assert re.search(outcome, lab.over())
    assert lab.stage.events.records("actor.crashed") == []
    assert lab.stage.events.records("actor.hung") == []
    assert lab.stage.events.records("experiment.ended")[0]["level"] == "error"


@pytest.mark.long
@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("while True: pass", "hung"),
        ("1 / 0", "crashed: .*idea.py, line 10: ZeroDivisionError"),
        ("ctypes.string_at(0)", "signal 11"),
        ("ctx.stop(ctx.self)", "ended"),
        ("a = threading.Lock(); a.acquire(); a.acquire()", "hung"),
        ("ctypes.PyDLL(None).sleep(1000)", "no sign of life"),
        ("os.closerange(3, 200)", "crashed|no sign"),
        ("os.kill(os.getpid(), 9)", "signal 9"),
        ("os.fork(); time.sleep(1000)", "hung"),
        ("f = lambda: f(); f()", "RecursionError"),
        ("raise SystemExit(4)", "SystemExit"),
    ],
)
def test_nor_with_rarer_ways_to_end_badly(lab: Lab, code: str, outcome: str) -> None:
    with suppress(BrokenScript):
        lab.inject(code)
    assert re.search(outcome, lab.over())


def test_a_broken_script_touches_nothing(lab: Lab) -> None:
    with pytest.raises(BrokenScript, match=r"idea.py, line 1: ModuleNotFoundError"):
        lab.script("import no_such_module\n")
    with pytest.raises(BrokenScript, match="exit code 5"):
        lab.script("import os; os._exit(5)\n")
    assert lab.seen == []
    assert lab.director.experiments({}) == []


def test_a_ship_is_told_what_the_behaviour_says_and_no_more(lab: Lab) -> None:
    source = """
    from fleet import *
    from msgspec.structs import replace
    def run(ship, task, *, lane: int = 0):
        reply = yield from dock(ship)
        yield Saved(replace(task, data={"docked": ship.docked}))
        refused = yield Call(operation="purchase-cargo", lane=Lane.TRADE,
                             params={"shipSymbol": ship.symbol})
        if refused.status == 403:
            return refused.message
    """
    lab.script(textwrap.dedent(source), ships=("A-1",), budget=10)
    ship = ship_at_home()
    task = Lent(experiment="idea")
    first = lab.ask(NextStep(ship=ship, task=task, step=0))
    assert first == Stepped(Call(operation="dock-ship", lane=2, params={"shipSymbol": "A-1"}))
    second = lab.ask(NextStep(ship=ship, task=task, step=1, answer=None))
    assert isinstance(second.step, Saved)
    # Without a grant the purchase is refused at the gate; the ship never hears of it.
    third = lab.ask(NextStep(ship=ship, task=second.step.task, step=2))
    assert third == Finished("idea has no grant for this: reserve credits at the treasury first")
    refusal = ApiRefusal(0, "dock-ship", 400, 4000, "no", {})
    assert isinstance(lab.ask(NextStep(ship=ship, task=task, step=0, answer=refusal)), Stepped)


def test_what_a_running_script_may_not_do_is_told_with_the_others(lab: Lab) -> None:
    source = "from fleet import *\ndef run(ship, task):\n    yield Call(operation='x', lane=1)\n"
    lab.script(source, ships=("A-1",))
    ask = NextStep(ship=ship_at_home(), task=Lent(experiment="idea"), step=0)
    said = "an experiment cannot do x; `fleet api --list` lists all"
    for _ in range(3):
        assert lab.ask(ask) == Finished(said)
    [row] = lab.director.experiments({})
    assert (row["state"], row["outcome"]) == ("running", f"refused: {said}")
    assert len(lab.stage.events.records("experiment.refused")) == 1


def test_a_script_that_prints_without_end_does_not_fill_the_disk(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printed, "MOST", 4_000)
    monkeypatch.setattr(printed, "KEPT", 100)
    monkeypatch.setattr(stand_in, "PERIOD", 0.01)
    lab.inject("print('x' * 5_000, flush=True)")
    assert lab.stage.events.wait_for("output.shortened", timeout=30)
    assert (lab.folder / module.OUTPUT).stat().st_size < 6_000


def test_what_cannot_be_granted_leaves_nothing_behind(lab: Lab) -> None:
    source = "def run(ship, task):\n    yield\n"
    with pytest.raises(UsageError, match="needs ships"):
        lab.script(source, trusted=True)
    with pytest.raises(UsageError, match="there is no ship NONE"):
        lab.script(source, ships=("NONE",))
    until(lambda: EndQuota("idea") in lab.seen)
    assert lab.register.running == {}
    # What had the name before is kept, and the next one ends of its own failure.
    assert not [row for row in lab.seen if isinstance(row, Upsert)]
    with suppress(BrokenScript):
        lab.inject("raise ValueError('the new mistake')", trusted=True)
    until(lambda: "the new mistake" in lab.register.past[-1].outcome)


def test_the_results_of_a_comparison_are_not_written_over(lab: Lab) -> None:
    lab.kept["idea"] = {"status": "ended", "result": {"trial": {}}}
    with pytest.raises(UsageError, match=r"A/B 'idea' are kept .* another --name"):
        lab.inject("pass")
    assert lab.register.running == {}
    assert lab.inject("pass", replace=True)["state"] == "running"


def test_arm_a_is_told_to_mine_only_where_there_is_something(lab: Lab) -> None:
    source = "def run(ship, task):\n    yield\n"
    with pytest.raises(UsageError, match="knows of no asteroid X1-FOO"):
        lab.script(source, ab={"against": "mine_and_sell@X1-FOO"})


def test_a_name_is_taken_until_its_experiment_is_replaced_or_over(lab: Lab) -> None:
    lab.inject("pass")
    with pytest.raises(UsageError, match="runs already"):
        lab.inject("pass", trusted=True)
    lab.inject("ctx.log('second.runs'); ctx.reply('here')", replace=True)
    assert lab.stage.events.wait_for("second.runs", timeout=40)
    assert lab.register.past[-1].outcome == "replaced"
    # The first one's process tells its end late, and under the name that is the second one's now.
    until(lambda: len(_children()) == 1)
    assert lab.ask("are you there?") == "here"
    assert lab.director.eject({"name": "idea"})["outcome"] == "ejected"


def test_its_time_ends_it(lab: Lab) -> None:
    with suppress(BrokenScript):  # It may be over before it is known that it runs.
        lab.inject("pass", trusted=True, seconds=0.05)
    assert lab.over() == "its time is over"


def test_a_trusted_script_that_hangs_or_crashes_is_over_as_well(lab: Lab) -> None:
    with suppress(BrokenScript):
        lab.inject("raise RuntimeError('no')", trusted=True, name="one")
    assert "RuntimeError: no" in lab.over("one")
    lab.inject("threading.Event().wait(2.0)", trusted=True, name="two")
    assert "hung" in lab.over("two")


def test_a_replaced_laboratory_still_knows_what_runs(lab: Lab) -> None:
    lab.inject("pass", trusted=True, seconds=600.0)
    # As if nearly all of its time were over.
    lab.register.running["idea"].began -= 599.9
    lab.inject("pass", name="other", trusted=True)
    lab.stage.system.address(EXPERIMENTS).tell(Misbehave("crash"))
    assert lab.stage.events.wait_for("actor.restarted")
    assert lab.over() == "its time is over"
    assert [row["state"] for row in lab.director.experiments({})] == ["ended", "running"]
    assert lab.director.eject({"name": "other"})["outcome"] == "ejected"


def test_a_machine_too_busy_to_start_a_process_is_not_the_scripts_fault(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_process, "WARM_WITHIN", 0.001)
    with pytest.raises(FleetError, match="before it had read the script") as told:
        lab.inject("pass")
    assert not isinstance(told.value, UsageError)
    assert lab.register.running == {}


def test_a_spare_may_be_taken_while_it_is_being_warmed(lab: Lab) -> None:
    host = lab.director._spares.take()
    warmed = [threading.Thread(target=host.warm_up) for _ in range(3)]
    for thread in warmed:
        thread.start()
    for thread in warmed:
        thread.join(30.0)
        assert not thread.is_alive()
    host.finish()
