"""Times of the week between two dates."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualaid.aid import windows

TUESDAY_EVENING = windows.mask([(1, 2)])
TUESDAY_AND_FRIDAY_MORNING = windows.mask([(1, 0), (4, 0)])


def test_mask_and_slots_are_each_others_reverse():
    assert windows.slots(windows.mask([(0, 0), (6, 2)])) == [(0, 0), (6, 2)]


@pytest.mark.parametrize(
    ("a", "b", "first", "last", "both"),
    [
        (0, 0, None, None, windows.WEEK),
        (0, TUESDAY_EVENING, None, None, TUESDAY_EVENING),
        (TUESDAY_EVENING, TUESDAY_AND_FRIDAY_MORNING, None, None, 0),
        # 24 November 2026 is a Tuesday.
        (0, TUESDAY_EVENING, date(2026, 11, 24), date(2026, 11, 24), TUESDAY_EVENING),
        (0, TUESDAY_EVENING, date(2026, 11, 25), date(2026, 11, 30), 0),
        (0, TUESDAY_EVENING, date(2026, 11, 25), date(2026, 12, 1), TUESDAY_EVENING),
        (0, 0, date(2026, 11, 25), date(2026, 11, 24), 0),
    ],
)
def test_overlap_between_two_days_is_exact(a, b, first, last, both):
    assert windows.overlap(a, b, first, last) == both


@given(
    st.integers(0, windows.WEEK),
    st.integers(0, windows.WEEK),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    st.integers(-1, 20),
)
def test_overlap_agrees_with_looking_at_every_day(a, b, first, days):
    last = date.fromordinal(first.toordinal() + days)
    ways = {
        (day.weekday(), part)
        for day in map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
        for part in range(3)
        if (a or windows.WEEK) >> (3 * day.weekday() + part) & 1
        and (b or windows.WEEK) >> (3 * day.weekday() + part) & 1
    }
    assert set(windows.slots(windows.overlap(a, b, first, last))) == ways


def test_week_starts_on_monday_midnight_of_the_networks_own_time():
    sunday_evening_in_toronto = datetime(2026, 11, 23, 4, 59, tzinfo=UTC)
    monday_in_toronto = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert windows.week_start(sunday_evening_in_toronto, "America/Toronto") == datetime(
        2026, 11, 16, 5, tzinfo=UTC
    )
    assert windows.week_start(monday_in_toronto, "America/Toronto") == monday_in_toronto


def test_end_of_day_knows_the_change_of_clocks():
    assert windows.end_of_day(date(2026, 10, 31), "America/Toronto") == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert windows.end_of_day(date(2026, 11, 1), "America/Toronto") == datetime(2026, 11, 2, 5, tzinfo=UTC)
