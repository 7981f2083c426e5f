"""What lies between the people of a network: who is not matched with whom, who helped whom, who did how much lately."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import BigInteger, Select, and_, case, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from mutualaid.aid.matching.between import LATELY
from mutualaid.aid.models import APART, USED, Match, Post
from mutualaid.aid.windows import week_start
from mutualaid.db import UTCDateTime, db
from mutualaid.networks.models import Network
from mutualaid.people.models import DoNotMatch, Person

USES = Match.state.in_(USED)
MET, GLAD, DID, USED_UP = range(4)
Pairs = set[tuple[int, int]]
Columns = dict[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Did:
    """What a helper did: matches this week, matches in four weeks, and when they were last asked."""

    this_week: int = 0
    lately: int = 0
    last_asked_at: datetime | None = None


NOTHING = Did()


@dataclass
class Between:
    """`met`: needs and offers that may not be matched again, or not yet; `glad`: how often, by neighbour and helper;
    `did`: by helper; `used`: units this week, by offer; `blocks`: the lines of do-not-match lists, with their owners.
    """

    met: Pairs = field(default_factory=set)
    glad: dict[tuple[int, int], int] = field(default_factory=dict)
    did: dict[int, Did] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    blocks: Sequence[Any] = ()

    def done_by(self, helper_id: int) -> Did:
        return self.did.get(helper_id, NOTHING)

    def blocked(self, needs: Columns, offers: Columns) -> Pairs:
        """Ids of needs and offers whose people are not matched, whoever of the two said so; see people.blocks."""
        if not self.blocks:
            return set()
        named = {key for line in self.blocks for key in line} - {None}
        askers, helpers = _by_person_and_contact(needs, named), _by_person_and_contact(offers, named)
        found: Pairs = set()
        for line in self.blocks:
            owner = {line.person_id, line.phone_hash, line.email_hash} - {None}
            other = {line.other_id, line.contact_hash} - {None}
            found.update(product(_of(owner, askers), _of(other, helpers)))
            found.update(product(_of(other, askers), _of(owner, helpers)))
        return found


def _by_person_and_contact(posts: Columns, named: set[Any]) -> dict[Any, list[int]]:
    found = defaultdict(list)
    for name in ("person_id", "phone_hash", "email_hash"):
        for post, key in zip(posts["id"], posts[name], strict=True):
            if key in named:
                found[key].append(post)
    return found


def _of(keys: set[Any], posts: dict[Any, list[int]]) -> set[int]:
    return {post for key in keys for post in posts.get(key, ())}


def load_between(network: Network, now: datetime) -> Between:
    """All of it, in two queries."""
    between = Between()
    for what, one, other, number, lately, at in db.session.execute(_history(network, now)):
        if what == MET:
            between.met.add((one, other))
        elif what == GLAD:
            between.glad[one, other] = int(number)
        elif what == DID:
            between.did[one] = Did(int(number), int(lately), at)
        else:
            between.used[one] = int(number)
    between.blocks = db.session.execute(
        select(
            DoNotMatch.person_id,
            DoNotMatch.other_id,
            DoNotMatch.contact_hash,
            Person.phone_hash,
            Person.email_hash,
        )
        .join(Person, (Person.network_id == DoNotMatch.network_id) & (Person.id == DoNotMatch.person_id))
        .where(DoNotMatch.network_id == network.id)
    ).all()
    return between


def _history(network: Network, now: datetime) -> Any:
    need, offer = aliased(Post), aliased(Post)
    here = Match.network_id == network.id
    of_need = and_(need.network_id == Match.network_id, need.id == Match.need_id)
    of_offer = and_(offer.network_id == Match.network_id, offer.id == Match.offer_id)
    this_week = and_(USES, Match.proposed_at >= week_start(now, network.timezone))
    stands = or_(Match.state.in_(APART), Match.rests_until > now)
    lately = and_(USES, Match.proposed_at >= now - LATELY)
    met = _line(MET, Match.need_id, Match.offer_id).where(here, stands)
    glad = (
        _line(GLAD, need.person_id, offer.person_id, func.count())
        .join(need, of_need)
        .join(offer, of_offer)
        .where(here, Match.state == "confirmed", Match.by_silence.is_(False))
        .group_by(need.person_id, offer.person_id)
    )
    did = (
        _line(
            DID,
            offer.person_id,
            number=_count(this_week),
            lately=_count(lately),
            at=func.max(Match.proposed_at),
        )
        .join(offer, of_offer)
        .where(here)
        .group_by(offer.person_id)
    )
    used = _line(USED_UP, Match.offer_id, number=func.sum(Match.promised)).where(here, this_week)
    return union_all(met, glad, did, used.group_by(Match.offer_id))


def _line(
    what: int, one: Any, other: Any = None, number: Any = None, lately: Any = None, at: Any = None
) -> Select[Any]:
    """One part of the question: all parts have the same columns."""

    def or_zero(value: Any, column: str) -> Any:
        return cast(literal(0) if value is None else value, BigInteger).label(column)

    moment = cast(null(), UTCDateTime()) if at is None else at
    return select(
        literal(what).label("what"),
        one.label("one"),
        or_zero(other, "other"),
        or_zero(number, "number"),
        or_zero(lately, "lately"),
        moment.label("at"),
    ).select_from(Match)


def _count(which: Any) -> Any:
    return func.sum(case((which, 1), else_=0))
