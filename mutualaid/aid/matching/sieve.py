"""The query by which matching looks for open posts near others (nearby), as SQL text for both databases.

Outward from each post: first what is at no distance, then ring after ring, until enough that could fit are found or the
rings end, at last what has no place. All in one query, which reads no farther than it needs; a recursive table is what
SQL has to look on by what was found. Rows are (which post, ring, those that could fit, those that cannot), both JSON:
lists of (id, cell, created_at, travel, reach_km), the first so many in the order of Near.

A ring reaches farther at its corners than where the next one begins. So those that cannot are looked for one ring
beyond that in which they are enough, unless that is the own cell: then nothing unread comes before them.

It may let through what the rules (matching.rules) then stop, and never stops what they let through.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from mutualaid.aid.matching.rings import ALL, DISKS
from mutualaid.aid.models import APART
from mutualaid.sql import json_rows, of_areas

EARTH_KM = 100_000.0  # farther than anything
NOWHERE = ALL + 1  # the ring of those without a place
EVERY = 1 << 40
# At the end, so that no part leads a database to another index: in CASE. PostgreSQL takes half of all to pass a CASE.
SIFTED = """
CASE WHEN other.person_id <> :person{n} AND other.paused_at IS NULL AND other.intake IS NULL AND {inside}
    AND other.id NOT IN (SELECT {kind}_id FROM match
        WHERE network_id = :network AND {own}_id = :post{n} AND state IN {apart})
THEN CASE WHEN :possible{n} AND (other.times = 0 OR (other.times & :times{n}) <> 0)
    AND (other.until_day IS NULL OR other.until_day >= :first{n})
    AND (other.from_day IS NULL OR other.from_day <= :last{n})
    AND {asked}
    AND ({travels})
