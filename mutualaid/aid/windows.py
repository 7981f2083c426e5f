"""When a post fits: parts of the day on days of the week, between two dates; all in the network's local time.

`times` is 21 bits: bit 3 * weekday + part, Monday = 0; parts: 0 morning, 1 afternoon, 2 evening. 0 means any time.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARTS = ("morning", "afternoon", "evening")
DAY = 0b111
WEEK = (1 << 21) - 1


def mask(slots: Iterable[tuple[int, int]]) -> int:
    """From (weekday 0..6, part 0..2) pairs."""
    return sum({1 << (3 * day + part) for day, part in slots})


def slots(times: int) -> list[tuple[int, int]]:
    return [(bit // 3, bit % 3) for bit in range(21) if times >> bit & 1]


def overlap(
    times_a: int,
    times_b: int,
    first: date | None,
    last: date | None,
) -> int:
    """The parts of the week that suit both between two dates (either may be open), as a mask; 0: never."""
    both = (times_a or WEEK) & (times_b or WEEK)
    if first is not None and last is not None:
        days = (last - first).days + 1
        if days < 7:
            both &= sum(DAY << 3 * ((first.weekday() + i) % 7) for i in range(max(days, 0)))
    return both


def next_day(times_a: int, times_b: int, first: date) -> date:
    """The first day from `first` on that suits both; `first` itself where none does."""
    both = (times_a or WEEK) & (times_b or WEEK)
    days = (first + timedelta(days=ahead) for ahead in range(7))
    return next((day for day in days if both >> 3 * day.weekday() & DAY), first)


def later(a: date | None, b: date | None) -> date | None:
    return max(a, b) if a and b else a or b


def earlier(a: date | None, b: date | None) -> date | None:
    return min(a, b) if a and b else a or b


def local_day(now: datetime, timezone: str) -> date:
    return now.astimezone(ZoneInfo(timezone)).date()


def day_start(now: datetime, timezone: str) -> datetime:
    """The midnight, in the network's time, that began the day of `now`; as UTC."""
    return datetime.combine(local_day(now, timezone), time(), ZoneInfo(timezone)).astimezone(UTC)


def week_start(now: datetime, timezone: str) -> datetime:
    """The Monday midnight, in the network's time, that began the week of `now`; as UTC."""
    day = local_day(now, timezone)
    monday = day - timedelta(days=day.weekday())
    return datetime.combine(monday, time(), ZoneInfo(timezone)).astimezone(UTC)


def end_of_day(day: date, timezone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone)).astimezone(UTC)
