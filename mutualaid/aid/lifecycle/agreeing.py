"""From a proposal to two yeses, or to none."""

from datetime import datetime, timedelta

from sqlalchemy import case, select, update
from sqlalchemy.exc import IntegrityError

from mutualaid.actors import Actor
from mutualaid.aid.lifecycle import telling
from mutualaid.aid.lifecycle.counts import agreed_before_first_confirmed, claims_since, is_new, recount
from mutualaid.aid.lifecycle.moving import (
    Pair,
    due_at,
    lease,
    load,
    move,
    others,
    own_post,
    set_if,
    who_said_yes,
    write_down,
)
from mutualaid.aid.lifecycle.steps import heard
from mutualaid.aid.lifecycle.table import (
    CLAIMS_A_DAY,
    NEW_CLAIMS_A_DAY,
    NEW_HELPER_LIMIT,
    Refused,
    WrongState,
)
from mutualaid.aid.matching.candidates import facts_of_pair, met
from mutualaid.aid.matching.rules import first_failing
from mutualaid.aid.models import Match, Post
from mutualaid.db import db, new_id
from mutualaid.notices.outbox import drop_for_match
from mutualaid.people.models import Person


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
    pair = load(need.network_id, need.id, offer.id)
    if helper_says_yes:  # first, or whoever may claim no more hears for nothing which one they could not
        _check_new_helper(pair)
        _check_pace(pair.helper, now)
    facts = facts_of_pair(pair.network, pair.need, pair.offer, now=now)
    failing = first_failing(facts)
    if failing is not None:
        raise Refused("does_not_fit", miss=failing)
    promised = facts.most if quantity is None else quantity
    if not 1 <= promised <= facts.most:
        raise Refused("not_enough", left=facts.most)
    match = Match(
        network_id=need.network_id,
        id=new_id(),
        need_id=need.id,
        offer_id=offer.id,
        state="proposed",
        promised=promised,
        proposed_by_id=by.person_id,
        proposed_at=now,
        lease_until=now + lease(pair),
        need_yes_at=now if pair.need.choose_for_me else None,
    )
    _reserve(pair, match)
    write_down("propose", match, by, now, person_id=pair.helper.id, quantity=promised)
    telling.proposed(pair.neighbour, pair.helper, match, helper_asked=not helper_says_yes, now=now)
    return consent(match, "offer", by=by, now=now) if helper_says_yes else match


def _check_pace(helper: Person, now: datetime) -> None:
    """Whoever claims sees a first name and keeps a need from others for a while: not of everyone at once."""
    limit = NEW_CLAIMS_A_DAY if is_new(helper, "offer") else CLAIMS_A_DAY
    if claims_since(helper, now - timedelta(days=1)) >= limit:
        raise Refused("claims_a_day", limit=limit)


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
    pair = load(match.network_id, match.need_id, match.offer_id)
    _check_new_helper(pair)
    mine, theirs = (
        (Match.need_yes_at, Match.offer_yes_at) if side == "need" else (Match.offer_yes_at, Match.need_yes_at)
    )
    other_said_yes = theirs.is_not(None)
    renewed = case((Match.lease_renewed, Match.lease_until), else_=now + lease(pair))
    said = set_if(
        match,
        (Match.state == "proposed", Match.lease_until > now, mine.is_(None)),
        {
            mine.key: now,
            "state": case((other_said_yes, "agreed"), else_="proposed"),
            "agreed_at": case((other_said_yes, now), else_=None),
            "due_at": case((other_said_yes, due_at(pair, now)), else_=None),
            "lease_until": renewed,
            "lease_renewed": True,
        },
    )
    if not said:
        if match.state == "proposed" and getattr(match, mine.key) is not None:
            return match  # said already: a repeated yes is harmless
        raise WrongState("consent", state="lapsed" if match.state == "proposed" else match.state)
    person = pair.neighbour if side == "need" else pair.helper
    if match.state == "agreed":
        drop_for_match(match.network_id, match.id, now=now)
    heard(own_post(pair, side), now)
    write_down(
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


def decline(match: Match, side: str, *, by: Actor, now: datetime) -> Match:
    """`side` says no. This pair is never suggested again."""
    pair = move(match, "decline", by=by, now=now, reason=side)
    heard(own_post(pair, side), now)
    telling.ended(pair.neighbour, pair.helper, match, told=others(side), now=now)
    return match


def retract(match: Match, *, by: Actor, now: datetime) -> Match:
    """Whoever proposed it takes it back."""
    pair = move(match, "retract", by=by, now=now)
    telling.ended(pair.neighbour, pair.helper, match, told=who_said_yes(match), now=now)
    return match


def lapse(match: Match, *, by: Actor, now: datetime) -> Match:
    """Nobody answered in time. The pair rests for a week."""
    if match.lease_until > now:
        raise Refused("lease_holds")
    pair = move(match, "lapse", by=by, now=now)
    telling.ended(pair.neighbour, pair.helper, match, told=who_said_yes(match), now=now)
    return match


def pass_over(need: Post, offer: Post, *, by: Actor, now: datetime) -> Match:
    """A helper says "not for me" to a suggestion: as if proposed and declined at once, so never suggested again."""
    pair = load(need.network_id, need.id, offer.id)
    if db.session.scalar(select(met(pair.need, pair.helper.id, now))):
        raise Refused("met_before")
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
    write_down("decline", match, by, now, person_id=pair.helper.id, reason="offer")
    return match
