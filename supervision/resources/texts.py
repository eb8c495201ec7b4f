"""The sentences by which people and scripts find incidents in the log; their wording is kept.

They come from the validator watchdog that this fleet's supervision follows, so that a search
for them finds the same things here. Sizes are given in bytes and shown in megabytes.
"""

from __future__ import annotations

from fleet.supervision.resources.sample import MB, Memory

CLEANUP_STARTED = "Starting comprehensive resource cleanup"
ROWS_RESET = "Reset hanging database operations"
POOL_RESET = "Reset database connection pool"
GARBAGE_COLLECTED = "Forced garbage collection"
CLIENT_RESET = "Reset HTTP client"
CLEANUP_COMPLETED = "Completed resource cleanup"


def memory_at_timeout(memory: Memory) -> str:
    """Say what the process used when an operation timed out."""
    rss, vms = memory.rss / MB, memory.vms / MB
    return f"Memory Usage at Timeout - RSS: {rss:.2f}MB | VMS: {vms:.2f}MB"


def freeze_detected(task: str, operation: str) -> str:
    """Say that a task hangs and is about to be replaced."""
    return (
        f"FREEZE_DETECTED - Task {task} appears frozen - Last Operation: {operation}"
        " - Starting recovery"
    )


def recovery_attempted(task: str) -> str:
    """Say that a recovery begins."""
    return f"Attempting to recover {task}"


def recovered(task: str) -> str:
    """Say that the replacement works."""
    return f"Successfully recovered task {task}"


def not_recovered(task: str, reason: str) -> str:
    """Say that the replacement failed as well."""
    return f"Failed to recover task {task}: {reason}"


def operation_started(task: str, operation: str, memory: Memory) -> str:
    """Say that an operation begins."""
    initial = memory.rss / MB
    return f"Task {task} started operation: {operation} | Initial Memory: {initial:.2f}MB"


def operation_completed(task: str, operation: str, change: int, peak: int) -> str:
    """Say that an operation has ended, and what memory it left."""
    return (
        f"Task {task} completed operation: {operation} | Memory Change: {change / MB:.2f}MB"
        f" | Peak Memory: {peak / MB:.2f}MB"
    )


def high_memory(task: str, current: int, previous: int) -> str:
    """Say that memory has grown beyond its peak by more than it should."""
    return (
        f"High memory usage in task {task} | Current: {current / MB:.2f}MB"
        f" | Previous Peak: {previous / MB:.2f}MB"
    )


def temp_file_removed(name: str) -> str:
    """Say that a temporary file of a failed actor is gone."""
    return f"Cleaned up temp file: {name}"
