"""Buys one ship at a time: reserve, buy, and after any doubt count before the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fleet.actors.fleet_plan import Purchase
from fleet.protocol.api import ApiRefusal, ApiReply, ApiRequest, Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import BUCKET, TREASURY, CreditsSeen, Release, Reserve
from fleet.protocol.wire.market import ShipPurchased
from fleet.protocol.wire.ship import Ship
from fleet.runtime import Context

OWNER = "conductor"
# The price may have risen since it was seen: the grant covers that much more.
MARGIN = 1.10
# After a refusal the next try waits this long, in game seconds.
PAUSE = 60.0
# Nobody was at the yard, or the ships could not be counted: again after this, in game seconds.
LATER = 20.0
PAGE = 20


@dataclass(slots=True)
class Worth:
    """What was paid for the ships, in credits; the conductor's incarnations hand it on."""

    value: int = 0


class Purchasing:
    """A small part of the conductor; used in its thread only."""

    def __init__(self, agent: str, worth: Worth) -> None:
        self._agent = agent
        self.worth = worth
        self._state = "free"
        """free, looking, reserving, buying, counting, uncounted, doubtful."""

        self._called = True
        """Whether it is known by now what an earlier incarnation has in flight."""

        self._not_before = GameTime(0.0)
        self._number = 0
        self._page = 0
        self.yard = ""
        """Where a purchase is under way: somebody must stay there until it is made."""

    def free(self, now: GameTime) -> bool:
        """Whether a purchase may be begun."""
        return self._state == "free" and now >= self._not_before

    def doubt(self) -> None:
        """Take note that an earlier incarnation may have bought: count before buying again."""
        self._state, self._called = "doubtful", False

    def withdrawn(self, ctx: Context[Any], in_flight: tuple[int, ...]) -> None:
        """Count, unless a purchase is in flight: it ends as unknown, and that counts, too."""
        self._called = True
        if not any(number > 0 for number in in_flight):
            self.count(ctx)

    def look(self) -> None:
        """Take note that it is being found out whether a ship is at the yard."""
        self._state = "looking"

    def postpone(self, ctx: Context[Any]) -> None:
        """Leave it for a short while: nobody is at the yard yet."""
        self._state = "free"
        self._not_before = GameTime(ctx.now() + LATER)

    def reserve(
        self, ctx: Context[Any], purchase: Purchase, on_reply: Callable[[Any], Any]
    ) -> None:
        """Set the price aside; the answer comes to the conductor."""
        self._state, self.yard = "reserving", purchase.yard
        amount = int(purchase.price * MARGIN)
        ask = Reserve(owner=OWNER, amount=amount, floor=purchase.floor - (amount - purchase.price))
        ctx.ask(ctx.address(TREASURY), ask, timeout=10.0, on_reply=on_reply)

    def give_up(self, ctx: Context[Any]) -> None:
        """Leave it for now."""
        self._state, self.yard = "free", ""
        self._not_before = GameTime(ctx.now() + PAUSE)
        ctx.tell(ctx.address(TREASURY), Release(OWNER))

    def buy(self, ctx: Context[Any], purchase: Purchase) -> None:
        """Send the purchase."""
        self._state = "buying"
        body = {"shipType": purchase.ship_type, "waypointSymbol": purchase.yard}
        self._send(ctx, "purchase-ship", Lane.TRADE, body=body)

    def count(self, ctx: Context[Any], page: int = 1) -> None:
        """List the ships, page by page, to find those that nobody told us of."""
        self._state, self._page, self.yard = "counting", page, ""
        query = (("page", str(page)), ("limit", str(PAGE)))
        self._send(ctx, "get-my-ships", Lane.SAFETY, query=query)

    def count_again(self, ctx: Context[Any]) -> None:
        """Count, if that has failed a while ago."""
        if self._state == "uncounted" and ctx.now() >= self._not_before:
            self.count(ctx)

    def _send(self, ctx: Context[Any], operation: str, lane: Lane, **more: Any) -> None:
        self._number = max(self._number, ctx.incarnation * 1_000_000) + 1
        request = ApiRequest(
            number=self._number, operation=operation, lane=lane, behaviour="conductor", **more
        )
        ctx.tell(ctx.address(BUCKET), request)

    def takes(self, ctx: Context[Any], outcome: Any) -> tuple[Ship, ...]:
        """Take the end of a request; gives the ships it told of."""
        if outcome.number != self._number and self._state != "doubtful":
            return ()
        if self._state == "counting":
            return self._counted(ctx, outcome)
        if isinstance(outcome, ApiReply) and outcome.operation == "purchase-ship":
            self._paid(ctx, outcome.data)
        if not self._called:
            # Which ships there are is not known yet: whatever came of it, the count tells.
            return ()
        match outcome:
            case ApiReply(operation="purchase-ship", data=done):
                self._state, self.yard = "free", ""
                ctx.tell(ctx.address(TREASURY), Release(OWNER))
                return (done.ship,)
            case ApiRefusal():
                ctx.log("purchase.refused", level="warning", text=outcome.message)
                self.give_up(ctx)
            case _:
                # Unknown, expired, overloaded: whoever is unsure counts.
                self.count(ctx)
        return ()

    def _paid(self, ctx: Context[Any], done: ShipPurchased) -> None:
        price = done.transaction.price
        self.worth.value += price
        ctx.tell(ctx.address(TREASURY), CreditsSeen(done.agent.credits, OWNER, price))

    def _counted(self, ctx: Context[Any], outcome: Any) -> tuple[Ship, ...]:
        if not isinstance(outcome, ApiReply):
            # Not at once: a list that can't be had would take the whole allowance.
            self._state, self._not_before = "uncounted", GameTime(ctx.now() + LATER)
            return ()
        if len(outcome.data) == PAGE:
            self.count(ctx, self._page + 1)
        else:
            self.give_up(ctx)
        ships: tuple[Ship, ...] = outcome.data
        return ships
