"""Injected experiments: scripts that join a living fleet, each in a process of its own."""
