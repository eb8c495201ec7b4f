"""Credits by reply: what each operation pays or costs, from bodies as the API sends them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.protocol.endpoints import BY_OPERATION
from fleet.storage.ledger import PAYMENTS, SIGNS, TYPES, effects, ledger_rows, opening

NOW = "2026-11-01T12:00:00.500Z"


def _trade(**changes: Any) -> dict[str, Any]:
    transaction = {
        "waypointSymbol": "X1-AB1-A1",
        "shipSymbol": "AGENT-1",
        "tradeSymbol": "IRON",
        "type": "PURCHASE",
        "units": 10,
        "pricePerUnit": 7,
        "totalPrice": 70,
        "timestamp": NOW,
    }
    return {"agent": {"credits": 930}, "transaction": {**transaction, **changes}}


FIELDS = (
    *("data", "agent", "credits", "transaction", "totalPrice", "price", "timestamp"),
    *("contract", "terms", "payment", "onAccepted", "units"),
)

CONTRACT = {"terms": {"payment": {"onAccepted": 1000, "onFulfilled": 5000}}}


@pytest.mark.parametrize(
    ("operation", "data", "delta", "good", "units"),
    [
        ("purchase-cargo", _trade(), -70, "IRON", 10),
        ("sell-cargo", _trade(type="SELL"), 70, "IRON", 10),
        ("refuel-ship", _trade(tradeSymbol="FUEL"), -70, "FUEL", 10),
        ("jump-ship", _trade(tradeSymbol="ANTIMATTER", units=1), -70, "ANTIMATTER", 1),
        ("create-chart", {"transaction": {"totalPrice": 2500}}, 2500, None, None),
        (
            "purchase-ship",
            {"transaction": {"shipType": "SHIP_PROBE", "shipSymbol": "SHIP_PROBE", "price": 24}},
            -24,
            "SHIP_PROBE",
            1,
        ),
        ("accept-contract", {"contract": CONTRACT}, 1000, None, None),
        ("fulfill-contract", {"contract": CONTRACT}, 5000, None, None),
        (
            "install-mount",
            {"transaction": {"tradeSymbol": "MOUNT_SURVEYOR_I", "totalPrice": 60}},
            -60,
            "MOUNT_SURVEYOR_I",
            None,
        ),
        ("remove-mount", {"transaction": {"totalPrice": 60}}, -60, None, None),
        ("install-ship-module", {"transaction": {"totalPrice": 60}}, -60, None, None),
        ("remove-ship-module", {"transaction": {"totalPrice": 60}}, -60, None, None),
        ("repair-ship", {"transaction": {"totalPrice": 300}}, -300, None, None),
        ("scrap-ship", {"transaction": {"totalPrice": 300}}, 300, None, None),
    ],
)
def test_each_operation_changes_the_credits_as_the_reply_says(operation, data, delta, good, units):
    (effect,) = effects(operation, "AGENT-1", data)
    assert (effect.delta, effect.good, effect.units) == (delta, good, units)
    assert effect.credits_after == data.get("agent", {}).get("credits")
    assert effects(operation, "AGENT-1", {"data": data}) == (effect,)


def test_every_operation_with_an_effect_exists_and_has_a_type():
    assert TYPES.keys() == SIGNS.keys() | PAYMENTS.keys()
    assert TYPES.keys() <= BY_OPERATION.keys()


@pytest.mark.parametrize("operation", sorted(BY_OPERATION.keys() - SIGNS.keys() - PAYMENTS.keys()))
def test_no_other_operation_changes_the_credits(operation):
    # The quotes of repair and scrap look just like the real thing.
    assert effects(operation, "AGENT-1", _trade()) == ()


def test_fuel_from_the_hold_costs_nothing_but_is_written_down():
    (effect,) = effects("refuel-ship", "AGENT-1", _trade(totalPrice=0, units=2))
    assert (effect.delta, effect.units) == (0, 2)


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
BODIES = st.dictionaries(
    st.sampled_from(FIELDS),
    st.recursive(
        VALUES,
        lambda inner: st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
        max_leaves=8,
    ),
    max_size=4,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(TYPES)), BODIES)
def test_a_body_of_any_shape_is_read_without_failing(operation, reply):
    for effect in effects(operation, "AGENT-1", reply):
        assert isinstance(effect.delta, int)


def test_ledger_and_transaction_share_their_id():
    (effect,) = effects("purchase-cargo", "AGENT-1", _trade())
    ledger, transaction = ledger_rows(
        effect, row_id="3-17", request_id="3-17", behaviour="trade_best_route", at=9.0
    )
    assert (ledger.table, ledger.id, transaction.table, transaction.id) == (
        "ledger",
        "3-17",
        "transactions",
        "3-17",
    )
    assert ledger.values["delta"] == -70
    assert ledger.values["at"] == 9.0
    assert transaction.values["total_price"] == 70
    assert transaction.values["at"] == 1793534400.5


def test_rows_of_every_effect_fit_their_tables(store, lease, namespace):
    from fleet.storage.batch import Batch

    rows = [opening(1000, row_id="1-0", at=1.0)]
    bodies = [_trade(price=70), {"contract": CONTRACT}]
    found = [effect for name in TYPES for body in bodies for effect in effects(name, None, body)]
    assert {effect.operation for effect in found} == TYPES.keys()
    for number, effect in enumerate(found, 1):
        rows += ledger_rows(effect, row_id=f"1-{number}", request_id=None, behaviour=None, at=2.0)
    report = store.write(Batch(namespace, rows), lease)
    assert report.rejected == ()
    assert report.written == len(rows)
