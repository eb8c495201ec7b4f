from dataclasses import dataclass
from typing import ClassVar

import pytest

from fleet.host import letters
from fleet.protocol.errors import UsageError


@dataclass(frozen=True)
class Buy:
    """Not to be handled twice."""

    good: str


@dataclass(frozen=True)
class Look:
    """A read."""

    redeliver: ClassVar[str] = "once"


def test_a_letter_is_listed_with_what_is_needed_to_judge_it(virtual):
    virtual.system.address("/nobody").tell(Buy("FUEL"))
    (row,) = letters.listed(virtual.system)
    assert (row["actor"], row["cause"], row["message_type"]) == ("/nobody", "no_actor", "Buy")
    assert row["message"] == "Buy(good='FUEL')"
    assert row["may_be_sent_again"]


def test_a_letter_is_sent_again_once_and_handled(virtual):
    virtual.system.address("/late").tell(Look())
    (row,) = letters.listed(virtual.system)
    virtual.spawn("/late")
    virtual.run()
    done = letters.replay(virtual.system, row["id"], force=False)
    virtual.run()
    assert done["taken"]
    assert virtual.notes.all == [Look()]
    assert letters.listed(virtual.system) == []
    (replayed,) = virtual.events.records("letter.replayed")
    assert (replayed["replayed"], replayed["actor"]) == (row["id"], "/late")
    with pytest.raises(UsageError, match=f"no dead letter {row['id']}"):
        letters.replay(virtual.system, row["id"], force=False)


def test_what_may_have_been_handled_in_part_is_sent_again_by_force_only(virtual):
    def receive(ctx, message):
        virtual.notes(message)
        raise ValueError("half done")

    address = virtual.spawn("/shop", receive=receive)
    virtual.run()
    address.tell(Buy("FUEL"))
    virtual.run()
    (row,) = letters.listed(virtual.system)
    assert row["cause"] == "poison"
    with pytest.raises(UsageError, match="--force"):
        letters.replay(virtual.system, row["id"], force=False)
    assert letters.listed(virtual.system) == [row]
    letters.replay(virtual.system, row["id"], force=True)
    virtual.run(1.0)
    assert virtual.notes.all == [Buy("FUEL")] * 2


@pytest.mark.parametrize("number", [99, None, "1"])
def test_a_letter_that_is_not_there_is_refused(virtual, number):
    with pytest.raises(UsageError, match="lists them"):
        letters.replay(virtual.system, number, force=False)


def test_a_message_that_cannot_be_shown_hides_no_other_letter(virtual):
    class Secret:
        def __repr__(self):
            raise SystemExit

    virtual.system.address("/nobody").tell(Secret())
    virtual.system.address("/nobody").tell(Look())
    shown = [row["message"] for row in letters.listed(virtual.system)]
    assert shown == ["(Secret cannot be shown: SystemExit)", "Look()"]
