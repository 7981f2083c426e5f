"""Area: a named neighbourhood; AreaCell: the fine cells it is found by."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from mutualaid.db import Base, NetworkOwned, in_network, refers, sorted_text


class Area(NetworkOwned, Base):
    __tablename__ = "area"

    name: Mapped[str] = mapped_column(sorted_text(120))
    parent_id: Mapped[int | None]
    outline: Mapped[list[Any]] = mapped_column(
        default=list, deferred=True
    )  # polygons of rings of [lon, lat], simplified; long, so read only to be drawn
    middle_cell: Mapped[int]  # at the network's resolution; where area-only posts are measured from
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        in_network(),
        refers("parent_id", "area"),
        Index("uq_area_name", "network_id", "name", unique=True),
    )


class AreaCell(Base):
    """One cell of resolution 10 belongs to one area."""

    __tablename__ = "area_cell"

    network_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    area_id: Mapped[int]

    __table_args__ = (
        in_network(),
        refers("area_id", "area"),
        Index("ix_area_cell_area", "network_id", "area_id"),
    )
