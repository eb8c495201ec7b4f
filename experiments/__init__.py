"""Arms, seeds and comparisons: whether an idea is better, before a reset is bet on it."""
