"""What the desk owes or could not send: calls to make, and emails that did not go out."""

from typing import Any

from sqlalchemy import Select, and_, false, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from mutualaid.aid.desk_queues import NETWORK, NOW, seen_by
from mutualaid.aid.models import Post
from mutualaid.db import db
from mutualaid.notices.models import Notice


def calls(areas: frozenset[int]) -> Select[Notice]:
    """Calls to make: what somebody without another channel is owed."""
    return _notices(areas).where(Notice.channel == "call", Notice.done_at.is_(None), Notice.send_after <= NOW)


def unsent(areas: frozenset[int], *, mail_works: bool) -> Select[Notice]:
    """Emails that failed; and, where no mail server is set, all that are kept until one is."""
    failed = Notice.outcome == "failed"
    kept = and_(Notice.done_at.is_(None), false() if mail_works else true())
    return _notices(areas).where(Notice.channel == "email", or_(failed, kept))


def _notices(areas: frozenset[int]) -> Select[Notice]:
    """One that is about no post (a lost code) goes where its person's newest post is, as desk_calls opens it."""
    theirs = aliased(Post)
    newest = (
        select(theirs.id)
        .where(theirs.network_id == Notice.network_id, theirs.person_id == Notice.person_id)
        .order_by(theirs.state.desc(), theirs.id.desc())
        .limit(1)
        .correlate(Notice)
        .scalar_subquery()
    )
    about = func.coalesce(Notice.post_id, newest)
    return (
        select(Notice)
        .outerjoin(Post, and_(Post.network_id == Notice.network_id, Post.id == about))
        .where(Notice.network_id == NETWORK, seen_by(areas))
    )


def notices(query: Select[Notice], known: dict[str, Any], most: int = 100) -> list[Notice]:
    """With the parameters of desk_queues.known. Proposals first, for they lapse; then the oldest; with their people."""
    order = (Notice.kind.startswith("proposed").desc(), Notice.created_at, Notice.id)
    query = query.order_by(*order).limit(most).options(joinedload(Notice.person))
    return list(db.session.scalars(query, known))
