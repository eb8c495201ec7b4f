"""`fleet db`: create, upgrade, check, audit, prune and move the database."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copymode
from typing import IO, Annotated, Any, cast

import msgspec
import typer

from fleet.cli._database import reading
from fleet.cli.configured import configured
from fleet.config import Config
from fleet.durations import FORMS, parse_duration
from fleet.protocol.errors import SetupError, UsageError

app = typer.Typer(add_completion=False, no_args_is_help=True)

ASK_TIMEOUT = 30.0
"""Wall seconds; the audit waits until nothing is in flight."""

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]


@app.command()
@configured("data_dir", "database")
def upgrade(config: Config, as_json: AsJson = False) -> None:
    """Make the database, or bring its tables up to date."""
    # SQLAlchemy takes longer to import than `--help` may take; so in every command here.
    from fleet.storage.engine import open_store
    from fleet.storage.schema import HEAD

    if config.database is None:
        config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(open_store(config.database_url)) as store:
        shown = store.location.shown
    _write({"database": shown, "revision": HEAD}, as_json, f"{shown} has schema {HEAD}.")


@app.command()
@configured("data_dir", "database")
def check(config: Config, as_json: AsJson = False) -> int:
    """Check that the database is whole and fits this version; exit 1 if it doesn't."""
    from fleet.storage import health

    with reading(config.database_url) as reader:
        found = health.check(reader)
        shown = reader.location.shown
    good = f"{shown} is whole; its schema is {found.revision}."
    _write(found, as_json, "\n".join(found.problems) or good)
    return 1 if found.problems else 0


@app.command()
@configured("data_dir", "database")
def stats(config: Config, as_json: AsJson = False) -> None:
    """Tell whose data there is and how much of it."""
    from fleet.storage import census

    with reading(config.database_url) as reader:
        found = census.count(reader)
        shown = reader.location.shown
    owners = [f"  {row.agent_symbol} since {row.reset_date}" for row in found.namespaces]
    tables = [f"  {table:<18}{rows:>12,}" for table, rows in found.rows.items()]
    slow = [
        f"  {row.total_ms:>10,.0f} ms in {row.calls:,} calls: {row.query}"
        for row in found.statements
    ]
    text = [f"{shown}: {found.bytes / 1e6:,.1f} MB", *owners, *tables, *slow]
    _write(found, as_json, "\n".join(text))


