import threading

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
