"""The verbs of a match. Every move goes through `_move`: compare-and-set on the state, counts, event, notices.

None of them commits; the caller does. Of two who act at once, one succeeds and the other gets WrongState.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, case, delete, update
from sqlalchemy.exc import IntegrityError

from mutualaid.aid.lifecycle import telling
from mutualaid.aid.lifecycle.counts import (
    agreed_before_first_confirmed,
    lock,
    recount,
    room,
)
from mutualaid.aid.lifecycle.covering import close_when_covered, reopen_disputed
from mutualaid.aid.lifecycle.steps import heard
from mutualaid.aid.lifecycle.table import (
    DUE_DAYS,
    MATCH_MOVES,
    NEW_HELPER_LIMIT,
    RELEASE_REASONS,
    REST_DAYS,
    Refused,
    WrongState,
)
from mutualaid.aid.matching.candidates import facts_of_pair
from mutualaid.aid.matching.rules import first_failing
from mutualaid.aid.models import Match, MatchDetails, Post
from mutualaid.aid.windows import end_of_day
from mutualaid.db import db, new_id
from mutualaid.events.history import happened
from mutualaid.networks.models import Network
from mutualaid.notices.outbox import drop_for_match
from mutualaid.people.actors import Actor
from mutualaid.people.models import Person


@dataclass(frozen=True)
class Pair:
    """Everything a move needs, locked."""

    network: Network
    need: Post
    offer: Post
    neighbour: Person
    helper: Person


def propose(
    need: Post,
    offer: Post,
    *,
    by: Actor,
    now: datetime,
    quantity: int | None = None,
    helper_says_yes: bool = False,
) -> Match:
    """Reserve `quantity` (else all that both can) on both posts, start the lease and ask whoever has not said yes."""
    pair = _load(need.network_id, need.id, offer.id)
    failing = first_failing(facts_of_pair(pair.network, pair.need, pair.offer, now=now))
    if failing is not None:
        raise Refused("does_not_fit", miss=failing)
    promised = _how_many(pair, quantity, now)
    match = Match(
        network_id=need.network_id,
        id=new_id(),
        need_id=need.id,
        offer_id=offer.id,
        state="proposed",
        promised=promised,
        proposed_by_id=by.person_id,
        proposed_at=now,
        lease_until=now + _lease(pair),
        need_yes_at=now if pair.need.choose_for_me else None,
    )
    _reserve(pair, match)
    _happened("propose", match, by, now, person_id=pair.helper.id, quantity=promised)
    telling.proposed(
        pair.neighbour, pair.helper, match, helper_asked=not helper_says_yes, now=now
    )
    return consent(match, "offer", by=by, now=now) if helper_says_yes else match


def _how_many(pair: Pair, asked: int | None, now: datetime) -> int:
    free = room(pair.offer, pair.helper, pair.network, now)
    most = pair.need.uncovered if free is None else min(pair.need.uncovered, free)
    promised = most if asked is None else asked
    if promised < 1 or promised > most:
        raise Refused("not_enough", left=most)
    return promised


def _lease(pair: Pair) -> timedelta:
    hours = (
        pair.network.urgent_lease_hours
        if pair.need.urgency == 2
        else pair.network.lease_hours
    )
    return timedelta(hours=hours)


def _reserve(pair: Pair, match: Match) -> None:
    """The database has the last word: never more than is uncovered, never two live matches of one pair."""
    where = (
        Post.network_id == match.network_id,
        Post.id == match.need_id,
        Post.uncovered >= match.promised,
    )
    taken = db.session.execute(
        update(Post)
        .where(*where)
        .values(uncovered=Post.uncovered - match.promised, front_at=None)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("not_enough", left=0)
    try:
        with db.session.begin_nested():
            db.session.add(match)
    except IntegrityError as error:
        raise WrongState("propose", state="proposed") from error
    db.session.refresh(pair.need)
    recount(pair.need, pair.offer)


def consent(match: Match, side: str, *, by: Actor, now: datetime) -> Match:
    """`side` (need or offer) says yes. Agreed once both have, while the lease holds; the first yes renews it once."""
    pair = _load(match.network_id, match.need_id, match.offer_id)
    _check_new_helper(pair)
    mine, theirs = (
        (Match.need_yes_at, Match.offer_yes_at)
        if side == "need"
        else (Match.offer_yes_at, Match.need_yes_at)
    )
    other_said_yes = theirs.is_not(None)
    lease = case((Match.lease_renewed, Match.lease_until), else_=now + _lease(pair))
    said = _set(
        match,
        (Match.state == "proposed", Match.lease_until > now, mine.is_(None)),
        {
            mine.key: now,
            "state": case((other_said_yes, "agreed"), else_="proposed"),
            "agreed_at": case((other_said_yes, now), else_=None),
            "due_at": case((other_said_yes, _due(pair, now)), else_=None),
            "lease_until": lease,
            "lease_renewed": True,
        },
    )
    if not said:
        if match.state == "proposed" and getattr(match, mine.key) is not None:
            return match  # said already: a repeated yes is harmless
        raise WrongState(
            "consent", state="lapsed" if match.state == "proposed" else match.state
        )
    person = pair.neighbour if side == "need" else pair.helper
    if match.state == "agreed":
        drop_for_match(match.network_id, match.id, now=now)
    heard(_post(pair, side), now)
    _happened(
        "agree" if match.state == "agreed" else "consent",
        match,
        by,
        now,
        person_id=person.id,
    )
    telling.said_yes(pair.neighbour, pair.helper, match, side, now=now)
    return match


def _check_new_helper(pair: Pair) -> None:
    """A new helper has at most three agreed matches until the first is confirmed."""
    agreed = agreed_before_first_confirmed(pair.helper.id, pair.helper.network_id)
    if agreed is not None and agreed >= NEW_HELPER_LIMIT:
        raise Refused("new_helper", limit=NEW_HELPER_LIMIT)


def _due(pair: Pair, now: datetime) -> datetime:
    if pair.need.until_day:
        return max(now, end_of_day(pair.need.until_day, pair.network.timezone))
    return now + timedelta(days=DUE_DAYS[pair.need.urgency])


def decline(match: Match, side: str, *, by: Actor, now: datetime) -> Match:
    """`side` says no. This pair is never suggested again."""
    pair = _move(match, "decline", by=by, now=now, reason=side)
    heard(_post(pair, side), now)
    telling.ended(pair.neighbour, pair.helper, match, told=_others(side), now=now)
    return match


def retract(match: Match, *, by: Actor, now: datetime) -> Match:
    """Whoever proposed it takes it back."""
    pair = _move(match, "retract", by=by, now=now)
    telling.ended(pair.neighbour, pair.helper, match, told=_asked(match), now=now)
    return match


def lapse(match: Match, *, by: Actor, now: datetime) -> Match:
    """Nobody answered in time. The pair rests for a week."""
    if match.lease_until > now:
        raise Refused("lease_holds")
    pair = _move(match, "lapse", by=by, now=now)
    telling.ended(pair.neighbour, pair.helper, match, told=_asked(match), now=now)
    return match


def release(
    match: Match, side: str | None, *, by: Actor, now: datetime, reason: str = "other"
) -> Match:
    """Let go of what was agreed, without shame. The need goes to the head of the queue; `side` None: a coordinator."""
    if reason not in RELEASE_REASONS:
        raise Refused("no_such_reason")
    pair = _move(match, "release", by=by, now=now, reason=reason)
    pair.need.front_at = now
    if side:
        heard(_post(pair, side), now)
    told = _others(side) if side else frozenset({"need", "offer"})
    telling.ended(pair.neighbour, pair.helper, match, told=told, now=now)
    return match


def let_go(match: Match, *, of: Post, by: Actor, now: datetime) -> None:
    """`of` closes, or its person is erased: take back what was proposed, release what was agreed; tell the other."""
    verb = "retract" if match.state == "proposed" else "release"
    pair = _move(
        match, verb, by=by, now=now, reason="other" if verb == "release" else None
    )
    if of.kind == "offer" and verb == "release":
        pair.need.front_at = now
    telling.ended(pair.neighbour, pair.helper, match, told=_others(of.kind), now=now)


def deliver(
    match: Match, *, by: Actor, now: datetime, given: int | None = None
) -> Match:
    """It was brought; `given` may be less than promised, then the rest goes back to the need, not to the offer."""
    given = _given(match, given)
    pair = _move(
        match,
        "deliver",
        by=by,
        now=now,
        values={"given": given, "delivered_at": now},
        quantity=given,
    )
    heard(pair.offer, now)
    telling.delivered(pair.neighbour, match, now=now)
    return match


def confirm(
    match: Match,
    *,
    by: Actor,
    now: datetime,
    given: int | None = None,
    by_silence: bool = False,
) -> Match:
    """It came. Said first by the neighbour, `given` may be less than promised; after a delivery that figure stands."""
    given = match.given if match.state == "delivered" else _given(match, given)
    if by_silence and match.state != "delivered":
        raise WrongState("confirm", state=match.state)
    values = {"given": given, "confirmed_at": now, "by_silence": by_silence}
    pair = _move(
        match,
        "confirm",
        by=by,
        now=now,
        values=values,
        quantity=given,
        reason="silence" if by_silence else None,
    )
    if not by_silence:
        heard(pair.need, now)
    close_when_covered(pair.need, by=by, now=now)
    telling.confirmed(pair.helper, match, now=now)
    return match


def dispute(match: Match, *, by: Actor, now: datetime, note: str = "") -> Match:
    """It did not come: counts nothing for the need, which opens again; what the offer gave up stays used."""
    if match.state == "confirmed" and not match.by_silence:
        raise WrongState("dispute", state="confirmed")
    pair = _move(match, "dispute", by=by, now=now, note=note)
    reopen_disputed(pair.need, by=by, now=now)
    pair.need.front_at = now
    heard(pair.need, now)
    return match


def resolve(
    match: Match,
    to: str,
    *,
    by: Actor,
    now: datetime,
    given: int | None = None,
    note: str = "",
) -> Match:
    """A coordinator has asked both: `to` is confirmed (with what came) or released (nothing came)."""
    if to not in ("confirmed", "released"):
        raise Refused("no_such_end")
    values: dict[str, object] = {
        "given": _given(match, given) if to == "confirmed" else 0,
        "by_silence": False,
    }
    if to == "confirmed":
        values["confirmed_at"] = now
    pair = _move(
        match, "resolve", by=by, now=now, target=to, values=values, reason=to, note=note
    )
    if to == "confirmed":
        close_when_covered(pair.need, by=by, now=now)
    return match


def pass_over(need: Post, offer: Post, *, by: Actor, now: datetime) -> Match:
    """A helper says "not for me" to a suggestion: as if proposed and declined at once, so it is never suggested again."""
    pair = _load(need.network_id, need.id, offer.id)
    match = Match(
        network_id=need.network_id,
        id=new_id(),
        need_id=need.id,
        offer_id=offer.id,
        state="declined",
        promised=1,
        proposed_by_id=by.person_id,
        proposed_at=now,
        lease_until=now,
        ended_at=now,
    )
    db.session.add(match)
    db.session.flush()
    _happened("decline", match, by, now, person_id=pair.helper.id, reason="offer")
    return match


def set_address(match: Match, address: str, *, by: Actor, now: datetime) -> None:
    """Where to come, from whoever receives the visit; only while the match is agreed."""
    _load(match.network_id, match.need_id, match.offer_id)
    db.session.refresh(match)
    if match.state not in ("agreed", "delivered"):
        raise WrongState("set_address", state=match.state)
    row = db.session.get(MatchDetails, (match.network_id, match.id))
    if row is None:
        row = MatchDetails(network_id=match.network_id, id=match.id)
        db.session.add(row)
    row.address = address
    _happened("address", match, by, now)


def _given(match: Match, given: int | None) -> int:
    given = match.promised if given is None else given
    if not 1 <= given <= match.promised:
        raise Refused("given_range", most=match.promised)
    return given


def _post(pair: Pair, side: str) -> Post:
    return pair.need if side == "need" else pair.offer


def _others(side: str) -> frozenset[str]:
    return frozenset({"offer"} if side == "need" else {"need"})


def _asked(match: Match) -> frozenset[str]:
    """Those who had not been asked, or not answered, need not be told that it is over."""
    said = {"need": match.need_yes_at, "offer": match.offer_yes_at}
    return frozenset(side for side, at in said.items() if at is not None)


def _load(network_id: int, need_id: int, offer_id: int) -> Pair:
    posts = lock(network_id, need_id, offer_id)
    need, offer = posts[need_id], posts[offer_id]
    people = (
        db.session.get_one(Person, (network_id, post.person_id))
        for post in (need, offer)
    )
    return Pair(db.session.get_one(Network, network_id), need, offer, *people)


def _move(
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
    """The one place where a match changes its state (consent, whose target depends on the other side, uses `_set`)."""
    row = MATCH_MOVES[verb]
    target = target or row.target
    pair = _load(match.network_id, match.need_id, match.offer_id)
    changes: dict[str, object] = {"state": target, **values}
    if row.ends:
        changes["ended_at"] = now
    if row.rests:
        changes["rests_until"] = now + timedelta(days=REST_DAYS)
    if not _set(
        match, (Match.state == match.state, Match.state.in_(row.sources)), changes
    ):
        raise WrongState(verb, state=match.state)
    recount(pair.need, pair.offer)
    if target in ("released", "confirmed"):
        db.session.execute(
            delete(MatchDetails).where(
                MatchDetails.network_id == match.network_id, MatchDetails.id == match.id
            )
        )
    drop_for_match(match.network_id, match.id, now=now)
    person = pair.neighbour if verb in ("confirm", "dispute") else pair.helper
    _happened(
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


def _set(
    match: Match, where: tuple[ColumnElement[bool], ...], values: Mapping[str, object]
) -> bool:
    """Compare and set, in one UPDATE; then read the row again, whoever won."""
    changed = db.session.execute(
        update(Match)
        .where(Match.network_id == match.network_id, Match.id == match.id, *where)
        .values(dict(values))
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(match)
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def _happened(verb: str, match: Match, by: Actor, now: datetime, **facts: Any) -> None:
    happened(verb, by=by, now=now, post_id=match.need_id, match_id=match.id, **facts)
