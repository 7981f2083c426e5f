"""Areas of a network: taken in from what a file held, and found again from a tap."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, delete, insert, select

from mutualaid.db import db, new_id
from mutualaid.networks.models import Network
from mutualaid.places import cells
from mutualaid.places.geojson import ParsedArea, Rejected
from mutualaid.places.models import Area, AreaCell
from mutualaid.places.outlines import simplified
from mutualaid.places.shapes import Polygons

BATCH = 500  # below what any SQLite takes in one statement

Owners = dict[int, int]  # fine cell -> area id


class Named(NamedTuple):
    id: int
    name: str
    updated_at: datetime


# Made once: to make a statement takes longer than to ask it.
NAMES = (
    select(Area.id, Area.name, Area.updated_at)
    .where(Area.network_id == bindparam("network", type_=BigInteger))
    .order_by(Area.name)
)


@dataclass
class Counts:
    added: int = 0
    updated: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def areas_of(network: Network) -> list[Area]:
    """All areas of a network, by name."""
    return list(db.session.scalars(select(Area).where(Area.network_id == network.id).order_by(Area.name)))


def names_of(network: Network) -> list[Named]:
    """The same without what is drawn."""
    return [Named._make(row) for row in db.session.execute(NAMES, {"network": network.id})]


def area_ids_of(network: Network) -> frozenset[int]:
    return frozenset(db.session.scalars(select(Area.id).where(Area.network_id == network.id)))


def area_at(network: Network, lat: float, lon: float) -> Area | None:
    """The area in which a tap or a position lies. ValueError when it is not on earth."""
    cell = cells.cell_at(lat, lon, cells.FINE)
    here = select(AreaCell.area_id).where(AreaCell.network_id == network.id, AreaCell.cell == cell)
    return db.session.scalar(
        select(Area).where(Area.network_id == network.id, Area.id == here.scalar_subquery())
    )


def import_areas(network: Network, parsed: Iterable[ParsedArea | Rejected], now: datetime) -> Counts:
    """Add areas, or update those of the same name, and share out the fine cells anew. Does not commit."""
    features = list(parsed)
    found = [feature for feature in features if isinstance(feature, ParsedArea)]
    counts = Counts(rejected=[feature for feature in features if isinstance(feature, Rejected)])
    areas = {area.name: area for area in areas_of(network)}
    for feature, outline in zip(found, simplified([feature.shape for feature in found]), strict=True):
        if feature.name in areas:
            counts.updated += 1
        else:
            counts.added += 1
            areas[feature.name] = Area(network_id=network.id, id=new_id(), name=feature.name, created_at=now)
            db.session.add(areas[feature.name])
        shape_area(areas[feature.name], feature, outline, now)
    set_parents(areas, found)
    db.session.flush()
    before = owners_of(network)
    write_owners(network, before, share_out(before, {areas[feature.name].id: feature for feature in found}))
    return counts


def shape_area(area: Area, feature: ParsedArea, outline: Polygons, now: datetime) -> None:
    area.outline = outline
    area.middle_cell = feature.middle_cell
    area.updated_at = now


def set_parents(areas: dict[str, Area], found: list[ParsedArea]) -> None:
    """A parent is an area of the same file that has none itself; anything else a file calls "parent" is passed over."""
    tops = {feature.name for feature in found if feature.parent not in areas}
    for feature in found:
        areas[feature.name].parent_id = areas[feature.parent].id if feature.parent in tops else None


def owners_of(network: Network) -> Owners:
    rows = db.session.execute(
        select(AreaCell.cell, AreaCell.area_id).where(AreaCell.network_id == network.id)
    )
    return dict(rows.all())


def share_out(before: Owners, found: dict[int, ParsedArea]) -> Owners:
    """Which area each fine cell leads to once `found` (by area id) has taken its place among the others.

    The area that holds a cell's centre has it; of several, the smallest. A cell whose centre lies in none, at the
    water or in a gap, goes to one that it overlaps, so that a tap at the edge is found. Every area has one at least.
    """
    owners = {cell: area_id for cell, area_id in before.items() if area_id not in found}
    by_size = sorted(found.items(), key=lambda item: (-len(item[1].fine), item[1].name))
    for area_id, feature in by_size:
        owners.update(dict.fromkeys(feature.fine, area_id))
    for area_id, feature in reversed(by_size):
        for cell in cells.touched_cells(feature.shape):
            owners.setdefault(cell, area_id)
    wanted = {area_id: sorted(feature.fine) for area_id, feature in found.items()}
    for cell, area_id in before.items():
        wanted.setdefault(area_id, [cell])
    give_each_one(owners, wanted)
    return owners


def give_each_one(owners: Owners, wanted: dict[int, list[int]]) -> None:
    """Give every area left without a cell one of those it wants, or the nearest; never another's last."""
    held = Counter(owners.values())
    for area_id, first in sorted(wanted.items()):
        if not held[area_id]:
            cell = next(c for c in outward(first) if c not in owners or held[owners[c]] > 1)
            held[owners.get(cell, 0)] -= 1
            held[area_id], owners[cell] = 1, area_id


def outward(first: list[int]) -> Iterator[int]:
    """These cells, then ring by ring those around them."""
    yield from first
    for distance in count(1):
        yield from cells.ring(first[0], distance)


def write_owners(network: Network, before: Owners, after: Owners) -> None:
    """Only what changed is written, so that the same file again writes no cell."""
    changed = [cell for cell, area_id in before.items() if after.get(cell) != area_id]
    for start in range(0, len(changed), BATCH):
        part = changed[start : start + BATCH]
        db.session.execute(
            delete(AreaCell).where(AreaCell.network_id == network.id, AreaCell.cell.in_(part)),
            execution_options={"synchronize_session": False},
        )
    rows = [
        {"network_id": network.id, "cell": cell, "area_id": area_id}
        for cell, area_id in after.items()
        if before.get(cell) != area_id
    ]
    if rows:
        db.session.execute(insert(AreaCell), rows)
