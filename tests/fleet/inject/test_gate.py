"""What a script may say, and in whose name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fleet.actors.experiment_messages import Finished, Stepped
from fleet.actors.steps import Ask, Call, Saved, Tell, Until
from fleet.inject.gate import Forbidden, Gate, packed_step
from fleet.inject.wallet import Wallet
from fleet.protocol.api import ApiReply, ApiRequest, Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import (
    BOOK,
    BUCKET,
    CONDUCTOR,
    TREASURY,
    WRITER,
    Assign,
    CreditsSeen,
    Denied,
    Granted,
    PlanRoute,
    Release,
    Reserve,
    ShipQuery,
    Tick,
)
from fleet.protocol.rows import Delete
from fleet.protocol.tasks import Lent, Park
from fleet.supervision.supervisor import Shutdown

GATE = Gate("idea", frozenset({"A-1"}))
SHIP = {"shipSymbol": "A-1"}


def test_a_request_goes_out_in_the_experiments_name_and_never_in_the_first_lane() -> None:
    asked = ApiRequest(
        number=1,
        operation="dock-ship",
        lane=Lane.SAFETY,
        params=SHIP,
        behaviour="trade_best_route",
        exclusive=True,
        agent="OTHER",
    )
    sent = GATE.admit(BUCKET, asked)
    assert (sent.lane, sent.behaviour, sent.ship) == (Lane.ACTION, "idea", "A-1")
    assert (sent.exclusive, sent.agent) == (False, "")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (BUCKET, ApiRequest(number=1, operation="fly", lane=Lane.TRADE)),
        (BUCKET, ApiRequest(number=1, operation="register", lane=Lane.TRADE)),
        (BUCKET, ApiRequest(number=1, operation="dock-ship", lane=Lane.TRADE)),
        (
            BUCKET,
            ApiRequest(
                number=1, operation="dock-ship", lane=Lane.TRADE, params={"shipSymbol": "A-2"}
            ),
        ),
        (TREASURY, Reserve(owner="A-2", amount=5)),
        (TREASURY, Release("A-2")),
        (TREASURY, CreditsSeen(0, "A-2", 10)),
        (WRITER, Delete("ships", ("A-1",))),
        (CONDUCTOR, Tick()),
        ("/fleet/ships/A-1", Assign(Park())),
        ("/fleet", Shutdown()),
        ("/fleet/experiments/other", ShipQuery()),
    ],
)
def test_what_it_may_not_say_is_refused(path: str, message: Any) -> None:
    with pytest.raises(Forbidden):
        GATE.admit(path, message)


def test_any_ship_may_be_looked_at() -> None:
    assert GATE.admit("/fleet/ships/A-2", ShipQuery()) == ShipQuery()
    look = ApiRequest(
        number=1, operation="get-my-ship", lane=Lane.TRADE, params={"shipSymbol": "A-2"}
    )
    assert GATE.admit(BUCKET, look).ship == "A-2"


@pytest.mark.parametrize("body", [b"", b"\xc1", msgspec.msgpack.encode({"owner": 5})])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    for kind in ("Reserve", "Call", "Ask", "os.system"):
        with pytest.raises(Forbidden):
            GATE.decode(TREASURY, kind, body)
        with pytest.raises(Forbidden):
            GATE.step(kind, body, TREASURY)


STEPS = [
    Call(operation="dock-ship", lane=Lane.TRADE, params=SHIP),
    Until(GameTime(5.0), "waits"),
    Saved(Lent(experiment="idea", data={"n": 1})),
    Tell(TREASURY, Release("A-1")),
    Ask(TREASURY, Reserve(owner="A-1", amount=5)),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_a_step_arrives_as_it_was_yielded(step: Any) -> None:
    assert GATE.step(*packed_step(step)) == Stepped(step)


def test_an_end_arrives_as_it_was_returned() -> None:
    assert GATE.step(*packed_step(Finished("done"))) == Finished("done")


@pytest.mark.parametrize(
    "step",
    [
        Saved(Park()),
        Saved(Lent(experiment="other")),
        Call(operation="dock-ship", lane=Lane.TRADE, params={"shipSymbol": "A-2"}),
        Tell(WRITER, Delete("ships", ("A-1",))),
        Ask(BOOK, Reserve(owner="A-1", amount=5)),
        "something else",
    ],
)
def test_a_step_beyond_its_rights_is_refused(step: Any) -> None:
    with pytest.raises(Forbidden):
        GATE.check(step)


def test_routes_are_planned_for_anybody() -> None:
    assert PlanRoute in {type(GATE.admit(BOOK, PlanRoute(None, "X")))}  # type: ignore[arg-type]


def reply(operation: str, price: int) -> ApiReply:
    from fleet.protocol.wire.decoding import decode

    transaction = {
        "shipSymbol": "A-1",
        "waypointSymbol": "X1-T-A",
        "tradeSymbol": "IRON",
        "units": 1,
        "pricePerUnit": price,
        "totalPrice": price,
        "type": "PURCHASE",
        "timestamp": "2026-01-01T00:00:00Z",
    }
    agent = {"symbol": "A", "headquarters": "X1-T-A", "credits": 5}
    cargo = {"capacity": 10, "units": 0, "inventory": []}
    plain = {"agent": agent, "cargo": cargo, "transaction": transaction}
    return ApiReply(1, operation, decode(operation, plain))


def test_nothing_is_bought_without_a_grant_nor_beyond_the_budget() -> None:
    wallet = Wallet("idea", 100)
    assert "no grant" in wallet.refusal(1, "purchase-cargo", "A-1").message  # type: ignore[union-attr]
    wallet.reserved(Reserve(owner="A-1", amount=90), Denied(10))
    assert wallet.refusal(1, "purchase-cargo", "A-1") is not None
    wallet.reserved(Reserve(owner="A-1", amount=90), Granted(90))
    assert wallet.refusal(1, "purchase-cargo", "A-1") is None
    wallet.ended(reply("purchase-cargo", 90), "A-1")
    assert "no grant" in wallet.refusal(1, "purchase-cargo", "A-1").message  # type: ignore[union-attr]
    wallet.reserved(Reserve(owner="A-1", amount=10), Granted(10))
    wallet.ended(reply("purchase-cargo", 20), "A-1")
    assert "has spent 110 of 100" in wallet.refusal(1, "purchase-cargo", "A-1").message  # type: ignore[union-attr]
    assert wallet.refusal(1, "sell-cargo", "A-1") is None


def test_spent_earned_and_requests_are_what_the_server_said() -> None:
    wallet = Wallet("idea", 100)
    wallet.ended(reply("purchase-cargo", 40), "A-1")
    wallet.ended(reply("sell-cargo", 70), "A-1")
    assert (wallet.spent, wallet.earned, wallet.requests) == (40, 70, 2)
