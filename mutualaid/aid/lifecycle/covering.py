"""When a need closes because help came, and opens again because it did not."""

from datetime import datetime

from mutualaid.actors import Actor
from mutualaid.aid.lifecycle.counts import confirmed_given, held_by
from mutualaid.aid.lifecycle.moving import let_go_of_all
from mutualaid.aid.models import Post
from mutualaid.aid.windows import local_day
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.networks.models import Network


def close_when_covered(need: Post, *, by: Actor, now: datetime) -> None:
    """A need closes as fulfilled only when what was confirmed reaches its quantity.

    Something may be promised beyond that: looked for while a match was disputed, which then had come after all.
    """
    if need.is_need and need.state == "open" and confirmed_given(need) >= need.quantity:
        need.state, need.outcome, need.closed_at = "closed", "fulfilled", now
        happened(
            "fulfil",
            by=by,
            now=now,
            person_id=need.person_id,
            post_id=need.id,
            quantity=need.quantity,
        )
        let_go_of_all(need, by=by, now=now)


def reopen_disputed(need: Post, *, by: Actor, now: datetime) -> None:
    """What had closed it did not come after all."""
    if need.state == "closed" and need.outcome == "fulfilled":
        open_again(need, now)
        happened("reopen", by=by, now=now, person_id=need.person_id, post_id=need.id)


def open_again(row: Post, now: datetime) -> None:
    """A last day that has passed no longer counts."""
    network = db.session.get_one(Network, row.network_id)
    row.state, row.outcome, row.closed_at, row.duplicate_of_id = (
        "open",
        None,
        None,
        None,
    )
    if row.until_day and row.until_day < local_day(now, network.timezone):
        row.until_day = None
    row.uncovered = max(0, row.quantity - held_by(row)) if row.is_need else 0
