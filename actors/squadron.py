"""All ships as the conductor knows them, and what they do, kept ready for its questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, MutableMapping

from fleet.actors.member import Member
from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import AnyTask, Lent, Park, ScoutMarkets

IDLE = Park | ScoutMarkets | Lent | None
"""What ships do whose requests nobody waits for: probes only fill what is left over, and
experiments have a quota."""


class Squadron(MutableMapping[str, Member]):
    """The ships in the order in which they became known; used in the conductor's thread only.

    Whenever one wants work it is asked what all others do: of a thousand ships nobody counts that
    each time. So a member's task is changed by `give`, and never in the member itself.
    """

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._ranks: dict[str, int] = {}
        """By ship, its place in that order."""

        self._tasks: dict[str, AnyTask] = {}
        self._idle: set[str] = set()
        self._kinds: Counter[type[AnyTask]] = Counter()
        self._visited: Counter[str] = Counter()
        self._watched: Counter[str] = Counter()

    def __getitem__(self, ship: str) -> Member:
        """Tell of a ship. Raises KeyError."""
        return self._members[ship]

    def __setitem__(self, ship: str, member: Member) -> None:
        """Take note of a ship, or of what it is and does now."""
        self._ranks.setdefault(ship, len(self._ranks))
        self._members[ship] = member
        self._note(ship, member.task)

    def __delitem__(self, ship: str) -> None:
        """Forget a ship. Raises KeyError."""
        del self._members[ship]
        self._note(ship, None)
        self._idle.discard(ship)

    def __iter__(self) -> Iterator[str]:
        """Name the ships."""
        return iter(self._members)

    def __len__(self) -> int:
        """Count the ships."""
        return len(self._members)

    def give(self, ship: str, task: AnyTask | None, at: GameTime | None = None) -> None:
        """Take note of what a ship is told to do, and of when. Raises KeyError."""
        member = self._members[ship]
        member.task = task
        member.given = member.given if at is None else at
        self._note(ship, task)

    # -- questions

    @property
    def tasks(self) -> Mapping[str, AnyTask]:
        """By ship, what it does; without those that have nothing to do."""
        return self._tasks

    @property
    def idle(self) -> list[Member]:
        """The ships that have nothing to do."""
        return [self._members[ship] for ship in sorted(self._idle, key=self._ranks.__getitem__)]

    @property
    def visited(self) -> Mapping[str, int]:
        """By waypoint, how many ships are there, or on their way, to read it."""
        return self._visited

    @property
    def watched(self) -> Mapping[str, int]:
        """The same for those that stay, or come again for ever."""
        return self._watched

    @property
    def working(self) -> list[str]:
        """Name the ships whose requests others wait for."""
        return [name for name, one in self._members.items() if not isinstance(one.task, IDLE)]

    def count(self, kind: type[AnyTask]) -> int:
        """Count the ships that have a task of that kind."""
        return self._kinds[kind]

    def idle_at(self, waypoint: str) -> bool:
        """Whether a ship without work stands at a place."""
        navs = (self._members[ship].ship.nav for ship in self._idle)
        return any(nav.waypoint_symbol == waypoint and nav.status != "IN_TRANSIT" for nav in navs)

    def watcher_of(self, waypoint: str) -> str | None:
        """Name the ship that watches a place, and only that one."""
        if not self._visited[waypoint]:
            return None
        for name, one in self._members.items():
            if isinstance(one.task, ScoutMarkets) and one.task.waypoints == (waypoint,):
                return name
        return None

    # -- keeping count

    def _note(self, ship: str, task: AnyTask | None) -> None:
        before = self._tasks.pop(ship, None)
        if before is not None:
            self._count(before, -1)
        if task is None:
            self._idle.add(ship)
        else:
            self._idle.discard(ship)
            self._tasks[ship] = task
            self._count(task, 1)

    def _count(self, task: AnyTask, by: int) -> None:
        self._kinds[type(task)] += by
        if isinstance(task, ScoutMarkets):
            for counts in (self._visited, self._watched)[: 1 + (task.rounds == 0)]:
                for waypoint in task.waypoints:
                    counts[waypoint] += by
                    # What is counted is what is in it.
                    if not counts[waypoint]:
                        del counts[waypoint]
