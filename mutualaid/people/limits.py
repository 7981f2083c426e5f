"""How often something may be tried in vain. Counted in the database, so that every worker sees the same."""

import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from mutualaid.db import db
from mutualaid.people.models import Miss
from mutualaid.sealed import keyring

HOUR = timedelta(hours=1)
KEPT = HOUR


def client(address: str | None, network_id: int = 0) -> bytes:
    """A keyed hash of where a request comes from; the address itself is never kept. A home's IPv6 network is one."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return keyring.digest("", "client", network_id)
    if known.version == 6:
        known = ipaddress.ip_network((known, 64), strict=False).network_address
    return keyring.digest(str(known), "client", network_id)


def too_many(kind: str, who: bytes, *, now: datetime, limit: int, per: timedelta = HOUR) -> bool:
    """Whether `who` has missed `limit` times within `per`, which is an hour at most."""
    recent = (Miss.kind == kind, Miss.who == who, Miss.at > now - per)
    return (db.session.scalar(select(func.count()).select_from(Miss).where(*recent)) or 0) >= limit


def missed(kind: str, who: bytes, *, now: datetime) -> None:
    """Write down one miss."""
    db.session.add(Miss(kind=kind, who=who, at=now))
    forget_old(now)


def forget_old(now: datetime) -> None:
    """Delete what is older than an hour."""
    db.session.execute(delete(Miss).where(Miss.at <= now - KEPT))
