"""For somebody who lost passkey, app and codes: their second way is taken away, and the other stewards are told."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mutualaid.actors import command_line
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.networks.models import Membership
from mutualaid.notices.outbox import owe
from mutualaid.people import second, sessions
from mutualaid.people.models import Account


def reset_second_way(account: Account, *, now: datetime) -> int:
    """The password alone opens from now on, and they are signed out everywhere; says how many stewards are told.

    In every network where they have a place: an account has one way in for all of them.
    """
    second.remove_all(account)
    sessions.end(account.id)
    own = select(Membership).where(Membership.account_id == account.id)
    return sum(_tell(member, now) for member in db.session.scalars(own.order_by(Membership.id)).all())


def _tell(member: Membership, now: datetime) -> int:
    happened("second_reset", by=command_line(member.network_id), now=now, person_id=member.person_id)
    others = (
        Membership.network_id == member.network_id,
        Membership.role == "steward",
        Membership.id != member.id,
    )
    rows = db.session.scalars(select(Membership).where(*others).options(joinedload(Membership.person))).all()
    told = [row for row in rows if row.stands(now)]
    for row in told:
        owe(row.person, "second_reset", now=now, channel="email")
    return len(told)
