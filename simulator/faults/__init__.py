"""Faults on purpose: what networks, proxies and servers do to a bot, armed and taken back."""
