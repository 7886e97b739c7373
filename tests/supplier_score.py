"""The supplier scorecard against the bad batches that sampled fleets hold: what is found, and who is accused wrongly.

``python -m tests.supplier_score SEED ...`` tells it of fleets of 40,000 positions; without seeds, of `SCORED`. The
settings were chosen on the fleets of `TUNED` alone.

The cells are made from the fleet itself, so that a fleet takes seconds: load is known of most positions only, and
not well. `tests.spark.test_supplier_scorecard` holds the tables' way to the same numbers against hand-made rows.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jobs.gold.suppliers.scorecard import CELL, scorecard
from jobs.gold.suppliers.settings import SupplierSettings
from jobs.sample.assets import Fleet
from jobs.sample.call_centre import calls
from jobs.sample.condition import Condition
from jobs.sample.fleet_outages import fleet_outages
from jobs.sample.lightning import flash_density
from jobs.sample.seeds import generator
from jobs.sample.years import NEVER, NEW_YEAR, YEAR_S, YEARS, seconds_of
from jobs.settings import read_settings
from tests.unit.sampled_fleet import fleet_of

POSITIONS = 40_000
TUNED, SCORED = range(1, 7), range(101, 111)
YEARS_ON_RECORD = 15
_LOAD_KNOWN, _LOAD_ERROR = 0.85, 0.1
PLAN = pd.DataFrame({"network": ["LV1", "LV2"], "usage_point": ["U1", "U2"], "supply_level": "lv"})


@dataclass(frozen=True)
class Score:
    """Batches planted, found (on either list), and accusations of all levels that are wrong."""

    planted: frozenset[str]
    blacklist: frozenset[str]
    watch_list: frozenset[str]

    @property
    def listed(self) -> frozenset[str]:
        return self.blacklist | self.watch_list


def scored(seed: int, settings: SupplierSettings, positions: int = POSITIONS) -> tuple[Score, pd.DataFrame]:
    """Score of one sampled fleet, and its scorecard."""
    made = fleet_of(positions, seed)
    rows = scorecard(cells_of(made, settings, seed), settings)
    bad = made.unit[made.hidden["batch_factor"].to_numpy() > 1]
    named = [frozenset(rows.loc[rows["listed_as"] == name, "group_id"]) for name in ("blacklist", "watch_list")]
    return Score(frozenset(bad["maker"] + " / " + bad["batch"]), *named), rows


def cells_of(made: Fleet, settings: SupplierSettings, seed: int) -> pd.DataFrame:
    """Cells as `jobs.gold.suppliers.unit_years` counts them, of the first 15 years, straight from the fleet."""
    stood, rng = made.deployment, generator(seed, "supplier score")
    since, end = seconds_of(stood["from_utc"]), seconds_of(stood["to_utc"])
    first, next_year = NEW_YEAR[:YEARS_ON_RECORD], NEW_YEAR[1 : YEARS_ON_RECORD + 1]
    unit, year = np.nonzero((since[:, np.newaxis] <= first) & (end[:, np.newaxis] > first))
    failed = stood["why"].eq("failed").to_numpy()[unit] & (end[unit] < next_year[year])
    lived = np.minimum(end[unit], next_year[year]) - first[year]
    place = made.position.iloc[made.rows_of(stood["position"])].reset_index(drop=True)
    density = flash_density(place["x"].to_numpy(float), place["y"].to_numpy(float), seed).mean(axis=1)
    load = place["utilisation"].to_numpy(float) * np.exp(_LOAD_ERROR * rng.normal(size=len(place)))
    load[rng.random(len(place)) > _LOAD_KNOWN] = np.nan
    numbers = {
        "age_years": np.array(YEARS)[year] - made.unit["made"].to_numpy()[unit],
        "service_years": (first[year] - since[unit]) / YEAR_S,
        "rating_kva": made.unit["rating_kva"].to_numpy()[unit],
        "peak_utilisation_pu": load[unit],
        "mean_ground_flash_density": density[unit],
    }
    years = pd.DataFrame(
        {
            "year": np.array(YEARS)[year],
            "fold": rng.integers(0, settings.folds, len(stood))[unit],
            "manufacturer": made.unit["maker"].to_numpy()[unit],
            "type_name": made.unit["type"].to_numpy()[unit],
            "batch": made.unit["batch"].to_numpy()[unit],
            "asset_class": "distribution_transformer",
            **{name: _rounded(values, settings.columns[name]) for name, values in numbers.items()},
            "units": (year == YEARS_ON_RECORD - 1) | (end[unit] <= next_year[year]),
            "unit_years": 1,
            "exposure_years": np.where(failed, 1.0, lived / (next_year[year] - first[year])),
            "failures": failed,
        }
    )  # fmt: skip
    outage = fleet_outages(made, seed)
    called = calls(made, Condition(made), outage, PLAN, seed)
    for name, rows, at in (
        ("complaints", called[called["reason"] == "NOISE"], "called_utc"),
        ("outages", outage[outage["cause"] == "transformer"], "from_utc"),
    ):
        years[name] = _by_unit_year(made, rows["position"], seconds_of(rows[at]))[unit, year]
    key = [name for name in years if name not in CELL]
    return years.groupby(key, dropna=False, as_index=False).sum()


def _rounded(values: np.ndarray, step: float) -> np.ndarray:
    return np.asarray(np.round(values / step) * step)


def _by_unit_year(made: Fleet, position: pd.Series, at: np.ndarray) -> np.ndarray:
    """How many of these fall on each unit and year, (units, years); the moment it is taken away is still its own."""
    unit = Condition(made).standing(made.rows_of(position), at - 1)
    year = np.searchsorted(NEW_YEAR, at, "right") - 1
    counts = np.zeros((len(made.deployment), len(NEW_YEAR)), np.int64)
    some = (unit >= 0) & (at < NEVER)
    np.add.at(counts, (unit[some], year[some]), 1)
    return counts


def main(seeds: list[int]) -> None:
    settings = read_settings().suppliers
    found = planted = listed = 0
    for seed in seeds:
        score, rows = scored(seed, settings)
        right = score.listed & score.planted
        found, planted, listed = found + len(right), planted + len(score.planted), listed + len(score.listed)
        makers = rows[rows["group_level"] == "maker"].set_index("manufacturer")
        print(
            f"{seed}: planted {len(score.planted)}, blacklist {sorted(score.blacklist)}, watch list "
            f"{sorted(score.watch_list)}, missed {sorted(score.planted - score.listed)}, wrong "
            f"{sorted(score.listed - score.planted)}; "
            + ", ".join(f"{name} x{one.crude_ratio:.2f}, x{one.relative_rate:.3f}" for name, one in makers.iterrows()),
            flush=True,
        )
    wrong = listed - found
    print(
        f"found {found} of {planted} ({found / planted:.2f}); {wrong} of {listed} listed wrongly ({wrong / listed:.2f})"
    )


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or list(SCORED))
