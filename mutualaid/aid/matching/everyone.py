"""All open needs and offers of a network at once, and all that lies between their people, as arrays.

Both sides stand in the order of category, cell and id, so that the same rows always give the same arrays, and posts
that are near each other stand near each other.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import product
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Text, cast, func, or_, select

from mutualaid.aid.matching.history import Between, Columns, load_between
from mutualaid.aid.models import Category, Post
from mutualaid.aid.windows import WEEK, local_day
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.people.models import Person
from mutualaid.places.cells import vector

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Words = NDArray[np.uint64]  # rows of bits, 64 to a column

NEVER = 1 << 31  # days: no last day
NO_LIMIT = 1 << 40  # units, or times
COLUMNS = (
    Post.id,
    Post.kind,
    Post.person_id,
    Post.category_id,
    Post.measure_cell,
    Post.area_id,
    Post.travel,
    Post.reach_km,
    Post.times,
    Post.from_day,
    Post.until_day,
    Post.urgency,
    cast(Post.languages, Text).label("languages"),  # the same few lists again and again: each is read once
    Post.interpreter,
    cast(Post.traits, Text).label("traits"),
    Post.created_at,
    Post.uncovered,
    Post.stock_left,
    Post.per_week,
    Person.per_week.label("person_per_week"),
    Person.phone_hash,
    Person.email_hash,
)
SHARED = ("languages", "traits", "phone_hash", "email_hash")


@dataclass(frozen=True)
class Side:
    """All posts of one kind, a row each. Columns are the same for both, so some say nothing about one of them."""

    id: Ints
    person: Ints
    category: Ints
    area: Ints  # 0: none
    placed: Truths
    cell: Ints  # 0: none
    spot: Floats  # (n, 3): where it lies on a sphere of radius 1
    goes: Truths  # its person may travel …
    reach: Floats  # … so far, in km; inf: anywhere
    hosts: Truths  # its person may be visited
    times: Ints  # see aid.windows; any time is the whole week
    first_day: Ints
    last_day: Ints  # as ordinals; NEVER: no last day
    urgency: Ints
    days: Ints  # whole days since it was posted
    languages: Words
    interpreter: Truths
    traits: Words
    phone: Ints  # the same number: the same phone or email; negative: none, which is like nobody else's
    email: Ints
    lately: Ints  # an offer: matches of its helper in four weeks
    uncovered: Ints
    room: Ints  # an offer: how many units it can take on now
    week: Ints  # how many more times its helper helps this week

    def __len__(self) -> int:
        return len(self.id)

    def take(self, rows: Any) -> Self:
        """The same for some rows, by index or mask."""
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


@dataclass(frozen=True)
class Everyone:
    """What a plan is made from. `barred` and `glad` are pairs (see `pairs_of`); `today` is an ordinal day, local."""

    needs: Side
    offers: Side
    between: Between
    barred: Ints  # never, not again or not yet
    glad: Ints  # were glad of each other before
    categories: dict[int, Category]
    today: int


class TooMany(Exception):
    """More is open than was to be looked at."""


def load_everyone(
    network: Network, *, now: datetime, area_ids: frozenset[int] = frozenset(), at_most: int | None = None
) -> Everyone:
    """Every open post, in four queries; of the needs those of some areas only, where `area_ids` names them.

    Raises TooMany where more than `at_most` posts are open; they are not read then.
    """
    few = select(Post.id).where(*_is_open(network)).limit(0 if at_most is None else at_most + 1).subquery()
    open_posts = select(func.count()).select_from(few).scalar_subquery()
    found = db.session.execute(select(Category, open_posts).where(Category.network_id == network.id)).all()
    if at_most is not None and any(number > at_most for _, number in found):
        raise TooMany
    categories = {category.id: category for category, _ in found}
    rows, between = _rows(network, area_ids), load_between(network, now)
    asked, offered = (_columns([row for row in rows if row[1] == kind]) for kind in ("need", "offer"))
    values = {name: {*asked[name], *offered[name]} - {None} for name in SHARED}
    spoken, known = (
        _places_in(word for text in values[name] for word in json.loads(text))
        for name in ("languages", "traits")
    )
    hashes = _places_in(values["phone_hash"] | values["email_hash"])
    words: dict[str, Any] = {
        "now": now,
        "spoken": spoken,
        "known": known,
        "hashes": hashes,
        "between": between,
    }
    needs, offers = _side(asked, nobody=-1, **words), _side(offered, nobody=-2, **words)
    barred = between.met | between.blocked(asked, offered)
    return Everyone(
        needs,
        offers,
        between,
        barred=_pairs(needs.id, offers.id, barred),
        glad=_pairs(needs.person, offers.person, between.glad),
        categories=categories,
        today=local_day(now, network.timezone).toordinal(),
    )


def pairs_of(need: Ints, offer: Ints, offers: int) -> Ints:
    """A need and an offer, by their rows, as one number."""
    return need * offers + offer


def _pairs(of_needs: Ints, of_offers: Ints, found: Collection[tuple[int, int]]) -> Ints:
    """Every need and offer that have these values, sorted."""
    askers = _rows_by(of_needs, {one for one, _ in found})
    helpers = _rows_by(of_offers, {other for _, other in found})
    made = {
        need * len(of_offers) + offer
        for one, other in found
        if one in askers and other in helpers
        for need, offer in product(askers[one], helpers[other])
    }
    return np.sort(_ints(made))


def _rows_by(values: Ints, wanted: set[int]) -> dict[int, list[int]]:
    rows = defaultdict(list)
    for row, value in enumerate(values.tolist()):
        if value in wanted:
            rows[value].append(row)
    return rows


def _is_open(network: Network) -> tuple[ColumnElement[bool], ...]:
    """What may be matched at all; see rules._open."""
    left = or_(Post.kind == "offer", Post.uncovered > 0)
    return (
        Post.network_id == network.id,
        Post.state == "open",
        Post.paused_at.is_(None),
        Post.intake.is_(None),
        left,
    )


def _rows(network: Network, area_ids: frozenset[int]) -> Sequence[Any]:
    query = (
        select(*COLUMNS)
        .join(Person, (Person.network_id == Post.network_id) & (Person.id == Post.person_id))
        .where(*_is_open(network))
    )
    if area_ids:
        mine = or_(Post.area_id.is_(None), Post.area_id.in_(area_ids))
        query = query.where(or_(Post.kind == "offer", mine))
    found = db.session.execute(query).all()
    return sorted(found, key=lambda row: (row[3], row[4] or 0, row[0]))


def _columns(rows: list[Any]) -> Columns:
    names = [column.name for column in COLUMNS]
    return dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())


def _places_in(things: Iterable[Any]) -> dict[Any, int]:
    return {thing: place for place, thing in enumerate(sorted(set(things)))}


def _side(
    posts: Columns,
    *,
    now: datetime,
    spoken: dict[str, int],
    known: dict[str, int],
    hashes: dict[bytes, int],
    between: Between,
    nobody: int,
) -> Side:
    week = _weeks_left(posts, between)
    return Side(
        id=_ints(posts["id"]),
        person=_ints(posts["person_id"]),
        category=_ints(posts["category_id"]),
        area=_ints(area or 0 for area in posts["area_id"]),
        placed=np.array([cell is not None for cell in posts["measure_cell"]], bool),
        cell=_ints(cell or 0 for cell in posts["measure_cell"]),
        spot=_spots(posts["measure_cell"]),
        goes=np.array([travel != "host" for travel in posts["travel"]], bool),
        reach=np.array([np.inf if km is None else km for km in posts["reach_km"]], float),
        hosts=np.array([travel != "come" for travel in posts["travel"]], bool),
        times=_ints(times or WEEK for times in posts["times"]),
        first_day=_ints(_ordinal(day, 0) for day in posts["from_day"]),
        last_day=_ints(_ordinal(day, NEVER) for day in posts["until_day"]),
        urgency=_ints(posts["urgency"]),
        days=_ints((now - moment).days for moment in posts["created_at"]),
        languages=_bits(posts["languages"], spoken),
        interpreter=np.array(posts["interpreter"], bool),
        traits=_bits(posts["traits"], known),
        phone=_ints(hashes.get(found, nobody) for found in posts["phone_hash"]),
        email=_ints(hashes.get(found, nobody) for found in posts["email_hash"]),
        lately=_ints(between.done_by(helper).lately for helper in posts["person_id"]),
        uncovered=_ints(posts["uncovered"]),
        room=_rooms(posts, week, between),
        week=week,
    )


def _weeks_left(posts: Columns, between: Between) -> Ints:
    people = zip(posts["person_id"], posts["person_per_week"], strict=True)
    return _ints(
        NO_LIMIT if most is None else max(0, most - between.done_by(helper).this_week)
        for helper, most in people
    )


def _rooms(posts: Columns, week: Ints, between: Between) -> Ints:
    """As facts.PairFacts.room; NO_LIMIT for none."""
    stock = _ints(NO_LIMIT if left is None else left for left in posts["stock_left"])
    weekly = _ints(
        NO_LIMIT if most is None else max(0, most - between.used.get(offer, 0))
        for offer, most in zip(posts["id"], posts["per_week"], strict=True)
    )
    return np.where(week > 0, np.minimum(stock, weekly), 0)


def _ints(values: Any) -> Ints:
    return np.fromiter(values, np.int64)


def _ordinal(day: date | None, otherwise: int) -> int:
    return otherwise if day is None else day.toordinal()


def _spots(cells: Sequence[int | None]) -> Floats:
    known = {cell: vector(cell) for cell in set(cells) if cell is not None}
    return np.array([known[cell] if cell is not None else (0.0, 0.0, 1.0) for cell in cells], float).reshape(
        -1, 3
    )


def _bits(texts: Sequence[str], places: dict[str, int]) -> Words:
    """Each JSON list as a set of bits: exact, one for each word that anyone used."""
    columns = max(1, -(-len(places) // 64))
    known = {}
    for text in set(texts):
        bits = sum(1 << places[word] for word in set(json.loads(text)))
        known[text] = [bits >> 64 * column & (1 << 64) - 1 for column in range(columns)]
    return np.array([known[text] for text in texts], np.uint64).reshape(-1, columns)
