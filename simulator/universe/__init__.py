"""Where worlds come from: a seed, or a captured system."""
