"""A mapping: a TOML file that says how the columns and categories of a source become needs and offers."""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mutualaid.aid.models import KINDS, TRAVEL, URGENCIES

NEEDED = ("id", "date", "category", "latitude", "longitude")
WELCOME = ("quantity", "area", "details", "language", "name", "phone", "email")
SOURCE_LENGTH = 40  # of Post.source
MOST = 1_000_000  # of anything that is counted
A_MOMENT = datetime(2010, 1, 31, 13, 5, tzinfo=UTC)


class CannotImport(Exception):
    """Nothing can be taken in. The message is for whoever gave the command."""


@dataclass(frozen=True)
class Pattern:
    """What one category of the source means. `left_out` says why it is neither a need nor an offer."""

    match: re.Pattern[str]
    kind: str = ""
    category: str = ""
    urgency: int = 0
    quantity: int | None = None
    travel: str = "either"
    reach_km: int | None = None
    left_out: str = ""


@dataclass(frozen=True)
class Bounds:
    """In degrees. West of 180 and east of -180: `west` is then the greater number."""

    south: float
    west: float
    north: float
    east: float

    def hold(self, lat: float, lon: float) -> bool:
        after, before = self.west <= lon, lon <= self.east
        beside = after and before if self.west <= self.east else after or before
        return beside and self.south <= lat <= self.north


@dataclass(frozen=True)
class Mapping:
    """`columns`: from our names (NEEDED, WELCOME) to the source's."""

    source: str
    columns: dict[str, str]
    date_format: str
    timezone: str
    bounds: Bounds
    patterns: tuple[Pattern, ...]
    separator: str = ""  # empty: one category in a cell
    encoding: str = "utf-8"

    def pattern_of(self, item: str) -> Pattern | None:
        """The first that matches, as they stand in the file."""
        return next((pattern for pattern in self.patterns if pattern.match.search(item)), None)

    def moment(self, text: str) -> datetime:
        """In UTC. ValueError or OverflowError when it is no date of this format."""
        local = datetime.strptime(text, self.date_format)  # noqa: DTZ007  (the format may hold a zone)
        return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(self.timezone))).astimezone(UTC)

    @property
    def a_date(self) -> str:
        """What a date of this source looks like."""
        return A_MOMENT.strftime(self.date_format)


def read_mapping(path: Path) -> Mapping:
    """CannotImport says what is missing, wrong or unknown in the file."""
    try:
        return _mapping(_Part(tomllib.loads(path.read_text(encoding="utf-8")), "the mapping"))
    except OSError as error:
        raise CannotImport(f"{path.name} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotImport(f"{path.name} is not TOML: {error}") from error
    except CannotImport as error:
        raise CannotImport(f"{path.name}: {error}") from error


class _Part:
    """One table of the file, taken apart key by key, so that whatever is wrong is called by its name."""

    def __init__(self, table: dict[str, Any], where: str) -> None:
        self.left = dict(table)
        self.where = where

    def wrong(self, key: str, what: str) -> CannotImport:
        return CannotImport(f"in {self.where}, “{key}” {what}.")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.left.pop(key, default)
        if value is None:
            raise self.wrong(key, "is missing")
        if not isinstance(value, str) or (not value and default is None):
            raise self.wrong(key, "must be a text")
        return value

    def one_of(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise self.wrong(key, f"must be one of: {', '.join(choices)}")
        return value

    def whole(self, key: str, least: int, most: int) -> int | None:
        value = self.left.pop(key, None)
        if value is None:
            return None
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(key, f"must be a whole number from {least} to {most}")
        return value

    def degrees(self, key: str, most: float) -> float:
        value = self.left.pop(key, None)
        if type(value) not in (int, float) or not -most <= value <= most:
            raise self.wrong(key, f"must be a number of degrees from -{most} to {most}")
        return float(value)

    def part(self, key: str) -> "_Part":
        value = self.left.pop(key, None)
        if not isinstance(value, dict):
            raise CannotImport(f"the part [{key}] is missing.")
        return _Part(value, f"[{key}]")

    def parts(self, key: str) -> list["_Part"]:
        value = self.left.pop(key, None)
        if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
            raise CannotImport(f"there is no [[{key}]].")
        return [_Part(row, f"[[{key}]] number {number}") for number, row in enumerate(value, start=1)]

    def done(self) -> None:
        if self.left:
            raise self.wrong(next(iter(self.left)), "is not known")


def _mapping(part: _Part) -> Mapping:
    mapping = Mapping(
        source=part.text("source"),
        columns=_columns(part.part("columns")),
        date_format=part.text("date_format"),
        timezone=part.text("timezone"),
        bounds=_bounds(part.part("bounds")),
        patterns=tuple(_pattern(row) for row in part.parts("patterns")),
        separator=part.text("separator", default=""),
        encoding=part.text("encoding", default="utf-8"),
    )
    part.done()
    if len(mapping.source) > SOURCE_LENGTH:
        raise part.wrong("source", f"must not be longer than {SOURCE_LENGTH} letters")
    _check_words(part, mapping)
    return mapping


def _check_words(part: _Part, mapping: Mapping) -> None:
    """What only Python knows: formats of dates, time zones, encodings."""
    try:
        ZoneInfo(mapping.timezone)
    except (OSError, ValueError, LookupError) as error:
        raise part.wrong("timezone", f"names no time zone: {mapping.timezone}") from error
    try:
        mapping.moment(mapping.a_date)
    except ValueError as error:
        raise part.wrong("date_format", f"is not a format: {error}") from error
    try:
        "".encode(mapping.encoding)
    except LookupError as error:
        raise part.wrong("encoding", f"names no encoding: {mapping.encoding}") from error


def _columns(part: _Part) -> dict[str, str]:
    needed = {name: part.text(name) for name in NEEDED}
    welcome = {name: part.text(name) for name in WELCOME if name in part.left}
    part.done()
    return needed | welcome


def _bounds(part: _Part) -> Bounds:
    bounds = Bounds(
        south=part.degrees("south", 90),
        west=part.degrees("west", 180),
        north=part.degrees("north", 90),
        east=part.degrees("east", 180),
    )
    part.done()
    if bounds.south > bounds.north:
        raise part.wrong("south", "lies north of “north”")
    return bounds


def _pattern(part: _Part) -> Pattern:
    try:
        match = re.compile(part.text("match"), re.IGNORECASE)
    except re.error as error:
        raise part.wrong("match", f"is not a pattern: {error}") from error
    if "left_out" in part.left:
        pattern = Pattern(match, left_out=part.text("left_out"))
    else:
        pattern = Pattern(
            match,
            kind=part.one_of("kind", KINDS),
            category=part.text("category"),
            urgency=part.whole("urgency", min(URGENCIES), max(URGENCIES)) or 0,
            quantity=part.whole("quantity", 1, MOST),
            travel=part.one_of("travel", TRAVEL, default="either"),
            reach_km=part.whole("reach_km", 0, 20_000),
        )
    part.done()
    return pattern
