"""Who starts next: children of one supervisor in their order, by its strategy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from fleet.supervision.spec import Strategy


class StartOrder:
    """Remembers who is to start, who waits out a delay, and who is just starting.

    Children of one_for_one do without each other, so that nobody waits. With the other
    strategies each waits until the one before has come through its `on_start`, and nobody
    starts while one that it depends on waits out a delay. Lives in the supervisor's thread.
    """

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy
        # Ordered, so that virtual time has the same order in every process.
        self._due: dict[str, None] = {}
        self._delayed: set[str] = set()
        self._starting: str | None = None

    @property
    def in_turn(self) -> bool:
        """Whether children wait for each other."""
        return self._strategy != "one_for_one"

    def want(self, names: Iterable[str]) -> None:
        """Have them start when it is their turn."""
        self._due.update(dict.fromkeys(names))

    def delay(self, name: str) -> None:
        """Have one wait, and all that depend on it, until it is wanted again."""
        self._due.pop(name, None)
        self._delayed.add(name)

    def is_due(self, name: str) -> bool:
        """Say whether one is to start and only waits for its turn."""
        return name in self._due

    def is_delayed(self, name: str) -> bool:
        """Say whether one waits out a delay."""
        return name in self._delayed

    def due(self, name: str) -> None:
        """End the delay of one: it is to start."""
        self._delayed.discard(name)
        self._due[name] = None

    def down(self, name: str) -> None:
        """Take note that one is not starting any more, because it has started, or fallen."""
        if self._starting == name:
            self._starting = None

    def forget(self, name: str) -> None:
        """Leave one out for good."""
        self._due.pop(name, None)
        self._delayed.discard(name)
        self.down(name)

    def affected(self, name: str, names: Sequence[str]) -> list[str]:
        """Name, in order, the others that share the failure of one."""
        if self._strategy == "one_for_all":
            return [other for other in names if other != name]
        return list(names[names.index(name) + 1 :]) if self.in_turn else []

    def next(self, names: Collection[str]) -> str | None:
        """Take the next one that may start; None when nobody may, or none is to."""
        if not self._due or self._starting is not None:
            return None
        if not self.in_turn:
            return self._first()
        if self._strategy == "one_for_all" and self._delayed:
            return None
        for name in names:
            if self._strategy == "rest_for_one" and name in self._delayed:
                return None
            if name in self._due:
                self._due.pop(name, None)
                self._starting = name
                return name
        return None

    def _first(self) -> str:
        name = next(iter(self._due))
        del self._due[name]
        return name
