"""What in a sample of the process is worth a word: memory, threads, descriptors, CPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fleet.supervision.resources import texts
from fleet.supervision.resources.cooldown import Cooldown
from fleet.supervision.resources.limits import ResourceLimits
from fleet.supervision.resources.peak import Peak
from fleet.supervision.resources.sample import ProcessSample


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to say; an event of the log."""

    event: str
    text: str
    level: str = "warning"
    fields: dict[str, Any] = field(default_factory=dict)


class ProcessAlarms:
    """Judges one process's samples in order; for one thread."""

    def __init__(self, task: str, limits: ResourceLimits, *, file_limit: int) -> None:
        """Name the process; `file_limit` is the most descriptors it may have, 0 for no limit."""
        self._task = task
        self._limits = limits
        self._file_limit = file_limit
        self._cooldown = Cooldown(limits.cooldown)
        self._memory = Peak(limits.memory_growth)
        self._files = Peak(limits.files_growth)
        self._threads = 0
        self._actors = 0
        """How many of those threads were actors'."""

        self._hot = 0
        """Passes in a row with too much CPU."""

    @property
    def peak(self) -> int:
        """The highest resident size so far, in bytes."""
        return self._memory.highest

    def check(self, sample: ProcessSample, *, actors: int = 0) -> Iterator[Alarm]:
        """Tell what the sample is worth; so many of its threads are actors' own."""
        yield from self._check_memory(sample)
        yield from self._check_threads(sample, actors)
        yield from self._check_files(sample)
        yield from self._check_cpu(sample)

    def _check_memory(self, sample: ProcessSample) -> Iterator[Alarm]:
        rss = sample.memory.rss
        previous = self._memory.take(rss)
        # Without a cool-down: a crossing moves the mark by half of it, so that they are few.
        if previous is not None:
            text = texts.high_memory(self._task, rss, previous)
            yield Alarm("memory.grown", text, fields=sample.fields())

    def _check_threads(self, sample: ProcessSample, actors: int) -> Iterator[Alarm]:
        before, now, limits = self._threads, sample.threads, self._limits
        # A fleet that grows by a ship grows by its thread, and there is nothing unusual about it.
        change = abs((now - actors) - (before - self._actors))
        worth = change >= limits.threads_step or change > limits.threads_growth * before
        if not before:
            self._threads, self._actors = now, actors
        elif worth and self._cooldown.lets("threads", sample.at):
            self._threads, self._actors = now, actors
            text = f"Significant thread count change | Current: {now} | Previous: {before}"
            yield Alarm("threads.changed", text, "info", sample.fields())

    def _check_files(self, sample: ProcessSample) -> Iterator[Alarm]:
        previous, limit = self._files.take(sample.files), self._file_limit
        if limit and sample.files > self._limits.files_share * limit:
            if self._cooldown.lets("file limit", sample.at):
                text = f"Unusual file handle count | Current: {sample.files} | Limit: {limit}"
                yield Alarm("files.grown", text, "error", sample.fields())
        elif previous is not None and self._cooldown.lets("files", sample.at):
            text = f"Unusual file handle count | Current: {sample.files} | Peak: {previous}"
            yield Alarm("files.grown", text, fields=sample.fields())

    def _check_cpu(self, sample: ProcessSample) -> Iterator[Alarm]:
        self._hot = self._hot + 1 if sample.cpu > self._limits.cpu else 0
        if self._hot >= self._limits.cpu_passes and self._cooldown.lets("cpu", sample.at):
            text = f"High CPU usage | Current: {sample.cpu:.0f}% | Passes: {self._hot}"
            yield Alarm("cpu.exceeded", text, fields=sample.fields())
