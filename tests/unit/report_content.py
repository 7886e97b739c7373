"""Made-up content of a report, without a lake: feeders, transformers, findings, costs and areas of any size."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from jobs.query.snapshot import Snapshot
from jobs.report.ageing_data import Ageing
from jobs.report.balance_data import Balances
from jobs.report.content import Content
from jobs.report.cost_data import Costs, Ranked
from jobs.report.fleet_data import Fleet
from jobs.report.forecast_data import Forecast
from jobs.report.ledger_data import AMOUNTS
from jobs.report.load_data import Loads
from jobs.report.origin_data import Origin
from jobs.report.quality_data import Quality
from jobs.report.risk_data import Risk
from jobs.report.scoring import Score
from jobs.report.supplier_data import Suppliers

NOTICE = "Contains information from <Net>, made available at https://example.org/licence?a=1&b=2."
SLOTS = 96
FIRST = date(2016, 1, 1)
TIME_H = np.arange(SLOTS) / 4


def content(*, days: int = 366, feeders: int = 8, transformers: int = 90, seed: int = 1) -> Content:
    """A year of an area, about as the sample utility's."""
    rng = np.random.default_rng(seed)
    loads = _loads(rng, days, feeders, transformers)
    areas = _areas(rng, days)
    return Content(
        Snapshot(None, "a1b2c3d4e5f6", datetime(2016, 5, 1, 8, 30), {"gold.feeder_profile": 3}),  # type: ignore[arg-type]
        _quality(rng, days),
        loads,
        _forecast(rng),
        _ageing(rng, days),
        _balances(),
        _corrections(),
        _costs(rng, loads),
        _risk(rng),
        _fleet(),
        _suppliers(),
        _ledger(),
        areas,
        _origin(),
        _score(),
    )


def empty() -> Content:
    """What a lake without a row gives."""
    none = content(days=1, feeders=1, transformers=1)
    quality, loads, score = none.quality, none.loads, none.score
    assert score is not None
    return Content(
        Snapshot(None),  # type: ignore[arg-type]
        Quality(
            0,
            0,
            0,
            {"Wh": 0.0, "varh": 0.0},
            None,
            None,
            quality.days[:0],
            quality.findings[:0],
            quality.not_run[:0],
            quality.rejected[:0],
            quality.failed_files[:0],
            0,
        ),
        Loads(loads.feeders[:0], loads.transformers[:0], loads.profiles[:0], 0, 0),
        Forecast(None, None, None, none.forecast.levels, none.forecast.rows[:0]),
        Ageing(none.ageing.units[:0], none.ageing.days[:0], 0, 0),
        Balances(none.balances.feeders[:0], none.balances.suspects[:0], 0, 0),
        none.corrections[:0],
        Costs(*[Ranked(one.units[:0], {}) for one in (none.costs.metered, none.costs.typical)]),
        Risk(none.risk.units[:0], none.risk.bins[:0], None),
        Fleet(none.fleet.ages[:0], none.fleet.plan[:0], None, none.fleet.factors[:0], none.fleet.top[:0]),
        Suppliers(*[none.suppliers.makers[:0]] * 3, 0, 0),
        none.ledger[:0],
        none.areas[:0],
        Origin(none.origin.sources[:0], none.origin.runs[:0], "0", "0"),
        Score(score.kinds[:0], score.rules[:0], 0, 0),
    )


