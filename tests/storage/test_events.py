"""The newest events of many ships."""

from __future__ import annotations

from fleet.storage.batch import Batch
from fleet.storage.events import Event, latest_events


def test_each_ship_gets_its_newest_events_first(store, lease, namespace, samples):
    rows = [
        samples.event(f"1-{n}", f"S-{n % 2}", at=float(n // 2), credits=n or None)
        for n in range(20)
    ]
    rows.append(samples.event("2-1", "OTHER"))
    store.write(Batch(namespace, rows), lease)
    odd, nobody = latest_events(store, namespace, ["S-1", "NOBODY"], limit=3)
    assert (odd.ship, nobody.ship, nobody.events) == ("S-1", "NOBODY", ())
    assert [(event.at, event.credits) for event in odd.events] == [(9.0, 19), (8.0, 17), (7.0, 15)]
    assert isinstance(odd.events[0], Event)
    assert odd.events[0].kind == "ship.docked"


def test_events_of_the_same_moment_keep_the_order_in_which_they_came(
    store, lease, namespace, samples
):
    rows = [samples.event(f"1-{n}", "S-1", at=5.0, credits=n) for n in (3, 1, 2)]
    store.write(Batch(namespace, rows), lease)
    (found,) = latest_events(store, namespace, ["S-1"], limit=10)
    assert [event.credits for event in found.events] == [3, 2, 1]


def test_kinds_come_back_whatever_they_are(store, lease, namespace, samples):
    kinds = ['say "no"', "back\\slash", "two\nlines", "a],[b", "müde", "tab\tbed", "null", ""]
    rows = [samples.event(f"1-{n}", "S-1", at=float(n), kind=kind) for n, kind in enumerate(kinds)]
    store.write(Batch(namespace, rows[:2] + rows[3:]), lease)
    (found,) = latest_events(store, namespace, ["S-1"], limit=10)
    assert [event.kind for event in reversed(found.events)] == kinds[:2] + kinds[3:]
    store.write(Batch(namespace, rows[2:3]), lease)
    (found,) = latest_events(store, namespace, ["S-1"], limit=10)
    assert {event.kind for event in found.events} == set(kinds)


def test_another_agents_ship_of_the_same_name_is_another_ship(store, lease, namespace, samples):
    from fleet.storage.namespaces import open_namespace

    other = open_namespace(store, f"OTHER-{namespace}", "2026-11-01", now=1.0).id
    store.write(Batch(other, [samples.event("1-1", "S-1")]), lease)
    (found,) = latest_events(store, namespace, ["S-1"], limit=10)
    assert found.events == ()
