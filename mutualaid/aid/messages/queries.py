"""What each side of a match may read of what was written, and what a coordinator has to read first."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from mutualaid.aid.desk_queues import NETWORK, seen_by
from mutualaid.aid.messages.models import Message
from mutualaid.aid.models import Match, Post
from mutualaid.aid.queries import WITH_PEOPLE
from mutualaid.db import db
from mutualaid.networks.models import Network

SENT = Message.state == "sent"


def messages_of(match: Match, side: str) -> list[Message]:
    """What `side` may read, oldest first: all its own, and of the other what was not held or was passed on."""
    mine = or_(Message.side == side, SENT)
    which = (Message.network_id == match.network_id, Message.match_id == match.id, mine)
    return list(db.session.scalars(select(Message).where(*which).order_by(Message.created_at, Message.id)))


def own_matches(network_id: int, person_id: int) -> list[tuple[Match, str, int]]:
    """Every match of a person's posts, newest first: on which side they stand, and how many messages the other sent."""
    own = select(Post.id).where(Post.network_id == network_id, Post.person_id == person_id)
    side = case((Match.need_id.in_(own), "need"), else_="offer")
    sent = (_same(Match, Message.match_id), Message.side != side, SENT)
    number = select(func.count()).select_from(Message).where(*sent).correlate(Match).scalar_subquery()
    query = (
        select(Match, side, number)
        .where(Match.network_id == network_id, or_(Match.need_id.in_(own), Match.offer_id.in_(own)))
        .order_by(Match.id.desc())
        .options(*WITH_PEOPLE)
    )
    return [(match, side, number) for match, side, number in db.session.execute(query)]


def get_message(network: Network, message_id: int) -> Message | None:
    """With its match, both posts and their people, in one query."""
    query = select(Message).where(Message.network_id == network.id, Message.id == message_id)
    return db.session.scalars(query.options(*_with_match())).first()


def held(areas: frozenset[int]) -> Select[Message]:
    """What waits for a coordinator of these areas (empty: of all); with the parameters of desk_queues.known."""
    need, offer = aliased(Post), aliased(Post)
    return (
        select(Message)
        .join(Match, _same(Match, Message.match_id))
        .join(need, _same(need, Match.need_id))
        .join(offer, _same(offer, Match.offer_id))
        .where(Message.network_id == NETWORK, Message.state == "held")
        .where(or_(seen_by(areas, need.area_id), seen_by(areas, offer.area_id)))
    )


def held_messages(areas: frozenset[int], known: dict[str, Any], most: int = 100) -> list[Message]:
    """The oldest first."""
    query = held(areas).order_by(Message.created_at, Message.id).limit(most).options(*_with_match())
    return list(db.session.scalars(query, known))


def _same(table: Any, row_id: Any) -> ColumnElement[bool]:
    return and_(table.network_id == Message.network_id, table.id == row_id)


def _with_match() -> tuple[Any, ...]:
    return tuple(joinedload(Message.match).options(path) for path in WITH_PEOPLE)
