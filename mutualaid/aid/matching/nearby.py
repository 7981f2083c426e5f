"""Which open posts are near a post: the ring of cells around it that is wide enough to hold enough that could fit.

One query. It counts, in the index of open posts by cell, how many stand in each ring, and stops counting early; then it
reads the narrowest ring that has plenty. Only whose needs are rare has to look on in a wider one. A ring is some runs
of numbers (places.cells.span), of cells or of much coarser ones, so one index serves them all.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Date, String, bindparam, text
from sqlalchemy.sql.selectable import TextualSelect

from mutualaid.aid.matching.ranking import is_near
from mutualaid.aid.matching.rings import ALL, DISKS, rings, spans
from mutualaid.aid.models import Post
from mutualaid.aid.windows import WEEK, later, local_day, overlap
from mutualaid.db import UTCDateTime, db
from mutualaid.networks.models import Network
from mutualaid.places import cells

NOWHERE, REMOTE = ALL + 1, ALL + 2  # those without a place; those for which place does not count
PLENTY = 300  # where so many stand there are mostly enough that could fit
MISSES = 40  # so many of those that cannot fit, nearest first: some are worth telling
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Near(NamedTuple):
    """An open post near another. `km`: inf where either has no place, 0 where place does not count."""

    km: float
    created_at: datetime
    id: int


@dataclass(frozen=True)
class Found:
    """Nearest first, then the longest waiting, then the lowest id.

    `could`: that may fit, as far as a query can tell, none left out in between; `whole`: that is all of them.
    `cannot`: the nearest of those that do not, as far as `ring` goes; of very many, some of the nearest.
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
    posts, since = list(posts), since or {}
    today = local_day(now, network.timezone)
    asked: dict[str, Any] = {
        "network": network.id,
        "want": want,
        "plenty": PLENTY,
        "today": today,
        "any_area": not areas,
        "areas": list(areas),
        "sensitive": sensitive,
    }
    for number, post in enumerate(posts):
        known = {name: getattr(post, name) for name in KNOWN} | {
            "placed": post.measure_cell is not None,
            "times": overlap(post.times, WEEK, later(post.from_day, today), post.until_day),
            "since": since.get(post.id, 0),
            "spans": spans(post.measure_cell, network.resolution) if post.measure_cell else "[]",
        }
        asked |= {f"{name}_{number}": value for name, value in known.items()}
    kind, sqlite = "offer" if posts[0].is_need else "need", db.engine.dialect.name == "sqlite"
    read: list[list[Any]] = [[] for _ in posts]
    for row in db.session.execute(_query(kind, len(posts), sqlite), asked):
        read[row[0]].append(row)
    return {
        post.id: _found(post, rows, network.resolution, want) for post, rows in zip(posts, read, strict=True)
    }


def _found(post: Post, rows: list[Any], resolution: int, want: int) -> Found:
    """Only those that no unread post can come before."""
    could: list[Near] = []
    cannot: list[Near] = []
    waiting: dict[tuple[int, int], list[Near]] = defaultdict(list)
    ring = next(row.ring for row in rows if row.id is None)
    for _, part, other, cell, category, created_at, remote, fits in rows:
        if other is None:
            continue
        one = Near(_km(post.measure_cell, cell, remote), created_at, other)
        if fits is not None:
            (could if fits else cannot).append(one)
        if part > ALL:
            waiting[part, category].append(one)
    ends = [max(read) for read in waiting.values() if len(read) >= want]
    could.sort()
    if ring < len(DISKS) and len(could) >= want:
        ends.append(could[want - 1])
    if ring < ALL and post.measure_cell is not None:
        ends.append(Near(rings(post.measure_cell, resolution)[ring].whole_km, LONG_AGO, 0))
    end = min(ends, default=None)
    kept = could if end is None else [one for one in could if one <= end]
    nearest = [one.id for one in sorted(one for one in cannot if is_near(one.km))[:MISSES]]
    return Found([one.id for one in kept], nearest, end is None, ring)


def _km(mine: int | None, other: int | None, remote: bool) -> float:
    if remote:
        return 0.0
    return math.inf if mine is None or other is None else cells.distance_km(mine, other)


