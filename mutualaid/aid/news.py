"""A new need is told at once to those it fits best, of all who asked for that; and a new offer to those who need it.

In turn: of the BEST that it fits best, those go first who were told longest ago. Nobody more often a day than they
said, nothing that is sensitive, nothing brought in from elsewhere, and only by email. The words say neither what nor
who: somebody else may look at the phone.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from mutualaid.aid.matching.search import suggestions
from mutualaid.aid.models import Category, Post
from mutualaid.aid.windows import end_of_day, local_day
from mutualaid.db import db, reading_only
from mutualaid.networks.models import Network
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from mutualaid.one_by_one import each
from mutualaid.people.models import Person

KINDS = ("new_need", "new_offer")
BEST = 10
AT_MOST = 3  # are told of one post
BATCH = 20  # posts of a network at a time
FRESH = timedelta(days=1)  # what has stood longer is not new
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def owe_news(now: datetime) -> int:
    """A batch of new posts in each network where somebody asked to be told; says how many notices are owed. Commits.

    Safe to repeat: a post is looked at once, whoever comes first. Raises SomeFailed.
    """
    with reading_only():
        networks = list(db.session.scalars(select(Person.network_id).where(*_listens()).distinct()))
        new = [(network_id, post_id) for network_id in networks for post_id in _new(network_id, now)]
        db.session.commit()
    return each(new, lambda post: _tell_of(*post, now))


def _listens() -> tuple[ColumnElement[bool], ...]:
    """Who asked to be told and can be written to. `is not null` finds them by their index."""
    return (
        Person.told_a_day.is_not(None),
        Person.told_a_day >= 1,
        Person.reach == "email",
        Person.erased_at.is_(None),
    )


def _new(network_id: int, now: datetime) -> list[int]:
    """Posts nobody was told of yet, as helpers may see them; the oldest first."""
    category = (Category.network_id == Post.network_id) & (Category.id == Post.category_id)
    untold = (Post.told_at.is_(None), Post.source.is_(None), Post.created_at > now - FRESH)
    seen = (Post.state == "open", Post.intake.is_(None), Post.paused_at.is_(None), ~Post.claimed)
    query = select(Post.id).join(Category, category).where(Post.network_id == network_id, *untold, *seen)
    query = query.where(~Category.sensitive).order_by(Post.created_at, Post.id).limit(BATCH)
    return list(db.session.scalars(query))


def _tell_of(network_id: int, post_id: int, now: datetime) -> int:
    """First all the looking, which only reads; then one short transaction. 0 when another worker was quicker."""
    with reading_only():
        people = _fitting(network_id, post_id, now)
        db.session.commit()
    told = 0
    if _claim(network_id, post_id, now):
        network, post = (
            db.session.get_one(Network, network_id),
            db.session.get_one(Post, (network_id, post_id)),
        )
        chosen = _in_turn(network, people, now)
        for person in chosen:
            owe(person, f"new_{post.kind}", now=now, channel="email")
        told = len(chosen)
    db.session.commit()
    return told


def _fitting(network_id: int, post_id: int, now: datetime) -> list[int]:
    """The people whose posts fit it best, each once."""
    network, post = db.session.get_one(Network, network_id), db.session.get_one(Post, (network_id, post_id))
    found, _ = suggestions(network, post, now=now, sensitive=False)
    sides = (fit.pair.offer if post.is_need else fit.pair.need for fit in found)
    return list(dict.fromkeys(side.person_id for side in sides))


def _claim(network_id: int, post_id: int, now: datetime) -> bool:
    """Of several workers one gets True."""
    untold = (Post.network_id == network_id, Post.id == post_id, Post.told_at.is_(None), Post.state == "open")
    claim = update(Post).where(*untold).values(told_at=now).execution_options(synchronize_session=False)
    return bool(db.session.execute(claim).rowcount == 1)  # type: ignore[attr-defined]


def _in_turn(network: Network, people: list[int], now: datetime) -> list[Person]:
    """Of those who listen and were not told too often today the best, and of them whoever was told longest ago."""
    which = (Person.network_id == network.id, Person.id.in_(people), *_listens())
    locked = select(Person).where(*which).order_by(Person.id).with_for_update()
    listening = {
        person.id: person for person in db.session.scalars(locked.execution_options(populate_existing=True))
    }
    told = _told(network, listening, now)
    free = [
        listening[one]
        for one in people
        if one in listening and told.get(one, (LONG_AGO, 0))[1] < (listening[one].told_a_day or 0)
    ]
    return sorted(free[:BEST], key=lambda person: told.get(person.id, (LONG_AGO, 0))[0])[:AT_MOST]


def _told(network: Network, people: Collection[int], now: datetime) -> dict[int, tuple[datetime, int]]:
    """When each was told last, and how often today in the network's own time."""
    today = end_of_day(local_day(now, network.timezone) - timedelta(days=1), network.timezone)
    theirs = (Notice.network_id == network.id, Notice.person_id.in_(people), Notice.kind.in_(KINDS))
    query = (
        select(
            Notice.person_id,
            func.max(Notice.created_at),
            func.count().filter(Notice.created_at >= today),
        )
        .where(*theirs)
        .group_by(Notice.person_id)
    )
    return {person: (last, times) for person, last, times in db.session.execute(query)}
