"""The control socket: how commands ask a running fleet, and how it answers its owner alone.

Nothing is imported here: those that ask need nothing of what answers.
"""
