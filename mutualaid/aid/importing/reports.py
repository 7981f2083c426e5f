"""From a row of cells to a report that can be taken in, or the first reason why it cannot."""

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mutualaid.aid.importing.mapping import MOST, CannotImport, Mapping, Pattern
from mutualaid.normal import normal_email, normal_phone, region_of

ID_LENGTH = 80  # of Post.source_row
NAME_LENGTH = 80
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
NAMED_AT_MOST = 100  # different categories that a mapping does not know


class Rejected(Exception):
    """Why a row is not taken, in plain words."""


@dataclass(frozen=True)
class Report:
    """A row that can be taken in. `patterns`: one for each post it becomes."""

    row_id: str
    at: datetime
    lat: float
    lon: float
    patterns: tuple[Pattern, ...]
    quantity: int | None = None
    area: str = ""
    details: str = ""
    language: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass
class Reader:
    """Reads rows by a mapping, and counts the categories it leaves out or does not know."""

    mapping: Mapping
    header: list[str]
    left_out: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        missing = [name for name in self.mapping.columns.values() if name not in self.header]
        twice = [name for name in self.mapping.columns.values() if self.header.count(name) > 1]
        if missing:
            raise CannotImport(
                f"There is no column {_quoted(missing)}. The file has: {_quoted(self.header[:50])}."
            )
        if twice:
            raise CannotImport(f"There is more than one column {_quoted(twice)}.")
        self._places = {ours: self.header.index(name) for ours, name in self.mapping.columns.items()}
        self._region = region_of(self.mapping.timezone)

    def read(self, cells: list[str], now: datetime) -> Report:
        """Raises Rejected with the first thing that is wrong."""
        cell = {ours: cells[place].strip() for ours, place in self._places.items()}
        lat, lon = self._place(cell["latitude"], cell["longitude"])
        return Report(
            row_id=_row_id(cell["id"]),
            at=self._moment(cell["date"], now),
            lat=lat,
            lon=lon,
            patterns=self._patterns(cell["category"]),
            quantity=_quantity(cell.get("quantity", "")),
            area=cell.get("area", ""),
            details=cell.get("details", ""),
            language=_language(cell.get("language", "")),
            name=cell.get("name", "")[:NAME_LENGTH],
            phone=self._phone(cell.get("phone", "")),
            email=_email(cell.get("email", "")),
        )

    def _moment(self, text: str, now: datetime) -> datetime:
        if not text:
            raise Rejected("There is no date.")
        try:
            moment = self.mapping.moment(text)
        except (ValueError, OverflowError) as error:
            raise Rejected(f"“{_short(text)}” is not a date like {self.mapping.a_date}.") from error
        if moment < EARLIEST:
            raise Rejected(f"The date {_short(text)} is too long ago.")
        if moment > now + timedelta(days=1):
            raise Rejected(f"The date {_short(text)} has not come yet.")
        return min(moment, now)

    def _place(self, latitude: str, longitude: str) -> tuple[float, float]:
        lat, lon = _degrees(latitude, "latitude", 90), _degrees(longitude, "longitude", 180)
        if not self.mapping.bounds.hold(lat, lon):
            raise Rejected(f"{lat}, {lon} lies outside the bounds.")
        return lat, lon

    def _patterns(self, text: str) -> tuple[Pattern, ...]:
        """One for each need or offer in the cell; two that lead to the same are one."""
        separator = self.mapping.separator
        items = [item.strip() for item in (text.split(separator) if separator else [text])]
        items = [item for item in items if item]
        if not items:
            raise Rejected("There is no category.")
        found: dict[tuple[str, str], Pattern] = {}
        skipped: list[Pattern] = []
        strange: list[str] = []
        for item in items:
            pattern = self.mapping.pattern_of(item)
            if pattern is None:
                strange.append(_short(item))
            elif pattern.left_out:
                skipped.append(pattern)
            else:
                found.setdefault((pattern.kind, pattern.category), pattern)
        self._count(skipped, strange)
        if not found:
            raise Rejected(_why_nothing(skipped, strange))
        return tuple(found.values())

    def _count(self, skipped: list[Pattern], strange: list[str]) -> None:
        self.left_out.update(pattern.left_out for pattern in skipped)
        self.unknown.update(
            item for item in strange if item in self.unknown or len(self.unknown) < NAMED_AT_MOST
        )

    def _phone(self, text: str) -> str:
        if text and normal_phone(text, self._region) is None:
            raise Rejected(f"“{_short(text)}” is not a phone number.")
        return text


def _why_nothing(skipped: list[Pattern], strange: list[str]) -> str:
    if strange:
        return f"No category known: {', '.join(strange)}."
    reasons = dict.fromkeys(pattern.left_out for pattern in skipped)
    return f"Left out, it is neither a need nor an offer: {', '.join(reasons)}."


def _row_id(text: str) -> str:
    if not text:
        raise Rejected("There is no id.")
    if len(text) > ID_LENGTH:
        raise Rejected(f"The id is longer than {ID_LENGTH} letters.")
    return text


def _degrees(text: str, name: str, most: int) -> float:
    if not text:
        raise Rejected(f"There is no {name}.")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Rejected(f"The {name} “{_short(text)}” is not a number.")
    if not -most <= value <= most:
        raise Rejected(f"The {name} {_short(text)} is not on earth: it goes from -{most} to {most}.")
    return value


def _quantity(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MOST):
        raise Rejected(f"The quantity “{_short(text)}” is not a whole number from 1 to {MOST:,}.")
    return int(text)


def _email(text: str) -> str:
    if text and normal_email(text) is None:
        raise Rejected(f"“{_short(text)}” is not an email.")
    return text


def _language(text: str) -> str:
    """Only a code counts ("es", "ht", "pt-BR"): a language nobody knows of helps nobody."""
    code = text.lower().split("-")[0].split("_")[0]
    return code if code.isascii() and code.isalpha() and len(code) in (2, 3) else ""


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _quoted(names: list[str]) -> str:
    return ", ".join(f"“{_short(name)}”" for name in names)
