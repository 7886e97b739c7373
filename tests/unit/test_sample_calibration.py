"""The sample's loads against what the design asks of them, measured on a quarter of the default area.

The figures are those of DESIGN, section 10: of measured Swiss homes and of SimBench's own classes.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from jobs.sample.customers import plan_usage_points
from jobs.sample.loads import LoadModel
from jobs.sample.ratings import sampled_peaks, transformer_ratings
from jobs.sample.shapes import Shapes, read_year
from jobs.sample.simbench import read_area, read_shapes

pytestmark = pytest.mark.slow
FIRST, END = date(2016, 1, 1), date(2016, 4, 1)
GROUPS = 200


class Quarter(NamedTuple):
    plan: pd.DataFrame
    model: LoadModel
    net_kw: NDArray[np.float32]  # usage points × slots
    shapes: Shapes
    profile: dict[str, str]  # SimBench's own load of each usage point: its profile
    nominal_kw: dict[str, float]


@pytest.fixture(scope="module")
def quarter() -> Quarter:
    area = read_area("MV1.101")
    load, res = area.tables["Load"], area.tables["RES"]
    shapes = read_year(set(load["profile"]), set(res["profile"]), set())
    plan = plan_usage_points(area, shapes.home_mean, shapes.charger_mean, seed=1)
    model = LoadModel(plan, shapes, seed=1)
    net = np.stack([day.net_kw for day in model.days(FIRST, END)], axis=1).reshape(len(plan), -1)
    nominal = dict(zip(load["id"], load["pLoad"].astype(float) * 1e3, strict=True))
    return Quarter(plan, model, net, shapes, dict(zip(load["id"], load["profile"], strict=True)), nominal)


def delivered(quarter: Quarter, customer_class: str) -> NDArray[np.float32]:
    kw = np.maximum(quarter.net_kw[quarter.plan["customer_class"] == customer_class], 0)
    peak: NDArray[np.float32] = kw[kw.max(axis=1) > 0]
    return peak


def coincidence(kw: NDArray[np.float32], meters: int) -> float:
    rng = np.random.default_rng(meters)
    peak = kw.max(axis=1)
    groups = [rng.choice(len(kw), meters, replace=False) for _ in range(GROUPS)]
    return float(np.mean([kw[group].sum(axis=0).max() / peak[group].sum() for group in groups]))


@pytest.mark.parametrize(("meters", "expected"), [(2, 0.75), (5, 0.52), (10, 0.40), (20, 0.31), (50, 0.25)])
def test_coincidence_of_households_is_that_of_swiss_homes(quarter: Quarter, meters: int, expected: float) -> None:
    assert coincidence(delivered(quarter, "household"), meters) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("meters", "expected"), [(2, 0.79), (5, 0.62), (10, 0.52), (20, 0.48), (50, 0.44), (100, 0.42)]
)
def test_coincidence_of_homes_with_heat_pump_or_charger(quarter: Quarter, meters: int, expected: float) -> None:
    assert coincidence(delivered(quarter, "household_heat"), meters) == pytest.approx(expected, abs=0.05)


def test_households_are_as_uneven_and_unlike_as_measured_ones(quarter: Quarter) -> None:
    kw = delivered(quarter, "household")
    assert 0.04 <= np.median(kw.mean(axis=1) / kw.max(axis=1)) <= 0.12
    some = kw[:: len(kw) // 200]
    lag = [np.corrcoef(one[:-1], one[1:])[0, 1] for one in some]
    assert 0.53 <= np.median(lag) <= 0.73
    pairs = np.corrcoef(some)[np.triu_indices(len(some), 1)]
    assert np.median(pairs) < 0.2


def test_homes_with_heat_pump_or_charger_have_a_higher_load_factor(quarter: Quarter) -> None:
    kw = delivered(quarter, "household_heat")
    assert 0.13 <= np.median(kw.mean(axis=1) / kw.max(axis=1)) <= 0.25


@pytest.mark.parametrize("customer_class", ["business", "farm"])
def test_businesses_and_farms_keep_their_own_load_factor(quarter: Quarter, customer_class: str) -> None:
    plan = quarter.plan
    plain = (plan["customer_class"] == customer_class) & (plan["pv_kw"] + plan["heat_kw"] + plan["charger_kw"] == 0)
    kw = quarter.net_kw[plain]
    own = kw.mean(axis=1) / kw.max(axis=1)
    slots = kw.shape[1]
    year = read_shapes("LoadProfile", sorted({f"{name}_pload" for name in plan.loc[plain, "profile"]}))
    shape = {name: values.ravel()[:slots] for name, values in year.items()}
    simbench = [shape[f"{name}_pload"].mean() / shape[f"{name}_pload"].max() for name in plan.loc[plain, "profile"]]
    assert np.median(own / simbench) == pytest.approx(1, abs=0.1)


def test_homes_keep_simbench_energy(quarter: Quarter) -> None:
    """Of the quarter, not the year: the same weeks of SimBench's own profiles and sizes."""
    plan = quarter.plan
    home = plan["profile"].str.startswith("H0") & (plan["pv_kw"] + plan["heat_kw"] + plan["charger_kw"] == 0)
    names = sorted({quarter.profile[point] for point in plan.loc[home, "usage_point"]})
    slots = quarter.net_kw.shape[1]
    mean = {
        name[:-6]: year.ravel()[:slots].mean()
        for name, year in read_shapes("LoadProfile", [f"{n}_pload" for n in names]).items()
    }
    simbench = sum(quarter.nominal_kw[point] * mean[quarter.profile[point]] for point in plan.loc[home, "usage_point"])
    assert quarter.net_kw[home].mean(axis=1).sum() == pytest.approx(simbench, rel=0.05)


def test_transformers_are_loaded_as_the_design_says(quarter: Quarter) -> None:
    _, sampled = sampled_peaks(quarter.plan, quarter.model)
    rating = transformer_ratings(sampled, seed=1)
    network = quarter.plan["network"]
    total = np.stack([quarter.net_kw[network == name].sum(axis=0) for name in rating.index])
    load, export = total.max(axis=1) / 0.97, -total.min(axis=1) / 0.97
    used = np.maximum(load, export) / rating.to_numpy()
    assert np.quantile(used, 0.1) >= 0.25
    assert np.quantile(used, 0.9) <= 0.9
    assert 0.03 <= np.mean((used > 1) & (load >= export)) <= 0.08
    assert 1 <= np.sum((used > 1) & (load < export)) <= 5
    assert len(np.unique(total.max(axis=1))) == len(rating)
