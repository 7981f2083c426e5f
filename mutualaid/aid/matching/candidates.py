"""From the database to facts: one query brings the posts that could fit one post, with all that lies between them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from mutualaid.aid.matching.facts import PairFacts, PostFacts
from mutualaid.aid.models import LIVE, USED, Category, Match, Post
from mutualaid.aid.windows import local_day, week_start
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.people.blocks import blocks
from mutualaid.people.models import Person
from mutualaid.places.models import Area

LATELY = timedelta(weeks=4)

Need, Offer = aliased(Post, name="need"), aliased(Post, name="offer")
Neighbour, Helper = aliased(Person, name="neighbour"), aliased(Person, name="helper")
NeedCategory, OfferCategory = (
    aliased(Category, name="need_category"),
    aliased(Category, name="offer_category"),
)
NeedArea, OfferArea = aliased(Area, name="need_area"), aliased(Area, name="offer_area")
USES = Match.state.in_(USED)


def candidates(network: Network, *posts: Post, now: datetime) -> list[PairFacts]:
    """Every open post of the other kind in the same category, its parent or its children, for posts of one kind."""
    mine, other = (Need, Offer) if posts[0].is_need else (Offer, Need)
    query = _pairs(network, now).where(
        mine.id.in_([post.id for post in posts]),
        other.state == "open",
        or_(
            NeedCategory.id == OfferCategory.id,
            NeedCategory.parent_id == OfferCategory.id,
            OfferCategory.parent_id == NeedCategory.id,
        ),
    )
    return [_facts(row, network, now) for row in db.session.execute(query)]


def facts_of_pair(network: Network, need: Post, offer: Post, *, now: datetime) -> PairFacts:
    """The same for two posts that are at hand, whatever they are."""
    query = _pairs(network, now).where(Need.id == need.id, Offer.id == offer.id)
    return _facts(
        db.session.execute(query.execution_options(populate_existing=True)).one(),
        network,
        now,
    )


def _pairs(network: Network, now: datetime) -> Select[Any]:
    since = week_start(now, network.timezone)
    return (
        select(
            Need,
            Neighbour,
            NeedCategory,
            NeedArea.name,
            Offer,
            Helper,
            OfferCategory,
            OfferArea.name,
            *_between(),
            *_helper_did(since, now),
        )
        .select_from(Need)
        .join(Offer, and_(Offer.network_id == Need.network_id, Offer.kind == "offer"))
        .join(Neighbour, _same(Neighbour, Need, Need.person_id))
        .join(Helper, _same(Helper, Offer, Offer.person_id))
        .join(NeedCategory, _same(NeedCategory, Need, Need.category_id))
        .join(OfferCategory, _same(OfferCategory, Offer, Offer.category_id))
        .outerjoin(NeedArea, _same(NeedArea, Need, Need.area_id))
        .outerjoin(OfferArea, _same(OfferArea, Offer, Offer.area_id))
        .where(Need.network_id == network.id, Need.kind == "need")
    )


def _same(table: Any, owner: Any, key: Any) -> Any:
    return and_(table.network_id == owner.network_id, table.id == key)


def met(need: type[Post] | Post, helper_id: int, now: datetime) -> ColumnElement[bool]:
    """Whether something between this need and this helper lives, was declined, or rests, with whichever offer."""
    theirs = aliased(Post, name="met_with")
    stands = or_(Match.state.in_((*LIVE, "disputed", "declined")), Match.rests_until > now)
    pair = (
        Match.network_id == need.network_id,
        Match.need_id == need.id,
        _same(theirs, Match, Match.offer_id),
    )
    return exists().where(*pair, theirs.person_id == helper_id, stands)


def _between() -> tuple[Any, ...]:
    """Whether a match lives, was declined, rests until; whether either blocks the other; how often both were glad."""
    pair = (
        Match.network_id == Need.network_id,
        Match.need_id == Need.id,
        Match.offer_id == Offer.id,
    )
    theirs = aliased(Post, name="their_need"), aliased(Post, name="their_offer")
    return (
        exists().where(*pair, Match.state.in_((*LIVE, "disputed"))).label("live"),
        exists().where(*pair, Match.state == "declined").label("declined"),
        select(func.max(Match.rests_until)).where(*pair).scalar_subquery().label("rests_until"),
        or_(blocks(Neighbour, Helper), blocks(Helper, Neighbour)).label("blocked"),
        select(func.count())
        .select_from(Match)
        .join(theirs[0], _same(theirs[0], Match, Match.need_id))
        .join(theirs[1], _same(theirs[1], Match, Match.offer_id))
        .where(
            Match.network_id == Need.network_id,
            Match.state == "confirmed",
            Match.by_silence.is_(False),
            theirs[0].person_id == Need.person_id,
            theirs[1].person_id == Offer.person_id,
        )
        .scalar_subquery()
        .label("glad"),
    )


def _helper_did(since: datetime, now: datetime) -> tuple[Any, ...]:
    """Units of this offer this week; matches of this helper this week, in four weeks, and when last asked."""
    theirs = aliased(Post, name="helped_with")
    of_helper = (
        Match.network_id == Offer.network_id,
        _same(theirs, Match, Match.offer_id),
    )
    who = (*of_helper, theirs.person_id == Offer.person_id)

    def count(*which: Any) -> Any:
        return select(func.count()).select_from(Match).where(*who, *which).correlate(Offer)

    return (
        select(func.coalesce(func.sum(case((USES, Match.promised), else_=0)), 0))
        .where(
            Match.network_id == Offer.network_id,
            Match.offer_id == Offer.id,
            Match.proposed_at >= since,
        )
        .scalar_subquery()
        .label("used_this_week"),
        count(USES, Match.proposed_at >= since).scalar_subquery().label("times_this_week"),
        count(USES, Match.proposed_at >= now - LATELY).scalar_subquery().label("times_lately"),
        select(func.max(Match.proposed_at))
        .where(*who)
        .correlate(Offer)
        .scalar_subquery()
        .label("last_asked_at"),
    )


def _facts(row: Any, network: Network, now: datetime) -> PairFacts:
    (
        need,
        neighbour,
        need_category,
        need_area,
        offer,
        helper,
        offer_category,
        offer_area,
        *rest,
    ) = row
    live, declined, rests_until, blocked, glad, used, week, lately, asked = rest
    return PairFacts(
        need=_post_facts(need, neighbour, need_category, need_area),
        offer=_post_facts(offer, helper, offer_category, offer_area),
        today=local_day(now, network.timezone),
        now=now,
        live=bool(live),
        declined=bool(declined),
        rests_until=rests_until,
        blocked=bool(blocked),
        glad=int(glad),
        used_this_week=int(used),
        times_this_week=int(week),
        times_lately=int(lately),
        last_asked_at=asked,
    )


def _post_facts(post: Post, person: Person, category: Category, area: str | None) -> PostFacts:
    return PostFacts(
        id=post.id,
        network_id=post.network_id,
        person_id=post.person_id,
        category=category,
        person=person,
        source=f"{post.source} {post.source_row or ''}".strip() if post.source else "",
        contact_hashes=frozenset(h for h in (person.phone_hash, person.email_hash) if h),
        state=post.state,
        paused=post.paused_at is not None,
        at_intake=post.intake is not None,
        area_id=post.area_id,
        area=area or "",
        cell=post.measure_cell,
        exact=post.cell is not None,
        travel=post.travel,
        reach_km=post.reach_km,
        times=post.times,
        from_day=post.from_day,
        until_day=post.until_day,
        urgency=post.urgency,
        languages=frozenset(post.languages),
        interpreter=post.interpreter,
        traits=frozenset(post.traits),
        created_at=post.created_at,
        uncovered=post.uncovered,
        stock_left=post.stock_left,
        per_week=post.per_week,
        person_per_week=person.per_week,
    )
