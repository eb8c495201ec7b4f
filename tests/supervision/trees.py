"""Supervision trees under test, looked at from outside."""

from __future__ import annotations

from fleet.protocol.errors import BadToken
from fleet.runtime import Hang
from fleet.supervision.spec import Backoff, ChildSpec, Intensity, SupervisorSpec
from fleet.supervision.supervisor import WhichChildren, supervise

ROOT = "/fleet"
PATIENT = Intensity(restarts=100, within=1e6)
AT_ONCE = Backoff(least=1e-9, most=1e-9)


class Crash(Exception):
    pass


def crash(ctx):
    raise Crash("as told")


def doom(ctx):
    raise BadToken("never again")


def hang(ctx):
    return Hang(until=ctx.now() + 1e9)


class Tree:
    """A supervision tree on a stage, with helpers to look at it from outside."""

    def __init__(self, stage):
        self.stage = stage
        self.system = stage.system
        self._since = 0

    def child(self, name, *, restart="permanent", shutdown=5.0, **props):
        def started(ctx):
            self.stage.notes((name, "start", ctx.incarnation))

        def restarted(ctx, reason):
            self.stage.notes((name, reason, ctx.incarnation))

        def stopped(ctx, reason):
            self.stage.notes((name, "stop", reason))

        hooks = {"on_start": started, "on_restart": restarted, "on_stop": stopped, **props}
        return ChildSpec(
            id=name, props=self.stage.props(**hooks), restart=restart, shutdown=shutdown
        )

    def grow(self, *children, path=ROOT, **spec):
        self.system.spawn(path, supervise(SupervisorSpec(children=children, **spec)))
        self.stage.run()
        self._since = len(self.stage.notes)

    def at(self, *names):
        return self.system.address("/".join([ROOT, *names]))

    def tell(self, name, message, seconds=0.0):
        self.at(*name.split("/")).tell(message)
        self.stage.run(seconds)

    def ask(self, message, path=ROOT, seconds=0.0):
        """Ask from within, as virtual time has nobody outside who could wait."""
        answers = []
        asker = self.stage.spawn(
            receive=lambda ctx, m: m(ctx) if callable(m) else answers.append(m)
        )
        to = self.system.address(path)

        def do(ctx):
            ctx.ask(to, message, timeout=1e6, on_reply=lambda value: ("answer", value))

        asker.tell(do)
        self.stage.run(seconds)
        return answers[0][1] if answers else None

    def statuses(self, path=ROOT):
        return {status.id: status.state for status in self.ask(WhichChildren(), path)}

    def number(self, *names):
        return self.system.cell(self.at(*names).path).number

    def state(self, *names):
        return self.system.cell(self.at(*names).path).state.value

    def seen(self):
        """List what actors have noted since the tree was grown."""
        return self.stage.notes.all[self._since :]


def spec_of(*children, **settings):
    return supervise(SupervisorSpec(children=children, **settings))


class LiveTree:
    """A supervision tree on threads."""

    def __init__(self, stage):
        self.stage = stage
        self.tree = Tree(stage)

    def grow(self, *children, **spec):
        self.stage.system.spawn(ROOT, spec_of(*children, **spec))
        self.ask(WhichChildren())

    def ask(self, message, *names, timeout=30):
        return self.tree.at(*names).ask(message, timeout=timeout)

    def number(self, name):
        """Ask the child itself for its incarnation."""
        return self.ask(lambda ctx: ctx.reply(ctx.incarnation), name)
