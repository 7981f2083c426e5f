"""A mandate that ended by itself signs its holder out."""

from datetime import datetime

from sqlalchemy import delete, exists, select

from mutualaid.db import db, reading_only
from mutualaid.networks.models import Membership
from mutualaid.people.models import AccountSession


def end_sessions(now: datetime) -> int:
    """Whoever signed in before a mandate of theirs ended is signed out, everywhere; says how many. Commits."""
    ended = exists().where(
        Membership.account_id == AccountSession.account_id,
        Membership.recalled_at.is_(None),  # else it was done when it was recalled
        Membership.ends_at <= now,
        Membership.ends_at > AccountSession.created_at,
    )
    with reading_only():  # most of the time there is nothing to end
        ids = list(db.session.scalars(select(AccountSession.id).where(ended)))
        db.session.commit()
    if ids:
        db.session.execute(delete(AccountSession).where(AccountSession.id.in_(ids)))
        db.session.commit()
    return len(ids)
