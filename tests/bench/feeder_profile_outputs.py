"""What every case of the feeder profile bench answers with, and the SQL that two of them share."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from jobs.gold.profile.columns import PROFILE
from jobs.gold.profile.sums import SUMMED_KINDS

MODELLED = ("profiled_wh", "unmetered_wh")
"""Outputs that come from another table than the readings, which is empty here: none of the others makes them."""
ARRAYS = tuple(column.name for column in PROFILE if column.is_array and column.name not in MODELLED)
SCALARS = tuple(column.name for column in PROFILE if not column.is_array and column.name != "grid_date")
TANGENT = math.sqrt(1 - 0.95**2) / 0.95
KINDS = ", ".join(map(repr, SUMMED_KINDS))


@dataclass(frozen=True)
class Case:
    """``answer`` is what is timed; ``result`` the same feeder-days as a frame, to be compared."""

    name: str
    answer: Callable[[], object]
    result: Callable[[], pd.DataFrame] | None


def canonical(found: pd.DataFrame) -> dict[str, Any]:
    """Every output as one array, feeder-days in order."""
    rows = found.assign(grid_date=found["grid_date"].astype(str)).sort_values(["feeder_id", "grid_date"])
    arrays: dict[str, Any] = {name: np.array(rows[name].tolist()) for name in ARRAYS}
    arrays |= {name: rows[name].to_numpy() for name in SCALARS}
    return arrays | {"feeder_id": rows["feeder_id"].to_numpy(str), "grid_date": rows["grid_date"].to_numpy(str)}


# Profiles of quarter-hours, of ``readings``: rows of one or more (n) readings, by what they have in common.
BY_SLOT = f"""
  select feeder_id, grid_date, slot,
    sum(case when channel = 'delivered' and quality <> 3 then reading else 0 end) as delivered_wh,
    sum(case when channel = 'received' and quality <> 3 then reading else 0 end) as received_wh,
    sum(case when channel = 'delivered' and quality <> 3 and interval_minutes <> 15 then reading else 0 end)
      as resampled_delivered_wh,
    sum(case when channel = 'received' and quality <> 3 and interval_minutes <> 15 then reading else 0 end)
      as resampled_received_wh,
    sum(case when channel in ('delivered', 'received') and quality >= 4 then absolute else 0 end) as estimated_wh,
    sum(case when quality = 3 then 0 when channel = 'reactive_delivered' then reading
        when channel = 'reactive_received' then -reading else 0 end) as reactive_varh,
    sum(case when not reactive_metered or quality = 3 then 0 when channel = 'delivered' then reading
        when channel = 'received' then -reading else 0 end) as metered_net_wh,
    sum(case when channel in ('delivered', 'received') and quality <> 3 then absolute else 0 end) as absolute_wh,
    sum(case when counts_as_meter and quality < 3 then n else 0 end) as meters_seen,
    sum(case when counts_as_meter and quality > 3 then n else 0 end) as meters_estimated,
    sum(case when counts_as_meter then n else 0 end) as meters_expected,
    sum(case when interval_minutes <> 15 then n else 0 end) as resampled,
    sum(n) as readings
  from readings where kind in ({KINDS}) group by feeder_id, grid_date, slot"""
WITH_APPARENT = f"""
  select *, delivered_wh - received_wh as net_wh,
    4 * sqrt(pow(delivered_wh - received_wh, 2)
      + pow(reactive_varh + abs(delivered_wh - received_wh - metered_net_wh) * {TANGENT!r}, 2)) as apparent_va
  from by_slot"""
OF_DAY = """
    15 as interval_minutes,
    max(meters_expected) as meters_expected,
    sum(estimated_wh) / sum(absolute_wh) as estimated_share,
    sum(resampled) / sum(readings) as resampled_share,
    sum(abs(net_wh - metered_net_wh)) / sum(abs(net_wh - metered_net_wh) + abs(metered_net_wh))
      as reactive_assumed_share"""
