"""Which open posts are near a post: the ring of cells around it that is wide enough to hold enough that could fit.

One query. It counts, in the index of open posts by cell, how many stand in each ring, and stops counting early; then it
reads the narrowest ring that has plenty. Only whose needs are rare has to look on in a wider one. A ring is some runs
of numbers (places.cells.span), of cells or of much coarser ones, so one index serves them all.
"""

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Date,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from mutualaid.aid.models import Category, Post
from mutualaid.aid.windows import WEEK, later, local_day, overlap
from mutualaid.db import JsonNumber, JsonRows, db
from mutualaid.networks.models import Network
from mutualaid.places import cells

DISKS = (0, 1, 3)  # steps, in cells of the network's own resolution
COARSE = ((2, 1), (3, 2))  # how much coarser, steps: of resolution 8 at least some 5 and 20 km
ALL = len(DISKS) + len(COARSE)
NOWHERE, REMOTE = ALL + 1, ALL + 2  # those without a place; those for which place does not count
PLENTY = 300  # where so many stand there are mostly enough that could fit
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


def _table(name: str, *columns: str) -> CTE:
    """A parameter of that name, rows of numbers as JSON, to be joined."""
    value = JsonRows(bindparam(name)).table_valued("value").c.value
    numbers = (JsonNumber(value, literal_column(str(at))).label(column) for at, column in enumerate(columns))
    return select(*numbers).cte(name)


ASKED = _table("asked", "id", "times", "ring")  # ring: to begin with; 0 at first
PROBES = _table("probes", "mine", "ring", "lowest", "highest", "place", "km")


def _family() -> CTE:
    """(mine, category, remote): the same category, its parent and its children; remote: place does not count."""
    related = or_(
        Related.id == MyCategory.id,
        Related.parent_id == MyCategory.id,
        Related.id == MyCategory.parent_id,
    )
    remote = or_(MyCategory.remote, Related.remote).label("remote")
    return (
        select(Mine.id.label("mine"), Related.id.label("category"), remote)
        .join(MyCategory, and_(MyCategory.network_id == NETWORK, MyCategory.id == Mine.category_id))
        .join(Related, and_(Related.network_id == NETWORK, related))
        .where(Mine.network_id == NETWORK, Mine.id.in_(bindparam("ids", expanding=True, type_=BigInteger)))
        .where(or_(SENSITIVE, ~Related.sensitive))
        .cte("family")
    )


FAMILY = _family()


class Near(NamedTuple):
    """An open post near another. `km`: inf where either has no place, 0 where place does not count."""

    km: float
    created_at: datetime
    id: int


@dataclass(frozen=True)
class Found:
    """Nearest first, then the longest waiting, then the lowest id.

    `could`: that may fit, as far as a query can tell, none left out in between; `whole`: that is all of them.
    `cannot`: the nearest of those that do not, as far as `ring` goes.
    """

    could: list[int]
    cannot: list[int]
    whole: bool
    ring: int


def near(
    network: Network,
    posts: Iterable[Post],
    *,
    now: datetime,
    want: int,
    since: Mapping[int, int] | None = None,
    areas: Collection[int] = (),
    sensitive: bool = True,
) -> dict[int, Found]:
    """For each of these posts (all needs, or all offers) `want` that could fit, if the ring that is read has them.

    `since`: by id, the ring that must be read at least. `areas`: only of these, and of none; empty: of all.
    """
    by_id = {post.id: post for post in posts}
    kind = "offer" if next(iter(by_id.values())).is_need else "need"
    today, since = local_day(now, network.timezone), since or {}
    probes = [probe for post in by_id.values() for probe in _probes(post, network.resolution)]
    rows = db.session.execute(
        _query(kind),
        {
            "network": network.id,
            "ids": list(by_id),
            "asked": json.dumps(
                [(mine, _times_left(post, today), since.get(mine, 0)) for mine, post in by_id.items()]
            ),
            "probes": json.dumps(probes),
            "want": want,
            "today": today,
            "any_area": not areas,
            "areas": list(areas),
            "sensitive": sensitive,
        },
    )
    read: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        read[row[0]].append(row)
    return {mine: _found(post, read[mine], network.resolution, want) for mine, post in by_id.items()}


def _times_left(post: Post, today: date) -> int:
    """When it suits from today on, as a mask of aid.windows; 0: never again."""
    return overlap(post.times, WEEK, later(post.from_day, today), post.until_day)


def _found(post: Post, rows: list[Row[Any]], resolution: int, want: int) -> Found:
    """Only those that no unread post can come before."""
    could: list[Near] = []
    cannot: list[Near] = []
    waiting: dict[tuple[int, int], list[Near]] = defaultdict(list)
    ring = next((row.ring for row in rows if row.ring <= ALL), ALL)
    for _, part, other, cell, category, created_at, remote, fits in rows:
        one = Near(_km(post.measure_cell, cell, remote), created_at, other)
        (could if fits else cannot).append(one)
        if part > ALL:
            waiting[part, category].append(one)
    ends = [max(read) for read in waiting.values() if len(read) >= want]
    could.sort()
    if ring < len(DISKS) and len(could) >= want:
        ends.append(could[want - 1])
    if ring < ALL and post.measure_cell is not None:
        ends.append(Near(_rings(post.measure_cell, resolution)[ring].whole_km, LONG_AGO, 0))
    end = min(ends, default=None)
    kept = could if end is None else [one for one in could if one <= end]
    nearest = [one.id for one in sorted(cannot)[:MISSES]]
    return Found([one.id for one in kept], nearest, end is None, ring)


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


