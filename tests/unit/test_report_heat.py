"""Feeder profiles by local day and time: clock changes, gaps and packing."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from jobs.report.figures import net_scale
from jobs.report.heat import HeatMaps, heat_maps
from jobs.report.load_data import Loads

BERLIN: dict[str, Any] = {"offset": timedelta(hours=1), "zone": "Europe/Berlin"}
NO_ROWS = pd.DataFrame()


def loads(days: dict[str, list[int | None]], minutes: int = 60) -> Loads:
    rows = [{"feeder_id": "F", "grid_date": day, "interval_minutes": minutes, "net_wh": wh} for day, wh in days.items()]
    return Loads(
        NO_ROWS, NO_ROWS, pd.DataFrame(rows, columns=["feeder_id", "grid_date", "interval_minutes", "net_wh"]), 0, 1
    )


def kw(maps: HeatMaps) -> NDArray[np.float64]:
    """Times × days, NaN where nothing is known."""
    whole = np.frombuffer(base64.b64decode(maps.kw["F"]), maps.dtype).reshape(len(maps.times), len(maps.days))
    return np.where(whole == maps.missing, np.nan, whole)


def test_hour_skipped_in_spring_is_empty_and_the_rest_moves_on() -> None:
    # grid days at +01:00; on 27 March 2016 the clock goes from 02:00 to 03:00
    maps = heat_maps(loads({"2016-03-27": [1000 * hour for hour in range(24)]}), **BERLIN)
    assert maps is not None
    assert maps.days == ["2016-03-27", "2016-03-28"]
    day = kw(maps)[:, 0]
    assert day[:2].tolist() == [0, 1]
    assert np.isnan(day[2])
    assert day[3:].tolist() == list(range(2, 23))
    assert kw(maps)[0, 1] == 23  # the grid day's last hour is the first of the next local day


def test_hour_that_comes_twice_in_autumn_shows_the_mean() -> None:
    # 30 October 2016: local 02:00 to 03:00 is grid 01:00 to 02:00 and then grid 02:00 to 03:00
    maps = heat_maps(loads({"2016-10-30": [1000 * hour for hour in range(24)]}), **BERLIN)
    assert maps is not None
    day = kw(maps)[:, maps.days.index("2016-10-30")]
    assert day[1:5].tolist() == [0, 2, 3, 4]  # (1 + 2) / 2 rounds half to even
    assert maps.highest_kw == 23


def test_quarter_hours_become_mean_power_and_gaps_stay_gaps() -> None:
    wh: list[int | None] = [2500] * 96  # 2.5 kWh in a quarter-hour are 10 kW
    wh[8] = None
    wh[9] = -5000
    maps = heat_maps(loads({"2016-01-10": wh}, minutes=15), **BERLIN)
    assert maps is not None
    day = kw(maps)[:, 0]
    assert np.isnan(day[8])
    assert day[9] == -20
    assert np.delete(day, [8, 9]).tolist() == [10] * 94
    assert (maps.lowest_kw, maps.highest_kw, maps.times[9]) == (-20, 10, "02:15")


def test_large_feeders_are_packed_in_four_bytes() -> None:
    maps = heat_maps(loads({"2016-01-10": [40_000_000] * 24}), **BERLIN)
    assert maps is not None
    assert maps.dtype == "<i4"
    assert set(kw(maps)[:, 0]) == {40_000}


def test_no_profile_no_map() -> None:
    assert heat_maps(loads({}), **BERLIN) is None


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 10), (-5, 10), (-10, 1), (-10, -1), (-3, 0)])
def test_colour_scale_spans_0_to_1_in_order(low: float, high: float) -> None:
    at = [stop[0] for stop in net_scale(low, high)]
    assert (at[0], at[-1]) == (0, 1)
    assert at == sorted(at)
