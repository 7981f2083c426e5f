"""A network moves to another installation, whole: one file, sealed under a passphrase."""

import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

import pyrage
from sqlalchemy import JSON, BigInteger, Boolean, Column, Connection, Date, LargeBinary, String, Table, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from mutualaid import erased
from mutualaid.actors import command_line
from mutualaid.aid.matching.ranking import are_weights
from mutualaid.copies import lines
from mutualaid.copies.backup import one_moment, schema_of
from mutualaid.copies.lines import NOT_KEPT, Row, Told, Unreadable
from mutualaid.db import Base, UTCDateTime, db
from mutualaid.events.history import happened
from mutualaid.networks.models import Membership, Network
from mutualaid.networks.verbs import SLUG, NotPossible, check_slug, checked_settings
from mutualaid.people import accounts
from mutualaid.people.models import Account
from mutualaid.sealed import Sealed, keyring, opened, sealed_as

# Sign-in belongs to the installation: in the new one, each sets a password anew.
KEY = re.compile("[0-9a-f]{64}")
LEFT = NOT_KEPT | {"account", "account_token"}
KINDS: dict[type, type] = {  # SQLite would take a word for a number
    JSON: list,
    BigInteger: int,
    Boolean: bool,
    Date: date,
    LargeBinary: bytes,
    String: str,
    UTCDateTime: datetime,
}
OBJECTS = {"names", "numbers", "weights"}  # the other columns of JSON are lists
NO_COUNTS = re.compile("id|.*_id|once|.*cell|.*_bits|times")  # whole numbers that nobody adds up
MOST = 1_000_000  # what is counted; sums of more run over
OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
# Times to be reckoned with: those that tell of what is to come; all else has happened, by a clock near ours.
TO_COME = re.compile(".*_until|.*_day|ends_at|due_at|expires_at|send_after")
AHEAD, SKEW = timedelta(days=3653), timedelta(days=1)
SEALED, GZIP = b"age-encryption.org/v1\n", b"\x1f\x8b"  # how such files begin, and how backups do
NONSENSE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
NO_NETWORK = "This file holds what no network is made of."


def take_out(network: Network, path: Path, passphrase: str, *, now: datetime, told: Told) -> str:
    """Write the network to a file that the passphrase opens; says on which day it ends, as backups do: whoever is
    erased is not known for longer. FileExistsError when there is such a file.
    """
    plain = io.BytesIO()
    with one_moment() as connection, gzip.open(plain, "wt", encoding="utf-8") as file:
        head = {
            "what": "network",
            "schema": schema_of(connection),
            "made_at": now.isoformat(),
            "ends_on": (now.date() + timedelta(days=erased.DAYS)).isoformat(),
            "network": network.id,
            "slug": network.slug,
            "hashing": keyring.hashing_of(network.id).hex(),
        }
        parts = [(t.name, t.columns.keys(), _rows(connection, t, network.id, told)) for t in own_tables()]
        lines.write(file, head, [("account", ["id", "email"], _emails(connection, network.id)), *parts])
    with path.open("xb") as out:
        path.chmod(0o600)
        out.write(pyrage.passphrase.encrypt(plain.getvalue(), passphrase))
    return str(head["ends_on"])


def own_tables() -> list[Table]:
    """Those that hold rows of networks, the network itself first."""
    tables = [table for table in db.metadata.sorted_tables if table.name not in LEFT]
    return [table for table in tables if table.name == "network" or "network_id" in table.columns]


def _rows(connection: Connection, table: Table, network_id: int, told: Told) -> Iterator[Row]:
    """With sealed words opened: another installation has other keys."""
    mine = table.columns["id" if table.name == "network" else "network_id"] == network_id
    model, sealed, names = _model(table), sealed_in(table), table.columns.keys()
    for row in lines.rows_of(connection, table, told, mine):
        row_id = row[names.index("id")] if "id" in names else 0
        yield [
            opened(model, name, row_id, value) if name in sealed and value else value
            for name, value in zip(names, row, strict=True)
        ]


def _emails(connection: Connection, network_id: int) -> Iterator[Row]:
    """Of the members: found, or made anew, by their email."""
    ids = select(Membership.account_id).where(Membership.network_id == network_id)
    for row in connection.execute(select(Account.id, Account.email_sealed).where(Account.id.in_(ids))):
        yield [row.id, opened(Account, "email_sealed", row.id, row.email_sealed)]


def sealed_in(table: Table) -> frozenset[str]:
    return frozenset(one.column for one in vars(_model(table)).values() if isinstance(one, Sealed))


def _model(table: Table) -> Any:
    """The class of a table; none for those that only count."""
    return next((m.class_ for m in Base.registry.mappers if m.local_table is table), object)


def look_at(path: Path) -> None:
    """Before anybody is asked for the passphrase: Unreadable for a file that none opens."""
    with path.open("rb") as file:
        begins = file.read(len(SEALED))
    if begins.startswith(GZIP):
        raise Unreadable("This is no network. If it is a backup: restore.")
    if begins != SEALED:
        raise Unreadable("This is no network.")


def open_file(path: Path, passphrase: str) -> tuple[TextIO, dict[str, Any]]:
    """What the file holds after its first line, and that line. It is whole: it was read once to the end."""
    try:
        packed = pyrage.passphrase.decrypt(path.read_bytes(), passphrase)
    except pyrage.DecryptError as error:
        raise Unreadable("This file does not open with this passphrase, or it is damaged.") from error
    file = gzip.open(io.BytesIO(packed), "rt", encoding="utf-8")  # noqa: SIM115 - the caller reads on
    lines.head_of(file, "network")
    lines.read_through(file)
    file.seek(0)
    return file, lines.head_of(file, "network")


