"""The server's limits, lifted for what a person has asked for and waits for."""

from __future__ import annotations

from sqlalchemy import Connection

LIMITS = ("statement_timeout", "transaction_timeout", "idle_in_transaction_session_timeout")


def lift(connection: Connection) -> None:
    """Let this transaction take as long as it needs; nothing on SQLite, which has no limits.

    Millions of rows on a small machine, or a slow disk for an export, exceed what a ship's row
    may take. How long a lock is waited for stays. Raises what the driver raises.
    """
    if connection.dialect.name != "postgresql":
        return
    # A server that doesn't know one of them (before version 17) lists it not.
    connection.exec_driver_sql(
        "SELECT set_config(name, '0', true) FROM pg_settings WHERE name = ANY(%s)",
        (list(LIMITS),),
    ).all()
