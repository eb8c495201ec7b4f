"""Tables, batches, ledger and audit, on SQLite or PostgreSQL."""