def check_fits(head: dict[str, Any], slug: str, *, today: date) -> None:
    """Raises Unreadable when it does not fit here; to be asked before anything is changed."""
    row_id, key = head.get("network"), head.get("hashing")
    if type(row_id) is not int or not 0 < row_id < 1 << 63:  # true is an int; 0 is the key of accounts
        raise Unreadable(NO_NETWORK)
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise Unreadable(NO_NETWORK)
    lines.check_stands(head, today)
    if schema_of(db.session.connection()) != head.get("schema"):
        raise Unreadable(
            "This file was made by another version. Bring both installations to the same version first."
        )
    if db.session.get(Network, row_id):
        raise Unreadable("This network is here already.")
    if not SLUG.fullmatch(slug):
        raise Unreadable("It would have an address that cannot be one. Choose another with --slug.")
    try:
        check_slug(slug)
    except NotPossible as why:
        raise Unreadable(f"{why} Choose another address with --slug.") from None


def bring_in(file: TextIO, head: dict[str, Any], *, slug: str, now: datetime, told: Told) -> Network:
    """The network as it was, at the address `slug`, once `check_fits` has passed. Does not commit.

    Nothing is hashed with its own key, which nobody has to know before. Raises Unreadable for a file that holds
    something else, whoever made it.
    """
    connection = db.session.connection()
    account_ids: dict[int, tuple[int, bool]] = {}
    left = {table.name: table for table in own_tables()}
    try:
        for name, columns, rows in lines.read(file):
            if name == "account":
                account_ids = {row_id: _account(email, now) for row_id, email in rows}
                continue
            table = left.pop(name)  # each once, and none of sign-in
            own = _own(table, columns, rows, head["network"], now)
            fitting = _fit(table, columns, own, slug, account_ids, now)
            lines.insert_rows(connection, table, columns, fitting, told)
        happened("import", by=command_line(head["network"]), now=now)
        here = db.session.get_one(Network, head["network"])
        _check_references(connection)
    except OperationalError:  # a full disk says nothing of the file
        raise
    except (*NONSENSE, NotPossible, SQLAlchemyError) as error:
        raise Unreadable(NO_NETWORK) from error
    return here


def _account(email: str, now: datetime) -> tuple[int, bool]:
    """Its id, and whether it was here before."""
    was_here = accounts.find(email) is not None
    return accounts.find_or_create(email, now=now).id, was_here


def _check_references(connection: Connection) -> None:
    """They are deferred: else they would only be looked at when it commits."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    elif connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise ValueError("A row names another that is not there.")


def _own(
    table: Table, columns: list[str], rows: Iterator[Row], network_id: int, now: datetime
) -> Iterator[Row]:
    """ValueError for a row of another network, or one that nobody can reckon with: whoever wrote the file may have
    made it by hand."""
    place = columns.index("id" if table.name == "network" else "network_id")
    if Counter(columns) != Counter(table.columns.keys()):  # each once: of two, we would look at one alone
        raise ValueError(columns)
    sealed = sealed_in(table)
    kinds = [str if name in sealed else _kind(table.columns[name]) for name in columns]
    bounds = [None if name in sealed else _bounds(table.columns[name], now) for name in columns]
    for row in rows:
        if row[place] != network_id or not all(map(_is, row, kinds, bounds)):
            raise ValueError(row[place])
        yield row


def _kind(column: Column[Any]) -> type:
    return dict if column.name in OBJECTS else KINDS[type(column.type)]


def _bounds(column: Column[Any], now: datetime) -> tuple[Any, Any] | None:
    kind = _kind(column)
    last = now + (AHEAD if TO_COME.fullmatch(column.name) else SKEW)
    if kind is datetime:
        return OLDEST, last
    if kind is date:
        return OLDEST.date(), last.date()
    return (0, MOST) if kind is int and not NO_COUNTS.fullmatch(column.name) else None


def _is(value: Any, kind: type, bounds: tuple[Any, Any] | None) -> bool:
    """Exactly: `true` is no number."""
    if value is None:
        return True
    return type(value) is kind and (bounds is None or bounds[0] <= value <= bounds[1])


def _fit(
    table: Table,
    columns: list[str],
    rows: Iterator[Row],
    slug: str,
    account_ids: dict[int, tuple[int, bool]],
    now: datetime,
) -> Iterator[Row]:
    """Sealed with the keys of this installation, at its address here, and with the accounts of here.

    Who had an account here has to say yes to the network that comes. Who was erased elsewhere is noted here too: a
    backup of before the network left still holds them.
    """
    model, sealed = _model(table), sealed_in(table)
    for row in rows:
        said = dict(zip(columns, row, strict=True))
        said |= {name: sealed_as(model, name, said["id"], said[name]) for name in sealed if said[name]}
        if table.name == "network":
            said |= checked_settings(said) | {"slug": slug, "is_demo": False}
            if not are_weights(said["weights"]):
                raise ValueError(said["weights"])
        if table.name == "membership":
            said["account_id"], was_here = account_ids[said["account_id"]]
            said["joined_at"] = None if was_here else said["joined_at"]
        if said.get("erased_at"):
            erased.note(table.name, said["network_id"], said["id"], now)
        yield list(said.values())
