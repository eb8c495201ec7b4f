"""Holds the desired fleet, buys ships and gives each its work, in one decision."""

from __future__ import annotations

from functools import partial
from typing import Any

from fleet.actors.assignments import (
    FIRST_TOUR,
    TRADERS,
    digger_work,
    place_of,
    scout_task,
    tour,
    without_trade,
    yard_to_see,
)
from fleet.actors.charting import Charting
from fleet.actors.conductor_messages import Children, Counted, Looked, Reserved, Seen
from fleet.actors.conductor_settings import ConductorSettings, Situation
from fleet.actors.contracting import Contracting
from fleet.actors.experiment_lending import Arrange, CrewQuery, GiveBack, Lend, Lending
from fleet.actors.fleet_plan import Purchase, next_purchase
from fleet.actors.luck import Luck
from fleet.actors.member import Member
from fleet.actors.parking import REASON, Parking, Weighed
from fleet.actors.purchasing import Purchasing, Worth
from fleet.actors.squadron import Squadron
from fleet.protocol.api import (
    ApiRefusal,
    ApiReply,
    Expired,
    Lane,
    Overloaded,
    UnknownOutcome,
    Withdraw,
    Withdrawn,
)
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import (
    BOOK,
    BUCKET,
    SHIPS,
    TREASURY,
    Announce,
    Assign,
    BookQuery,
    BookView,
    ContractSeen,
    Denied,
    FleetQuery,
    FleetView,
    Funds,
    Granted,
    Ready,
    ShipQuery,
    ShipView,
    Tick,
    TreasuryQuery,
    Working,
)
from fleet.protocol.saturation import Relieved, Saturated, Watch
from fleet.protocol.strain import Strain
from fleet.protocol.tasks import (
    AnyTask,
    FulfilContract,
    MineAndSell,
    Park,
    ScoutMarkets,
    SurveySite,
    TradeBestRoute,
    name_of,
)
from fleet.protocol.wire.place import Waypoint
from fleet.protocol.wire.ship import Ship
from fleet.runtime import Actor, AskFailed, AskTimeout, Context, Props
from fleet.supervision.spec import ChildSpec
from fleet.supervision.supervisor import StartChild, WhichChildren

# Game seconds between two looks at the whole fleet.
PERIOD = 10.0
ASK_TIMEOUT = 10.0
# Before the supervisor of the ships is asked again for its children; wall seconds.
ROLL_PAUSE = 1.0


