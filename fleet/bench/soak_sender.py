"""Strikes the fleet of a soak, and once more wherever nobody was there to be struck."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Executor, Future

from fleet.bench.soak_storm import Blow

Strike = Callable[[Blow], bool]
"""Gives a blow to the fleet, in a thread of the executor; says whether it was taken."""


class Sender:
    """Used by the thread that keeps the time; each blow is given in a thread of the executor.

    While the interpreter's lock is held and the runtime is started anew nobody takes anything.
    What was missed is owed: it is given later, so that the fleet gets the whole storm.
    """

    def __init__(self, strike: Strike, executor: Executor) -> None:
        """Begin with nothing sent."""
        self._strike = strike
        self._executor = executor
        self._sent: deque[tuple[Blow, Future[bool]]] = deque()
        self._owed: deque[Blow] = deque()
        self.taken: Counter[str] = Counter()
        """Blows that the fleet has taken, by what they are called."""

        self.at_the_writer = 0
        """Those of the even mix among them that hit the database writer."""

        self.missed = 0
        """Times that nobody took one."""

    @property
    def outstanding(self) -> int:
        """Count the blows that are on their way or owed."""
        self.look()
        return len(self._sent) + len(self._owed)

    def send(self, blow: Blow) -> None:
        """Give a blow; see what became of earlier ones."""
        self.look()
        self._sent.append((blow, self._executor.submit(self._strike, blow)))

    def send_owed(self, again: Callable[[Blow], Blow]) -> None:
        """Give the blow that is owed longest, as `again` makes it for now; if there is one."""
        self.look()
        if self._owed:
            self.send(again(self._owed.popleft()))

    def look(self) -> None:
        """Count the answers that have come, in the order in which the blows were sent."""
        while self._sent and self._sent[0][1].done():
            blow, answer = self._sent.popleft()
            if not answer.result():
                self.missed += 1
                self._owed.append(blow)
                continue
            self.taken[blow.name] += 1
            self.at_the_writer += blow.part == "mix" and blow.hits_writer
