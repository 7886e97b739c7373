"""Values and keys of a trace, as text and JSON say them."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from jobs.trace import words
from jobs.trace.keys import keys_page
from jobs.trace.show import plain
from jobs.trace.structure import AssetTrace, Delivered, Interval, Read, UsagePointTrace


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1234567, "1,234,567"),
        (0.000123, "0.000123"),
        (12345.678, "12,345.68"),
        (None, "none"),
        (True, "yes"),
        ([3, 1, 2], "3 values from 1 to 3, sum 6"),
        ([0.5, 1.5], "2 values from 0.5 to 1.5"),
        (["delivered", "received"], "delivered, received"),
        (date(2016, 2, 29), "2016-02-29"),
        (float("nan"), "none"),
    ],
)
def test_a_value_is_said_in_few_words(value: object, said: str) -> None:
    assert words.said(value) == said


def test_json_has_utc_instants_plain_numbers_and_no_nan() -> None:
    instant = datetime(2016, 1, 1, 12, 30, tzinfo=UTC)
    assert plain({"at": instant, "sum": Decimal("12.50"), "none": float("nan"), "days": [date(2016, 1, 1)]}) == {
        "at": "2016-01-01T12:30:00Z",
        "sum": 12.5,
        "none": None,
        "days": ["2016-01-01"],
    }


def test_a_version_is_an_instant_where_it_can_be_one_and_years_have_no_thousands() -> None:
    assert words.version(1452211200000000) == "2016-01-08 00:00:00Z"
    assert words.version(7) == "7"
    assert words.values({"manufactured_year": 1981, "rating_kva": 1600, "source": "x", "batch": None}) == (
        "manufactured_year 1981, rating_kva 1,600"
    )


def test_a_place_says_its_lines() -> None:
    def place(first: int | None, last: int | None) -> str:
        return words.place(Delivered(source="s", file_id="f", path="/d/f.csv", first_line=first, last_line=last))

    assert [place(4, 4), place(4, 9), place(None, None)] == [
        "s: /d/f.csv line 4", "s: /d/f.csv lines 4 to 9", "s: /d/f.csv",
    ]  # fmt: skip


def test_every_key_has_its_line_on_the_page() -> None:
    page = keys_page()
    for kind in (UsagePointTrace, AssetTrace, Read, Interval):
        start = page.index(f"## {kind.__name__}")
        told = [line.split(" | ")[0].removeprefix("| ") for line in page[start : start + 6 + len(fields(kind))]]
        assert [one.name for one in fields(kind)] == told[6:]
    assert "| reads | list of [Read](#read) | the values |" in page
