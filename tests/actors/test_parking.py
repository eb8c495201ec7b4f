"""Ships that earn least per request rest first, and work again last."""

from __future__ import annotations

from collections import Counter

from fleet.actors.parking import Parking, ParkingSettings, Weighed, Worth
from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.saturation import Relieved, Saturated

NOW = GameTime(0.0)
USUAL = ParkingSettings()
REST, WORK, TURN, CAREFUL = USUAL.rest, USUAL.work, USUAL.turn, USUAL.careful
POOR = {"A": Worth(0, 10), "B": Worth(0, 10), "C": Worth(9, 10)}


def test_who_rests_works_again_after_a_while_and_two_do_not_come_back_together() -> None:
    parking = Parking()
    assert parking.park(POOR, 2, NOW) == ["A", "B"]
    assert not parking.rests("C", NOW)
    assert parking.rests("A", GameTime(REST - 1))
    assert not parking.rests("A", GameTime(REST))
    assert parking.rests("B", GameTime(REST))
    assert not parking.rests("B", GameTime(REST + TURN))


def test_who_has_rested_works_for_a_while_however_little_it_earns() -> None:
    parking = Parking()
    parking.park(POOR, 1, NOW)
    assert not parking.rests("A", GameTime(REST))
    later = {"A": Worth(0, 90), "B": Worth(5, 90), "C": Worth(99, 90)}
    assert parking.park(later, 1, GameTime(REST + WORK - 1)) == ["B"]
    still = {"A": Worth(0, 190), "C": Worth(199, 190)}
    assert parking.park(still, 1, GameTime(REST + WORK)) == ["A"]


def test_who_earns_least_per_request_rests_first() -> None:
    parking = Parking()
    worths = {
        "A": Worth(100, 10),
        "B": Worth(100, 50),
        "C": Worth(0, 10),
        "D": Worth(0, 0),
    }
    assert parking.park(worths, 2, NOW) == ["C", "B"]
    assert parking.park(worths, 9, NOW) == []


def test_what_counts_is_what_was_earned_lately() -> None:
    parking = Parking()
    hour = USUAL.looks_back
    parking.park({"A": Worth(1_000, 10), "B": Worth(10, 10)}, 0, NOW)
    early = {"A": Worth(1_000, 20), "B": Worth(100, 20)}
    assert parking.park(early, 0, GameTime(hour / 2)) == []
    late = {"A": Worth(1_000, 30), "B": Worth(500, 30)}
    assert parking.park(late, 1, GameTime(hour)) == ["A"], "what it had before is long past"


def test_a_purchase_does_not_make_a_trader_the_worst_before_it_has_sold() -> None:
    parking = Parking()
    for minute, trader in enumerate((0, 5_000, 10_000, 15_000)):
        now = GameTime(600.0 * minute)
        parking.park({"A": Worth(trader, 10 * minute), "B": Worth(100 * minute, minute)}, 0, now)
    bought = {"A": Worth(11_000, 41), "B": Worth(310, 31)}
    assert parking.park(bought, 1, GameTime(1_860.0)) == ["B"]


def test_those_of_the_same_worth_rest_by_turns() -> None:
    parking, rested = Parking(), Counter[str]()
    now, asked = 0.0, 0
    while now < 20 * (REST + WORK):
        now, asked = now + 60.0, asked + 1
        for ship in "ABCDEF":
            parking.rests(ship, GameTime(now))
        working = {ship: Worth(0, asked) for ship in "ABCDEF" if ship not in parking.parked}
        rested.update(parking.park(working, 2 - len(parking.parked), GameTime(now)))
    assert set(rested) == set("ABCDEF")
    assert max(rested.values()) - min(rested.values()) <= 1


def test_answers_to_a_question_of_an_earlier_incarnation_park_nobody() -> None:
    parking = Parking()
    parking._asked = {"A"}
    parking.unask()
    assert parking.weighed(Weighed("A", None), NOW) == []


def test_a_ship_whose_count_began_anew_is_weighed_by_what_it_has() -> None:
    parking = Parking()
    parking.park({"A": Worth(1_000, 100), "B": Worth(900, 90)}, 0, NOW)
    assert parking.park({"A": Worth(50, 10), "B": Worth(1_000, 110)}, 1, NOW) == ["A"]
    assert Worth(50, 10).since(Worth(1_000, 100)) == 5.0


def test_the_best_of_those_that_rest_works_again_first() -> None:
    parking = Parking()
    parking.park({"A": Worth(1, 10), "B": Worth(2, 10), "C": Worth(9, 10)}, 2, NOW)
    assert [parking.free(), parking.free(), parking.free()] == ["B", "A", None]


def test_more_rest_the_more_is_asked_for_and_never_all() -> None:
    parking = Parking()

    def too_much(active: int, demand: float, beyond: float = 0.0) -> int:
        return parking.too_much(Saturated(Lane.ACTION, 9.0, demand, beyond), active)

    assert too_much(100, 2.0) == 25
    assert too_much(100, 1.2) == 9
    assert too_much(100, 1.0) == 1
    assert too_much(1, 9.0) == 0
    assert too_much(100, 1.0, 30.0) == 15, "ships that wait ask for nothing meanwhile"
    assert too_much(10, 1.0, 30.0) == 5


def test_nobody_works_again_while_any_lane_is_saturated() -> None:
    parking = Parking(parked={"A": None, "B": None})
    parking._full = {Lane.TRADE: 1}
    assert parking.relieved(Relieved(Lane.ACTION, 0.5), GameTime(0.0)) is None
    assert parking.relieved(Relieved(Lane.TRADE, 0.5), GameTime(0.0)) == "B"
    assert parking.relieved(Relieved(Lane.TRADE, 0.5), GameTime(CAREFUL / 2)) is None
    assert parking.relieved(Relieved(Lane.TRADE, 0.5), GameTime(CAREFUL)) == "A"
