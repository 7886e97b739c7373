"""Numbers as people read them: thousands apart, a unit that keeps them short, a dash where there is none."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

NONE = "–"
PREFIXES = ("", "k", "M", "G", "T")


def is_none(value: Any) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def count(value: Any) -> str:
    """A whole number.

    >>> count(61234567), count(None)
    ('61,234,567', '–')
    """
    return NONE if is_none(value) else f"{round(value):,}"


def scaled(value: Any, unit: str) -> str:
    """Three digits or more with the prefix that keeps the number below 10,000.

    >>> scaled(1234567, "Wh"), scaled(12345678, "Wh"), scaled(-950, "W"), scaled(0.5, "Wh")
    ('1,235 kWh', '12.3 MWh', '-950 W', '0.5 Wh')
    """
    if is_none(value):
        return NONE
    size, step = float(value), 0
    while abs(size) >= (1000 if step == 0 else 10_000) and step < len(PREFIXES) - 1:
        size, step = size / 1000, step + 1
    return f"{number(size)} {PREFIXES[step]}{unit}"


def energy(wh: Any) -> str:
    return scaled(wh, "Wh")


def number(value: Any) -> str:
    """Three significant digits, all digits before the point.

    >>> number(1234.5), number(12.345), number(0.01234), number(100.0), number(0)
    ('1,234', '12.3', '0.0123', '100', '0')
    """
    if is_none(value):
        return NONE
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: Any, unit: str) -> str:
    return NONE if is_none(value) else f"{number(value)} {unit}"


def money(value: Any, currency: str) -> str:
    """Money without cents.

    >>> money(-1234.56, "EUR"), money(-0.2, "EUR")
    ('-1,235 EUR', '0 EUR')
    """
    return NONE if is_none(value) else f"{round(value) + 0:,} {currency}"


def share(value: Any) -> str:
    """A fraction in per cent; a small one is not shown as none.

    >>> share(0.0512), share(0.00004), share(0), share(1.0)
    ('5.1 %', '0.004 %', '0 %', '100 %')
    """
    if is_none(value):
        return NONE
    percent = 100 * float(value)
    return f"{percent:.1f} %".replace(".0 %", " %") if percent == 0 or abs(percent) >= 1 else f"{percent:.1g} %"


def day(value: date | None) -> str:
    """A date.

    >>> day(date(2016, 3, 27))
    '27 March 2016'
    """
    return NONE if is_none(value) or value is None else f"{value.day} {value:%B %Y}"


def local_minute(instant_utc: datetime | None, zone: str) -> str:
    """An instant without a zone, which is UTC, at local time.

    >>> local_minute(datetime(2016, 7, 1, 17, 45), "Europe/Berlin")
    '1 Jul 2016, 19:45'
    """
    if is_none(instant_utc) or instant_utc is None:
        return NONE
    local = instant_utc.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y, %H:%M}"


def plain(code: str) -> str:
    """A code as words.

    >>> plain("replace_now")
    'replace now'
    """
    return code.replace("_", " ")


def decision(code: str, year: float | None) -> str:
    """What to do with a unit, and when.

    >>> decision("replace_later", 2031.0), decision("keep", None)
    ('replace in 2031', 'keep')
    """
    if code != "replace_later" or year is None or is_none(year):
        return plain(code)
    return f"replace in {int(year)}"
