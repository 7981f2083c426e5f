"""Who is signed in, in which browsers. A session stands in the database, so that it can be seen and ended."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from mutualaid.db import db, reading_only
from mutualaid.people.models import Account, AccountSession


@dataclass(frozen=True)
class Lasts:
    """A session ends when nothing came from its browser for `unused`, and after `whole` in any case."""

    unused: timedelta
    whole: timedelta


HELPER = Lasts(unused=timedelta(hours=26), whole=timedelta(days=30))
LEADER = Lasts(unused=timedelta(hours=12), whole=timedelta(days=7))  # of whoever leads, in whatever network


def lasts(leads: bool) -> Lasts:
    return LEADER if leads else HELPER


def begin(account: Account, *, now: datetime) -> str:
    """They have just shown who they are. Returns the token (256 bits) that their browser keeps."""
    token = secrets.token_urlsafe(32)
    row = AccountSession(
        account_id=account.id,
        token_hash=hash_of(token),
        created_at=now,
        proven_at=now,
        used_on=now.date(),
    )
    db.session.add(row)
    return token


def prove(row: AccountSession, *, now: datetime) -> str:
    """They have shown it again. The token of before ends; returns the new one."""
    token = secrets.token_urlsafe(32)
    _set(row, token_hash=hash_of(token), proven_at=now)
    return token


def used(row: AccountSession, *, now: datetime) -> None:
    """Something was done with it. Only the day is kept."""
    if row.used_on != now.date():
        _set(row, used_on=now.date())


def _set(row: AccountSession, **values: object) -> None:
    """Nothing happens to a session that was ended in this moment."""
    db.session.execute(update(AccountSession).where(AccountSession.id == row.id).values(values))


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def is_over(row: AccountSession, seen_at: datetime, lasts: Lasts, now: datetime) -> bool:
    """`seen_at`: when something last came from its browser, as the browser's signed cookie says."""
    return now >= seen_at + lasts.unused or now >= row.created_at + lasts.whole


def of_account(account_id: int) -> list[AccountSession]:
    """Newest first."""
    own = select(AccountSession).where(AccountSession.account_id == account_id)
    return list(db.session.scalars(own.order_by(AccountSession.created_at.desc(), AccountSession.id.desc())))


def end(account_id: int, *which: ColumnElement[bool]) -> None:
    """All sessions of an account, or only `which` of them."""
    db.session.execute(delete(AccountSession).where(AccountSession.account_id == account_id, *which))


def forget(now: datetime) -> int:
    """Delete those whose time is over; says how many. Commits."""
    old = AccountSession.created_at <= now - HELPER.whole
    with reading_only():  # most of the time there is nothing to delete
        ids = list(db.session.scalars(select(AccountSession.id).where(old)))
        db.session.commit()
    if ids:
        db.session.execute(delete(AccountSession).where(old))
        db.session.commit()
    return len(ids)
