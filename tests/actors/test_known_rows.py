"""What a reply tells of contracts and the universe is in the database afterwards."""

from __future__ import annotations

import pytest

from fleet.actors.known_rows import known_rows
from fleet.protocol.api import ApiReply
from fleet.protocol.clock import GameTime
from fleet.protocol.wire.decoding import decode
from fleet.storage import resume
from fleet.storage.batch import Batch
from fleet.storage.engine import open_store
from fleet.storage.lease import acquire
from fleet.storage.namespaces import open_namespace

CONTRACT = {
    "id": "c1",
    "factionSymbol": "COSMIC",
    "type": "PROCUREMENT",
    "terms": {
        "deadline": "2026-11-08T00:00:00.000Z",
        "payment": {"onAccepted": 100, "onFulfilled": 900},
        "deliver": [
            {
                "tradeSymbol": "IRON_ORE",
                "destinationSymbol": "X1-A-B",
                "unitsRequired": 60,
                "unitsFulfilled": 5,
            }
        ],
    },
    "accepted": True,
    "fulfilled": False,
    "expiration": "2026-11-02T00:00:00.000Z",
    "deadlineToAccept": "2026-11-02T00:00:00.000Z",
}
SITE = {
    "symbol": "X1-A-I1",
    "materials": [{"tradeSymbol": "FAB_MATS", "required": 4000, "fulfilled": 12}],
    "isComplete": False,
}
GATE = {"symbol": "X1-A-I1", "connections": ["X1-B-I1", "X1-C-I1"]}


def _rows(operation, data, at=7.0):
    return list(known_rows(ApiReply(1, operation, decode(operation, data)), GameTime(at)))


def test_contract_gate_and_site_are_stored_and_read_again(sqlite_copy_url):
    rows = _rows("get-contracts", [CONTRACT]) + _rows("get-jump-gate", GATE)
    rows += _rows("get-construction", SITE)
    store = open_store(sqlite_copy_url)
    namespace = open_namespace(store, "A", "2026-11-01", now=0.0).id
    assert store.write(Batch(namespace, rows), acquire(store, "test")).rejected == ()
    (contract,) = resume.contracts(store, namespace)
    assert (contract.on_accepted, contract.on_fulfilled, contract.accepted) == (100, 900, True)
    assert contract.body["terms"]["deliver"][0]["unitsFulfilled"] == 5
    assert contract.deadline - contract.deadline_to_accept == 6 * 86_400
    (gate,) = resume.jump_gates(store, namespace)
    assert (gate.connections, gate.seen_at) == (["X1-B-I1", "X1-C-I1"], 7.0)
    (site,) = resume.construction(store, namespace)
    assert (site.complete, site.materials) == (False, SITE["materials"])
    store.close()


def test_what_stands_beside_the_rest_of_a_reply_is_found():
    told = {"contract": {**CONTRACT, "fulfilled": True}, "cargo": {"capacity": 40, "units": 0}}
    told["cargo"]["inventory"] = []
    (row,) = _rows("deliver-contract", told)
    assert (row.table, row.key, row.values["fulfilled"]) == ("contracts", ("c1",), True)


@pytest.mark.parametrize("deadline", ["", "soon"])
def test_a_contract_without_a_time_that_can_be_read_is_left_out(deadline):
    terms = {**CONTRACT["terms"], "deadline": deadline}
    assert _rows("get-contracts", [{**CONTRACT, "terms": terms}]) == []


def test_other_replies_make_no_rows():
    assert list(known_rows(ApiReply(1, "get-my-agent", None), GameTime(0.0))) == []
    assert list(known_rows(None, GameTime(0.0))) == []
