"""Times as sources write them -> instants, with both clock-change days right."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from jobs.sources.delivery import Flags, Longs

DAY_US = 86_400_000_000
_OFFSET = r"\d.*(Z|[+-]\d{2}:?\d{2})$"  # of an ISO time; a bare date ends in two digits only
_NOT_A_TIME = np.iinfo(np.int64).min


class Instants(NamedTuple):
    """Instants in microseconds since 1970 UTC, one for each time parsed.

    ``later_us`` differs where the zone's clock showed the time twice: it is the second pass. ``bad`` marks what
    cannot be parsed, or what no clock of the zone ever showed; its instants mean nothing.
    """

    utc_us: Longs
    later_us: Longs
    bad: Flags


def parse_instants(times: pa.Array, zone: str, format: str | None = None) -> Instants:
    """Instants of texts, dates or timestamps; those without an offset of their own are wall-clock times of ``zone``.

    Parameters
    ----------
    times
        Strings (parsed once each where the array is a dictionary), dates or timestamps; null is bad.
    zone
        IANA name, or a fixed offset such as ``+01:00``.
    format
        strptime format of strings; None is ISO 8601.
    """
    if pa.types.is_dictionary(times.type):
        index = times.indices.fill_null(len(times.dictionary)).to_numpy(zero_copy_only=False)
        each = parse_instants(pa.concat_arrays([times.dictionary, pa.nulls(1, times.type.value_type)]), zone, format)
        return Instants(each.utc_us[index], each.later_us[index], each.bad[index])
    if pa.types.is_string(times.type) or pa.types.is_large_string(times.type):
        wall_us, has_offset = _parsed_text(times, format)
    else:
        has_offset = np.full(len(times), pa.types.is_timestamp(times.type) and times.type.tz is not None)
        wall = times.cast(pa.timestamp("us", times.type.tz if has_offset.any() else None)).cast(pa.int64())
        wall_us = wall.fill_null(_NOT_A_TIME).to_numpy(zero_copy_only=False)
    bad = wall_us == _NOT_A_TIME
    local = pa.array(np.where(bad, 0, wall_us)).cast(pa.timestamp("us"))
    first, second = (
        pc.assume_timezone(local, zone, ambiguous=which, nonexistent="earliest") for which in ("earliest", "latest")
    )
    first_us, second_us = (one.cast(pa.int64()).to_numpy() for one in (first, second))
    shown = pc.local_timestamp(first).cast(pa.int64()).to_numpy() == local.cast(pa.int64()).to_numpy()
    first_us, second_us = (np.where(has_offset, wall_us, one) for one in (first_us, second_us))
    return Instants(first_us, second_us, bad | ~(shown | has_offset))


def day_starts(days: pa.Array, zone: str, format: str | None = None) -> tuple[Longs, Longs, Flags]:
    """Start and end, microseconds since 1970 UTC, of each day of ``zone``; and which days cannot be parsed."""
    if pa.types.is_dictionary(days.type):
        index = days.indices.fill_null(len(days.dictionary)).to_numpy(zero_copy_only=False)
        start, end, bad = day_starts(
            pa.concat_arrays([days.dictionary, pa.nulls(1, days.type.value_type)]), zone, format
        )
        return start[index], end[index], bad[index]
    named = parse_instants(days, "UTC", format)
    day = pa.array(np.where(named.bad, 0, named.utc_us))
    # A zone whose clock jumps at midnight starts its day with the first time shown.
    start, end = (
        pc.assume_timezone(
            pa.array(day.to_numpy() + more).cast(pa.timestamp("us")), zone, ambiguous="earliest", nonexistent="latest"
        )
        .cast(pa.int64())
        .to_numpy()
        for more in (0, DAY_US)
    )
    return start, end, named.bad | (named.utc_us % DAY_US != 0)


def _parsed_text(texts: pa.Array, format: str | None) -> tuple[Longs, Flags]:
    """Microseconds as written (of the instant, where an offset is written), and where an offset is written."""
    parsed = pd.to_datetime(texts.to_pandas(), format=format or "ISO8601", utc=True, errors="coerce")
    micros = parsed.dt.tz_localize(None).to_numpy().astype("datetime64[us]").view(np.int64)
    if format is None:
        has_offset = pc.match_substring_regex(texts, _OFFSET).fill_null(False).to_numpy(zero_copy_only=False)
    else:
        has_offset = np.full(len(texts), "%z" in format)
    return micros, has_offset
