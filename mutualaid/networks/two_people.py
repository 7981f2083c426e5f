"""Two people for a role: one steward asks for it, and somebody else who leads says yes. None of these commits.

Of the clock alone it ends after a week. A role that is made smaller, or ended, needs one person only. At the command
line nobody is asked: whoever sits there can do anything anyhow, and it is an event. See docs/decisions/0012.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, and_, delete, func, or_, select
from sqlalchemy.orm import aliased

from mutualaid.actors import Actor, worker
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.events.models import Event
from mutualaid.networks import verbs
from mutualaid.networks.models import ROLES, AskedMandate, Membership, Network
from mutualaid.people.accounts import email_key, find
from mutualaid.people.models import Account, Person

LASTS = timedelta(days=7)
_asker = aliased(Membership)


@dataclass(frozen=True)
class Waiting:
    """What was asked for, by whom, and for whom: `member` is None when they have no place here yet."""

    asked: AskedMandate
    asker: Person
    member: Membership | None

    def may_answer(self, by: Actor) -> bool:
        """Neither who asked, nor who would get it."""
        theirs = {self.asked.asked_by_id, self.member.person_id if self.member else None}
        return by.is_member and by.role in ROLES[1:] and by.person_id not in theirs


def needs_two(
    member: Membership | None, role: str, area_ids: Iterable[int], months: int, now: datetime
) -> bool:
    """Whether it gives somebody more than they have: a role that leads, for longer, or in more areas."""
    if role == "helper":
        return False
    if member is None or not member.stands(now) or ROLES.index(role) > ROLES.index(member.role):
        return True
    if verbs.months_later(now, months) > member.ends_at:
        return True
    wanted, had = set(area_ids), set(member.area_ids)
    return role == "coordinator" and bool(had) and (not wanted or not wanted <= had)


def somebody_else(network: Network, email: str, by: Actor, now: datetime) -> bool:
    """Whether there is anyone who could say yes."""
    leading = select(Membership.id).join(Account, Account.id == Membership.account_id)
    here = (Membership.network_id == network.id, Membership.leading(now))
    others = leading.where(*here, *_others(email, by))
    return bool(db.session.scalar(select(others.exists())))


def _others(email: str, by: Actor) -> tuple[ColumnElement[bool], ...]:
    """Neither who asks nor who would get it."""
    return Membership.person_id != by.person_id, Account.email_hash != email_key(email)


def alone_after(network: Network, email: str, by: Actor, now: datetime) -> datetime | None:
    """When `by` may give it alone, where nobody else leads but somebody did in the last week: whoever ends the roles
    of all others first must not be alone by it. None: now.

    A place that is gone since, erased by the clock, counts as one that stood."""
    gone = (Event.verb.in_(("recall", "demote")), Event.reason.in_(ROLES[1:]), Event.at > now - LASTS)
    stood = and_(*_others(email, by), Membership.joined_at.is_not(None), Membership.ends_at > Event.at)
    ended = db.session.scalar(
        select(func.max(Event.at))
        .outerjoin(
            Membership, and_(Membership.network_id == network.id, Membership.person_id == Event.person_id)
        )
        .outerjoin(Account, Account.id == Membership.account_id)
        .where(Event.network_id == network.id, *gone)
        .where(or_(Membership.id.is_(None), stood))
    )
    return ended + LASTS if ended else None


def ask(
    network: Network, email: str, role: str, *, area_ids: Iterable[int], months: int, by: Actor, now: datetime
) -> AskedMandate:
    """Keep it until it is answered. What was asked for the same person before is answered no more."""
    verbs.checked_role(role)
    same = (AskedMandate.network_id == network.id, AskedMandate.email_hash == email_key(email))
    db.session.execute(delete(AskedMandate).where(*same))
    asked = AskedMandate(
        network_id=network.id,
        email_hash=email_key(email),
        role=role,
        area_ids=sorted(area_ids) if role == "coordinator" else [],
        months=months,
        asked_by_id=by.person_id,
        asked_at=now,
    )
    asked.email = email
    db.session.add(asked)
    member = verbs.find_member(network, find(email))
    _happened("mandate_ask", asked, member, by, now)
    db.session.flush()
    return asked


def waiting(network: Network, now: datetime, *which: ColumnElement[bool]) -> list[Waiting]:
    """Oldest first. What somebody asked for who is no steward any more does not wait."""
    rows = db.session.execute(
        select(AskedMandate, Person, Membership)
        .join(Person, and_(Person.network_id == network.id, Person.id == AskedMandate.asked_by_id))
        .join(_asker, and_(_asker.network_id == network.id, _asker.person_id == AskedMandate.asked_by_id))
        .outerjoin(Account, Account.email_hash == AskedMandate.email_hash)
        .outerjoin(Membership, and_(Membership.network_id == network.id, Membership.account_id == Account.id))
        .where(AskedMandate.network_id == network.id, AskedMandate.asked_at > now - LASTS, *which)
        .where(_asker.role == "steward", _asker.standing(now))
        .order_by(AskedMandate.asked_at, AskedMandate.id)
    )
    return [Waiting(asked, who, member) for asked, who, member in rows]


def for_another(now: datetime) -> ScalarSelect[int]:
    """How many wait for a member's answer; to select beside their network, membership and account."""
    return (
        select(func.count())
        .join(_asker, and_(_asker.network_id == Network.id, _asker.person_id == AskedMandate.asked_by_id))
        .where(
            AskedMandate.network_id == Network.id,
            AskedMandate.asked_at > now - LASTS,
            AskedMandate.asked_by_id != Membership.person_id,
            AskedMandate.email_hash != Account.email_hash,
            _asker.role == "steward",
            _asker.standing(now),
        )
        .select_from(AskedMandate)
        .correlate(Network, Membership, Account)
        .scalar_subquery()
    )


