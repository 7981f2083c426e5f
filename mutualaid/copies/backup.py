"""Backups of the whole installation: made while it runs, personal words still sealed, gone by themselves."""

import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, MetaData, inspect, select

from mutualaid.copies import lines
from mutualaid.copies.lines import NOT_KEPT, Told
from mutualaid.db import db, new_id, reading_only
from mutualaid.sealed import NoKeys, keyring

MARK = "backup"  # sealed and hashed, it tells whether keys are the ones of then


def back_up(path: Path, *, now: datetime, days: int, told: Told) -> dict[str, Any]:
    """A backup of all that stands at one moment; its first line. FileExistsError: there is one."""
    if path.exists():
        raise FileExistsError
    with one_moment() as connection, new_file(path) as file:
        head = {
            "what": "backup",
            "number": new_id(),
            "schema": schema_of(connection),
            "made_at": now.isoformat(),
            "ends_on": (now.date() + timedelta(days=days)).isoformat(),
            "hashed": keyring.digest(MARK, MARK).hex(),
            "sealed": keyring.seal(MARK, MARK).hex(),
        }
        tables = [table for table in db.metadata.sorted_tables if table.name not in NOT_KEPT]
        parts = (
            (table.name, table.columns.keys(), lines.rows_of(connection, table, told)) for table in tables
        )
        lines.write(file, head, parts)
    return head


def opens(head: dict[str, Any]) -> bool:
    """Whether our keys open what the backup holds sealed, and are those that its look-ups were made with."""
    try:
        opened = keyring.open(bytes.fromhex(head["sealed"]), MARK)
    except (NoKeys, InvalidTag):
        return False
    return opened == MARK and head["hashed"] == keyring.digest(MARK, MARK).hex()


@contextmanager
def one_moment() -> Iterator[Connection]:
    """What is read inside is all of the same moment, whatever is written meanwhile."""
    level = {} if db.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with reading_only(), db.engine.connect().execution_options(**level) as connection:
        yield connection
        connection.rollback()


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """Only its owner can read it, and it stands there once it is whole and on the disk."""
    part = path.with_name(path.name + ".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as raw:
            with gzip.open(raw, "wt", encoding="utf-8") as file:
                yield file
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def schema_of(connection: Connection) -> str:
    """Which migration the database is at."""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def look_at(path: Path, *, today: date) -> dict[str, Any]:
    """The first line of a backup that is whole and has not ended."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        head = lines.head_of(file, "backup")
        lines.read_through(file)
    lines.check_stands(head, today)
    return head


def has_tables() -> bool:
    with reading_only(), db.engine.connect() as connection:
        return inspect(connection).has_table("network")


def is_empty() -> bool:
    """Whether the database holds no network yet."""
    with reading_only(), db.engine.connect() as connection:
        has = (
            inspect(connection).has_table("network")
            and connection.execute(select(db.metadata.tables["network"])).first()
        )
        connection.rollback()
    return not has


def put_back(path: Path, head: dict[str, Any], told: Told, migrate: Callable[[str], None]) -> None:
    """The database becomes what the backup holds, then what this version makes of it.

    `migrate` leads to a migration, or back to nothing ("base"). Whatever stops it, it can be begun again.
    """
    db.session.remove()
    migrate("base")
    migrate(head["schema"])
    then = MetaData()
    with db.engine.begin() as connection, gzip.open(path, "rt", encoding="utf-8") as file:
        then.reflect(connection)
        lines.head_of(file, "backup")
        for name, columns, rows in lines.read(file):
            lines.insert_rows(
                connection, then.tables[name], columns, fit(rows, connection.dialect.name), told
            )
    migrate("head")


def fit(rows: Iterator[lines.Row], dialect: str) -> Iterator[lines.Row]:
    """Reflected tables know no zones: SQLite keeps times in UTC without one."""
    if dialect != "sqlite":
        return rows
    return ([v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in row] for row in rows)


def remember(instance: Path, path: Path, ends_on: str) -> None:
    """So that the worker can remove it when it has ended."""
    with (instance / "backups").open("a") as file:
        file.write(f"{ends_on} {path.absolute()}\n")


def remembered(instance: Path) -> list[list[str]]:
    """(the day on which it ends, where it was written) of each."""
    listed = instance / "backups"
    return [line.split(" ", 1) for line in listed.read_text().splitlines()] if listed.exists() else []


def remove_ended(instance: Path, today: date) -> int:
    """Remove backups of this installation that have ended and stand where they were written; how many."""
    listed, noted = instance / "backups", remembered(instance)
    ended = [Path(path) for day, path in noted if date.fromisoformat(day) < today]
    removed = [path for path in ended if path.exists()]
    for path in removed:
        path.unlink()
    if ended:
        stay = [f"{day} {path}\n" for day, path in noted if Path(path) not in ended]
        beside = listed.with_suffix(".new")
        beside.write_text("".join(stay))
        beside.replace(listed)
    return len(removed)
