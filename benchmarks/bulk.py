"""Many rows at once: whole columns go in, converted once by the types that the app itself uses."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, delete, insert

from mutualaid.aid.open_counts import COUNT_AREA, COUNT_LANGUAGES, TABLES
from mutualaid.db import Base, db

BATCH = 50_000
SQLITE = (
    [
        "COMMIT",  # of what the app begins with every connection: the rest may not stand in a transaction
        "PRAGMA foreign_keys = OFF",
        "PRAGMA synchronous = OFF",
        "PRAGMA cache_size = -400000",
        "PRAGMA temp_store = MEMORY",
    ],
    [
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA foreign_keys = ON",
        "PRAGMA synchronous = FULL",
        "PRAGMA cache_size = -2000",
        "PRAGMA temp_store = DEFAULT",
    ],
)
POSTGRESQL = (
    [
        "SET session_replication_role = replica",
        "SET synchronous_commit = off",
        "SET maintenance_work_mem = '512MB'",
    ],
    [
        "RESET session_replication_role",
        "RESET synchronous_commit",
        "RESET maintenance_work_mem",
        "VACUUM (ANALYZE)",  # as its own daemon does soon; nobody does so on SQLite
    ],
)
Columns = Mapping[str, Any]  # a list with one value for each row; anything else is the same in all rows


@contextmanager
def bulk(tables: Sequence[type[Base]]) -> Iterator[Connection]:
    """A connection that loads these tables fast: without their indexes, which are built at the end, and unchecked.

    Only for data that is made here and thrown away: a crash in between leaves a database without indexes.
    """
    indexes = [index for table in tables for index in table.__table__.indexes]  # type: ignore[attr-defined]
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        quick, checked = switches(connection)
        for statement in quick:
            connection.exec_driver_sql(statement)
        for index in indexes:
            index.drop(connection)
        yield connection
        for index in indexes:
            with told(f"index {index.name}"):
                index.create(connection)
        for statement in checked:
            connection.exec_driver_sql(statement)


def switches(connection: Connection) -> tuple[list[str], list[str]]:
    """What makes loading fast, and what sets it back: no foreign keys, no waiting for the disk."""
    return SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL


def write(connection: Connection, model: type[Base], columns: Columns, rows: int) -> None:
    """Append so many rows, batch by batch. Columns that are not named keep the model's default."""
    table: Table = model.__table__  # type: ignore[assignment]
    wanted = defaults_of(table) | dict(columns)
    named = {column.name: wanted.pop(column.name) for column in table.columns if column.name in wanted}
    assert not wanted, wanted.keys()
    values = [converted(connection, table, name, column, rows) for name, column in named.items()]
    lines = zip(*values, strict=True)
    with told(f"{rows:,} rows of {table.name}") as progress:
        for start in range(0, rows, BATCH):
            part = list(islice(lines, BATCH))
            send(connection, table, list(named), part)
            progress(start + len(part), rows)


def send(connection: Connection, table: Table, names: list[str], part: list[tuple[Any, ...]]) -> None:
    if connection.dialect.name == "sqlite":
        text = str(insert(table).compile(dialect=connection.dialect, column_keys=names))
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql(text, part)
        connection.exec_driver_sql("COMMIT")
        return
    preparer = connection.dialect.identifier_preparer
    wanted = ", ".join(preparer.quote(name) for name in names)
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {preparer.quote(table.name)} ({wanted}) FROM STDIN") as copy,
    ):
        for row in part:
            copy.write_row(row)


def defaults_of(table: Table) -> dict[str, Any]:
    """What the model gives a column that nobody sets."""
    found = {}
    for column in table.columns:
        if column.default is not None and column.default.is_scalar:
            found[column.name] = column.default.arg  # type: ignore[attr-defined]
    return found


def converted(connection: Connection, table: Table, name: str, column: Any, rows: int) -> list[Any]:
    """As the driver wants them. Equal lists are converted once for each different value of small ones."""
    values = column if isinstance(column, list) else [column] * rows
    process = table.columns[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    if process is None:
        return values
    if not isinstance(column, list):
        return [process(column) if column is not None else None] * rows
    return [process(value) if value is not None else None for value in values]


@contextmanager
def told(what: str) -> Iterator[Any]:
    """Says on stderr what is being done, how far it is, and how long it took."""
    began = time.perf_counter()
    live = sys.stderr.isatty()

    def progress(done: int, of: int) -> None:
        if live:
            print(f"\r  {what}: {100 * done // of} %", end="", file=sys.stderr, flush=True)

    yield progress
    print(
        f"{chr(13) if live else ''}  {what}: {time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True
    )


def count_open(connection: Connection) -> None:
    """Fill both tables of what is open: the app counts posts as they come, and was told not to."""
    for table in TABLES:
        connection.execute(delete(table))
    row, number = "post", "count(*)"
    area, languages = (text.format(row=row, number=number) for text in (COUNT_AREA, COUNT_LANGUAGES))
    for text, keys in (
        (area, "network_id, area_id, kind, category_id"),
        (languages, "network_id, CAST(languages AS TEXT)"),
    ):
        into, where = text.rstrip(";").split(" WHERE ", maxsplit=1)
        connection.exec_driver_sql(f"{into} FROM post WHERE {where} GROUP BY {keys}")