def _loads(rng: np.random.Generator, days: int, feeders: int, transformers: int) -> Loads:
    profiles: list[dict[str, Any]] = []
    metrics: list[dict[str, Any]] = []
    for number in range(feeders):
        size, year = 900 + 300 * number, []
        for n in range(days):
            season = np.cos(2 * np.pi * n / 366)
            evening, noon = np.exp(-(((TIME_H - 19) / 2.5) ** 2)), np.exp(-(((TIME_H - 12.5) / 4) ** 2))
            load = size * (1 + 0.3 * season) * (0.4 + 0.4 * evening + 0.3 * noon) * rng.normal(1, 0.03, SLOTS)
            sun = np.clip(np.sin((TIME_H - 6) / 12 * np.pi), 0, None) * (1 - 0.8 * season) * rng.uniform(0.2, 1)
            net = load - size * (0.5 if number < 4 else 0.1) * sun
            year.append(net)
            net_wh: list[int | None] = [round(value) for value in net * 250]
            if n == 200:
                net_wh[:40] = [None] * 40
            profiles.append(
                {
                    "feeder_id": f"F{number}",
                    "grid_date": pd.Timestamp(FIRST) + pd.Timedelta(days=n),
                    "interval_minutes": 15,
                    "net_wh": net_wh,
                }
            )
        kw = np.concatenate(year)
        power = np.abs(kw) * 1.05
        metrics.append(
            {
                "feeder_id": f"F{number}",
                "name": f"Feeder {number + 1}",
                "period_kind": "year",
                "period_start": FIRST,
                "days_expected": 366,
                "days_present": days,
                "delivered_wh": int(kw[kw > 0].sum() * 250),
                "received_wh": int(-kw[kw < 0].sum() * 250),
                "peak_kw": kw.max(),
                "peak_at_utc": datetime(2016, 1, 13, 17, 45),
                "load_factor": kw.mean() / kw.max(),
                "delivered_coincidence_factor": 0.31,
                "loss_factor": 0.28,
                "reverse_hours": (kw < 0).sum() / 4,
                "reverse_peak_kw": -kw.min() if (kw < 0).any() else None,
                "estimated_share": 0.9871,
                "utilisation": power.max() / 4000,
                "apparent_peak_kva": power.max(),
                "duration_kva": np.quantile(power, 1 - np.arange(101) / 100),
            }
        )
    rating = rng.choice([160.0, 250.0, 400.0, 630.0], transformers)
    utilisation = np.sort(np.clip(rng.normal(0.6, 0.22, transformers), 0.1, 1.35))[::-1]
    placed = pd.DataFrame(
        {
            "transformer_id": [f"T{n:03d}" for n in range(transformers)],
            "rating_kva": rating,
            "utilisation": utilisation,
            "apparent_peak_kva": utilisation * rating,
            "peak_kw": utilisation * rating * 0.96,
            "peak_at_utc": pd.Timestamp(2016, 2, 3, 18),
            "hours_above_rating": np.clip(utilisation - 1, 0, None) * 80,
            "reverse_hours": 12.25,
            "estimated_share": 0.9721,
            "days_present": days,
            "feeder_id": [f"F{n % feeders}" for n in range(transformers)],
            "x": 11.4 + 0.06 * rng.normal(size=transformers),
            "y": 53.6 + 0.03 * rng.normal(size=transformers),
            "decision": rng.choice(["replace_now", "replace_later", "keep"], transformers, p=[0.1, 0.6, 0.3]),
        }
    )
    placed.loc[placed.index[3:4], ["x", "y"]] = np.nan
    return Loads(pd.DataFrame(metrics), placed, pd.DataFrame(profiles), transformers, feeders)


def _costs(rng: np.random.Generator, loads: Loads) -> Costs:
    rows = []
    for row in loads.transformers.to_dict("records"):
        age = int(rng.integers(2, 62))
        years, waited = np.arange(1, 81), np.arange(41)
        annual = 9000 / ((1 - 1.03**-years) / 0.03) + 300 + 4 * (years / 10) ** 3
        waiting = waited * (age - 45) * 6.0 + 0.9 * waited**2
        least = int(np.argmin(waiting))
        decision = "replace_now" if least == 0 else "keep" if least == 40 else "replace_later"
        rows.append(
            {
                "asset_id": f"U{row['transformer_id']}",
                "transformer_id": row["transformer_id"],
                "period_start": FIRST,
                "rating_kva": row["rating_kva"],
                "age_years": age,
                "peak_kva": row["apparent_peak_kva"],
                "observed_share": 0.25,
                "estimated_share": 0.9653,
                "failure_probability": 0.0005 * age,
                "failure_probability_source": "survival_3",
                "life_cycle_cost": 21000.0,
                "equivalent_annual_cost": annual.min(),
                "equivalent_annual_cost_curve": annual,
                "economic_life_years": float(np.argmin(annual) + 1),
                "waiting_cost_curve": waiting,
                "one_year_waiting_cost": waiting[1],
                "decision": decision,
                "replacement_year": None if decision == "keep" else 2017.0 + least,
                "reason": f"Age {age} years, losses & load.",
            }
        )
    ranking = pd.DataFrame(rows).sort_values("one_year_waiting_cost", ascending=False, ignore_index=True)
    own = ranking["transformer_id"].isin(loads.transformers["transformer_id"][::2])
    return Costs(*[Ranked(some, some["decision"].value_counts().to_dict()) for some in (ranking[own], ranking[~own])])


