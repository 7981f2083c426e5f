"""How often something may be tried. Counted in the database, so that every process sees the same."""

import hmac
import ipaddress
import secrets
import time
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from mutualaid.db import db, new_id, reading_only
from mutualaid.people.models import Attempt

HOUR = timedelta(hours=1)
# Made at each start, before the workers fork, and kept nowhere: there are so few addresses that whoever took the
# database and a key from the disk could try them all.
SECRET = secrets.token_bytes(32)


def client(address: str | None, now: datetime, network_id: int = 0) -> bytes:
    """A keyed hash of where a request comes from, another one each day (in UTC); the address itself is never kept.

    A home's IPv6 network is one place.
    """
    return hmac.digest(SECRET, f"{now:%Y-%m-%d}|{network_id}|{_home(address)}".encode(), "sha256")


def _home(address: str | None) -> str:
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped:  # who came by IPv4 to a server that listens on both
            return str(known.ipv4_mapped)
        known = ipaddress.ip_network((known, 64), strict=False).network_address
    return str(known)


def take(kind: str, who: bytes, *, now: datetime, limit: int, per: timedelta = HOUR) -> Attempt | None:
    """One more try by `who`; None when they have none left within `per` (an hour at most). Commits.

    It is written down before all are counted, so that of many at once, in whatever process, no more than `limit` go
    on; those that come at the same moment as the last may all be refused. A try that was fine is given back.
    """
    attempt = Attempt(id=new_id(), kind=kind, who=who, at=now)
    db.session.add(attempt)
    db.session.commit()
    return attempt if _tried(kind, who, now - per) <= limit else None


def take_along(kind: str, who: bytes, *, now: datetime, limit: int, per: timedelta = HOUR) -> bool:
    """The same within `per` (an hour at least), as a part of what the caller writes: nothing is waited for, and what is
    rolled back does not count. On PostgreSQL as many more can pass as are sent at the very same moment."""
    # Dated ahead by what `per` is more than an hour: so it counts, and is kept, for so much longer.
    db.session.add(Attempt(id=new_id(), kind=kind, who=who, at=now + (per - HOUR)))
    db.session.flush()
    return _tried(kind, who, now - HOUR) <= limit


def give_back(attempt: Attempt) -> None:
    db.session.execute(delete(Attempt).where(Attempt.id == attempt.id))


def _tried(kind: str, who: bytes, since: datetime) -> int:
    recent = (Attempt.kind == kind, Attempt.who == who, Attempt.at > since)
    return db.session.scalar(select(func.count()).select_from(Attempt).where(*recent)) or 0


def answer_after(seconds: float, began: float) -> None:
    """No sooner than so long after the start, whatever was found: for somebody who is here more is written down."""
    time.sleep(max(0.0, began + seconds - time.perf_counter()))


def forget(now: datetime) -> int:
    """Delete what is older than an hour; says how many. Commits."""
    old = Attempt.at <= now - HOUR
    with reading_only():  # most of the time there is nothing to delete
        ids = list(db.session.scalars(select(Attempt.id).where(old)))
        db.session.commit()
    if ids:
        db.session.execute(delete(Attempt).where(old))
        db.session.commit()
    return len(ids)