ROW = ("mine", "ring", "id", "measure_cell", "category", "created_at", "remote", "could")


@cache
def _query(kind: str) -> CompoundSelect[Any]:
    """Rows of the post looked for, ring, id, cell, category, created_at, whether place does not count, could fit."""
    wide = _wide_enough(kind)
    ring = func.coalesce(wide.c.ring, ALL)
    ring = case((ring > ASKED.c.ring, ring), else_=ASKED.c.ring)
    told = and_(ASKED.c.ring == 0, PROBES.c.ring < ALL)
    placed = (
        _look(kind, ring, PROBES.c.km, wide)
        .join(PROBES, and_(PROBES.c.mine == Mine.id, PROBES.c.ring <= ring))
        .join(Other, _is_open(kind, Other, FAMILY))
        .where(Other.measure_cell.between(PROBES.c.lowest, PROBES.c.highest), ~FAMILY.c.remote)
        .where(or_(_could(kind, PROBES.c.km), told))
        .add_columns(PROBES.c.place)
        .cte("placed")
    )
    number = func.row_number().over(
        partition_by=(placed.c.mine, placed.c.could),
        order_by=(placed.c.place, placed.c.created_at, placed.c.id),
    )
    numbered = select(placed, number.label("number")).subquery()
    most = case((numbered.c.could, WANT), else_=MISSES)
    nowhere = _longest_waiting(kind, NOWHERE, wide, Post.measure_cell.is_(None))
    remote = _longest_waiting(kind, REMOTE, wide)
    return union_all(
        select(*(numbered.c[name] for name in ROW)).where(
            or_(numbered.c.ring >= len(DISKS), numbered.c.number <= most)
        ),
        nowhere.where(ring == ALL, Mine.measure_cell.is_not(None), ~FAMILY.c.remote),
        remote.where(or_(Mine.measure_cell.is_(None), FAMILY.c.remote)),
    )


def _wide_enough(kind: str) -> CTE:
    """For each post the narrowest ring where plenty stand; none where there is none."""
    rings = select(PROBES.c.mine, PROBES.c.ring).distinct().subquery("rings")
    probe, family = PROBES.alias("probe"), FAMILY.alias("kin")
    some = (
        select(literal_column("1"))
        .select_from(probe)
        .join(family, and_(family.c.mine == probe.c.mine, ~family.c.remote))
        .join(Post, _is_open(kind, Post, family))
        .where(Post.measure_cell.between(probe.c.lowest, probe.c.highest))
        .where(probe.c.mine == rings.c.mine, probe.c.ring <= rings.c.ring)
        .limit(PLENTY)
        .correlate(rings)
        .subquery()
    )
    count = select(func.count()).select_from(some).scalar_subquery()
    narrowest = select(rings.c.mine, func.min(rings.c.ring).label("ring")).where(count >= PLENTY)
    return narrowest.group_by(rings.c.mine).cte("wide")


def _look(kind: str, ring: Any, km: Any, wide: CTE) -> Select[Any]:
    """Open posts of the other kind (`Other`, to be joined) in the same family of categories, of another person."""
    return (
        select(
            Mine.id.label("mine"),
            ring.label("ring"),
            Other.id.label("id"),
            Other.measure_cell.label("measure_cell"),
            Other.category_id.label("category"),
            Other.created_at.label("created_at"),
            FAMILY.c.remote.label("remote"),
            _could(kind, km).label("could"),
        )
        .select_from(FAMILY)
        .join(Mine, and_(Mine.network_id == NETWORK, Mine.id == FAMILY.c.mine))
        .join(ASKED, ASKED.c.id == FAMILY.c.mine)
        .outerjoin(wide, wide.c.mine == FAMILY.c.mine)
        .where(
            Other.person_id != Mine.person_id,
            Other.paused_at.is_(None),
            Other.intake.is_(None),
            or_(ANY_AREA, Other.area_id.is_(None), Other.area_id.in_(AREAS)),
        )
    )


def _longest_waiting(kind: str, ring: int, wide: CTE, *which: ColumnElement[bool]) -> Select[Any]:
    """Of each category those that wait longest."""
    waiting = (
        select(Post.id)
        .where(_is_open(kind, Post, FAMILY), *which)
        .order_by(Post.created_at, Post.id)
        .limit(WANT)
        .correlate(FAMILY)
    )
    look = _look(kind, literal_column(str(ring)), literal_column("0"), wide)
    return look.join(Other, and_(Other.network_id == NETWORK, Other.id.in_(waiting)))


def _is_open(kind: str, post: Any, family: Any) -> ColumnElement[bool]:
    """In words of which a partial index can be sure: not as parameters."""
    return and_(
        post.network_id == NETWORK,
        post.kind == literal_column(f"'{kind}'"),
        post.state == literal_column("'open'"),
        post.category_id == family.c.category,
    )


def _could(kind: str, km: ColumnElement[int]) -> ColumnElement[bool]:
    """What must hold for matching.rules to hold, as far as the two rows can tell; facts tell the rest."""
    need, offer = (Mine, Other) if kind == "offer" else (Other, Mine)
    goes = [
        and_(one.travel != "host", other.travel != "come", or_(one.reach_km.is_(None), one.reach_km >= km))
        for one, other in ((offer, need), (need, offer))
    ]
    return and_(
        or_(FAMILY.c.remote, *goes),
        ASKED.c.times != 0,
        or_(Other.times == 0, ASKED.c.times.bitwise_and(Other.times) != 0),
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
