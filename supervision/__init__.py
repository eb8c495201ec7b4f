"""Supervisors, watchdog, circuit breaker, process guard and event log."""
