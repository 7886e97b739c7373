"""The fleet's statistics against the figures of DESIGN, section 10, counted from its records on seeds of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from jobs.sample.assets import Fleet
from jobs.sample.call_centre import calls
from jobs.sample.condition import Condition
from jobs.sample.fleet_outages import fleet_outages
from jobs.sample.inspections import inspections
from jobs.sample.lightning import lightning_by_area
from jobs.sample.oil_tests import oil_tests
from jobs.sample.true_hazard import true_hazards
from jobs.sample.unit_lives import OLD_MAKER
from jobs.sample.work_orders import work_orders
from tests.unit.sampled_fleet import METERED, fleet_of

TRANSFORMERS = 12_000
YEARS = range(2001, 2017)


@dataclass(frozen=True)
class Sampled:
    """A fleet and its unit-years: a row for each unit and calendar year in which it stood, with the part of it."""

    fleet: Fleet
    years: pd.DataFrame  # unit, position, maker, batch, made, age, year, exposed, failed, hidden factors, x, y, area
    seed: int


@pytest.fixture(scope="module", params=[7, 8])
def sampled(request: pytest.FixtureRequest) -> Sampled:
    made = fleet_of(TRANSFORMERS, request.param)
    return Sampled(made, unit_years(made), request.param)


def unit_years(made: Fleet) -> pd.DataFrame:
    stood = made.deployment.merge(made.unit, on="unit").merge(made.hidden, on="unit")
    stood = stood.merge(
        made.position[["transformer", "area", "utilisation"]], left_on="position", right_on="transformer"
    )
    parts = []
    for year in YEARS:
        begins, ends = pd.Timestamp(f"{year}-01-01", tz="UTC"), pd.Timestamp(f"{year + 1}-01-01", tz="UTC")
        left = stood["to_utc"].fillna(ends)
        exposed = (left.clip(upper=ends) - stood["from_utc"].clip(lower=begins)) / pd.Timedelta(days=365.25)
        failed = (stood["why"] == "failed") & (stood["to_utc"] >= begins) & (stood["to_utc"] < ends)
        parts.append(stood.assign(year=year, exposed=exposed, failed=failed, age=year - stood["made"])[exposed > 0])
    return pd.concat(parts, ignore_index=True)


def failure_rate(years: pd.DataFrame) -> float:
    """Failures per unit and year."""
    return float(years["failed"].sum() / years["exposed"].sum())


def test_two_in_a_hundred_units_fail_in_a_year(sampled: Sampled) -> None:
    assert 0.017 < failure_rate(sampled.years) < 0.023
    assert sampled.years["failed"].sum() == len(sampled.fleet.failure)


def test_at_least_four_in_a_thousand_fail_whatever_their_age(sampled: Sampled) -> None:
    young = sampled.years[sampled.years["age"] < 10]
    assert 0.004 < failure_rate(young) < 0.0085
    ages = [sampled.years[sampled.years["age"].between(low, low + 9)] for low in (10, 20, 30, 40)]
    rates = [failure_rate(of) for of in ages]
    assert rates == sorted(rates)
    assert rates[-1] > 5 * rates[0]


def test_the_true_chance_is_what_happens(sampled: Sampled) -> None:
    """By tenths of the chance, with a fault under way and without; units taken away by plan are left out."""
    stood = sampled.years[sampled.years["failed"] | (sampled.years["exposed"] > 0.99)]
    told = true_hazards(sampled.fleet, sampled.seed).merge(stood[["unit", "year", "failed"]], on=["unit", "year"])
    for _, rows in told.groupby("fault_under_way"):
        tenth = pd.qcut(rows["failure_probability"], 10, duplicates="drop")
        for _, alike in rows.groupby(tenth, observed=True):
            chance = alike["failure_probability"]
            spread = np.sqrt((chance * (1 - chance)).sum())
            assert abs(alike["failed"].sum() - chance.sum()) < 4 * spread


def test_faults_are_under_way_in_the_last_year_too_and_in_units_that_are_taken_away_by_plan(sampled: Sampled) -> None:
    """Their failures come after the record or never: one in a hundred units has a fault at any new year."""
    told = true_hazards(sampled.fleet, sampled.seed)
    share = told.groupby("year")["fault_under_way"].mean()
    assert 0.8 < share[2016] / share.loc[2010:2014].mean() < 1.25
    ended = sampled.fleet.deployment.merge(sampled.fleet.hidden, on="unit")
    planned = ended[ended["why"] == "planned"]
    assert (planned["incipient_utc"] < planned["to_utc"]).mean() > 0.01


def test_a_hidden_factor_lasts_for_a_unit_s_life(sampled: Sampled) -> None:
    factor = np.log(sampled.fleet.hidden["hidden_factor"])
    assert factor.mean() == pytest.approx(0, abs=0.03)
    assert factor.std() == pytest.approx(0.5, abs=0.02)
    # Of middle age, where it matters: a unit one spread above the median fails exp(1) times as often as one below it.
    years = sampled.years[sampled.years["age"].between(28, 36) & sampled.years["mechanism"].ne("accident")]
    high, low = (failure_rate(years[side]) for side in (years["hidden_factor"] > 1.2, years["hidden_factor"] < 0.8))
    assert 1.8 < high / low < 4.0


def test_the_old_maker_only_looks_bad(sampled: Sampled) -> None:
    """Its units fail twice as often as the others', and as often as the others' of the same age."""
    years = sampled.years[sampled.years["batch_factor"] == 1]
    old = years["maker"] == OLD_MAKER
    assert failure_rate(years[old]) > 1.6 * failure_rate(years[~old])
    others = years[~old].groupby("age")[["failed", "exposed"]].sum()
    own = years[old].groupby("age")[["failed", "exposed"]].sum()
    both = own.join(others, rsuffix="_others", how="inner").query("exposed_others > 50")
    expected = (both["exposed"] * both["failed_others"] / both["exposed_others"]).sum()
    assert both["failed"].sum() / expected == pytest.approx(1, abs=0.15)


def test_a_few_batches_are_really_bad(sampled: Sampled) -> None:
    bad = sampled.fleet.unit["batch"][sampled.fleet.hidden["batch_factor"] > 1].unique()
    assert 1 <= len(bad) <= 3
    assert not any(name.startswith(OLD_MAKER[:2].upper()) for name in bad)
    years = sampled.years[sampled.years["age"] >= 15]
    same_age = years[years["age"].isin(years["age"][years["batch"].isin(bad)])]
    of_bad = same_age["batch"].isin(bad)
    assert failure_rate(same_age[of_bad]) > 1.5 * failure_rate(same_age[~of_bad])


def test_lightning_strikes_units_where_it_strikes_the_ground(sampled: Sampled) -> None:
    density = lightning_by_area(sampled.fleet.position, sampled.seed).rename(columns={"district": "area"})
    years = sampled.years.merge(density, on=["area", "year"])
    assert len(years) == len(sampled.years)
    struck = years.assign(failed=years["failed"] & years["mechanism"].eq("lightning"))
    stormy = struck["flashes"] > struck["flashes"].median()
    assert failure_rate(struck[stormy]) > 1.5 * failure_rate(struck[~stormy])
    by_lightning = sampled.fleet.hidden["mechanism"] == "lightning"
    month = sampled.fleet.deployment["to_utc"][by_lightning].dt.month
    assert month.between(5, 9).mean() > 0.9


def test_a_failed_unit_is_replaced_by_a_new_one_at_its_position(sampled: Sampled) -> None:
    stood = sampled.fleet.deployment.merge(sampled.fleet.unit[["unit", "made", "rating_kva"]], on="unit")
    assert stood["unit"].is_unique
    later = stood.groupby("position").shift(-1)
    gone = stood["to_utc"].notna()
    assert (later["from_utc"][gone] - stood["to_utc"][gone] == pd.Timedelta(hours=9)).all()
    assert (later["made"][gone] == stood["to_utc"][gone].dt.year).all()
    assert stood["to_utc"].isna().sum() == TRANSFORMERS  # one stands at each position at the end
    forced = sampled.fleet.failure.query("position == 'T1'").iloc[0]
    assert str(forced["at_utc"]) == "2012-07-14 14:30:00+00:00"


def test_a_larger_fleet_holds_the_smaller_one_unchanged(sampled: Sampled) -> None:
    few = fleet_of(300, sampled.seed)
    assert few.position.equals(sampled.fleet.position.head(300))
    many = sampled.fleet.unit.head(len(few.unit))
    assert few.unit.equals(many)
    assert few.deployment.equals(sampled.fleet.deployment.head(len(few.unit)))
    assert len(fleet_of(1, sampled.seed).position) == len(METERED)


def test_inspections_and_oil_tell_of_the_unit_that_stands_and_of_its_condition(sampled: Sampled) -> None:
    condition = Condition(sampled.fleet)
    seen = inspections(condition, sampled.seed)
    tested = oil_tests(condition, sampled.fleet.position["rating_kva"].to_numpy(float), sampled.seed)
    for rows in (seen, tested):
        stood = sampled.fleet.deployment.iloc[rows["unit"]].reset_index(drop=True)
        assert (stood["from_utc"] <= rows["at_utc"]).all()
        assert not (stood["to_utc"] <= rows["at_utc"]).any()
    assert (tested["reported_utc"] - tested["at_utc"] > pd.Timedelta(days=9)).all()
    units = sampled.fleet.unit.merge(sampled.fleet.hidden, on="unit")
    age = {name: rows["at_utc"].dt.year - units["made"].to_numpy()[rows["unit"]] for name, rows in
           {"seen": seen, "tested": tested}.items()}  # fmt: skip
    share_bad = seen["grade"].isin(["C", "D"]).groupby(age["seen"] // 10).mean()
    assert share_bad.loc[:4].is_monotonic_increasing
    # At one age, the worse its hidden factor the more furfural.
    forty = age["tested"].between(30, 40)
    factor = units["hidden_factor"].to_numpy()[tested["unit"][forty]]
    assert np.corrcoef(np.log(factor), np.log(tested["furfural"][forty]))[0, 1] > 0.4


def test_gases_warn_of_a_failure_that_is_near(sampled: Sampled) -> None:
    rows = oil_tests(Condition(sampled.fleet), sampled.fleet.position["rating_kva"].to_numpy(float), sampled.seed)
    hidden = sampled.fleet.hidden.iloc[rows["unit"]].reset_index(drop=True)
    ends = sampled.fleet.deployment["to_utc"].iloc[rows["unit"]].reset_index(drop=True)
    near = (ends - rows["at_utc"] < pd.Timedelta(days=180)) & hidden["incipient_utc"].notna()
    for kind, gas in (("thermal", "c2h4"), ("discharge", "c2h2")):
        warned = rows[gas][near & (hidden["incipient_kind"] == kind)]
        assert len(warned) > 10
        assert warned.median() > 4 * rows[gas].median()


def test_every_failure_has_its_outage_and_faults_take_neighbours_together(sampled: Sampled) -> None:
    outage = fleet_outages(sampled.fleet, sampled.seed)
    assert (outage["to_utc"] > outage["from_utc"]).all()
    assert outage["number"].is_unique
    failed = sampled.fleet.failure
    metered_year = failed["position"].isin(METERED["transformer"]) & (failed["at_utc"] >= "2016-01-01")
    out = outage[outage["cause"] == "transformer"].merge(
        failed, left_on=["position", "from_utc"], right_on=["position", "at_utc"]
    )
    assert len(out) == len(failed) - metered_year.sum()
    at = outage.merge(sampled.fleet.position, left_on="position", right_on="transformer")
    together = at[~at["cause"].isin(["transformer", "planned work"])].groupby(["from_utc", "to_utc"])
    assert together.size().mean() > 3
    assert (together["area"].nunique() == 1).mean() > 0.99
    assert (outage["customers"] > 0).all()


def test_worn_units_need_repairs_and_full_transformers_bring_calls(sampled: Sampled) -> None:
    condition = Condition(sampled.fleet)
    seen = inspections(condition, sampled.seed)
    tested = oil_tests(condition, sampled.fleet.position["rating_kva"].to_numpy(float), sampled.seed)
    orders = work_orders(condition, sampled.fleet.deployment, seen, tested, sampled.seed)
    assert (orders["cost"] > 0).all()
    kinds = orders["cause"].value_counts()
    assert (kinds["inspection"], kinds["oil sample"]) == (len(seen), len(tested))
    assert kinds["planned replacement"] == (sampled.fleet.deployment["why"] == "planned").sum()
    repaired = orders[orders["type"] == "corrective"]
    age = repaired["at_utc"].dt.year - sampled.fleet.unit["made"].to_numpy()[repaired["unit"]]
    lived = sampled.years.groupby(sampled.years["age"] // 15)["exposed"].sum()
    a_year = (age // 15).value_counts() / lived
    assert a_year[2] > 1.5 * a_year[0]

    outage = fleet_outages(sampled.fleet, sampled.seed)
    plan = pd.DataFrame({"network": ["LV1", "LV2"], "usage_point": ["U1", "U2"], "supply_level": "lv"})
    called = calls(sampled.fleet, condition, outage, plan, sampled.seed)
    assert called["number"].is_unique
    voltage = called[called["reason"].isin(["LOWV", "FLICK"])].merge(
        sampled.fleet.position, left_on="position", right_on="transformer"
    )
    full = (sampled.fleet.position["utilisation"] > 0.7).mean()
    assert (voltage["utilisation"] > 0.7).mean() > 1.5 * full
    metered = called[called["position"].isin(METERED["transformer"])]
    assert len(metered) > 0
    assert (metered["premise"] == metered["position"].map({"T1": "U1", "T2": "U2"})).all()
    assert called["premise"].count() == len(metered)
