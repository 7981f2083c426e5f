"""A plan is accepted: what it proposes is proposed, and what changed meanwhile is left out and named."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from mutualaid.actors import Actor
from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.lifecycle.counts import lock
from mutualaid.aid.models import Post
from mutualaid.aid.queries import WITH_ALL
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.permissions import may_propose

BATCH = 25  # lines in one transaction


class Asked(NamedTuple):
    """One line that somebody accepts, by ids."""

    need: int
    offer: int
    quantity: int


@dataclass
class Accepted:
    """`left_out`: with why, or None where it is not theirs to propose or is not there any more."""

    proposed: int = 0
    left_out: list[tuple[Asked, Refused | None]] = field(default_factory=list)

    def add(self, other: "Accepted") -> None:
        self.proposed += other.proposed
        self.left_out += other.left_out


def in_batches(lines: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    """So few at a time that nobody else who writes waits long; the caller commits after each."""
    return (lines[first : first + BATCH] for first in range(0, len(lines), BATCH))


def propose_lines(network: Network, lines: Sequence[Asked], *, by: Actor, now: datetime) -> Accepted:
    """Propose each line that still fits. All their posts are locked first, in one order, as everywhere."""
    posts = lock(network.id, *{post_id for line in lines for post_id in (line.need, line.offer)})
    accepted = Accepted()
    for line in lines:
        need, offer = posts.get(line.need), posts.get(line.offer)
        if (
            need is None
            or offer is None
            or not need.is_need
            or offer.is_need
            or not may_propose(by, need, offer)
        ):
            accepted.left_out.append((line, None))
        else:
            _propose(need, offer, line, accepted, by=by, now=now)
    return accepted


def _propose(need: Post, offer: Post, line: Asked, accepted: Accepted, *, by: Actor, now: datetime) -> None:
    try:
        with db.session.begin_nested():
            lifecycle.propose(need, offer, by=by, now=now, quantity=line.quantity)
    except Refused as refused:
        accepted.left_out.append((line, refused))
    else:
        accepted.proposed += 1


def posts_of_lines(network: Network, lines: Iterable[tuple[int, int]]) -> dict[int, Post]:
    """The posts of lines with their people, by id; one query."""
    ids = {post_id for line in lines for post_id in line}
    rows = db.session.scalars(
        select(Post).where(Post.network_id == network.id, Post.id.in_(ids)).options(*WITH_ALL)
    )
    return {post.id: post for post in rows}
