"""One post opened on the desk: its own words, what happened so far, and what may be the same twice."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all

from mutualaid.aid.models import Match, Post, PostDetails
from mutualaid.aid.queries import WITH_ALL, WITH_PEOPLE
from mutualaid.db import db
from mutualaid.events.models import Event, EventNote
from mutualaid.networks.models import Network
from mutualaid.people.models import Person

LINES = 80  # so many of the newest lines of a history are shown
ALIKE = 30
SIDES = (Match.need_id, Match.offer_id)
NEWEST = (Event.at.desc(), Event.id.desc())


@dataclass(frozen=True)
class Line:
    """One line of history. `actor` and `note` are sealed and opened only when they are read."""

    event: Event
    actor: Person | None
    kept: EventNote | None

    @property
    def note(self) -> str:
        return self.kept.text if self.kept else ""


def opened(network: Network, post_id: int) -> tuple[Post, str, list[Match]] | None:
    """A post with its person, category, area and private words, and all its matches with the people, newest first.

    One query. None for another network's post too.
    """
    sides = (select(Match.id).where(Match.network_id == network.id, side == post_id) for side in SIDES)
    rows = db.session.execute(
        select(Post, PostDetails, Match)
        .outerjoin(PostDetails, and_(PostDetails.network_id == Post.network_id, PostDetails.id == Post.id))
        .outerjoin(Match, and_(Match.network_id == network.id, Match.id.in_(union_all(*sides))))
        .where(Post.network_id == network.id, Post.id == post_id)
        .order_by(Match.id.desc())
        .options(*WITH_ALL, *WITH_PEOPLE)
    ).all()
    if not rows:
        return None
    details: PostDetails | None = rows[0][1]  # an outer join, and so is the next
    found: list[Match | None] = [row[2] for row in rows]
    return rows[0][0], details.text if details else "", [match for match in found if match]


def story_of(post: Post, matches: list[Match]) -> list[Line]:
    """The newest lines about a post and its matches, oldest first; one query."""
    told = [Event.post_id == post.id]
    if matches:
        told.append(Event.match_id.in_([match.id for match in matches]))
    found = union_all(*(_newest(post.network_id, which) for which in told))
    newest = db.session.execute(
        select(Event, Person, EventNote)
        .outerjoin(Person, and_(Person.network_id == Event.network_id, Person.id == Event.actor_id))
        .outerjoin(EventNote, and_(EventNote.network_id == Event.network_id, EventNote.id == Event.id))
        .where(Event.network_id == post.network_id, Event.id.in_(found))
        .order_by(*NEWEST)
        .limit(LINES)
    )
    return [Line(*row) for row in newest][::-1]


def _newest(network_id: int, which: ColumnElement[bool]) -> Select[tuple[int]]:
    """As an index gives them: whoever asks for one thing or another at once reads the whole history."""
    lines = select(Event.id).where(Event.network_id == network_id, which).order_by(*NEWEST)
    return select(lines.limit(LINES).subquery().c.id)


def alike(post: Post) -> list[Post]:
    """What this may be a second copy of: open, of the same person, or of the same category and area."""
    same_person = Post.person_id == post.person_id
    same_thing = and_(Post.category_id == post.category_id, Post.area_id.is_not_distinct_from(post.area_id))
    return list(
        db.session.scalars(
            select(Post)
            .where(
                Post.network_id == post.network_id,
                Post.kind == post.kind,
                Post.state == "open",
                Post.id != post.id,
            )
            .where(or_(same_person, same_thing))
            .order_by((Post.person_id == post.person_id).desc(), Post.id.desc())
            .limit(ALIKE)
            .options(*WITH_ALL)
        )
    )


def chosen(network: Network, post_ids: list[int]) -> list[Post]:
    """The posts of these ids that are this network's, the most urgent first; one query."""
    return list(
        db.session.scalars(
            select(Post)
            .where(Post.network_id == network.id, Post.id.in_(post_ids))
            .order_by(Post.urgency.desc(), Post.created_at, Post.id)
            .options(*WITH_ALL)
        )
    )
