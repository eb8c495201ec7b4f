"""How a fault is read."""

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.endpoints import BY_OPERATION
from fleet.protocol.errors import SetupError, UsageError
from fleet.simulator.faults.effects import EFFECTS
from fleet.simulator.faults.fault import Fault, parse_fault, read_faults
from fleet.simulator.faults.kinds import KINDS
from fleet.simulator.faults.spread import parse_spread


@pytest.mark.parametrize("name", sorted(KINDS.keys() - {"ship-3000"}))
def test_every_kind_can_be_armed_with_its_name_alone(name):
    assert parse_fault(name)[1]["p"] == "1"


def test_a_line_may_have_underscores_capitals_and_spaces():
    name, given = parse_fault(" Status_502: when=after, p=0.5 ")
    assert (name, given["when"], given["p"]) == ("status-502", "after", "0.5")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("latancy", "did you mean latency?"),
        ("xyz", "take one of latency"),
        ("latency:request", "key=value"),
        ("latency:quest=1", "it has p, count"),
        ("latency:request=soon", "200, 100..400"),
        ("latency:request=normal/200", "200, 100..400"),
        ("latency:request=-3", "200, 100..400"),
        ("latency:request=nan", "200, 100..400"),
        ("latency:request=1e300", "200, 100..400"),
        ("latency:request=lognormal/9/700", "200, 100..400"),
        ("clock-skew:seconds=1e300", "a number"),
        ("clock-skew:seconds=-inf", "a number"),
        ("limited-json:wait=99999999999999999999", "whole number"),
        ("content-type:type=text/html\r\nX: 1", "content type"),
        ("latency:p=2", "probability"),
        ("latency:count=1.5", "whole number"),
        ("cut:for=nan", "a number"),
        ("status-500:when=later", "before or after"),
        ("cut:op=extract-resource", "did you mean extract-resources?"),
        ("ship-3000", "needs a ship"),
    ],
)
def test_a_wrong_line_is_refused_with_what_to_do(line, hint):
    with pytest.raises(UsageError, match=r"\.$|\?$") as refused:
        parse_fault(line)
    assert hint in str(refused.value)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    with suppress(UsageError):
        assert parse_fault(text)[0] in KINDS


@pytest.mark.parametrize(
    ("text", "low", "high", "mean"),
    [
        ("200", 200, 200, 200),
        ("100..400", 100, 400, 250),
        ("normal/200/20", 50, 350, 200),
        ("exp/200", 0, 10_000, 200),
        ("lognormal/200/0.1", 100, 400, 201),
    ],
)
def test_a_spread_is_drawn_as_written(text, low, high, mean):
    spread, rng = parse_spread(text), random.Random(7)
    drawn = [spread.draw(rng) for _ in range(2000)]
    assert all(low <= value <= high for value in drawn)
    assert sum(drawn) / len(drawn) == pytest.approx(mean, rel=0.1)


def test_a_file_has_a_fault_a_line(tmp_path):
    path = tmp_path / "faults.txt"
    path.write_text("# slow\nlatency:request=200\n\ncut:p=0.1  # now and then\n")
    assert read_faults(path) == ["latency:request=200", "cut:p=0.1"]
    path.write_text("nonesuch\n")
    with pytest.raises(UsageError):
        read_faults(path)
    with pytest.raises(SetupError):
        read_faults(tmp_path / "none")


@pytest.mark.parametrize(
    ("line", "operation", "ship", "agent", "meant"),
    [
        ("cut", "get-status", "", None, True),
        ("cut:op=sell-cargo|extract-*", "extract-resources", "A-1", "A", True),
        ("cut:op=sell-cargo|extract-*", "purchase-cargo", "A-1", "A", False),
        ("cut:method=post", "sell-cargo", "A-1", "A", True),
        ("cut:method=post", "get-my-ship", "A-1", "A", False),
        ("cut:ship=a-*", "dock-ship", "A-3", "A", True),
        ("cut:ship=a-*", "dock-ship", "B-3", "B", False),
        ("cut:agent=a", "dock-ship", "A-3", "A", True),
        ("cut:agent=a", "dock-ship", "B-3", "B", False),
        ("ship-3000:ship=A-3", "get-my-ships", "", "A", True),
    ],
)
def test_a_fault_is_for_certain_requests(line, operation, ship, agent, meant):
    fault = Fault(1, *parse_fault(line), until=0.0)
    params = {"shipSymbol": ship} if ship else {}
    assert fault.means(BY_OPERATION[operation], params, agent) is meant


def test_every_kind_has_an_effect():
    assert EFFECTS.keys() == KINDS.keys()
