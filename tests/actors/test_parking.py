"""Ships that earn least per request rest first, and work again last."""

from __future__ import annotations

from fleet.actors.parking import Parking, Worth


def test_who_earns_least_per_request_rests_first() -> None:
    parking = Parking()
    worths = {
        "A": Worth(100, 10),
        "B": Worth(100, 50),
        "C": Worth(0, 10),
        "D": Worth(0, 0),
    }
    assert parking.park(worths, 2) == ["C", "B"]
    assert parking.park(worths, 9) == []


def test_what_counts_is_what_was_earned_since_the_last_look() -> None:
    parking = Parking()
    parking.park({"A": Worth(1_000, 10), "B": Worth(10, 10)}, 0)
    assert parking.park({"A": Worth(1_000, 20), "B": Worth(500, 20)}, 1) == ["A"]


def test_a_ship_whose_count_began_anew_is_weighed_by_what_it_has() -> None:
    parking = Parking()
    parking.park({"A": Worth(1_000, 100), "B": Worth(900, 90)}, 0)
    assert parking.park({"A": Worth(50, 10), "B": Worth(1_000, 110)}, 1) == ["A"]
    assert Worth(50, 10).since(Worth(1_000, 100)) == 5.0


def test_the_best_of_those_that_rest_works_again_first() -> None:
    parking = Parking()
    parking.park({"A": Worth(1, 10), "B": Worth(2, 10), "C": Worth(9, 10)}, 2)
    assert [parking.free(), parking.free(), parking.free()] == ["B", "A", None]


def test_more_rest_the_more_is_asked_for_and_never_all() -> None:
    parking = Parking()
    assert parking.too_much(2.0, 100) == 25
    assert parking.too_much(1.2, 100) == 9
    assert parking.too_much(1.0, 100) == 1
    assert parking.too_much(9.0, 1) == 0
