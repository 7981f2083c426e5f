"""From the database to facts: what posts say, and what lies between a need, an offer and their people."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    LargeBinary,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from mutualaid.aid.matching.facts import PairFacts, PostFacts, category_facts, words_in
from mutualaid.aid.models import LIVE, USED, Category, Match, Post
from mutualaid.aid.windows import local_day, week_start
from mutualaid.db import UTCDateTime, db
from mutualaid.networks.models import Network
from mutualaid.people.blocks import ENTRIES, Entry, Who, known_by
from mutualaid.people.models import Person
from mutualaid.places.models import Area

LATELY = timedelta(weeks=4)

Need, Offer = aliased(Post, name="need"), aliased(Post, name="offer")
USES = Match.state.in_(USED)
MEETS = Match.state.in_((*LIVE, "disputed"))
CATEGORY: tuple[Any, ...] = (
    Category.id,
    Category.parent_id,
    Category.key,
    cast(Category.names, Text),
    Category.unit,
    Category.remote,
    Category.sensitive,
)
# In the order of PostFacts, as far as they need no more done to them.
SAID: tuple[Any, ...] = (
    Post.id,
    Post.network_id,
    Post.person_id,
    Post.kind,
    Post.state,
    Post.paused_at,
    Post.intake,
    Post.area_id,
    Post.measure_cell,
    Post.cell,
    Post.travel,
    Post.reach_km,
    Post.times,
    Post.from_day,
    Post.until_day,
    Post.urgency,
    Post.interpreter,
    Post.created_at,
    Post.uncovered,
    Post.stock_left,
    Post.per_week,
    Post.source,
    Post.source_row,
    Person.per_week,
    Person.name_sealed,
    Area.name,
)
MORE: tuple[Any, ...] = (
    cast(Post.languages, Text),
    cast(Post.traits, Text),
    Person.phone_hash,
    Person.email_hash,
)


def facts_of_pair(network: Network, need: Post, offer: Post, *, now: datetime) -> PairFacts:
    """What there is between two posts that are at hand, whatever they are; two queries."""
    return facts_of_pairs(network, [need.id], [offer.id], now=now)[0]


def facts_of_pairs(
    network: Network, need_ids: Collection[int], offer_ids: Collection[int], *, now: datetime
) -> list[PairFacts]:
    """Every one of these needs with every one of these offers, in the order given; two queries."""
    posts = facts_of_posts(network, [*need_ids, *offer_ids])
    pairs = product((posts[need] for need in need_ids), (posts[offer] for offer in offer_ids))
    return with_between(network, list(pairs), now=now)


def facts_of_posts(network: Network, ids: Collection[int]) -> dict[int, PostFacts]:
    """What these posts say, by id; one query."""
    rows = db.session.execute(_said(), {"network": network.id, "ids": list(ids)})
    return {post.id: post for post in map(_post_facts, rows)}


@cache
def _said() -> Select[Any]:
    return (
        select(*CATEGORY, *SAID, *MORE)
        .select_from(Post)
        .join(Person, _same(Person, Post, Post.person_id))
        .join(Category, _same(Category, Post, Post.category_id))
        .outerjoin(Area, _same(Area, Post, Post.area_id))
        .where(Post.network_id == bindparam("network"))
        .where(Post.id.in_(bindparam("ids", expanding=True, type_=BigInteger)))
    )


def _post_facts(row: Any) -> PostFacts:
    """Many rows are of few categories, and speak few sets of languages."""
    category = category_facts(*row[: len(CATEGORY)])
    said: list[Any] = list(row[len(CATEGORY) : -len(MORE)])
    languages, traits, *hashes = row[-len(MORE) :]
    return PostFacts._make([category, *said, words_in(languages), words_in(traits), Who(said[2], *hashes)])


def with_between(
    network: Network, pairs: list[tuple[PostFacts, PostFacts]], *, now: datetime
) -> list[PairFacts]:
    """(need, offer) pairs with what lies between them: matches, rests, lists, what the helper did; one query."""
    needs, offers = ({pair[side].id: pair[side] for pair in pairs} for side in (0, 1))
    few = min(needs, offers, key=len)
    asked = {
        "network": network.id,
        "needs": list(needs),
        "offers": list(offers),
        "neighbours": list({need.person_id for need in needs.values()}),
        "helpers": list({offer.person_id for offer in offers.values()}),
        "week": week_start(now, network.timezone),
        "lately": now - LATELY,
        **known_by({post.who for post in (needs if few is needs else offers).values()}),
    }
    today, between = local_day(now, network.timezone), _Between(db.session.execute(_asked(), asked))
    return [PairFacts(need, offer, today, now, *between.of(need, offer)) for need, offer in pairs]


class _Between:
    """The answers of `_asked`, by what they are about. What is not there is nothing, never, or 0."""

    def __init__(self, rows: Iterable[Any]) -> None:
        kinds: dict[str, dict[tuple[int, int], Any]] = defaultdict(dict)
        self.entries: list[Entry] = []
        for row in rows:
            if row[0] == "entry":
                self.entries.append(Entry(Who(row[1], row[6], row[7]), row[2], row[8]))
            else:
                kinds[row[0]][row[1], row[2]] = row
        self.match, self.glad = kinds["match"], kinds["glad"]
        self.did, self.used = kinds["did"], kinds["used"]

    def of(self, need: PostFacts, offer: PostFacts) -> tuple[Any, ...]:
        """In the order of PairFacts."""
        match = self.match.get((need.id, offer.id), NOTHING)
        did = self.did.get((offer.person_id, 0), NOTHING)
        return (
            match[3] > 0,
            match[4] > 0,
            match[5],
            any(entry.keeps_apart(need.who, offer.who) for entry in self.entries),
            self.glad.get((need.person_id, offer.person_id), NOTHING)[3],
            self.used.get((offer.id, 0), NOTHING)[3],
            *did[3:6],
        )


NOTHING: Any = ("", 0, 0, 0, 0, None)


@cache
def _asked() -> CompoundSelect[Any]:
    """Rows of what, one, other, two numbers, a time, three hashes; about a pair, two people, a helper or an offer."""
    network = bindparam("network", type_=BigInteger)
    week, lately = (bindparam(name, type_=UTCDateTime) for name in ("week", "lately"))
    needs, offers, neighbours, helpers = (
        bindparam(name, expanding=True, type_=BigInteger)
        for name in ("needs", "offers", "neighbours", "helpers")
    )
    need, offer = aliased(Post), aliased(Post)
    in_network = Match.network_id == network
    matches = (
        _line(
            "match",
            Match.need_id,
            Match.offer_id,
            _times(MEETS),
            _times(Match.state == "declined"),
            func.max(Match.rests_until),
        )
        .where(in_network, Match.need_id.in_(needs), Match.offer_id.in_(offers))
        .group_by(Match.need_id, Match.offer_id)
    )
    glad = (
        _line("glad", need.person_id, offer.person_id, func.count())
        .select_from(Match)
        .join(need, _same(need, Match, Match.need_id))
        .join(offer, _same(offer, Match, Match.offer_id))
        .where(in_network, Match.need_id.in_(_posts_of(network, neighbours)), offer.person_id.in_(helpers))
        .where(case((Match.by_silence, ""), else_=Match.state) == "confirmed")
        .group_by(need.person_id, offer.person_id)
    )
    used_since = [_times(and_(USES, Match.proposed_at >= since)) for since in (week, lately)]
    did = (
        _line("did", offer.person_id, literal(0), *used_since, func.max(Match.proposed_at))
        .select_from(Match)
        .join(offer, _same(offer, Match, Match.offer_id))
        .where(in_network, Match.offer_id.in_(_posts_of(network, helpers)))
        .group_by(offer.person_id)
    )
    used = (
        _line("used", Match.offer_id, literal(0), func.sum(Match.promised))
        .where(in_network, Match.offer_id.in_(offers), Match.proposed_at >= week, USES)
        .group_by(Match.offer_id)
    )
    entry = ENTRIES.subquery().c
    entries = _line("entry", entry[0], entry[3], None, None, None, entry[1], entry[2], entry[4])
    return union_all(matches, glad, did, used, entries)


def _posts_of(network: Any, people: Any) -> Select[Any]:
    """To find matches by, so that any database reads only those of these people."""
    return select(Post.id).where(Post.network_id == network, Post.person_id.in_(people))


def _times(what: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((what, 1), else_=0))


def _line(what: str, *columns: Any) -> Select[Any]:
    """What is left out is nothing."""
    filled = [*columns, *(None,) * (len(LINE) - len(columns))]
    typed: list[Any] = [
        cast(null() if one is None else one, kind)
        if one is None or kind is NUMBER
        else type_coerce(one, kind)
        for one, kind in zip(filled, LINE, strict=True)
    ]
    return select(literal_column(f"'{what}'", Text), *typed)


NUMBER = BigInteger()  # PostgreSQL adds whole numbers up to decimal ones
LINE: tuple[Any, ...] = (
    NUMBER,
    NUMBER,
    NUMBER,
    NUMBER,
    UTCDateTime(),
    LargeBinary(),
    LargeBinary(),
    LargeBinary(),
)


def _same(table: Any, owner: Any, key: Any) -> ColumnElement[bool]:
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