def asked_for(member: Membership, by: Actor) -> bool:
    """Whether `by` asked for the role that leads which this member has, and somebody else said yes."""
    theirs = (Event.network_id == member.network_id, Event.person_id == member.person_id)
    given = (Event.verb.in_(("mandate", "mandate_alone")), Event.reason.in_(ROLES[1:]))
    last = select(Event).where(*theirs, *given).order_by(Event.at.desc(), Event.id.desc()).limit(1)
    event = db.session.scalars(last).first()
    return event is not None and (event.verb, event.actor_id) == ("mandate", by.person_id)


def say_yes(network: Network, waits: Waiting, *, by: Actor, now: datetime) -> Membership | None:
    """It is given, as it was asked for. None: somebody has answered already. Raises NotPossible."""
    asked = waits.asked
    email, role, areas, months = asked.email, asked.role, list(asked.area_ids), asked.months
    asker = Actor(asked.network_id, asked.asked_by_id, "steward", "account")
    if not end(waits, "mandate_yes", by=by, now=now):
        return None
    return verbs.give_mandate(network, email, role, area_ids=areas, months=months, now=now, by=asker)


def end(waits: Waiting, verb: str, *, by: Actor, now: datetime) -> bool:
    """mandate_yes, mandate_no, mandate_back (whoever asked takes it back). False: it did not wait any more."""
    this = (AskedMandate.network_id == waits.asked.network_id, AskedMandate.id == waits.asked.id)
    if db.session.execute(delete(AskedMandate).where(*this).returning(AskedMandate.id)).first() is None:
        return False
    _happened(verb, waits.asked, waits.member, by, now)
    return True


def lapse(now: datetime) -> int:
    """Those that nobody answered in a week; says how many."""
    rows = db.session.execute(
        delete(AskedMandate)
        .where(AskedMandate.asked_at <= now - LASTS)
        .returning(AskedMandate.network_id, AskedMandate.role)
    ).all()
    for network_id, role in rows:
        happened("mandate_lapse", by=worker(network_id), now=now, reason=role)
    return len(rows)


def _happened(verb: str, asked: AskedMandate, member: Membership | None, by: Actor, now: datetime) -> None:
    happened(verb, by=by, now=now, person_id=member.person_id if member else None, reason=asked.role)
