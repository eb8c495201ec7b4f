import pytest

from fleet.protocol.errors import UsageError
from fleet.runtime import Actor, Props
from fleet.supervision.spec import Backoff, ChildSpec, Intensity, SupervisorSpec

NAN = float("nan")


def child(name="a", **settings):
    props = {"factory": Actor, **settings.pop("props", {})}
    return ChildSpec(id=name, props=Props(**props), **settings)


def test_what_is_given_by_default_is_sound():
    SupervisorSpec().check()
    SupervisorSpec(children=(child("a"), child("b"))).check()


@pytest.mark.parametrize("name", ["", "a/b", "/"])
def test_a_childs_id_is_a_part_of_a_path(name):
    with pytest.raises(UsageError, match="without a slash"):
        SupervisorSpec(children=(child(name),)).check()


def test_no_two_children_have_one_name():
    with pytest.raises(UsageError, match="two children are called a"):
        SupervisorSpec(children=(child("a"), child("b"), child("a"))).check()


@pytest.mark.parametrize("seconds", [0, -1, NAN, "5", None])
@pytest.mark.parametrize("name", ["shutdown", "budget", "start_budget", "budgets"])
def test_every_limit_of_a_child_is_above_zero(name, seconds):
    limits = {"budgets": {int: seconds}} if name == "budgets" else {name: seconds}
    bad = child(**limits) if name == "shutdown" else child(props=limits)
    with pytest.raises(UsageError, match="a: shutdown and budgets must be above 0"):
        SupervisorSpec(children=(bad,)).check()


@pytest.mark.parametrize(
    "bad",
    [
        {"intensity": Intensity(restarts=-1)},
        {"intensity": Intensity(within=0)},
        {"intensity": Intensity(within=NAN)},
        {"backoff": Backoff(least=0)},
        {"backoff": Backoff(least=2, most=1)},
        {"backoff": Backoff(least=NAN)},
        {"backoff": Backoff(most=NAN)},
        {"backoff": Backoff(reset_after=0)},
        {"quarantine": 0},
        {"quarantine": NAN},
        {"strategy": "one_for_two"},
        {"intensity": None},
        {"intensity": Intensity(restarts="5")},
        {"backoff": 1.0},
        {"backoff": Backoff(most="60")},
        {"quarantine": None},
        {"children": ("a",)},
        {"children": (ChildSpec(id="a", props=Actor),)},
        {"children": (ChildSpec(id=5, props=Props(factory=Actor)),)},
    ],
    ids=str,
)
def test_what_cannot_be_run_is_refused(bad):
    with pytest.raises(UsageError):
        SupervisorSpec(**bad).check()


def test_an_unknown_kind_of_restart_is_refused_by_name():
    with pytest.raises(UsageError, match="one of permanent, transient, temporary, not 'maybe'"):
        SupervisorSpec(children=(child(restart="maybe"),)).check()


def test_no_restarts_at_all_may_be_asked_for():
    SupervisorSpec(intensity=Intensity(restarts=0)).check()
