"""The database: one SQLAlchemy object, ids made in Python, times that are always UTC."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Engine,
    ForeignKeyConstraint,
    FromClause,
    Index,
    MetaData,
    String,
    Table,
    delete,
    event,
    select,
    text,
    tuple_,
)
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, registry, relationship
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from mutualaid.turns import QueuedConnection, Turns

EPOCH_MS = 1_704_067_200_000  # 2024-01-01, so that 42 bits of milliseconds last until 2163
RANDOM_BITS = 21


class _Ids:
    """Remembers the last id of this process."""

    lock = threading.Lock()
    last = 0


def new_id() -> int:
    """A 63-bit id: 42 bits of milliseconds since 2024, 21 random bits; never twice from one process."""
    with _Ids.lock:
        made = (time.time_ns() // 1_000_000 - EPOCH_MS) << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
        if made <= _Ids.last and _Ids.last - made < 1 << (
            RANDOM_BITS + 10
        ):  # same moment: count on from the last
            made = _Ids.last + 1 + secrets.randbits(6)
        _Ids.last = made
        return made


def utcnow() -> datetime:
    """The one place that reads the clock; everything below takes `now` as an argument."""
    return datetime.now(UTC)


def utc(value: datetime | str | None) -> datetime | None:
    """From a time as a driver gives it: text on SQLite, of a server's zone on PostgreSQL."""
    if value is None:
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class UTCDateTime(TypeDecorator[datetime]):
    """A time in UTC. Refuses naive ones: SQLite drops the zone, so a mistake here would not be seen."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return utc(value)


class day(FunctionElement[datetime]):  # noqa: N801 - it reads as the function that it is
    """In SQL: the beginning of the day (UTC) of a time."""

    type = UTCDateTime()
    inherit_cache = True


@compiles(day, "sqlite")
def _day_in_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"substr({compiler.process(element.clauses, **more)}, 1, 10) || ' 00:00:00.000000'"


@compiles(day, "postgresql")
def _day_in_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"date_trunc('day', {compiler.process(element.clauses, **more)}, 'UTC')"


def to_the_day(moment: datetime) -> datetime:
    """The same in Python."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def days_alone(table: FromClause) -> dict[str, ColumnElement[Any]]:
    """For an UPDATE: every time that a table holds becomes its day."""
    return {column.name: day(column) for column in table.c if isinstance(column.type, UTCDateTime)}


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
TYPES: dict[Any, Any] = {
    datetime: UTCDateTime,
    int: BigInteger,
    dict[str, Any]: JSON,
    list[str]: JSON,
    list[Any]: JSON,
}


class Base(DeclarativeBase):
    registry = registry(metadata=MetaData(naming_convention=NAMES), type_annotation_map=TYPES)


db = SQLAlchemy(model_class=Base)


def delete_some(table: Table, *which: ColumnElement[bool], most: int = 500) -> int:
    """Delete a batch of rows, found by their key; says how many. A table without a key goes at once."""
    keys = list(table.primary_key.columns)
    if keys:
        some = select(*keys).where(*which).limit(most)
        which = (tuple_(*keys).in_(some),)
    gone = db.session.execute(delete(table).where(*which).execution_options(synchronize_session=False))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def sorted_text(length: int) -> String:
    """Text that lists are sorted by: letter by letter on both databases, however PostgreSQL was told to sort."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class HasId:
    """Belongs to the installation: one id."""

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, default=new_id)


class NetworkOwned:
    """Belongs to one network: the key is (network_id, id), so the database keeps networks apart."""

    @declared_attr
    def network_id(cls) -> Mapped[int]:
        return mapped_column(BigInteger, primary_key=True, autoincrement=False)

    @declared_attr
    def id(cls) -> Mapped[int]:
        return mapped_column(BigInteger, primary_key=True, autoincrement=False, default=new_id)


def in_network() -> ForeignKeyConstraint:
    """The row belongs to a network."""
    return ForeignKeyConstraint(["network_id"], ["network.id"], deferrable=True, initially="DEFERRED")


def refers(column: str, table: str) -> ForeignKeyConstraint:
    """`column` names a row of `table` in the same network. Checked at commit, so rows may come in any order."""
    return ForeignKeyConstraint(
        ["network_id", column], [f"{table}.network_id", f"{table}.id"], deferrable=True, initially="DEFERRED"
    )


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over those rows alone for which `where` holds; the same on both databases."""
    rows = text(where)
    return Index(name, *columns, unique=unique, postgresql_where=rows, sqlite_where=rows)


def found_by(table: str, column: str) -> Index:
    """Finds the rows of `table` that name another row in `column`.

    Keys are checked at commit; until then SQLite looks for such rows at every insert of the row they name, and any
    database does at every delete: without an index it would read the whole table each time.
    """
    return partial_index(f"ix_{table}_{column}", "network_id", column, where=f"{column} IS NOT NULL")


def named_in(column: str, target: str) -> Any:
    """The row of `target` (in the same network) that `column` ("Post.person_id") names; to read, never to write."""
    owner = column.split(".", maxsplit=1)[0]
    same = f"foreign({owner}.network_id) == {target}.network_id"
    return relationship(primaryjoin=f"and_({same}, foreign({column}) == {target}.id)", viewonly=True)


PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # every commit on the disk
    "foreign_keys=ON",
    "secure_delete=ON",  # what is erased is written over, not only let go
    "busy_timeout=15000",
    "cache_size=-32768",  # 32 MB a connection instead of 2
    "mmap_size=1073741824",  # pages are read where the system keeps them, once for all connections
)

_writes: ContextVar[bool] = ContextVar("writes", default=True)


@contextmanager
def reading_only() -> Iterator[None]:
    """Transactions begun inside only read; they do not queue behind writers on SQLite."""
    token = _writes.set(False)
    try:
        yield
    finally:
        _writes.reset(token)


def set_reading_only(value: bool) -> None:
    """The same for one web request (each has its own context)."""
    _writes.set(not value)


def reads_first(view: Any) -> Any:
    """Marks a view that reads, and calls `aid.acting.begin_writing` when it has to."""
    view.reads_first = True
    return view


def prepare_engine(engine: Engine) -> None:
    """SQLite as we need it, and writers that queue from the start; PostgreSQL without machine code."""
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _without_jit)
        return
    turns = Turns(engine.url.database, seconds=15)

    @event.listens_for(engine, "connect")
    def on_connect(connection: QueuedConnection, _record: Any) -> None:
        connection.turns = turns
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "do_connect", _queued)
    event.listen(engine, "begin", _begin)


def empty_log() -> bool:
    """SQLite's log beside the database (`-wal`) holds pages as they were: erased, too. False while somebody reads."""
    if db.engine.dialect.name != "sqlite":
        return True
    with closing(db.engine.raw_connection()) as connection:
        connection.execute("PRAGMA busy_timeout=200")  # it holds up writers meanwhile
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.execute("PRAGMA busy_timeout=15000")
    return not busy


def _without_jit(connection: Any, _record: Any) -> None:
    """To make it takes longer than any of our queries."""
    connection.autocommit = True
    connection.execute("SET jit = off")
    connection.autocommit = False


def _queued(_dialect: Dialect, _record: Any, _args: Any, settings: dict[str, Any]) -> None:
    settings["factory"] = QueuedConnection


def _begin(connection: Connection) -> None:
    """SELECT and then UPDATE inside a deferred transaction fails at once with "database is locked"."""
    if not _writes.get():
        connection.exec_driver_sql("BEGIN")
        return
    own: Any = connection.connection.dbapi_connection
    try:
        own.enter()
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except BaseException:
        own.leave()
        raise
