"""A/B on a living fleet: who flies for which arm and when, and what the difference is."""