def _forecast(rng: np.random.Generator) -> Forecast:
    """A week, of which the last day has not happened."""
    levels = (0.05, 0.1, 0.5, 0.9, 0.95)
    mean = 800 + 300 * np.sin(np.arange(7 * SLOTS) / SLOTS * 2 * np.pi)
    actual = mean + rng.normal(0, 40, len(mean))
    actual[-SLOTS:] = np.nan
    rows = pd.DataFrame(
        {
            "interval_start_utc": pd.date_range("2016-03-25", periods=len(mean), freq="15min"),
            "mean_kw": mean,
            "quantile_kw": list(mean[:, np.newaxis] + 60 * np.array([-1.64, -1.28, 0, 1.28, 1.64])),
            "actual_kw": actual,
        }
    )
    return Forecast("F<3>", datetime(2016, 3, 24, 9), "model", levels, rows)


def _ageing(rng: np.random.Generator, days: int) -> Ageing:
    dates = [date.fromordinal(FIRST.toordinal() + n) for n in range(days)]
    units = [f"U<{n}>" for n in range(10)]
    by_day = pd.DataFrame(
        [(unit, day, 60 + 6 * n + rng.normal(0, 8)) for n, unit in enumerate(units) for day in dates],
        columns=["asset_id", "grid_date", "hot_spot_max_degc"],
    )
    hottest = by_day.groupby("asset_id")["hot_spot_max_degc"].max().sort_values(ascending=False)
    rows = pd.DataFrame(
        {
            "asset_id": hottest.index, "transformer_id": "T001", "rating_kva": 400.0, "load_peak_pu": 1.32,
            "hot_spot_max_degc": hottest.to_numpy(), "hottest_day": FIRST, "hours_above_hot_spot_limit": 3.25,
            "loss_of_life_hours": 31.0, "days": days,
        }
    )  # fmt: skip
    return Ageing(rows, by_day, 90, 3)


def _risk(rng: np.random.Generator) -> Risk:
    units = pd.DataFrame(
        {
            "asset_id": [f"U<{n}>" for n in range(15)], "transformer_id": "T001", "as_of": date(2016, 4, 1),
            "probability": np.linspace(0.3, 0.02, 15), "probability_low": np.linspace(0.2, 0.01, 15),
            "probability_high": np.linspace(0.4, 0.03, 15), "health_probability": 0.01, "current_score": 7.5,
            "consequence_cost": 21_000.0, "risk_cost": np.linspace(6300, 420, 15), "age_years": 44,
            "decision": "replace_now", "replacement_year": 2017.0,
            "decided_probability": 0.0123, "decided_by": "weibull",
            "top_reasons": [["furfural_ppm 4.2: odds x 2.1", "age_years 44: odds x 1.6"]] * 15,
        }
    )  # fmt: skip
    said = np.linspace(0.001, 0.09, 10)
    bins = pd.DataFrame({"said": said, "failed": said * rng.uniform(0.9, 1.1, 10), "truth": said * 1.02, "rows": 8_000})
    return Risk(units, bins, "failure 3")


def _balances() -> Balances:
    row = {
        "period_kind": "month", "period_start": FIRST, "coverage": 0.98, "import_wh": 900_000_000,
        "export_wh": 100_000_000, "delivered_wh": 860_000_000, "received_wh": 120_000_000, "profiled_wh": 9_000_000,
        "unmetered_wh": 6_000_000, "no_load_loss_wh": 5_000_000, "load_loss_wh": 7_000_000, "line_loss_wh": 8_000_000,
        "unexplained_wh": 25_000_000, "unexplained_share": 0.025, "standard_uncertainty_wh": 4_000_000.0,
        "suspect": True, "rank": 1,
    }  # fmt: skip
    quiet = {"unexplained_wh": 1_000_000, "unexplained_share": 0.001, "suspect": False, "rank": None}
    unknown = {"line_loss_wh": None, "no_load_loss_wh": None, "load_loss_wh": None}
    feeders = pd.DataFrame([{"feeder_id": "F0"} | row, {"feeder_id": "F1"} | row | quiet | unknown])
    return Balances(feeders, pd.DataFrame([{"transformer_id": "T<7>"} | row]), 77, 1)


