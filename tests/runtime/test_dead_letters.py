import threading
from dataclasses import dataclass
from typing import ClassVar

import pytest

from fleet.runtime.dead_letters import DeadLetter, DeadLetters
from fleet.runtime.envelope import Envelope


def letter(number, cause="poison"):
    return DeadLetter("/a", Envelope(number, number), cause)


def test_the_newest_are_kept_and_all_are_counted():
    letters = DeadLetters(keep=3)
    for number in range(5):
        letters.add(letter(number, "expired" if number % 2 else "poison"))
    assert [each.envelope.id for each in letters.letters()] == [2, 3, 4]
    assert letters.counts == {"poison": 3, "expired": 2}


def test_counting_is_exact_from_many_threads():
    letters, start = DeadLetters(keep=10), threading.Barrier(8)

    def bury():
        start.wait()
        for number in range(2000):
            letters.add(letter(number))
            if number % 100 == 0:
                letters.letters()

    threads = [threading.Thread(target=bury) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert letters.counts == {"poison": 16_000}


@dataclass(frozen=True)
class Purchase:
    """May have been made when its actor died."""


@dataclass(frozen=True)
class Read:
    redeliver: ClassVar[str] = "once"


@dataclass(frozen=True)
class Notice:
    redeliver: ClassVar[str] = "dead_letter"


@pytest.mark.parametrize(
    ("message", "cause", "harmless"),
    [
        (Purchase(), "poison", False),
        (Purchase(), "fenced", False),
        (Purchase(), "overflow", True),
        (Purchase(), "stopped", True),
        (Purchase(), "expired", True),
        (Read(), "poison", True),
        (Notice(), "poison", True),
    ],
)
def test_what_may_have_taken_effect_is_not_to_be_sent_again(message, cause, harmless):
    assert DeadLetter("/a", Envelope(message, 1), cause).may_be_sent_again is harmless


@pytest.mark.parametrize("message", [Purchase(), Notice()])
def test_a_message_that_may_not_be_repeated_is_a_dead_letter_at_the_first_death(virtual, message):
    attempts = []

    def receive(ctx, _):
        attempts.append(ctx.envelope.attempt)
        raise ValueError

    virtual.spawn("/a", receive=receive).tell(message)
    virtual.run(10)
    assert attempts == [1]
    assert [letter.cause for letter in virtual.system.dead_letters.letters()] == ["poison"]
