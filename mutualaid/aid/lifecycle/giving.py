"""From what was agreed to what came: let go, brought, confirmed, disputed, resolved."""

from datetime import datetime

from mutualaid.actors import Actor
from mutualaid.aid.lifecycle import telling
from mutualaid.aid.lifecycle.covering import close_when_covered, reopen_disputed
from mutualaid.aid.lifecycle.messages import forget_messages
from mutualaid.aid.lifecycle.moving import load, move, others, own_post, write_down
from mutualaid.aid.lifecycle.steps import heard
from mutualaid.aid.lifecycle.table import RELEASE_REASONS, Refused, WrongState
from mutualaid.aid.models import PROMISED, Match, MatchDetails
from mutualaid.db import db


def release(match: Match, side: str | None, *, by: Actor, now: datetime, reason: str = "other") -> Match:
    """Let go of what was agreed, without shame. The need goes to the head of the queue; `side` None: a coordinator."""
    if reason not in RELEASE_REASONS:
        raise Refused("no_such_reason")
    pair = move(match, "release", by=by, now=now, reason=reason)
    pair.need.front_at = now
    if side:
        heard(own_post(pair, side), now)
    told = others(side) if side else frozenset({"need", "offer"})
    telling.ended(pair.neighbour, pair.helper, match, told=told, now=now)
    return match


def deliver(match: Match, *, by: Actor, now: datetime, given: int | None = None) -> Match:
    """It was brought; `given` may be less than promised, then the rest goes back to the need, not to the offer."""
    given = _given(match, given)
    pair = move(
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
    pair = move(
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
    if match.need.erased_at is not None:
        raise Refused("emptied")
    pair = move(match, "dispute", by=by, now=now, note=note)
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
    pair = move(match, "resolve", by=by, now=now, target=to, values=values, reason=to, note=note)
    if to == "confirmed":
        close_when_covered(pair.need, by=by, now=now)
    return match


def set_address(match: Match, address: str, *, by: Actor, now: datetime) -> None:
    """Where to come, from whoever receives the visit; from when it is agreed until it has come."""
    pair = load(match.network_id, match.need_id, match.offer_id)
    db.session.refresh(match)
    if match.state not in ("agreed", "delivered"):
        raise WrongState("set_address", state=match.state)
    row = db.session.get(MatchDetails, (match.network_id, match.id))
    if row is None:
        row = MatchDetails(network_id=match.network_id, id=match.id)
        db.session.add(row)
    row.address = address
    write_down("address", match, by, now)
    telling.where_to_come(pair.neighbour, pair.helper, match, now=now)


def end_contact(match: Match, *, by: Actor, now: datetime) -> None:
    """Either of the two, once nothing is promised any more: neither can reach the other over this match. For good."""
    load(match.network_id, match.need_id, match.offer_id)
    db.session.refresh(match)
    if match.state in PROMISED or match.agreed_at is None:
        raise WrongState("end_contact", state=match.state)
    if match.apart_at is None:
        match.apart_at = now
        write_down("end_contact", match, by, now, person_id=by.person_id)
        forget_messages(match.network_id, [match.id], now=now)


def _given(match: Match, given: int | None) -> int:
    given = match.promised if given is None else given
    if not 1 <= given <= match.promised:
        raise Refused("given_range", most=match.promised)
    return given
