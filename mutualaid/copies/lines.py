"""How copies are written: lines of JSON, the same from either database, into either.

The first line says what the copy is; then come the tables, each with a line that names its columns and a line for
each row; the last line says how many rows there were, so that a copy which was cut short is known.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, TextIO

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.sql import ColumnElement

from mutualaid.aid.open_counts import TABLES

FORMAT = 1
AT_ONCE = 1_000
LONGEST = 1 << 24  # letters of a line, far more than any row has: 16 MiB
# Who is signed in, who tried too often, and half-written answers: none of it should come back.
PASSING = frozenset({"account_session", "attempt", "draft", "heartbeat"})
COUNTED = frozenset(table.name for table in TABLES)  # the database counts anew as posts come in
NOT_KEPT = PASSING | COUNTED
DAMAGED = (ValueError, OSError, EOFError, RecursionError, zlib.error)
Row = list[Any]
Told = Callable[[str, int], None]


class Unreadable(Exception):
    """The file is no whole copy of this kind; says why in words for whoever typed the command."""


def write(file: TextIO, head: dict[str, Any], tables: Iterable[tuple[str, list[str], Iterable[Row]]]) -> None:
    """`tables`: (name, names of the columns, rows)."""
    counts = {}
    _line(file, {"format": FORMAT, **head})
    for name, columns, rows in tables:
        _line(file, {"table": name, "columns": columns})
        counts[name] = sum(_line(file, [kept(value) for value in row]) for row in rows)
    _line(file, {"end": counts})


def _line(file: TextIO, value: Any) -> int:
    file.write(json.dumps(value, separators=(",", ":")) + "\n")
    return 1


def head_of(file: TextIO, what: str) -> dict[str, Any]:
    """The first line of a copy; `what` it has to be: backup, network."""
    try:
        head = json.loads(_line_of(file))
        if head["what"] != what or head["format"] != FORMAT:
            raise Unreadable(f"This is no {what} that this version can read.")
    except (*DAMAGED, KeyError, TypeError) as error:
        raise Unreadable(f"This is no {what}.") from error
    return dict(head)


def check_stands(head: dict[str, Any], today: date) -> None:
    """Raises Unreadable for a copy that has ended."""
    try:
        ended = date.fromisoformat(head["ends_on"]) < today
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable("This file does not say when it ends.") from error
    if ended:
        raise Unreadable(f"This file ended on {head['ends_on']}: what it holds was to be gone by then.")


def read(file: TextIO) -> Iterator[tuple[str, list[str], Iterator[Row]]]:
    """After the first line: (name, names of the columns, rows) of each table. Every row has to be taken."""
    counts: dict[str, int] = {}
    line = _next(file)
    while "end" not in line:
        name, following = line["table"], [line]
        counts[name] = 0
        yield name, line["columns"], _rows(file, name, counts, following)
        line = following[-1]
    if line["end"] != counts:
        raise Unreadable("Some lines of this file are missing.")


def read_through(file: TextIO) -> None:
    """Raises Unreadable where it is not whole; asked before anything is changed."""
    try:
        for _, _, rows in read(file):
            for _ in rows:
                pass
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable("This file holds what no copy is made of.") from error


def _rows(file: TextIO, name: str, counts: dict[str, int], following: list[Any]) -> Iterator[Row]:
    """Up to the line that is no row, which is left in `following`."""
    while isinstance(line := _next(file), list):
        counts[name] += 1
        yield [taken(value) for value in line]
    following.append(line)


def _next(file: TextIO) -> Any:
    try:
        return json.loads(_line_of(file))
    except DAMAGED as error:
        raise Unreadable("This file was cut short.") from error


def _line_of(file: TextIO) -> str:
    """A few packed bytes may hold a line that no memory holds."""
    line = file.readline(LONGEST + 1)
    if len(line) > LONGEST:
        raise Unreadable("A line of this file is longer than any that we write.")
    return line


def kept(value: Any) -> Any:
    """A value as JSON, with a letter for what JSON does not know: bytes, time, day, and JSON itself."""
    if isinstance(value, bytes | memoryview):
        return {"b": b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"t": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return {"j": value} if isinstance(value, dict | list) else value


def taken(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((letter, inside),) = value.items()
    return inside if letter == "j" else READ[letter](inside)


READ: dict[str, Callable[[str], Any]] = {"b": b64decode, "t": datetime.fromisoformat, "d": date.fromisoformat}


def rows_of(
    connection: Connection, table: Table, told: Told, which: ColumnElement[bool] | None = None
) -> Iterator[Row]:
    """All of a table, or those rows, in the order of its key; says now and then how many have been read."""
    wanted = select(table).order_by(*table.primary_key)
    found = connection.execution_options(yield_per=AT_ONCE).execute(
        wanted if which is None else wanted.where(which)
    )
    done = 0
    for some in found.partitions():
        yield from map(list, some)
        done += len(some)
        told(table.name, done)


def insert_rows(
    connection: Connection, table: Table, columns: list[str], rows: Iterator[Row], told: Told
) -> int:
    """Some at a time; how many in all."""
    done, some = 0, []
    for row in rows:
        some.append(dict(zip(columns, row, strict=True)))
        if len(some) == AT_ONCE:
            done += _insert(connection, table, some, told, done)
            some = []
    return done + _insert(connection, table, some, told, done)


def _insert(connection: Connection, table: Table, some: list[dict[str, Any]], told: Told, done: int) -> int:
    if some:
        connection.execute(insert(table), some)
        told(table.name, done + len(some))
    return len(some)