THEN {fits} ELSE {fails} END END"""
ASKED = {
    "offer": "(other.stock_left IS NULL OR other.stock_left >= 1)"
    " AND (other.trait_bits & :traits{n}) = :traits{n}"
    " AND (NOT :interpreter{n} OR (other.language_bits & :languages{n}) <> 0)",
    "need": "other.uncovered >= 1"
    " AND (other.trait_bits & :traits{n}) = other.trait_bits"
    " AND (NOT other.interpreter OR (other.language_bits & :languages{n}) <> 0)",
}
# Whoever may travel is in reach, as rules._place has it.
TRAVELS = """(:they_go{n} AND other.travel <> 'host' AND (other.reach_km IS NULL OR other.reach_km >= {km}))
    OR (:reach{n} >= {km} AND other.travel <> 'come')"""
LIST = """(
    SELECT {json_list}
    FROM (
        SELECT other.id, other.measure_cell, other.created_at, other.travel, other.reach_km
        FROM {tables}post AS other
        WHERE other.network_id = :network AND other.kind = '{kind}' AND other.state = 'open'
            AND other.category_id = related.id AND {where} AND {sifted}
        ORDER BY {place}other.created_at, other.id LIMIT {limit}
    ) AS listed
)"""
# In CROSS JOIN SQLite reads in this order.
IN_RING = """+spans.ring = walk.ring + 1 AND NOT related.remote
            AND other.measure_cell BETWEEN spans.lowest AND spans.highest"""
# Of those that wait longest, those that cannot are looked for no farther than those that could: there may be very few.
UNTIL = """other.created_at <= CASE WHEN json_array_length(could) < {want} THEN :forever ELSE {moment} END"""
LOOK = """
SELECT * FROM (
WITH RECURSIVE related AS MATERIALIZED (
    SELECT theirs.id, mine.remote OR theirs.remote AS remote
    FROM category AS mine CROSS JOIN category AS theirs
    WHERE mine.network_id = :network AND mine.id = :category{n} AND theirs.network_id = :network
        AND (theirs.id = mine.id OR theirs.parent_id = mine.id OR theirs.id = mine.parent_id)
        AND (:sensitive OR NOT theirs.sensitive)
), spans AS MATERIALIZED (
    {spans}
), first AS MATERIALIZED (
    SELECT related.id, related.remote, CASE WHEN NOT :possible{n} THEN {empty} WHEN related.remote THEN {remote}
        ELSE {here} END AS could
    FROM related
), hand AS MATERIALIZED (
    SELECT could, CASE WHEN related.remote THEN {remote_not} ELSE {here_not} END AS cannot
    FROM first AS related
), walk (ring, found, missed, could, cannot) AS (
    SELECT 0, coalesce(sum(json_array_length(could)), 0), coalesce(sum(json_array_length(cannot)), 0), {empty}, {empty}
    FROM hand
    UNION ALL
    SELECT ring + 1, found + json_array_length(could), missed + json_array_length(cannot),
        CASE WHEN ring >= :reached{n} THEN {empty} WHEN ring < {disks} THEN {disk} ELSE {coarse} END,
        CASE WHEN ring >= :close{n} OR missed >= {misses} THEN {empty}
            WHEN ring < {disks} THEN {disk_not} ELSE {coarse_not} END
    FROM walk
    WHERE ring < :rings{n} AND found + json_array_length(could) < {want}
), far AS MATERIALIZED (
    SELECT related.id, CASE WHEN :possible{n} THEN {far} ELSE {empty} END AS could
    FROM related
    WHERE NOT related.remote
        AND {want} > (SELECT found + json_array_length(could) FROM walk ORDER BY ring DESC LIMIT 1)
)
SELECT {mine} AS mine, 0 AS ring, could, cannot FROM hand
UNION ALL SELECT {mine}, ring, could, cannot FROM walk WHERE ring > 0
UNION ALL SELECT {mine}, {outside}, could, {far_not} FROM far AS related
) AS looked{n}"""
SPANS = {
    "ring": "BIGINT",
    "lowest": "BIGINT",
    "highest": "BIGINT",
    "place": "BIGINT",
    "km": "DOUBLE PRECISION",
}
ROW = "id, measure_cell, created_at, travel, reach_km"
JSON = {  # by whether it is SQLite
    True: {"json_list": f"json_group_array(json_array({ROW}))", "empty": "'[]'", "moment": "{}"},
    False: {
        "json_list": f"coalesce(json_agg(json_build_array({ROW})), '[]')",
        "empty": "CAST('[]' AS JSON)",
        "moment": "CAST({} AS TIMESTAMPTZ)",
    },
}


def travels(travel: str, reach_km: int | None) -> dict[str, Any]:
    """What TRAVELS asks of the post at hand: whether the others may come to it, and how far its own person goes."""
    if travel == "host":
        return {"they_go": True, "reach": -1.0}
    return {"they_go": travel != "come", "reach": EARTH_KM if reach_km is None else float(reach_km)}


class Place(NamedTuple):
    """Where a list looks: a condition, how far away that is at least (None: it does not count), in which order."""

    where: str
    km: str | None
    tables: str = ""
    order: str = ""
    ordered: bool = True


SPANS_IN = "spans CROSS JOIN related CROSS JOIN "
PLACES = {
    "remote": Place("TRUE", None),
    "here": Place("other.measure_cell = :cell{n}", "0"),
    "disk": Place(IN_RING, "spans.km", SPANS_IN, "spans.place, "),
    "coarse": Place(IN_RING, "spans.km", SPANS_IN, "spans.place, ", ordered=False),
    "nowhere": Place("other.measure_cell IS NULL", "0"),
    "anywhere": Place("TRUE", "0"),
}


@lru_cache(maxsize=1 << 8)
def look(kind: str, want: int, misses: int, areas: int, placed: tuple[bool, ...], sqlite: bool) -> str:
    """The query around several posts, each with a place or without; their parameters end in _0, _1 …"""
    return "\nUNION ALL".join(
        _look(kind, want, misses, areas, n, one, sqlite) for n, one in enumerate(placed)
    )


def _look(kind: str, want: int, misses: int, areas: int, mine: int, placed: bool, sqlite: bool) -> str:
    words: dict[str, Any] = JSON[sqlite] | {"n": f"_{mine}", "kind": kind}
    last = words["moment"].format(f"(could -> {want - 1} ->> 2)")
    until = " AND " + UNTIL.format(want=want, moment=last)
    lists = {}
    for name, place in PLACES.items():
        could, cannot = (want, misses) if place.ordered else (EVERY, EVERY)
        lists[name] = _list(words, place, areas, could, "TRUE", "FALSE")
        lists[f"{name}_not"] = _list(
            words, place, areas, cannot, "FALSE", "TRUE", "" if place.tables else until
        )
    far = "nowhere" if placed else "anywhere"
    lists |= {"far": lists[far], "far_not": lists[f"{far}_not"]}
    spans = json_rows(f"spans_{mine}", SPANS)
    numbers = {"mine": mine, "want": want, "misses": misses, "disks": len(DISKS) - 1, "outside": NOWHERE}
    return LOOK.format(spans=spans, **numbers, **words, **lists)


def _list(
    words: dict[str, Any], place: Place, areas: int, limit: int, fits: str, fails: str, until: str = ""
) -> str:
    n = words["n"]
    sifted = SIFTED.format(
        n=n,
        kind=words["kind"],
        own="need" if words["kind"] == "offer" else "offer",
        apart=APART,
        inside=of_areas("other.area_id", areas),
        asked=ASKED[words["kind"]].format(n=n),
        travels=TRAVELS.format(n=n, km=place.km) if place.km else "TRUE",
        fits=fits,
        fails=fails,
    )
    return LIST.format(
        tables=place.tables,
        where=place.where.format(n=n) + until,
        sifted=sifted,
        place=place.order,
        limit=limit,
        **words,
    )