# What the query knows of a post as parameters, beside "times" (left from today on), "placed", "since" and "spans".
KNOWN = {
    "category_id": BigInteger(),
    "person_id": BigInteger(),
    "travel": String(6),
    "reach_km": BigInteger(),
    "from_day": Date(),
    "until_day": Date(),
    "interpreter": Boolean(),
    "language_bits": BigInteger(),
    "trait_bits": BigInteger(),
    "uncovered": BigInteger(),
    "stock_left": BigInteger(),
}
TABLES = """
related_{n} AS (
    SELECT theirs.id, mine.remote OR theirs.remote AS remote
    FROM category AS mine CROSS JOIN category AS theirs
    WHERE mine.network_id = :network AND mine.id = :category_id_{n} AND theirs.network_id = :network
        AND (theirs.id = mine.id OR theirs.parent_id = mine.id OR theirs.id = mine.parent_id)
        AND (:sensitive OR NOT theirs.sensitive)
),
spans_{n} AS ({spans}),
ring_{n} AS (
    SELECT CASE WHEN narrowest > :since_{n} THEN narrowest ELSE :since_{n} END AS ring
    FROM (
        SELECT coalesce(min(ring), {ALL}) AS narrowest
        FROM (SELECT DISTINCT ring FROM spans_{n}) AS rings
        WHERE :plenty <= (
            SELECT count(*)
            FROM (
                SELECT 1
                FROM related_{n} AS related CROSS JOIN spans_{n} AS spans CROSS JOIN post AS other
                WHERE spans.ring <= rings.ring AND {inside}
                LIMIT :plenty
            ) AS standing
        )
    ) AS counted
)
"""
# SQLite reads in the order of CROSS JOIN. What else a row must be stands in CASE, so that nothing leads it elsewhere.
PARTS = """
SELECT {n} AS mine, ring, NULL AS id, NULL AS measure_cell, NULL AS category_id, NULL AS created_at, {no} AS remote,
    0 AS could
FROM ring_{n}

UNION ALL
SELECT {n}, ring, id, measure_cell, category_id, created_at, {no}, could
FROM (
    SELECT placed.*, row_number() OVER (PARTITION BY could ORDER BY place, created_at, id) AS number
    FROM (
        SELECT ring.ring, spans.place, spans.ring AS their_ring, {columns}, {could} AS could
        FROM ring_{n} AS ring
            CROSS JOIN related_{n} AS related CROSS JOIN spans_{n} AS spans CROSS JOIN post AS other
        WHERE spans.ring <= ring.ring AND {inside}
    ) AS placed
    WHERE could = 1 OR (could = 0 AND their_ring < {ALL})
) AS numbered
WHERE (could = 1 AND ring >= {DISKS}) OR number <= CASE
    WHEN could = 1 THEN :want WHEN ring < {DISKS} THEN {MISSES} ELSE 10 * {MISSES} END

UNION ALL
SELECT {n}, {NOWHERE}, {columns}, related.remote, {could_near}
FROM related_{n} AS related CROSS JOIN post AS other
WHERE :placed_{n} AND NOT related.remote AND (SELECT ring FROM ring_{n}) = {ALL}
    AND other.network_id = :network AND other.id IN (
        SELECT id FROM post
        WHERE {open} AND post.category_id = related.id AND post.measure_cell IS NULL
        ORDER BY created_at, id LIMIT :want
    )

UNION ALL
SELECT {n}, {REMOTE}, {columns}, related.remote, {could_near}
FROM related_{n} AS related CROSS JOIN post AS other
WHERE (related.remote OR NOT :placed_{n})
    AND other.network_id = :network AND other.id IN (
        SELECT id FROM post WHERE {open} AND post.category_id = related.id ORDER BY created_at, id LIMIT :want
    )
"""
OPEN = "post.network_id = :network AND post.kind = '{kind}' AND post.state = 'open'"
INSIDE = (
    "NOT related.remote AND {open_other} AND other.category_id = related.id"
    " AND other.measure_cell BETWEEN spans.lowest AND spans.highest"
)
COLUMNS = "other.id, other.measure_cell, other.category_id, other.created_at"
# 1: what must hold for matching.rules to hold does, as far as the two rows can tell; 0: does not; NULL: not to be told.
COULD = """
CASE WHEN other.person_id <> :person_id_{n} AND other.paused_at IS NULL AND other.intake IS NULL
    AND (:any_area OR other.area_id IS NULL OR other.area_id IN :areas)
THEN CASE WHEN (
        related.remote
        OR ({offer.travel} <> 'host' AND {need.travel} <> 'come'
            AND ({offer.reach_km} IS NULL OR {offer.reach_km} >= {km}))
        OR ({need.travel} <> 'host' AND {offer.travel} <> 'come'
            AND ({need.reach_km} IS NULL OR {need.reach_km} >= {km}))
    )
    AND :times_{n} <> 0 AND (other.times = 0 OR (other.times & :times_{n}) <> 0)
    AND ({need.until_day} IS NULL OR {need.until_day} >= :today)
    AND ({offer.until_day} IS NULL OR {offer.until_day} >= :today)
    AND ({need.from_day} IS NULL OR {offer.until_day} IS NULL OR {need.from_day} <= {offer.until_day})
    AND ({offer.from_day} IS NULL OR {need.until_day} IS NULL OR {offer.from_day} <= {need.until_day})
    AND (NOT {need.interpreter} OR ({need.language_bits} & {offer.language_bits}) <> 0)
    AND ({need.trait_bits} & {offer.trait_bits}) = {need.trait_bits}
    AND {need.uncovered} >= 1
    AND ({offer.stock_left} IS NULL OR {offer.stock_left} >= 1)
THEN 1 ELSE 0 END END
"""
SPANS = ("ring", "lowest", "highest", "place", "km")