class Conductor(Actor[Any]):
    """Observes, derives, acts; everything it knows is told to it again after a restart."""

    def __init__(
        self,
        settings: ConductorSettings,
        worth: Worth,
        lending: Lending,
        parking: Parking,
        luck: Luck,
    ) -> None:
        self._settings = settings
        self._lending = lending
        self._luck = luck
        self._members = Squadron()
        self._children: set[str] = set()
        """Ships whose actors were there before this incarnation."""

        self._counted: dict[str, str] = {}
        """Roles of ships that the server told of, whether they have spoken or not."""

        self._view: BookView | None = None
        self._funds: Funds | None = None
        self._charting = Charting(settings.agent.headquarters)
        self._purchasing = Purchasing(settings.agent.symbol, worth)
        self._contracting = Contracting()
        self._parking = parking
        self._strained = False
        self._looking = False

    # -- lives

    def on_start(self, ctx: Context[Any]) -> None:
        """Begin to tick, and watch how long requests wait."""
        ctx.timer("tick", Tick(), after=0.0)
        ctx.tell(ctx.address(BUCKET), Watch())

    def on_restart(self, ctx: Context[Any], reason: str) -> None:
        """Have every ship say what it does, then take back open requests and count."""
        self._purchasing.doubt()
        self._parking.unask()
        self._call_roll(ctx, None)
        ctx.timer("tick", Tick(), after=0.5)

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Take a fact in, or look at the whole."""
        match message:
            case Tick():
                self._tick(ctx)
            case Ready(ship=ship, ended=task, outcome=outcome):
                self._ready(ctx, ship, task, outcome)
            case Working():
                self._lending.working(ctx, message, self._members)
            case Lend() | GiveBack() | Arrange() | CrewQuery():
                self._lending.receive(ctx, message, self._members)
            case ContractSeen(contract=contract):
                self._contracting.seen(contract)
            case FleetQuery():
                ctx.reply(self._fleet())
            case Withdrawn(in_flight=numbers):
                self._purchasing.withdrawn(ctx, numbers)
            case Saturated() | Relieved() | Weighed():
                self._scale(ctx, message)
            case Strain(critical=critical):
                self._strained = critical
            case _:
                self._answered(ctx, message)

    def _answered(self, ctx: Context[Any], message: Any) -> None:
        """Go on with what an actor was asked for."""
        match message:
            case Seen(view=view):
                self._view = view if isinstance(view, BookView) else self._view
                self._assign_idle(ctx)
            case Counted(funds=funds):
                self._looking = False
                self._funds = funds if isinstance(funds, Funds) else self._funds
                self._consider_purchase(ctx)
            case Reserved(purchase=purchase, answer=answer):
                self._reserved(ctx, purchase, answer)
            case Looked(purchase=purchase, view=view):
                self._looked(ctx, purchase, view)
            case Children(names=names):
                self._call_roll(ctx, names)
            case _:
                self._outcome(ctx, message)

    def _outcome(self, ctx: Context[Any], message: Any) -> None:
        """Hand the end of a request to whoever made it."""
        match message:
            case ApiReply() | ApiRefusal() | UnknownOutcome() | Expired() | Overloaded():
                charts = self._charting.charts
                if self._charting.takes(ctx, message):
                    if charts and not self._charting.charts:
                        self._look(ctx)
                    return
                for ship in self._purchasing.takes(ctx, message):
                    self._adopt(ctx, ship)
            case _:
                ctx.log("message.unknown", level="warning", text=f"{message!r:.200}")

    # -- looking

    def _tick(self, ctx: Context[Any]) -> None:
        ctx.timer("tick", Tick(), at=GameTime(ctx.now() + PERIOD))
        self._purchasing.count_again(ctx)
        self._look(ctx)

    def _look(self, ctx: Context[Any]) -> None:
        # Whoever wants work before the answers are there gets it with them.
        if self._looking:
            return
        self._looking = True
        ctx.ask(ctx.address(BOOK), BookQuery(), timeout=ASK_TIMEOUT, on_reply=Seen)

    def _call_roll(self, ctx: Context[Any], names: Any) -> None:
        if names is None:
            ctx.ask(ctx.address(SHIPS), WhichChildren(), timeout=ASK_TIMEOUT, on_reply=Children)
            return
        if isinstance(names, AskTimeout | AskFailed):
            # Not at once: a supervisor that rests in quarantine refuses at once.
            ctx.timer("roll", Children(None), after=ROLL_PAUSE)
            return
        self._children = {child.id for child in names}
        for child in names:
            ctx.tell(ctx.address(f"{SHIPS}/{child.id}"), Announce())
        # Not before it is known whose actors run: what is counted next may be new.
        ctx.tell(ctx.address(BUCKET), Withdraw())

    # -- ships

    def _ready(self, ctx: Context[Any], ship: Ship, task: AnyTask | None, outcome: str) -> None:
        known = self._members.get(ship.symbol, Member(ship))
        self._members[ship.symbol] = Member(ship)
        if task is not None:
            self._members[ship.symbol] = known.ended(ship, outcome, ctx.now())
            name, text = name_of(task), f"{ship.symbol} ended {name_of(task)}: {outcome}"
            fields = {"ship": ship.symbol, "behaviour": name, "outcome": outcome}
            ctx.log("task.ended", level="debug", text=text, **fields)
        if isinstance(task, FulfilContract):
            self._contracting.ended(outcome, ctx.now())
        self._luck.ended(ship.symbol, task, outcome, ctx.now())
        self._look(ctx)

    def _adopt(self, ctx: Context[Any], ship: Ship) -> None:
        """Start the actor of a new ship; it reports and gets its work at once."""
        # It may hang just now, and be ours all the same.
        self._counted[ship.symbol] = ship.registration.role
        if ship.symbol in self._members or ship.symbol in self._children:
            return
        self._members[ship.symbol] = Member(ship, None)
        child = ChildSpec(id=ship.symbol, props=self._settings.ship(ship))
        ctx.tell(ctx.address(SHIPS), StartChild(child))
        text = f"bought {ship.symbol} ({ship.registration.role.lower()})"
        ctx.log("ship.bought", text=text, ship=ship.symbol)

    def _assign_idle(self, ctx: Context[Any]) -> None:
        self._looking = False
        # Ways over half a map lead nowhere.
        if self._view is None or self._charting.goes_on(ctx, len(self._view.waypoints)):
            return
        self._charting.look_around(ctx, self._view)
        if self._funds is not None and len(self._members) >= self._settings.most_ships:
            # Nothing can be bought, whatever there is to buy it with.
            self._consider_purchase(ctx)
            return
        self._looking = True
        ctx.ask(ctx.address(TREASURY), TreasuryQuery(), timeout=ASK_TIMEOUT, on_reply=Counted)

    def _consider_purchase(self, ctx: Context[Any]) -> None:
        """Buy first, then give the idle their work: a ship that is at a yard makes it possible."""
        if self._strained or self._view is None or self._funds is None:
            return
        purchase = self._purchase(ctx)
        if purchase is not None and self._members.idle_at(purchase.yard):
            self._purchasing.reserve(ctx, purchase, partial(Reserved, purchase))
            return
        if purchase is not None:
            self._look_at_yard(ctx, purchase)
        self._give_work(ctx)

    def _look_at_yard(self, ctx: Context[Any], purchase: Purchase) -> None:
        """Ask the probe that watches the yard whether it is there."""
        probe = self._members.watcher_of(purchase.yard)
        if probe is not None:
            self._purchasing.look()
            ctx.ask(
                ctx.address(f"{SHIPS}/{probe}"),
                ShipQuery(),
                timeout=ASK_TIMEOUT,
                on_reply=partial(Looked, purchase),
            )

    def _looked(self, ctx: Context[Any], purchase: Purchase, view: Any) -> None:
        nav = view.ship.nav if isinstance(view, ShipView) else None
        if nav and nav.waypoint_symbol == purchase.yard and nav.status != "IN_TRANSIT":
            self._purchasing.reserve(ctx, purchase, partial(Reserved, purchase))
        else:
            self._purchasing.postpone(ctx)

    def _purchase(self, ctx: Context[Any]) -> Purchase | None:
        assert self._view is not None
        assert self._funds is not None
        most = self._settings.most_ships
        if len(self._members) >= most or not self._purchasing.free(ctx.now()):
            return None
        members = self._members.items()
        roles = self._counted | {name: one.ship.registration.role for name, one in members}
        wants = self._settings.wants
        return next_purchase(roles.values(), self._view.offers, self._funds.free, most, wants)

    def _reserved(self, ctx: Context[Any], purchase: Purchase, answer: Any) -> None:
        if isinstance(answer, Granted):
            self._purchasing.buy(ctx, purchase)
        else:
            self._purchasing.give_up(ctx)
            if isinstance(answer, Denied):
                self._give_work(ctx)

    def _give_work(self, ctx: Context[Any]) -> None:
        for member in self._members.idle:
            ship = member.ship.symbol
            if member.ship.nav.waypoint_symbol != self._purchasing.yard:
                task = self._lending.task_for(member) or self._task_for(ctx, member)
                task = Park(reason=member.outcome) if member.stuck else task
                self._members.give(ship, task, ctx.now())
                ctx.tell(ctx.address(f"{SHIPS}/{ship}"), Assign(task))

    def _task_for(self, ctx: Context[Any], member: Member) -> AnyTask:
        assert self._view is not None
        ship, role = member.ship, member.ship.registration.role
        if self._parking.rests(ship.symbol, ctx.now()):
            return Park(reason=REASON)
        situation = Situation(ship, member.outcome, self._view, self._members.tasks, ctx.now())
        for rule in self._settings.rules:
            task = rule(situation)
            if task is not None:
                return task
        if role == "SATELLITE":
            return scout_task(ship, self._view, self._members.watched, self._home())
        if role not in TRADERS:
            ore, contract = self._contracting.ore, self._contracting.for_miners
            return digger_work(ship, self._view, self._home(), ore, contract)
        return self._trader_task(ctx, member)

    def _trader_task(self, ctx: Context[Any], member: Member) -> AnyTask:
        """First see a yard and some markets, then contracts and trips, else look for prices."""
        view, busy = self._view, self._members.visited
        assert view is not None
        yard = yard_to_see(view, self._home(), busy)
        if yard is not None:
            return ScoutMarkets(waypoints=(yard,), rounds=1)
        first, idle = len(view.markets_seen) < FIRST_TOUR, member.tradeless
        look = tour(member.ship, view, ctx.now(), busy, FIRST_TOUR) if first or idle else None
        if look is not None:
            return look if first else ScoutMarkets(waypoints=look.waypoints[:1], rounds=1)
        if self._may_contract(ctx, member):
            return FulfilContract()
        least, resting = self._luck.least(member.ship.symbol, ctx.now()), self._members.count(Park)
        return without_trade(member, busy, resting, least) if idle else TradeBestRoute(least=least)

    def _may_contract(self, ctx: Context[Any], member: Member) -> bool:
        """One contract at a time, by a ship that trades would miss least: not by the fastest."""
        contracting = self._members.count(FulfilContract) > 0
        if contracting or not self._contracting.may_begin(ctx.now()):
            return False
        return member.ship.registration.role != "COMMAND" or member.tradeless

    def _home(self) -> Waypoint | None:
        assert self._view is not None
        return place_of(self._view, self._settings.agent.headquarters)

    # -- saturation

    def _scale(self, ctx: Context[Any], message: Saturated | Relieved | Weighed) -> None:
        """Have ships rest that earn least per request while the others wait too long."""
        match message:
            case Saturated(lane=lane) if lane <= Lane.TRADE:
                for ship in self._parking.saturated(ctx, message, self._members.working):
                    self._park(ctx, ship)
            case Relieved(lane=lane) if lane <= Lane.TRADE:
                freed = self._parking.relieved(message, ctx.now()) or ""
                # Who carries goods has not gone to rest yet, and goes on with its trip.
                if freed in self._members and isinstance(self._members[freed].task, Park):
                    self._members.give(freed, None)
                    self._look(ctx)
            case Weighed():
                for ship in self._parking.weighed(message, ctx.now()):
                    self._park(ctx, ship)

    def _park(self, ctx: Context[Any], ship: str) -> None:
        """Let a digger rest at once; who carries goods first brings its task to an end."""
        ctx.log("ship.parked", text=f"{ship} rests: {REASON}", ship=ship)
        member = self._members.get(ship)
        if member is not None and isinstance(member.task, MineAndSell | SurveySite):
            self._members.give(ship, task := Park(reason=REASON))
            ctx.tell(ctx.address(f"{SHIPS}/{ship}"), Assign(task))

    # -- views

    def _fleet(self) -> FleetView:
        return FleetView(
            ships=tuple(self._members),
            assignments=tuple((name, one.behaviour) for name, one in self._members.items()),
            contract=self._contracting.state,
            contracts_fulfilled=len(self._contracting.fulfilled),
            value=self._purchasing.worth.value,
        )


def conductor_props(settings: ConductorSettings) -> Props:
    """Say how to run the conductor."""
    shared = Worth(settings.value), Lending(), Parking(settings.parking), Luck()
    return Props(factory=lambda: Conductor(settings, *shared), budget=5.0)
