"""A helper claims a need: with the offer of theirs that fits best, or with one made for it."""

from datetime import datetime

from sqlalchemy import select

from mutualaid.actors import Actor
from mutualaid.aid.lifecycle.agreeing import propose
from mutualaid.aid.lifecycle.posts import Said, post
from mutualaid.aid.lifecycle.table import Refused
from mutualaid.aid.matching.candidates import facts_of_pairs, met
from mutualaid.aid.matching.ranking import rank, weights_of
from mutualaid.aid.models import Category, Match, Post
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.people.models import Person


def claim(need: Post, helper: Person, *, by: Actor, now: datetime, quantity: int | None = None) -> Match:
    """The helper's own yes is said with the claim; the neighbour is asked."""
    if db.session.get_one(Category, (need.network_id, need.category_id)).sensitive:
        raise Refused("sensitive")
    network = db.session.get_one(Network, need.network_id)
    pairs = facts_of_pairs(network, [need.id], _open_offers(helper), now=now)
    own = [fit.pair.offer.id for fit in rank(pairs, "need", weights_of(network))[0]]
    if not own and db.session.scalar(select(met(need, helper.id, now))):
        raise Refused("met_before")  # a new offer does not get round a no
    offer = (
        db.session.get_one(Post, (need.network_id, own[0]))
        if own
        else _offer_for(need, helper, by, now, quantity)
    )
    if quantity is None:
        quantity = need.uncovered if not own else None
    try:
        return propose(need, offer, by=by, now=now, quantity=quantity, helper_says_yes=True)
    except Refused as refused:
        if refused.reason in ("does_not_fit", "not_enough"):
            raise Refused("taken") from None  # whatever the rule: some are nobody's business
        raise


def _open_offers(helper: Person) -> list[int]:
    theirs = (Post.network_id == helper.network_id, Post.person_id == helper.id)
    return list(
        db.session.scalars(select(Post.id).where(*theirs, Post.kind == "offer", Post.state == "open"))
    )


def _offer_for(need: Post, helper: Person, by: Actor, now: datetime, quantity: int | None) -> Post:
    """An offer for this need alone, which ends with its match; from where the helper last offered."""
    home = db.session.scalars(
        select(Post)
        .where(
            Post.network_id == need.network_id,
            Post.person_id == helper.id,
            Post.kind == "offer",
        )
        .order_by(Post.id.desc())
        .limit(1)
    ).first()
    said = Said(
        kind="offer",
        category_id=need.category_id,
        area_id=home.area_id if home else None,
        cell=home.cell if home else None,
        stock=quantity or need.uncovered,
        travel="come" if need.travel == "host" else "either",
        times=need.times,
        until_day=need.until_day,
        languages=tuple(helper.languages),
        traits=tuple(need.traits),
    )
    made = post(helper, said, by=by, now=now)
    made.claimed = True
    return made
