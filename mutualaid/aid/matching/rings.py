"""Which open posts are near a post: ring by ring of cells around it, until there are enough that could fit.

One query. It begins with the cell of the post and widens: disks of cells, then of ever coarser cells, at last all. A
coarse cell is a run of numbers (places.cells.span), so one index over open posts by cell serves every ring. A wider
ring is read only for a post that has not found enough in the narrower one.
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from mutualaid.aid.models import Category, Post
from mutualaid.aid.windows import local_day
from mutualaid.db import JsonNumber, JsonRows, db
from mutualaid.networks.models import Network
from mutualaid.places import cells

DISKS = (0, 1, 3)  # steps, in cells of the network's own resolution
COARSE = ((2, 1), (3, 2))  # how much coarser, steps: of resolution 8 at least some 5 and 20 km
ALL = len(DISKS) + len(COARSE)
NOWHERE, REMOTE = ALL + 1, ALL + 2  # those without a place; those for which place does not count
FIRST = 3  # times as many as are wanted are looked at where only waiting counts
MISSES = 20  # so many of those that cannot fit, nearest first: some are worth telling
EVERY_CELL = (0, (1 << 63) - 1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)

Span = tuple[int, int]
Mine, Other = aliased(Post, name="mine"), aliased(Post, name="other")
MyCategory, Related = aliased(Category, name="my_category"), aliased(Category, name="related")
NETWORK, WANT = bindparam("network", type_=BigInteger), bindparam("want", type_=BigInteger)
TODAY = bindparam("today", type_=Date)
AREAS = bindparam("areas", expanding=True, type_=BigInteger)
ANY_AREA, SENSITIVE = bindparam("any_area", type_=Boolean), bindparam("sensitive", type_=Boolean)
EITHER_REMOTE = or_(MyCategory.remote, Related.remote)


class Near(NamedTuple):
    """An open post near another. `km`: inf where either has no place, 0 where place does not count."""

    km: float
    created_at: datetime
    id: int


@dataclass(frozen=True)
class Found:
    """Nearest first, then the longest waiting, then the lowest id.

    `could`: that may fit, as far as a query can tell, none left out in between; `whole`: that is all of them.
    `cannot`: some of those that do not.
    """

    could: list[int]
    cannot: list[int]
    whole: bool


def near(
    network: Network,
    posts: Iterable[Post],
    *,
    now: datetime,
    want: int,
    areas: Collection[int] = (),
    sensitive: bool = True,
) -> dict[int, Found]:
    """For each of these posts (all needs, or all offers) about `want` posts that could fit, or all there are.

    `areas`: only of these, and of none; empty: of all. `sensitive`: those categories too.
    """
    by_id = {post.id: post for post in posts}
    kind = "offer" if next(iter(by_id.values())).is_need else "need"
    probes = [probe for post in by_id.values() for probe in _probes(post, network.resolution)]
    rows = db.session.execute(
        _query(kind),
        {
            "network": network.id,
            "ids": list(by_id),
            "probes": json.dumps(probes),
            "want": want,
            "first": want * FIRST,
            "today": local_day(now, network.timezone),
            "any_area": not areas,
            "areas": list(areas),
            "sensitive": sensitive,
        },
    )
    read: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        read[row[0]].append(row)
    return {mine: _found(post, read[mine], network.resolution, want) for mine, post in by_id.items()}


def _found(post: Post, rows: list[Row[Any]], resolution: int, want: int) -> Found:
    """Only those that no unread post can come before."""
    could: list[Near] = []
    cannot: list[Near] = []
    waiting: dict[tuple[int, int], list[Near]] = defaultdict(list)
    inside = Counter[int]()
    for _, ring, other, cell, category, created_at, remote, fits in rows:
        one = Near(_km(post.measure_cell, cell, remote), created_at, other)
        (could if fits else cannot).append(one)
        inside[ring] += fits
        if ring >= NOWHERE:
            waiting[ring, category].append(one)
    ends = [max(read) for read in waiting.values() if len(read) >= want * FIRST]
    could.sort()
    far = _read_so_far(inside, want)
    if far < len(DISKS):
        ends.append(could[want - 1])
    if far < NOWHERE and post.measure_cell is not None:
        ends.append(Near(_rings(post.measure_cell, resolution)[far].whole_km, LONG_AGO, 0))
    end = min(ends, default=None)
    kept = could if end is None else [one for one in could if one <= end]
    return Found([one.id for one in kept], [one.id for one in sorted(cannot)[:MISSES]], end is None)


def _read_so_far(inside: Counter[int], want: int) -> int:
    """The last ring that was read: the query stops where enough are found."""
    found = 0
    for ring in range(NOWHERE):
        found += inside[ring]
        if found >= want:
            return ring
    return NOWHERE


def _km(mine: int | None, other: int | None, remote: bool) -> float:
    if remote:
        return 0.0
    return math.inf if mine is None or other is None else cells.distance_km(mine, other)


class Ring(NamedTuple):
    """`spans`: (lowest cell, highest, place by distance, kilometres at least); `whole_km`: none outside is nearer."""

    spans: list[tuple[int, int, int, int]]
    whole_km: float


@lru_cache(maxsize=1 << 12)
def _rings(cell: int, resolution: int) -> list[Ring]:
    """Each without what the ones before it hold. In the disks each cell stands alone, with its place by distance."""
    by_km = sorted((cells.distance_km(cell, other), other) for other in cells.disk(cell, DISKS[-1]))
    order = {km: place for place, km in enumerate(sorted({km for km, _ in by_km}))}
    rings, seen = [], list[Span]()
    for steps in DISKS:
        inside = set(cells.disk(cell, steps))
        ring = [(cells.span(other, resolution), km) for km, other in by_km if other in inside]
        new = [(span, km) for span, km in ring if span not in seen]
        seen += [span for span, _ in new]
        rings.append(Ring([(*span, order[km], int(km)) for span, km in new], cells.disk_km(cell, steps)))
    for coarse, steps in COARSE:
        reached = rings[-1].whole_km
        around, whole_km = cells.coarse_disk(cell, resolution - coarse, steps)
        rest = _without((cells.span(other, resolution) for other in around), seen)
        seen += rest
        rings.append(Ring([(*span, 0, int(reached)) for span in rest], max(reached, whole_km)))
    rest = _without([EVERY_CELL], seen)
    return [*rings, Ring([(*span, 0, int(rings[-1].whole_km)) for span in rest], math.inf)]


def _without(spans: Iterable[Span], seen: list[Span]) -> list[Span]:
    """What of the spans is in none of those seen, which do not overlap."""
    rest = []
    for start, highest in spans:
        lowest = start
        for first, last in sorted(seen):
            if first > highest or lowest > highest:
                break
            if last >= lowest:
                if first > lowest:
                    rest.append((lowest, first - 1))
                lowest = last + 1
        if lowest <= highest:
            rest.append((lowest, highest))
    return rest


def _probes(post: Post, resolution: int) -> list[tuple[int, ...]]:
    """Where to look for a post: its id, the ring, and what `Ring.spans` says."""
    if post.measure_cell is None:
        return []
    rings = enumerate(_rings(post.measure_cell, resolution))
    return [(post.id, number, *span) for number, ring in rings for span in ring.spans]


@cache
def _query(kind: str) -> Select[Any]:
    """Rows of the post looked for, ring, id, cell, category, created_at, whether place does not count, could fit."""
    value = JsonRows(bindparam("probes")).table_valued("value").c.value
    names = ("mine", "ring", "lowest", "highest", "place", "km")
    numbers = (JsonNumber(value, literal_column(str(at))).label(name) for at, name in enumerate(names))
    probe = select(*numbers).cte("probe")
    read: list[CTE] = []
    tally: CTE | None = None
    for ring in range(NOWHERE + 1):
        query = _ring(kind, ring, probe).where(Mine.measure_cell.is_not(None), ~EITHER_REMOTE)
        if tally is not None:
            enough, plenty = (
                select(tally.c.mine).where(full) for full in (tally.c.could >= WANT, tally.c.cannot >= MISSES)
            )
            query = query.where(
                Mine.id.not_in(enough), or_(query.selected_columns["could"], Mine.id.not_in(plenty))
            )
        read.append(query.cte(f"ring_{ring}"))
        tally = _tally(read[-1], tally)
    first = _first(kind, REMOTE).where(or_(Mine.measure_cell.is_(None), EITHER_REMOTE))
    in_disks = union_all(*(select(part) for part in read[: len(DISKS)])).subquery()
    nearest = func.row_number().over(
        partition_by=(in_disks.c.mine, in_disks.c.could),
        order_by=(in_disks.c.place, in_disks.c.created_at, in_disks.c.id),
    )
    numbered = select(in_disks, nearest.label("nearest")).subquery()
    kept = numbered.c.nearest <= case((numbered.c.could, WANT), else_=MISSES)
    parts = (select(numbered).where(kept), *map(select, read[len(DISKS) :]), first)
    return union_all(
        *(part.with_only_columns(*(part.selected_columns[name] for name in ROW)) for part in parts)
    )


def _tally(part: CTE, before: CTE | None) -> CTE:
    """How many were found for each post, in this ring and those before it."""
    numbers = (
        case((part.c.could, 1), else_=0).label("could"),
        case((part.c.could, 0), else_=1).label("cannot"),
    )
    found = select(part.c.mine, *numbers)
    rows = (found if before is None else union_all(found, select(before))).subquery()
    sums = (func.sum(rows.c[name]).label(name) for name in ("could", "cannot"))
    return select(rows.c.mine, *sums).group_by(rows.c.mine).cte(f"tally_{part.name}")


def _ring(kind: str, ring: int, probe: CTE) -> Select[Any]:
    if ring == NOWHERE:
        return _first(kind, ring, Post.measure_cell.is_(None))
    here = and_(probe.c.mine == Mine.id, probe.c.ring == ring)
    inside = Other.measure_cell.between(probe.c.lowest, probe.c.highest)
    return _look(kind, ring, _could(kind, probe.c.km), probe, here).add_columns(probe.c.place).where(inside)


ROW = ("mine", "ring", "id", "measure_cell", "category", "created_at", "remote", "could")


def _look(kind: str, ring: int, could: ColumnElement[bool], *probe: Any) -> Select[Any]:
    """Open posts of the other kind in the same category, its parent or its children, of another person."""
    family = or_(
        Related.id == MyCategory.id,
        Related.parent_id == MyCategory.id,
        Related.id == MyCategory.parent_id,
    )
    query = (
        select(
            Mine.id.label("mine"),
            literal_column(str(ring)).label("ring"),
            Other.id.label("id"),
            Other.measure_cell.label("measure_cell"),
            Other.category_id.label("category"),
            Other.created_at.label("created_at"),
            EITHER_REMOTE.label("remote"),
            could.label("could"),
        )
        .select_from(Mine)
        .join(MyCategory, and_(MyCategory.network_id == NETWORK, MyCategory.id == Mine.category_id))
        .join(Related, and_(Related.network_id == NETWORK, family))
    )
    if probe:
        query = query.join(*probe)
    return query.join(Other, _is_open(Other, kind)).where(
        Mine.network_id == NETWORK,
        Mine.id.in_(bindparam("ids", expanding=True, type_=BigInteger)),
        Other.person_id != Mine.person_id,
        Other.paused_at.is_(None),
        Other.intake.is_(None),
        or_(ANY_AREA, Other.area_id.is_(None), Other.area_id.in_(AREAS)),
        or_(SENSITIVE, ~Related.sensitive),
    )


def _first(kind: str, ring: int, *which: ColumnElement[bool]) -> Select[Any]:
    """Of each category those that wait longest."""
    waiting = (
        select(Post.id)
        .where(_is_open(Post, kind), *which)
        .order_by(Post.created_at, Post.id)
        .limit(bindparam("first", type_=BigInteger))
        .correlate(Related)
    )
    return _look(kind, ring, _could(kind, literal(0))).where(Other.id.in_(waiting))


def _is_open(post: Any, kind: str) -> ColumnElement[bool]:
    """In words of which a partial index can be sure: not as parameters."""
    return and_(
        post.network_id == NETWORK,
        post.kind == literal_column(f"'{kind}'"),
        post.state == literal_column("'open'"),
        post.category_id == Related.id,
    )


def _could(kind: str, km: ColumnElement[int]) -> ColumnElement[bool]:
    """What must hold for matching.rules to hold, as far as the two rows can tell; facts tell the rest."""
    need, offer = (Mine, Other) if kind == "offer" else (Other, Mine)
    goes = [
        and_(one.travel != "host", other.travel != "come", or_(one.reach_km.is_(None), one.reach_km >= km))
        for one, other in ((offer, need), (need, offer))
    ]
    return and_(
        or_(EITHER_REMOTE, *goes),
        or_(need.times == 0, offer.times == 0, need.times.bitwise_and(offer.times) != 0),
        *(or_(post.until_day.is_(None), post.until_day >= TODAY) for post in (need, offer)),
        *(
            or_(one.from_day.is_(None), other.until_day.is_(None), one.from_day <= other.until_day)
            for one, other in ((need, offer), (offer, need))
        ),
        or_(~need.interpreter, need.language_bits.bitwise_and(offer.language_bits) != 0),
        need.trait_bits.bitwise_and(offer.trait_bits) == need.trait_bits,
        need.uncovered >= 1,
        or_(offer.stock_left.is_(None), offer.stock_left >= 1),
    )
