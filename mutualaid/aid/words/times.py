"""Days, hours and times of the week, in the network's local time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import format_date, format_time, gettext, ngettext

from mutualaid.aid import windows

DAYS = (
    lambda: gettext("Monday"),
    lambda: gettext("Tuesday"),
    lambda: gettext("Wednesday"),
    lambda: gettext("Thursday"),
    lambda: gettext("Friday"),
    lambda: gettext("Saturday"),
    lambda: gettext("Sunday"),
)
SPANS = {
    0b1111111: lambda: gettext("every day"),
    0b0011111: lambda: gettext("Monday to Friday"),
    0b1100000: lambda: gettext("weekends"),
}
PARTS = (
    lambda: gettext("morning"),
    lambda: gettext("afternoon"),
    lambda: gettext("evening"),
)
PARTS_EACH = (
    lambda: gettext("mornings"),
    lambda: gettext("afternoons"),
    lambda: gettext("evenings"),
)
ALL_DAY = 0b111


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(g.network.timezone if g.get("network") else "UTC"))


def today() -> date:
    return local(g.now).date()


def times_words(times: int) -> str:
    """A mask of aid.windows: "Tuesday evening", "weekday mornings", "any time"."""
    if times in (0, windows.WEEK):
        return gettext("any time")
    by_part = [sum(1 << day for day in range(7) if times >> (3 * day + part) & 1) for part in range(3)]
    if by_part[0] == by_part[1] == by_part[2]:
        return _days(by_part[0])
    return ", ".join(_days_and_part(days, part) for part, days in enumerate(by_part) if days)


def _days(days: int) -> str:
    if days in SPANS:
        return SPANS[days]()
    return ", ".join(DAYS[day]() for day in range(7) if days >> day & 1)


def _days_and_part(days: int, part: int) -> str:
    if days == 0b1111111:
        return PARTS_EACH[part]()
    return f"{_days(days)} {PARTS[part]()}"


def day_words(day: date, *, inside: bool = False) -> str:
    """Today, Tomorrow, Tuesday 24 November; `inside` a sentence: today, tomorrow."""
    ahead = (day - today()).days
    if ahead in (-1, 0, 1):
        words = (gettext("today"), gettext("tomorrow"), gettext("yesterday"))[ahead]
        return words if inside else words[:1].upper() + words[1:]
    # TRANSLATORS: How a day is written. EEEE is Tuesday, d is 24, MMMM is November, y is 2026.
    near, far = gettext("EEEE d MMMM"), gettext("d MMMM y")
    return str(format_date(day, near if abs(ahead) < 300 else far))


def moment_words(moment: datetime, *, inside: bool = False) -> str:
    """Today, 10:40 am."""
    there = local(moment)
    return f"{day_words(there.date(), inside=inside)}, {format_time(there, 'short', rebase=False)}"


def ago(moment: datetime) -> str:
    """How long ago, in one rough figure: "5 hours"."""
    minutes = max(0, int((g.now - moment).total_seconds() // 60))
    if minutes < 60:
        return str(ngettext("%(num)s minute", "%(num)s minutes", minutes))
    if minutes < 48 * 60:
        return str(ngettext("%(num)s hour", "%(num)s hours", minutes // 60))
    days = minutes // (24 * 60)
    if days < 60:
        return str(ngettext("%(num)s day", "%(num)s days", days))
    if days < 730:
        return str(ngettext("%(num)s month", "%(num)s months", days // 30))
    return str(ngettext("%(num)s year", "%(num)s years", days // 365))


def until_words(first: date | None, last: date | None) -> str:
    if first and last and first == last:
        return day_words(first)
    parts = [gettext("from %(day)s", day=day_words(first, inside=True))] if first and first > today() else []
    if last:
        parts.append(gettext("until %(day)s", day=day_words(last, inside=True)))
    return ", ".join(parts)


def when_words(times: int, first: date | None = None, last: date | None = None) -> str:
    """Both together: "Tuesday evening, until Friday 27 November"."""
    return ", ".join(filter(None, (times_words(times), until_words(first, last))))
