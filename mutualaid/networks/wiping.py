"""A network is removed with everything in it, batch by batch: whoever is killed half way goes on where it stopped."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from mutualaid import erased
from mutualaid.db import Base, db, delete_some, reading_only
from mutualaid.networks.leaving import forget_accounts
from mutualaid.networks.models import Membership, Network

BATCH = 500


def begin(network: Network, now: datetime) -> None:
    """From now on nobody finds it. The caller commits."""
    network.wiping_at = now
    erased.note("network", network.id, network.id, now)


def being_wiped() -> list[int]:
    with reading_only():
        ids = list(db.session.scalars(select(Network.id).where(Network.wiping_at.is_not(None))))
        db.session.commit()
    return ids


def wipe(
    network_id: int,
    *,
    told: Callable[[int], None] = lambda rows: None,
    ending: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """Remove all that a network owns, and at last itself; says how many rows of each table. Commits.

    `told` hears after each batch how many rows went, and `ending` is asked. Whoever still writes while the mark is new
    writes in vain: tables are gone through until nothing is left.
    """
    gone: Counter[str] = Counter()
    while True:
        before = gone.total()
        for table in _tables():
            for rows in _empty(table, network_id, gone):
                told(rows)
                if ending():
                    return gone
        if gone.total() == before and _finish(network_id):
            return gone


def rows_of(network_id: int) -> int:
    """How much there is to remove."""
    counts = (select(func.count()).where(table.c["network_id"] == network_id) for table in _tables())
    return sum(db.session.scalar(count) or 0 for count in counts)


def _tables() -> list[Table]:
    """What names others comes before what they name."""
    return [table for table in reversed(Base.metadata.sorted_tables) if "network_id" in table.c]


def _empty(table: Table, network_id: int, gone: Counter[str]) -> Iterator[int]:
    """Batch by batch, how many rows went."""
    here = table.c["network_id"] == network_id
    _untie(table, here)
    while rows := _batch(table, here, gone):
        gone[table.name] += rows
        db.session.commit()
        yield rows
    db.session.commit()


def _batch(table: Table, here: ColumnElement[bool], gone: Counter[str]) -> int:
    """Accounts go with the last place they have."""
    if table is not Membership.__table__:
        return delete_some(table, here, most=BATCH)
    ids = list(db.session.scalars(select(Membership.id).where(here).limit(BATCH)))
    accounts = set(db.session.scalars(select(Membership.account_id).where(here, Membership.id.in_(ids))))
    db.session.execute(delete(Membership).where(here, Membership.id.in_(ids)))
    gone["account"] += forget_accounts(accounts)
    return len(ids)


def _untie(table: Table, here: ColumnElement[bool]) -> None:
    """Rows that name others of their own table (a duplicate of, a part of) could not go in batches."""
    for column in table.c:
        if column.nullable and any(key.column.table is table for key in column.foreign_keys):
            db.session.execute(update(table).where(here, column.is_not(None)).values({column: None}))


def _finish(network_id: int) -> bool:
    """False when somebody has just written something."""
    try:
        db.session.execute(delete(Network).where(Network.id == network_id))
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    return True