@app.command()
@configured("data_dir", "database")
def prune(
    config: Config,
    resets: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Resets that were played last so long ago: 30d."),
    ] = None,
    records: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Events, prices, extractions and metrics so old: 7d."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Delete old resets, or old records of all; times are game time before the newest request.

    An agent's newest reset stays, and so do requests and ledger of every reset that stays.
    """
    if resets is None and records is None:
        raise UsageError("Say what may go: --resets 30d, --records 7d, or both.")
    ages = [None if text is None else _seconds(text) for text in (resets, records)]
    from fleet.storage import prune as pruning
    from fleet.storage.engine import open_store

    with closing(open_store(config.database_url, create=False)) as store:
        found = pruning.prune(store, resets=ages[0], records=ages[1])
    gone = [f"{row.agent_symbol} since {row.reset_date}" for row in found.namespaces]
    rows = [f"{count:,} rows of {table}" for table, count in found.rows.items() if count]
    _write(found, as_json, f"Deleted {', '.join([*gone, *rows]) or 'nothing'}.")


def _seconds(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError:
        raise UsageError(f"'{text}' is no time; give one such as {FORMS}.") from None


@app.command("export")
@configured("data_dir", "database")
def export_(
    config: Config,
    file: Annotated[Path, typer.Argument(help="File to write, gzipped if it ends in .gz.")],
    as_json: AsJson = False,
) -> None:
    """Write the whole database into a file that `fleet db import` reads, on any database."""
    from fleet.storage.outbox import waiting_rows
    from fleet.storage.transfer import export

    if waiting := waiting_rows(config.data_dir, config.database_url):
        raise SetupError(
            f"{waiting:,} rows wait in {config.data_dir} since the database was away; let the "
            "fleet run once, which writes them, and export then."
        )
    lines = 0
    try:
        with reading(config.database_url) as reader:
            _refuse_itself(file, reader.location.path)
            with _replaced(file) as output:
                for line in export(reader):
                    output.write(line)
                    lines += 1
    except OSError as error:
        raise SetupError(f"{file} cannot be written: {error.strerror}.") from None
    _write({"file": str(file), "lines": lines}, as_json, f"{file} holds {lines:,} lines.")


def _refuse_itself(file: Path, database: Path | None) -> None:
    if database is not None and file.resolve() == database.resolve():
        raise UsageError(f"{file} is the database itself; give another file to write.")


@app.command("import")
@configured("data_dir", "database")
def import_(
    config: Config,
    file: Annotated[Path, typer.Argument(help="What `fleet db export` has written.")],
    as_json: AsJson = False,
) -> None:
    """Read an export into an empty database, all of it or nothing, and compare the counts."""
    from fleet.storage.engine import open_store
    from fleet.storage.errors import StoreUnavailable
    from fleet.storage.transfer import import_ as read

    if config.database is None:
        config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with _open(file, "rb") as lines, closing(open_store(config.database_url)) as store:
            rows = read(store, lines)
            shown = store.location.shown
    except (OSError, EOFError, zlib.error) as error:
        raise SetupError(f"{file} cannot be read: {error}.") from None
    except StoreUnavailable as error:
        raise SetupError(f"Nothing was imported: {error}.") from error
    total = sum(rows.values())
    text = f"{shown} has all {total:,} rows of {file}; each table's number is the same."
    _write({"database": shown, "rows": rows}, as_json, text)


@contextmanager
def _replaced(file: Path) -> Iterator[IO[bytes]]:
    """Write a file that takes its name when it is whole: until then an older one stays."""
    if file.exists() and not file.is_file():
        with _open(file, "wb") as output:
            yield output
        return
    file = file.resolve()
    draft = file.with_name(f".{os.getpid()}.{file.name}")
    try:
        with _open(draft, "wb") as output:
            if file.exists():
                # What only its owner may read stays so.
                copymode(file, draft)
            yield output
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _open(file: Path, mode: str) -> IO[bytes]:
    opened = gzip.open(file, mode) if file.suffix == ".gz" else file.open(mode)  # noqa: SIM115 - the caller closes it
    return cast("IO[bytes]", opened)


@app.command()
@configured("data_dir", "database")
def audit(config: Config, as_json: AsJson = False) -> int:
    """Compare the ledger with the API; exit 1 if they differ.

    A running fleet asks the API while nothing else is in flight, and writes a difference down
    as one `reconciled` row. Without one, what the API told last counts.
    """
    asked = _asked(config)
    if asked is not None:
        _write(asked, as_json, "\n".join(map(_asked_account, asked["agents"])))
        return 1 if asked["difference"] else 0
    found = audited(config)
    lines = [_account(row) for row in found]
    _write(found, as_json, "\n".join(lines) or "The ledger is empty.")
    return 1 if any(row.difference for row in found) else 0


def _asked(config: Config) -> dict[str, Any] | None:
    """Have the fleet that runs on this folder ask the API; None when none runs."""
    from fleet.control.client import ControlClient, NotRunning

    try:
        told: dict[str, Any] = ControlClient(config.data_dir).call("audit", timeout=ASK_TIMEOUT)
    except NotRunning:
        return None
    return told


def _asked_account(row: dict[str, Any]) -> str:
    difference = row["difference"]
    agrees = f"the ledger missed {difference:+,}" if difference else "and so does the ledger"
    return f"{row['agent']}: the API tells {row['credits']:,} credits, {agrees}."


def audited(config: Config) -> tuple[Any, ...]:
    """Check each namespace's ledger without the API: `fleet.storage.books.Books`."""
    from fleet.storage.books import books

    with reading(config.database_url) as reader:
        return books(reader)


def _account(row: Any) -> str:
    who = f"{row.namespace.agent_symbol} since {row.namespace.reset_date}"
    parts = [f"{who}: {row.balance:,} credits by {row.rows:,} rows"]
    if row.reconciliations:
        parts.append(f"{row.reconciled:+,} of them reconciled in {row.reconciliations} rows")
    if row.difference:
        parts.append(f"but the API told {row.told:,}: {row.difference:+,} without a row")
    if row.rows and not row.opened:
        parts.append("without an opening row")
    return ", ".join(parts)


def _write(value: Any, as_json: bool, text: str) -> None:
    typer.echo(msgspec.json.encode(value).decode() if as_json else text)
