"""From the database to facts: what posts say, and all that there is between some of them."""

from collections.abc import Collection
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    or_,
)
from sqlalchemy.orm import aliased

from mutualaid.aid.matching.between import with_between
from mutualaid.aid.matching.facts import PairFacts, PostFacts, category_facts, words_in
from mutualaid.aid.models import APART, Match, Post
from mutualaid.db import utc
from mutualaid.networks.models import Network
from mutualaid.people.blocks import Who
from mutualaid.sql import day, raw_rows

# So many columns of the category, then in the order of PostFacts.
OF_CATEGORY = 7
POSTS = """
SELECT category.id, category.parent_id, category.key, CAST(category.names AS TEXT), category.unit, category.remote,
    category.sensitive, post.id, post.network_id, post.person_id, post.kind, post.state, post.intake, post.area_id,
    post.measure_cell, post.cell, post.travel, post.reach_km, post.times, post.urgency, post.uncovered, post.stock_left,
    post.per_week, post.source, post.source_row, person.per_week, person.name_sealed, area.name, post.interpreter,
    post.paused_at, post.created_at, post.from_day, post.until_day, CAST(post.languages AS TEXT),
    CAST(post.traits AS TEXT), person.phone_hash, person.email_hash
FROM post
    JOIN category ON category.network_id = post.network_id AND category.id = post.category_id
    JOIN person ON person.network_id = post.network_id AND person.id = post.person_id
    LEFT JOIN area ON area.network_id = post.network_id AND area.id = post.area_id
WHERE post.network_id = :network AND post.id IN :ids
"""


def facts_of_pair(network: Network, need: Post, offer: Post, *, now: datetime) -> PairFacts:
    """What there is between two posts that are at hand, whatever they are; two queries."""
    return facts_of_pairs(network, [need.id], [offer.id], now=now)[0]


def facts_of_pairs(
    network: Network,
    need_ids: Collection[int],
    offer_ids: Collection[int],
    *,
    now: datetime,
    for_helper: bool = False,
) -> list[PairFacts]:
    """Every one of these needs with every one of these offers, in the order given; two queries."""
    posts = facts_of_posts(network, [*need_ids, *offer_ids])
    pairs = product((posts[need] for need in need_ids), (posts[offer] for offer in offer_ids))
    return with_between(network, list(pairs), now=now, for_helper=for_helper)


def facts_of_posts(network: Network, ids: Collection[int]) -> dict[int, PostFacts]:
    """What these posts say, by id; one query."""
    rows = raw_rows(POSTS, {"network": network.id, "ids": list(ids)})
    return {post.id: post for post in map(_post_facts, rows)}


def _post_facts(row: Any) -> PostFacts:
    """From a row of POSTS."""
    *said, interpreter, paused_at, created_at, from_day, until_day, languages, traits, phone, email = row[
        OF_CATEGORY:
    ]
    return PostFacts._make(
        (
            category_facts(*row[:OF_CATEGORY]),
            *said,
            bool(interpreter),
            utc(paused_at),
            utc(created_at),
            day(from_day),
            day(until_day),
            words_in(languages),
            words_in(traits),
            Who(said[2], phone, email),
        )
    )


def _same(table: Any, owner: Any, key: Any) -> ColumnElement[bool]:
    return and_(table.network_id == owner.network_id, table.id == key)


def met(need: type[Post] | Post, helper_id: int, now: datetime) -> ColumnElement[bool]:
    """Whether something between this need and this helper lives, was declined, or rests, with whichever offer."""
    theirs = aliased(Post, name="met_with")
    stands = or_(Match.state.in_(APART), Match.rests_until > now)
    pair = (
        Match.network_id == need.network_id,
        Match.need_id == need.id,
        _same(theirs, Match, Match.offer_id),
    )
    return exists().where(*pair, theirs.person_id == helper_id, stands)
