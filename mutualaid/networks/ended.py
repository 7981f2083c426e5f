"""What the clock ends: a mandate that is over signs its holder out, and one that was asked for waits a week."""

from datetime import datetime

from sqlalchemy import delete, exists, select

from mutualaid.db import db, reading_only
from mutualaid.networks import two_people
from mutualaid.networks.models import AskedMandate, Membership
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


def end_asked(now: datetime) -> int:
    """Mandates that nobody said yes to in a week are asked for no longer; says how many. Commits."""
    with reading_only():  # most of the time there is none
        old = list(
            db.session.scalars(select(AskedMandate.id).where(AskedMandate.asked_at <= now - two_people.LASTS))
        )
        db.session.commit()
    if old:
        two_people.lapse(now)
        db.session.commit()
    return len(old)