class _Mine:
    """The columns of the post looked for, as parameters; PostgreSQL has to be told of what type."""

    def __init__(self, number: int, sqlite: bool) -> None:
        for name, kind in KNOWN.items():
            named = f":{name}_{number}"
            setattr(self, name, named if sqlite else f"CAST({named} AS {kind})")


class _Other:
    def __init__(self) -> None:
        for name in KNOWN:
            setattr(self, name, f"other.{name}")


@cache
def _query(kind: str, many: int, sqlite: bool) -> TextualSelect:
    """For so many posts rows of which, ring, id (none in the row that says what ring is read), and what PARTS says."""
    tables, parts = zip(*(_for_one(kind, number, sqlite) for number in range(many)), strict=True)
    sql = text("WITH " + ",".join(tables) + " UNION ALL ".join(parts))
    return sql.bindparams(bindparam("areas", expanding=True)).columns(created_at=UTCDateTime)


def _for_one(kind: str, n: int, sqlite: bool) -> tuple[str, str]:
    sides = (_Mine(n, sqlite), _Other())
    need, offer = sides if kind == "offer" else sides[::-1]
    is_open = OPEN.format(kind=kind)
    inside = INSIDE.format(open_other=is_open.replace("post.", "other."))
    could = {km: COULD.format(n=n, need=need, offer=offer, km=km) for km in ("spans.km", "0")}
    words: dict[str, Any] = {
        "n": n,
        "ALL": ALL,
        "PLENTY": PLENTY,
        "NOWHERE": NOWHERE,
        "REMOTE": REMOTE,
        "MISSES": MISSES,
    }
    words |= {
        "DISKS": len(DISKS),
        "inside": inside,
        "open": is_open,
        "columns": COLUMNS,
        "no": 0 if sqlite else "FALSE",
    }
    words |= {"could": could["spans.km"], "could_near": could["0"], "spans": _json_rows(n, sqlite)}
    return TABLES.format(**words), PARTS.format(**words)


def _json_rows(n: int, sqlite: bool) -> str:
    """The parameter of that name as a table of numbers."""
    if sqlite:
        numbers = (f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(SPANS))
        return f"SELECT {', '.join(numbers)} FROM json_each(:spans_{n})"  # noqa: S608 - only constants
    numbers = (f"CAST(value ->> {place} AS BIGINT) AS {name}" for place, name in enumerate(SPANS))
    return f"SELECT {', '.join(numbers)} FROM jsonb_array_elements(CAST(:spans_{n} AS JSONB)) AS t(value)"  # noqa: S608
