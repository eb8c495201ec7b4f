"""Arms, seeds and comparisons; this room is empty until experiments land."""
