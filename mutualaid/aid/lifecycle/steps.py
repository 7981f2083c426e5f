"""The first and the last step of every post verb: may it start from here, and writing down that it was done."""

from datetime import datetime

from mutualaid.actors import Actor
from mutualaid.aid.lifecycle.counts import lock
from mutualaid.aid.lifecycle.table import POST_MOVES, WrongState
from mutualaid.aid.models import Post
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.notices.outbox import drop_asking


def start(row: Post, verb: str) -> None:
    """Lock the post and check that the verb may start from where it stands now."""
    lock(row.network_id, row.id)
    if row.state != POST_MOVES[verb][0]:
        raise WrongState(verb, state=row.outcome or row.state)


def done(
    row: Post,
    verb: str,
    by: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    note: str = "",
) -> Post:
    """Write the event. All but expiring is a sign of life."""
    row.updated_at = now
    if verb == "expire":
        drop_asking(row.network_id, row.id, now=now)
    else:
        heard(row, now)
    happened(
        verb,
        by=by,
        now=now,
        person_id=row.person_id,
        post_id=row.id,
        reason=reason,
        note=note,
    )
    db.session.flush()
    return row


def heard(row: Post, now: datetime) -> None:
    """A sign of life: it counts for another 30 days, and nobody need be asked if it is still needed."""
    row.last_sign_at, row.asked_still_at = now, None
    drop_asking(row.network_id, row.id, now=now)
