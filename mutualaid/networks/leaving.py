"""A member's place ends for good; and the accounts that have no place left go with it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Exists, Table, delete, exists, or_, select

from mutualaid import erased
from mutualaid.actors import Actor
from mutualaid.db import Base, db
from mutualaid.events.history import happened
from mutualaid.networks.models import AskedMandate, Membership
from mutualaid.people.models import Account


def tell_of_roles(*which: ColumnElement[bool], by: Actor, now: datetime) -> None:
    """Who led and is erased counts as recalled: else whoever erases all others is alone (two_people.alone_after)."""
    leading = select(Membership.person_id, Membership.role).where(*which, Membership.leading(now))
    for person_id, role in db.session.execute(leading).all():
        happened("recall", by=by, now=now, person_id=person_id, reason=role)


def end_memberships(*which: ColumnElement[bool], now: datetime) -> int:
    """Remove these places; says how many."""
    gone = db.session.execute(
        delete(Membership)
        .where(*which)
        .returning(Membership.network_id, Membership.id, Membership.account_id, Membership.person_id)
    ).all()
    for network_id, membership_id, account_id, person_id in gone:
        erased.note("membership", network_id, membership_id, now)
        _forget_asked(network_id, account_id, person_id)
    forget_accounts({row.account_id for row in gone})
    return len(gone)


def _forget_asked(network_id: int, account_id: int, person_id: int) -> None:
    """Roles that they asked for, and that were asked for them."""
    email = select(Account.email_hash).where(Account.id == account_id)
    theirs = or_(AskedMandate.asked_by_id == person_id, AskedMandate.email_hash.in_(email))
    db.session.execute(delete(AskedMandate).where(AskedMandate.network_id == network_id, theirs))


def forget_accounts(among: Collection[int]) -> int:
    """Delete those of these accounts that have no place in any network; says how many.

    Locked first: whoever gives them a place at the same moment waits, and then makes the account anew.
    """
    if not among:
        return 0
    db.session.execute(select(Account.id).where(Account.id.in_(among)).order_by(Account.id).with_for_update())
    unused = list(db.session.scalars(select(Account.id).where(Account.id.in_(among), ~_belongs())))
    for table, column in _of_accounts():
        db.session.execute(delete(table).where(column.in_(unused)))
    db.session.execute(delete(Account).where(Account.id.in_(unused)))
    return len(unused)


def unused_accounts() -> set[int]:
    """Those that have no place in any network."""
    return set(db.session.scalars(select(Account.id).where(~_belongs())))


def _belongs() -> Exists:
    return exists().where(Membership.account_id == Account.id)


def _of_accounts() -> list[tuple[Table, Column[Any]]]:
    """One-time links, and whatever else hangs on an account."""
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is Account.__table__ for key in column.foreign_keys)
    ]
