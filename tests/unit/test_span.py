"""Half-open spans of grid days and the periods they touch."""

from __future__ import annotations

from datetime import date

import pytest

from jobs.span import Span, next_month

NEW_YEAR = Span(date(2015, 12, 31), date(2016, 1, 2))


def test_the_end_is_not_in_the_span() -> None:
    assert list(NEW_YEAR) == [date(2015, 12, 31), date(2016, 1, 1)]
    assert len(NEW_YEAR) == 2


def test_periods_are_those_of_its_days() -> None:
    assert NEW_YEAR.months == [date(2015, 12, 1), date(2016, 1, 1)]
    assert NEW_YEAR.years == [date(2015, 1, 1), date(2016, 1, 1)]
    whole = Span(date(2016, 1, 1), date(2016, 2, 1))  # ends where February begins: February is not touched
    assert whole.months == [date(2016, 1, 1)]
    assert whole.whole_months() == whole


def test_whole_periods_hold_the_leap_day_and_december() -> None:
    february = Span(date(2016, 2, 28), date(2016, 2, 29)).whole_months()
    assert (february.first, february.end, len(february)) == (date(2016, 2, 1), date(2016, 3, 1), 29)
    assert Span(date(2016, 12, 31), date(2017, 1, 1)).whole_months().end == date(2017, 1, 1)
    years = NEW_YEAR.whole_years()
    assert (years.first, years.end, len(years)) == (date(2015, 1, 1), date(2017, 1, 1), 365 + 366)


def test_widening_adds_days_at_either_end() -> None:
    assert NEW_YEAR.widened(before=1, after=2) == Span(date(2015, 12, 30), date(2016, 1, 4))


@pytest.mark.parametrize("end", [date(2016, 1, 1), date(2015, 12, 31)])
def test_a_span_without_a_day_is_refused(end: date) -> None:
    with pytest.raises(ValueError, match="holds no day: 'to' is exclusive"):
        Span(date(2016, 1, 1), end)


def test_next_month_from_a_long_months_last_day() -> None:
    assert next_month(date(2016, 1, 31)) == date(2016, 2, 1)
    assert next_month(date(2016, 12, 31)) == date(2017, 1, 1)
