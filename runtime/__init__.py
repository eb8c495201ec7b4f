"""The actor kernel on pykka: addresses, mailboxes, contexts, clocks, dispatchers."""