def _corrections() -> pd.DataFrame:
    place = {"transformer_id": "T<8>", "feeder_id": "F1", "known_from_utc": pd.Timestamp("2016-02-03T10:00")}
    moved = {"usage_point_id": "U<8>", "first_multiplier": 20.0, "multiplier": 40.0, "delivered_wh": 46_000_000}
    unseen = {"usage_point_id": "U9", "first_multiplier": 80.0, "multiplier": 40.0, "delivered_wh": None}
    return pd.DataFrame([
        {**place, **moved, "first_delivered_wh": 23_000_000.0},
        {**place, **unseen, "transformer_id": None, "feeder_id": None, "first_delivered_wh": None},
    ])  # fmt: skip


def _fleet() -> Fleet:
    ages = pd.DataFrame(
        [(0, "keep", 9_000), (15, "replace_later", 4_000), (40, "replace_later", 700), (45, "replace_now", 1_300)],
        columns=["age_from", "decision", "units"],
    )
    plan = pd.DataFrame(
        [(2017, 5e6, 4.9e6, 310, 0, 2.2e6, 9e6, 600, 40, 3e5), (2018, 5e6, 5e6, 320, 250, 1.9e6, 1e6, 60, 2, 1e4)],
        columns=[
            "plan_year", "budget_cost", "spent_cost", "planned_units", "later_units", "saving_cost", "wanted_cost",
            "wanted_units", "left_out_units", "deferral_cost",
        ],
    )  # fmt: skip
    factors = pd.DataFrame(
        [
            ("load_growth", 15_000, 0.0, -0.01, 0.02, 150, 300, 0.0, -2.0),
            ("real_rate", 15_000, 0.03, 0.01, 0.05, 30, 20, -7.0, 8.0),
        ],
        columns=[
            "factor", "units", "base_value", "low_value", "high_value", "low_changed", "high_changed", "low_years",
            "high_years",
        ],
    )  # fmt: skip
    top = pd.DataFrame(
        [
            ("U<1>", "load_growth", 0.0, "replace_now", 2017.0, "replace_later", 2019.0, "replace_now", 2017.0,
             -0.0075, "replace_later", 2018.0),
            ("U<1>", "real_rate", 0.03, "replace_now", 2017.0, "replace_now", 2017.0, "replace_now", 2017.0,
             np.nan, None, np.nan),
        ],
        columns=[
            "asset_id", "factor", "base_value", "decision", "replacement_year", "low_decision", "low_replacement_year",
            "high_decision", "high_replacement_year", "break_even_value", "break_even_decision",
            "break_even_replacement_year",
        ],
    )  # fmt: skip
    return Fleet(ages, plan, 0.0003, factors, top)


def _suppliers() -> Suppliers:
    batch = {
        "as_of": date(2016, 4, 1), "group_level": "batch", "group_id": "Maker <M> / M1977", "units": 260,
        "failures": 149, "expected_failures": 67.93, "failures_apart": 149, "expected_failures_apart": 67.93,
        "relative_rate": 1.502, "relative_rate_low": 1.347, "relative_rate_high": 1.664, "crude_ratio": 2.753,
        "complaints": 10, "expected_complaints": 13.44, "listed_as": "blacklist",
        "reason": "1.50 times the failures expected", "evidence": ["149 failures where 67.9 were expected", "<b>"],
    }  # fmt: skip
    maker = batch | {
        "group_level": "maker", "group_id": "Maker <M>", "units": 13_156, "failures": 2_249, "failures_apart": 2_100,
        "expected_failures_apart": 2_126.0, "relative_rate": 0.99, "relative_rate_low": 0.96,
        "relative_rate_high": 1.02, "crude_ratio": None, "listed_as": "none", "reason": None,
    }  # fmt: skip
    return Suppliers(*[pd.DataFrame(rows) for rows in ([maker], [batch], [batch, maker])], 292, 3)


def _ledger() -> pd.DataFrame:
    amounts = {
        "matched": ("180000000.10", "90000000.05", "0.00"),
        "missing_in_register": ("1200000.45", "300000.00", "1200000.45"),
        "missing_in_ledger": (None, None, "640000.00"),
    }
    counts = {"matched": (14_900, 0, 260), "missing_in_register": (100, 0, 0), "missing_in_ledger": (0, 52, 0)}
    return pd.DataFrame(
        [
            {
                "currency": "EUR",
                "outcome": outcome,
                "balance_date": date(2016, 3, 31),
                **dict(zip(("cards", "units", "by_attributes"), counts[outcome], strict=True)),
                **dict(zip(AMOUNTS, (None if a is None else Decimal(a) for a in amounts[outcome]), strict=True)),
            }
            for outcome in amounts
        ]
    )


