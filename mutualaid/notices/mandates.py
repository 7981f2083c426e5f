"""A mandate ends on a day: its holder is told a week before, once."""

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, select

from mutualaid.db import db, reading_only
from mutualaid.networks.models import Membership
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from mutualaid.one_by_one import each

AHEAD = timedelta(days=7)


def owe_mandate_ends(now: datetime) -> int:
    """Tell everyone whose mandate ends within a week; says how many. A renewed mandate has another end. Commits.

    Raises SomeFailed.
    """
    with reading_only():
        keys = [(row.network_id, row.id) for row in db.session.scalars(_ending(now))]
        db.session.commit()
    return each(keys, lambda key: _owe(*key, now))


def _owe(network_id: int, membership_id: int, now: datetime) -> bool:
    """False when another worker was quicker."""
    this = (Membership.network_id == network_id, Membership.id == membership_id)
    db.session.execute(select(Membership.id).where(*this).with_for_update())
    row = db.session.scalars(_ending(now).where(*this)).first()
    if row is not None:
        until = {"until": row.ends_at.isoformat()}
        owe(row.person, "mandate_ends", now=now, channel="email", numbers=until)
    db.session.commit()
    return row is not None


def _ending(now: datetime) -> Select[Membership]:
    told = exists().where(
        Notice.network_id == Membership.network_id,
        Notice.person_id == Membership.person_id,
        Notice.kind == "mandate_ends",
        Notice.created_at > now - AHEAD,
    )
    soon = Membership.ends_at <= now + AHEAD
    return select(Membership).where(Membership.standing(now), soon, ~told)
