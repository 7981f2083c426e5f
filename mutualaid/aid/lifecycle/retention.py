"""What the clock erases: never a second early, never late, and nothing at all when the clock cannot be believed.

A post's words go when it has been closed, and its matches have been over, for as long as its network keeps them. A
person goes when that is so of all their posts, of their mandate, and of the time for which they asked us to keep their
page. Nobody is looked for among all people: each of these three moments leads to whom it concerns.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, exists, func, literal, or_, select, union

from mutualaid import heartbeat
from mutualaid.actors import worker
from mutualaid.aid.lifecycle.emptying import empty_posts
from mutualaid.aid.lifecycle.erasing import erase
from mutualaid.aid.lifecycle.table import Refused
from mutualaid.aid.models import Match, Post
from mutualaid.db import UTCDateTime, db, reading_only
from mutualaid.networks.leaving import end_memberships
from mutualaid.networks.models import Membership, Network
from mutualaid.people.models import Person

BATCH = 50  # people in one round
SOME, SHARE = 50, 0.05  # so many people at once, and this part of all, are not too many
WHY = {
    "ahead": "The clock runs more than three days ahead of the worker's last round",
    "back": "The clock went back",
    "many": "Unusually many people would be erased at once",
}
Key = tuple[int, int]  # network id, person id


def erase_due(now: datetime) -> int:
    """A batch of people of whom something is over; says how many. Commits. Whether to do it at all, `doubt` says."""
    with reading_only():
        keys = people_due(now, BATCH)
        db.session.commit()
    for network_id, person_id in keys:
        try:
            _erase_due(network_id, person_id, now)
            db.session.commit()
        except Refused:  # somebody is quicker, in that very moment: the next round looks again
            db.session.rollback()
    return len(keys)


def doubt(now: datetime) -> str:
    """Why nothing is erased now, a key of WHY; empty when all is well. Only reads."""
    with reading_only():
        why = heartbeat.doubt(now) or ("many" if _are_many(now) else "")
        db.session.commit()
    return why


def _are_many(now: datetime) -> bool:
    """All people are counted only when there is a doubt."""
    if len(people_due(now, SOME + 1)) <= SOME:
        return False
    all_people = db.session.scalar(select(func.count()).select_from(Person).where(Person.erased_at.is_(None)))
    most = SOME + int(SHARE * (all_people or 0))
    return len(people_due(now, most + 1)) > most


def people_due(moment: datetime, most: int | None = None) -> list[Key]:
    """Whom something concerns that is over by then: a post, a mandate, or the time they wanted to keep their page."""
    over = _long_before(moment)
    if over is None:
        return []
    posts = (
        select(Post.network_id, Post.person_id)
        .join(Network, Network.id == Post.network_id)
        .where(Post.closed_at <= over, Post.erased_at.is_(None), ~_goes_on(over))
    )
    mandates = (
        select(Membership.network_id, Membership.person_id)
        .join(Network, Network.id == Membership.network_id)
        .where(or_(Membership.ends_at <= over, Membership.recalled_at <= over))
    )
    kept = select(Person.network_id, Person.id).where(Person.kept_until <= moment)
    found = union(posts, mandates, kept)
    rows = db.session.execute(found if most is None else found.limit(most)).all()
    return [(row[0], row[1]) for row in rows]


def _long_before(moment: datetime) -> ColumnElement[datetime] | None:
    """By network, in SQL: what ended then, or earlier, is over for as long as it is kept. None: no networks."""
    days = db.session.scalars(select(Network.retention_days).distinct()).all()
    by_days = {number: literal(moment - timedelta(days=number), UTCDateTime) for number in days}
    return case(by_days, value=Network.retention_days) if by_days else None


def _goes_on(over: ColumnElement[datetime]) -> ColumnElement[bool]:
    """A match of the post is not over, or not for long enough."""
    sides = [
        exists()
        .where(Match.network_id == Post.network_id, side == Post.id)
        .where(or_(Match.ended_at.is_(None), Match.ended_at > over))
        .correlate(Post, Network)
        for side in (Match.need_id, Match.offer_id)
    ]
    return or_(*sides)


def _erase_due(network_id: int, person_id: int, now: datetime) -> None:
    """Looks again, with the person locked: they may have come back, or another worker been quicker."""
    this = (Person.network_id == network_id, Person.id == person_id)
    locked = select(Person).where(*this).with_for_update().execution_options(populate_existing=True)
    person = db.session.scalars(locked).first()
    if person is None:
        return
    end = ends_at(person)
    if person.erased_at is None and end is not None and end <= now:
        erase(person, by=worker(network_id), now=now)
        return
    if person.kept_until is not None and person.kept_until <= now:
        person.kept_until = None
    before = now - _kept_for(network_id)
    empty_posts(network_id, _posts_over(person, before), now)
    theirs = (Membership.network_id == network_id, Membership.person_id == person_id)
    end_memberships(*theirs, or_(Membership.ends_at <= before, Membership.recalled_at <= before), now=now)


def _posts_over(person: Person, before: datetime) -> list[int]:
    over = (Post.closed_at <= before, Post.erased_at.is_(None), ~_goes_on(literal(before, UTCDateTime)))
    mine = (Post.network_id == person.network_id, Post.person_id == person.id)
    return list(db.session.scalars(select(Post.id).where(*mine, *over).order_by(Post.id)))


def ends_at(person: Person) -> datetime | None:
    """When they are erased if nothing changes; None while something is open."""
    mine = (Post.network_id == person.network_id, Post.person_id == person.id)
    of_post = (Match.network_id == Post.network_id) & or_(Match.need_id == Post.id, Match.offer_id == Post.id)
    posts = select(func.count() - func.count(Post.closed_at), func.max(Post.closed_at)).where(*mine)
    matches = select(func.count() - func.count(Match.ended_at), func.max(Match.ended_at))
    matches = matches.select_from(Post).join(Match, of_post).where(*mine)
    last = [person.created_at, *_mandate_ends(person)]
    for query in (posts, matches):
        open_ones, latest = db.session.execute(query).one()
        if open_ones:
            return None
        last += [latest] if latest else []
    end = max(last) + _kept_for(person.network_id)
    return max(end, person.kept_until) if person.kept_until else end


def _mandate_ends(person: Person) -> list[datetime]:
    theirs = (Membership.network_id == person.network_id, Membership.person_id == person.id)
    rows = db.session.execute(select(Membership.ends_at, Membership.recalled_at).where(*theirs))
    return [min(row.ends_at, row.recalled_at or row.ends_at) for row in rows]


def _kept_for(network_id: int) -> timedelta:
    return timedelta(days=db.session.get_one(Network, network_id).retention_days)