def _quality(rng: np.random.Generator, days: int) -> Quality:
    share = np.stack([rng.uniform(0, 0.01, days), rng.uniform(0, 0.03, days), rng.uniform(0, 0.004, days)])
    counts = np.round(share * 96_000)
    by_day = pd.DataFrame(
        {
            "grid_date": [date.fromordinal(FIRST.toordinal() + n) for n in range(days)],
            "valid": 96_000 - counts.sum(axis=0),
            "suspect": counts[0],
            "estimated": counts[1],
            "missing": counts[2],
        }
    )
    return Quality(
        blocks=1000 * days,
        readings=96_000 * days,
        received=95_000 * days,
        rounding={"Wh": -1234.5, "varh": 0.25},
        first_day=FIRST,
        last_day=date.fromordinal(FIRST.toordinal() + days - 1),
        days=by_day,
        findings=pd.DataFrame(
            [
                ("missing", "estimated", 4120, 51200),
                ("spike", "estimated", 310, 310),
                ("flat_run", "flagged", 96, 4100),
            ],
            columns=["rule_id", "disposition", "findings", "readings"],
        ),
        not_run=pd.DataFrame([("high", 104_000), ("flat_run", 12)], columns=["rule_id", "blocks"]),
        rejected=pd.DataFrame(
            [("silver.interval_block", "conflict", 12, 48), ("bronze.meter", "B21", 3, 0)],
            columns=["table_name", "rule_id", "records", "readings"],
        ),
        failed_files=pd.DataFrame(
            [
                ("head_end", "may.csv", "failed", "ends within record 300 <line 1,204>"),
                ("head_end", "june.csv", "kept", "1 column(s) missing; its rows stay as they were read before"),
            ],
            columns=["source", "file", "status", "reason"],
        ),
        failed_count=54,
    )


def _areas(rng: np.random.Generator, days: int) -> pd.DataFrame:
    n = 24
    return pd.DataFrame(
        {
            "area_id": [f"A{k}" for k in range(n)],
            "name": [f"Parish {k}" for k in range(n)],
            "period_kind": "year",
            "period_start": FIRST,
            "usage_points": rng.integers(30, 300, n),
            "delivered_wh": rng.uniform(2e8, 2e9, n),
            "received_wh": rng.uniform(0, 2e8, n),
            "estimated_share": 0.9544,
            "household_wh": rng.uniform(1e8, 9e8, n),
            "heating_degree_days": 2450.0,
            "days_present": days,
            "population": rng.integers(200, 1200, n),
            "income_per_person": rng.normal(24e3, 3e3, n),
        }
    )


def _origin() -> Origin:
    sources = pd.DataFrame(
        {
            "source": ["head_end", "customers", "simbench_network"],
            "synthetic": True,
            "notice": [None, None, NOTICE],
            "files": 5,
            "rows": 96_000,
            "reads": [960_000, 0, 0],
            "failed": [1, 0, 0],
        }
    )
    runs = pd.DataFrame(
        [
            {
                "table_name": "gold.feeder_profile",
                "status": "ok",
                "rows": 2928,
                "accepted": 2928,
                "rejected": 0,
                "duplicates": 0,
                "superseded": 0,
                "seconds": 3.2,
                "table_version": 3,
            }
        ]
    )
    return Origin(sources, runs, "0123456789abcdef", "0.1.0")


def _score() -> Score:
    kinds = pd.DataFrame(
        [
            ("missing", True, 200, 200, 196, 0.98, 4100, 4000, 0.976, 198),
            ("noise", False, 40, 40, 0, 0.0, 3840, 0, 0.0, 6),
        ],
        columns=[
            "kind",
            "has_rule",
            "faults",
            "judged",
            "found",
            "recall",
            "readings",
            "covered",
            "reading_recall",
            "found_by_any",
        ],
    )
    rules = pd.DataFrame(
        [("missing", 4120, 3900, 3850, 0.947)], columns=["rule_id", "findings", "right", "of_its_kind", "precision"]
    )
    return Score(kinds, rules, 35_000_000, 52_000)
