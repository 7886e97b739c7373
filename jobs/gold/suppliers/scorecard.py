"""The scorecard: groups of three levels, each judged by what its units did beside what was expected of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.gold.suppliers.expected import Floats, cross_fitted, design_of, same
from jobs.gold.suppliers.rates import false_discovery_rates, fitted_shape, shrunk, upper_tail
from jobs.gold.suppliers.settings import SupplierSettings
from jobs.gold.suppliers.words import evidence, reason

LEVELS: Mapping[str, tuple[str, ...]] = {
    "batch": ("manufacturer", "batch"), "model": ("manufacturer", "type_name"), "maker": ("manufacturer",),
}  # fmt: skip
"""The smallest first: what a listed batch did is left out where its model and its maker are judged."""
EVENTS = ("failures", "complaints", "outages")
CELL = ("units", "unit_years", "exposure_years", *EVENTS)
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Found:
    """What one kind of event says of each group: shrunk relative rate and false discovery rate, (groups,)."""

    rate: Floats
    low: Floats
    high: Floats
    tail: Floats
    false_discovery: Floats


def scorecard(cells: pd.DataFrame, settings: SupplierSettings) -> pd.DataFrame:
    """One row a level and group.

    Parameters
    ----------
    cells
        Unit-years that are alike, counted together: ``year, fold, manufacturer, type_name, batch``, the columns that
        the expected numbers rest on, and the sums `CELL`.
    """
    names = ["year", "fold", "manufacturer", "type_name", "batch", *settings.columns, *settings.categories]
    cells = cells.sort_values(names, kind="stable", ignore_index=True)  # sums of floats follow the order
    expected = pd.DataFrame(expected_numbers(cells, settings))
    apart = np.ones(len(cells), bool)
    levels = []
    for level, columns in LEVELS.items():
        group, of = _groups(cells, columns)
        rows = judged(group, of, cells, expected, apart, settings, level)
        levels.append(rows)
        apart &= ~np.isin(of, np.flatnonzero(rows["listed_as"] != "none"))
    return pd.concat(levels, ignore_index=True)


def expected_numbers(cells: pd.DataFrame, settings: SupplierSettings) -> dict[str, Floats]:
    """Events expected in each cell, (cells,), by name; cells of one kind of unit and year are fitted as one row."""
    numbers = {name: cells[name].to_numpy(np.float64) for name in settings.columns}
    texts = {name: cells[name].fillna("").to_numpy(object) for name in settings.categories}
    texts["year"] = cells["year"].astype(str).to_numpy(object)
    fold = cells["fold"].to_numpy(np.int64)
    first, kind = same([*numbers.values(), *texts.values()])
    place = kind * settings.folds + fold
    total = {
        name: _sums(place, cells[name], len(first) * settings.folds).reshape(-1, settings.folds)
        for name in ("exposure_years", *EVENTS)
    }
    exposure = total["exposure_years"]
    design = design_of(
        {name: values[first] for name, values in numbers.items()},
        {name: values[first] for name, values in texts.items()},
        exposure.sum(axis=1),
        knots=settings.knots,
    )
    own = cells["exposure_years"].to_numpy(np.float64)
    found = {name: cross_fitted(design, exposure, total[name], ridge=settings.ridge) for name in EVENTS}
    return {name: own * rate[kind, fold] for name, rate in found.items()}


def _groups(cells: pd.DataFrame, columns: tuple[str, ...]) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The groups in order, and the group of each cell, -1 where the register does not tell it."""
    grouped = cells.groupby(list(columns), sort=True, dropna=True)
    of = np.asarray(grouped.ngroup().fillna(-1), np.int64)  # NaN where a name is missing
    named = grouped.size().reset_index()[list(columns)]
    return named.reindex(columns=["manufacturer", "type_name", "batch"]), of


def judged(
    group: pd.DataFrame,
    of: NDArray[np.int64],
    cells: pd.DataFrame,
    expected: pd.DataFrame,
    apart: Flags,
    settings: SupplierSettings,
    level: str,
) -> pd.DataFrame:
    """Groups of a level with their numbers and how they are listed; for that, cells ``apart`` count."""
    count = len(group)

    def summed(values: pd.Series, among: Flags) -> Floats:
        some = (of >= 0) & among
        return _sums(of[some], values[some], count)

    everywhere = np.ones(len(cells), bool)
    names = [" / ".join(one) for one in group[list(LEVELS[level])].itertuples(index=False)]
    rows = group.assign(group_level=level, group_id=names, **{name: summed(cells[name], everywhere) for name in CELL})
    found = {}
    for name in EVENTS:
        rows[f"expected_{name}"] = summed(expected[name], everywhere)
        own, mean = summed(cells[name], apart), summed(expected[name], apart)
        found[name] = _found(own, mean, settings)
        if name == "failures":
            rows["failures_apart"], rows["expected_failures_apart"] = own, mean
    of_failures = found["failures"]
    rows["excess_years"] = _years_in_excess(of, cells, expected["failures"], count)
    rows["failure_rate"] = rows["failures"] / rows["exposure_years"]
    fleet_rate = cells["failures"].sum() / cells["exposure_years"].sum()
    rows["crude_ratio"] = rows["failure_rate"] / fleet_rate if fleet_rate else np.nan
    rows["relative_rate"], rows["relative_rate_low"] = of_failures.rate, of_failures.low
    rows["relative_rate_high"] = of_failures.high
    for name in EVENTS:
        rows[f"{name}_relative_rate"] = found[name].rate
        rows[f"{name}_tail"], rows[f"{name}_false_discovery_rate"] = found[name].tail, found[name].false_discovery
    rows["listed_as"] = _listed(found, settings)
    told = [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
    rows["reason"] = [reason(row, settings) for row in told]
    rows["evidence"] = [evidence(row) for row in told]
    return rows


def _sums(of: NDArray[np.int64], values: pd.Series, count: int) -> Floats:
    return np.asarray(np.bincount(of, values.to_numpy(np.float64), count), np.float64)


def _found(observed: Floats, expected: Floats, settings: SupplierSettings) -> Found:
    tail = upper_tail(observed, expected)
    rates = shrunk(observed, expected, fitted_shape(observed, expected), interval=settings.interval)
    tested = expected >= settings.least_expected
    return Found(rates.mean, rates.low, rates.high, tail, false_discovery_rates(tail, tested))


def _listed(found: Mapping[str, Found], settings: SupplierSettings) -> NDArray[np.object_]:
    """Blacklist by failures alone; watch list by failures less surely, or by complaints or outages."""
    more = {name: one.rate >= settings.least_relative_rate for name, one in found.items()}
    surely = found["failures"].low > 1
    black = (found["failures"].false_discovery <= settings.blacklist_share) & more["failures"] & surely
    watch = np.any([(one.false_discovery <= settings.watch_share) & more[name] for name, one in found.items()], axis=0)
    return np.where(black, "blacklist", np.where(watch, "watch_list", "none")).astype(object)


def _years_in_excess(of: NDArray[np.int64], cells: pd.DataFrame, expected: pd.Series, count: int) -> NDArray[np.int64]:
    """In how many years of the record each group failed more often than expected."""
    years, year = np.unique(cells["year"].to_numpy(), return_inverse=True)
    some = of >= 0
    place = of[some] * len(years) + year[some]
    more = _sums(place, (cells["failures"] - expected)[some], count * len(years)).reshape(count, len(years))
    return np.asarray((more > 0).sum(axis=1), np.int64)
