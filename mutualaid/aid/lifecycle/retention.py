"""What the clock erases: never a second early, never late, and nothing at all when the clock cannot be believed.

A post's words go when it has been closed, and its matches have been over, for as long as its network keeps them. A
person goes when that is so of all their posts, of their mandate, and of the time for which they asked us to keep their
page. Nobody is looked for among all people: each of these three moments leads to whom it concerns.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Subquery,
    case,
    exists,
    func,
    or_,
    select,
    union,
    union_all,
)

from mutualaid import heartbeat
from mutualaid.actors import worker
from mutualaid.aid.lifecycle.emptying import empty_posts
from mutualaid.aid.lifecycle.erasing import erase
from mutualaid.aid.lifecycle.table import Refused
from mutualaid.aid.models import Match, Post
from mutualaid.db import db, reading_only, to_the_day
from mutualaid.events.models import Event
from mutualaid.networks.leaving import end_memberships
from mutualaid.networks.models import Membership, Network
from mutualaid.one_by_one import first_of
from mutualaid.people.models import Person

BATCH = 50  # people in one round
# So many people, and this part of all, are not too many at once; of too many, so many go a day.
SOME, SHARE = 50, 0.05
WHY = {
    "ahead": "The clock runs more than three days ahead of the worker's last round",
    "back": "The clock went back",
    "many": "Unusually many people would be erased at once",
}
Key = tuple[int, int]  # network id, person id
# How many days it is kept after a moment, of whom, and that moment.
Over = tuple[int, Select[int, int], SQLColumnExpression[Any]]


def erase_due(now: datetime) -> int:
    """A batch of people of whom something is over; says how many. Commits. Whether to do it at all, `doubt` says.

    Raises SomeFailed.
    """
    return _erase_first(lambda most: people_due(now, most), BATCH, now)


def erase_some(now: datetime) -> int:
    """The same where unusually many are due: no more a day than are not too many, the longest overdue first."""
    with reading_only():
        left = _not_too_many(now) - _erased_today(now)
        db.session.commit()
    return _erase_first(lambda most: longest_overdue(now, most), min(BATCH, left), now) if left > 0 else 0


def _erase_first(due: Callable[[int], list[Key]], most: int, now: datetime) -> int:
    def find(most: int) -> list[Key]:
        with reading_only():
            keys = due(most)
            db.session.commit()
        return keys

    def do(key: Key) -> int:
        try:
            _erase_due(*key, now)
        except Refused:  # somebody is quicker, in that very moment: the next round looks again
            db.session.rollback()
            return 0
        return 1

    return first_of(find, most, do, now=now)


def doubt(now: datetime) -> str:
    """Why nothing is erased now, or (many) only some; a key of WHY, empty when all is well. Only reads."""
    with reading_only():
        why = heartbeat.doubt(now) or ("many" if _are_many(now) else "")
        db.session.commit()
    return why


def _are_many(now: datetime) -> bool:
    """All people are counted only when there is a doubt. Where there was one in the last round, what was erased since
    this morning counts too: else the rest of too many would go on the same day."""
    beat = heartbeat.last()
    was_many = beat is not None and beat.held == "many"
    if not was_many and len(people_due(now, SOME + 1)) <= SOME:
        return False
    most = max(_not_too_many(now) - (_erased_today(now) if was_many else 0), 0)
    return len(people_due(now, most + 1)) > most


def _not_too_many(now: datetime) -> int:
    """Of all who were here this morning."""
    were_here = or_(Person.erased_at.is_(None), Person.erased_at == to_the_day(now))
    all_people = db.session.scalar(select(func.count()).select_from(Person).where(were_here))
    return SOME + int(SHARE * (all_people or 0))


def _erased_today(now: datetime) -> int:
    """Of how many people the program erased something. Who erases themselves does not count: else a program that
    posts and erases a lot each day would leave nothing for all others."""
    today = to_the_day(now)
    by_program = exists().where(
        Event.network_id == Person.network_id,
        Event.person_id == Person.id,
        Event.verb == "erase",
        Event.actor_id.is_(None),
    )
    people = select(Person.network_id, Person.id.label("id")).where(Person.erased_at == today, by_program)
    theirs = (Post.network_id == Person.network_id) & (Post.person_id == Person.id)
    posts = select(Person.network_id, Person.id).join(Post, theirs)
    posts = posts.where(Post.erased_at == today, Person.erased_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(union(people, posts).subquery())) or 0


def people_due(moment: datetime, most: int | None = None) -> list[Key]:
    """Whom something concerns that is over by then: a post, a mandate, or the time they wanted to keep their page."""
    found: dict[Key, None] = {}
    for _, query, _ in _over(moment):
        if most is None or len(found) < most:
            rows = db.session.execute(query.distinct().limit(most))
            found |= dict.fromkeys((row[0], row[1]) for row in rows)
    return list(found)[:most]


def longest_overdue(moment: datetime, most: int) -> list[Key]:
    """The same people, first those whose time was over first."""
    ended: dict[Key, datetime] = {}
    for days, query, end in _over(moment):
        first = func.min(end)
        whose = query.add_columns(first).group_by(*query.selected_columns).order_by(first)
        for network_id, person_id, at in db.session.execute(whose.limit(most)):
            key, over = (network_id, person_id), at + timedelta(days=days)
            ended[key] = min(over, ended.get(key, over))
    return sorted(ended, key=lambda key: (ended[key], key))[:most]


def _over(moment: datetime) -> list[Over]:
    kept = select(Person.network_id, Person.id).where(Person.kept_until <= moment)
    parts = [part for days in _days_kept() for part in _over_in(days, moment)]
    return [(0, kept, Person.kept_until), *parts]


def _days_kept() -> list[int]:
    return list(db.session.scalars(select(Network.retention_days).distinct()))


def _over_in(days: int, moment: datetime) -> list[Over]:
    """Of the networks that keep for so many days: whose posts, whose mandates."""
    over = moment - timedelta(days=days)
    here = select(Network.id).where(Network.retention_days == days)
    posts = select(Post.network_id, Post.person_id).where(Post.network_id.in_(here), *_is_over(over))
    mandates = select(Membership.network_id, Membership.person_id)
    mandates = mandates.where(Membership.network_id.in_(here), _mandate_over(over))
    mandate_end = case(
        (Membership.recalled_at < Membership.ends_at, Membership.recalled_at), else_=Membership.ends_at
    )
    return [(days, posts, Post.closed_at), (days, mandates, mandate_end)]


def _mandate_over(by: datetime) -> ColumnElement[bool]:
    return or_(Membership.ends_at <= by, Membership.recalled_at <= by)


def _is_over(over: datetime) -> tuple[ColumnElement[bool], ...]:
    """A post that was closed by then, and its matches too."""
    return Post.closed_at <= over, Post.erased_at.is_(None), ~_goes_on(over)


def _goes_on(over: datetime) -> ColumnElement[bool]:
    """A match of the post is not over, or not for long enough."""
    sides = [
        exists()
        .where(Match.network_id == Post.network_id, side == Post.id)
        .where(or_(Match.ended_at.is_(None), Match.ended_at > over))
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
    end_memberships(*theirs, _mandate_over(before), now=now)


def _posts_over(person: Person, before: datetime) -> list[int]:
    mine = (Post.network_id == person.network_id, Post.person_id == person.id)
    return list(db.session.scalars(select(Post.id).where(*mine, *_is_over(before)).order_by(Post.id)))


def ends_at(person: Person) -> datetime | None:
    """When they are erased if nothing changes; None while something is open."""
    mine = (Post.network_id == person.network_id, Post.person_id == person.id)
    posts = select(func.count() - func.count(Post.closed_at), func.max(Post.closed_at)).where(*mine)
    ends = _match_ends(person.network_id, select(Post.id).where(*mine))
    matches = select(func.count() - func.count(ends.c.ended_at), func.max(ends.c.ended_at))
    last = [person.created_at, *_mandate_ends(person)]
    for query in (posts, matches):
        open_ones, latest = db.session.execute(query).one()
        if open_ones:
            return None
        last += [latest] if latest else []
    end = max(last) + _kept_for(person.network_id)
    return max(end, person.kept_until) if person.kept_until else end


def _match_ends(network_id: int, own: Select[int]) -> Subquery:
    """By each side on its own: so each is found by its index."""
    sides = (Match.need_id, Match.offer_id)
    each = (select(Match.ended_at).where(Match.network_id == network_id, side.in_(own)) for side in sides)
    return union_all(*each).subquery()


def _mandate_ends(person: Person) -> list[datetime]:
    theirs = (Membership.network_id == person.network_id, Membership.person_id == person.id)
    rows = db.session.execute(select(Membership.ends_at, Membership.recalled_at).where(*theirs))
    return [min(row.ends_at, row.recalled_at or row.ends_at) for row in rows]


def _kept_for(network_id: int) -> timedelta:
    return timedelta(days=db.session.get_one(Network, network_id).retention_days)
