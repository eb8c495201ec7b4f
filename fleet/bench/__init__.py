"""Benchmarks: one module per bench, each a table of parts that yield figures."""
