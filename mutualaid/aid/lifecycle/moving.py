"""How a match moves: compare-and-set on the state, counts, event, dropped notices. Every verb goes through here.

None of this commits; the caller does. Of two who act at once, one succeeds and the other gets WrongState.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from mutualaid.actors import Actor
from mutualaid.aid.lifecycle import telling
from mutualaid.aid.lifecycle.counts import lock, recount
from mutualaid.aid.lifecycle.table import DUE_DAYS, MATCH_MOVES, REST_DAYS, WrongState
from mutualaid.aid.models import PROMISED, Match, MatchDetails, Post
from mutualaid.aid.windows import end_of_day, local_day, next_day
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.networks.models import Network
from mutualaid.notices.outbox import drop_for_match
from mutualaid.people.models import Person


@dataclass(frozen=True)
class Pair:
    """Everything a move needs, locked."""

    network: Network
    need: Post
    offer: Post
    neighbour: Person
    helper: Person


def load(network_id: int, need_id: int, offer_id: int) -> Pair:
    posts = lock(network_id, need_id, offer_id)
    need, offer = posts[need_id], posts[offer_id]
    people = (db.session.get_one(Person, (network_id, post.person_id)) for post in (need, offer))
    return Pair(db.session.get_one(Network, network_id), need, offer, *people)


def own_post(pair: Pair, side: str) -> Post:
    return pair.need if side == "need" else pair.offer


def lease(pair: Pair) -> timedelta:
    hours = pair.network.urgent_lease_hours if pair.need.urgency == 2 else pair.network.lease_hours
    return timedelta(hours=hours)


def due_at(pair: Pair, now: datetime) -> datetime:
    """Never before the first day on which the two can meet is over."""
    need, offer, timezone = pair.need, pair.offer, pair.network.timezone
    if need.until_day:
        return max(now, end_of_day(need.until_day, timezone))
    today = local_day(now, timezone)
    begins = max(today, need.from_day or today, offer.from_day or today)
    first = end_of_day(next_day(need.times, offer.times, begins), timezone)
    return max(first, now + timedelta(days=DUE_DAYS[need.urgency]))


def move(
    match: Match,
    verb: str,
    *,
    by: Actor,
    now: datetime,
    target: str | None = None,
    values: Mapping[str, object] = MappingProxyType({}),
    quantity: int | None = None,
    reason: str | None = None,
    note: str = "",
) -> Pair:
    """The one place where a match changes its state, but for consent, whose target depends on the other side."""
    row = MATCH_MOVES[verb]
    target = target or row.target
    pair = load(match.network_id, match.need_id, match.offer_id)
    changes: dict[str, object] = {"state": target, "ended_at": now if row.ends else None, **values}
    if row.rests:
        changes["rests_until"] = now + timedelta(days=REST_DAYS)
    if not set_if(match, (Match.state == match.state, Match.state.in_(row.sources)), changes):
        raise WrongState(verb, state=match.state)
    recount(pair.need, pair.offer)
    if row.ends:
        close_claimed(pair.offer, target, by=by, now=now)
    if target in ("released", "confirmed"):
        db.session.execute(
            delete(MatchDetails).where(
                MatchDetails.network_id == match.network_id, MatchDetails.id == match.id
            )
        )
    drop_for_match(match.network_id, match.id, now=now)
    of_need = verb in ("confirm", "dispute") or (verb, reason) == ("decline", "need")
    person = pair.neighbour if of_need else pair.helper
    write_down(
        verb,
        match,
        by,
        now,
        person_id=person.id,
        quantity=quantity or match.promised,
        reason=reason,
        note=note,
    )
    return pair


def close_claimed(offer: Post, came_to: str, *, by: Actor, now: datetime) -> None:
    """What a claim made for one need is over when the match is: nobody offered more."""
    if offer.claimed and offer.state == "open":
        verb, outcome = ("fulfil", "fulfilled") if came_to == "confirmed" else ("withdraw", "withdrawn")
        offer.state, offer.outcome, offer.closed_at = "closed", outcome, now
        happened(verb, by=by, now=now, person_id=offer.person_id, post_id=offer.id)


def set_if(match: Match, where: tuple[ColumnElement[bool], ...], values: Mapping[str, object]) -> bool:
    """Compare and set, in one UPDATE; then read the row again, whoever won."""
    changed = db.session.execute(
        update(Match)
        .where(Match.network_id == match.network_id, Match.id == match.id, *where)
        .values(dict(values))
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(match)
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def write_down(verb: str, match: Match, by: Actor, now: datetime, **facts: Any) -> None:
    happened(verb, by=by, now=now, post_id=match.need_id, match_id=match.id, **facts)


def others(side: str) -> frozenset[str]:
    return frozenset({"offer"} if side == "need" else {"need"})


def who_said_yes(match: Match) -> frozenset[str]:
    """Those who had not been asked, or not answered, need not be told that it is over."""
    said = {"need": match.need_yes_at, "offer": match.offer_yes_at}
    return frozenset(side for side, at in said.items() if at is not None)


def let_go_of_all(row: Post, *, by: Actor, now: datetime) -> None:
    """`row` closes, or its person is erased: nothing stays proposed or agreed. What was delivered ends by itself."""
    side = Match.need_id if row.is_need else Match.offer_id
    live = (Match.network_id == row.network_id, side == row.id, Match.state.in_(PROMISED))
    for match in db.session.scalars(select(Match).where(*live).order_by(Match.id)).all():
        let_go(match, of=row, by=by, now=now)


def let_go(match: Match, *, of: Post, by: Actor, now: datetime) -> None:
    """Take back what was proposed, release what was agreed, and tell the other side than `of`."""
    verb = "retract" if match.state == "proposed" else "release"
    pair = move(match, verb, by=by, now=now, reason="other" if verb == "release" else None)
    if of.kind == "offer" and verb == "release":
        pair.need.front_at = now
    telling.ended(pair.neighbour, pair.helper, match, told=others(of.kind), now=now)
