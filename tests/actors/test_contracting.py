"""One contract at a time, tried again after a pause, and left to the miners where nobody sells."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fleet.actors.behaviours.fulfil_contract import MINERS
from fleet.actors.contracting import PAUSE, Contracting
from fleet.protocol.clock import GameTime
from fleet.protocol.wire.contract import Contract

NOW = GameTime(1_782_000_000.0)


@pytest.fixture
def offered(snapshot: Any) -> Contract:
    contract: Contract = snapshot.serve().post("negotiate-contract", shipSymbol="TEST-1").contract
    return contract


def test_a_contract_that_was_found_wanting_rests_for_a_while() -> None:
    contracting = Contracting()
    assert contracting.may_begin(NOW)
    contracting.ended("contract waits: it costs too much", NOW)
    assert not contracting.may_begin(NOW)
    assert contracting.may_begin(GameTime(NOW + PAUSE))
    assert contracting.state == "contract waits: it costs too much"


def test_after_a_fulfilled_one_the_next_may_begin_at_once(offered: Contract) -> None:
    contracting = Contracting()
    contracting.ended("contract waits: not yet", NOW)
    contracting.seen(replace(offered, accepted=True, fulfilled=True))
    assert contracting.may_begin(NOW)
    assert contracting.fulfilled == {offered.id}
    assert contracting.state.startswith("fulfilled")


def test_miners_bring_the_ore_of_the_contract_last_seen_until_it_is_fulfilled(
    offered: Contract,
) -> None:
    contracting = Contracting()
    contracting.seen(offered)
    assert contracting.ore == ""
    contracting.ended(f"{MINERS} to bring 10 SILVER_ORE", NOW)
    assert contracting.for_miners is offered
    assert contracting.ore == offered.terms.deliver[0].trade_symbol
    accepted = replace(offered, accepted=True)
    contracting.seen(accepted)
    assert contracting.for_miners is accepted
    contracting.seen(replace(accepted, fulfilled=True))
    assert contracting.for_miners is None
