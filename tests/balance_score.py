"""Energy balances of a built lake against what was planted: what is found, and which accusations are false.

``python -m tests.balance_score LAKE TRUTH ...`` tells it of lakes that the commands built from samples.

A transformer is at fault where anything was planted behind or at its total meter. A feeder's balance adds up its
customers' own meters, so that it can see their thefts and wrong multipliers; a total meter behind it has no part in
it. It ought to see what is more than three of its standard uncertainties: single homes drown in a feeder.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.dataset as ds

from jobs.gold.feeder_energy_balance import FEEDER_ENERGY_BALANCE
from jobs.gold.transformer_energy_balance import TRANSFORMER_ENERGY_BALANCE
from jobs.lake.arrow import LakeReader
from jobs.lake.lake import Lake
from jobs.table import Table

LARGE_ENOUGH = 3.0  # standard uncertainties


@dataclass(frozen=True)
class Score:
    """Months of places that have a meter: how many are at fault, accused, and accused rightly."""

    months: int
    at_fault: int
    found: int
    accused: int
    right: int

    @property
    def recall(self) -> float:
        return self.found / self.at_fault if self.at_fault else float("nan")

    @property
    def false_share(self) -> float:
        return (self.accused - self.right) / self.accused if self.accused else 0.0

    def __add__(self, other: Score) -> Score:
        return Score(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))


def planted_wh(truth: Path) -> pd.DataFrame:
    """What each planted fault hides or invents in each month: energy truly taken less what the meter says, Wh."""
    fault = pd.read_parquet(truth / "balance_fault.parquet")
    blocks = ds.dataset(truth / "interval_block").to_table(
        filter=pc.field("usage_point").isin(fault["usage_point"].tolist()) & (pc.field("channel") == "delivered")
    )
    said = blocks.to_pandas()
    said = said.assign(wh=[one.sum() for one in said["reading"]], month=pd.to_datetime(said["grid_date"]).dt.month)
    said = said.groupby(["usage_point", "month"])["wh"].sum().reset_index()
    rows = fault.merge(said, on="usage_point", how="left")
    return rows.assign(planted_wh=rows["wh"] * (1 / rows["recorded_share"] - 1))


def months(lake: Path, table: Table) -> pd.DataFrame:
    """Rows of a balance's months."""
    rows = LakeReader(str(lake.resolve()), _no_spark).rows(table).to_pandas()
    rows = rows[rows["period_kind"] == "month"]
    return rows.assign(month=pd.to_datetime(rows["period_start"]).dt.month)


def transformer_score(rows: pd.DataFrame, fault: pd.DataFrame) -> Score:
    """Of transformers with a total meter, by month."""
    at_fault = rows["transformer_id"].isin(fault["transformer"].dropna())
    return _score(rows, at_fault, at_fault)


def feeder_scores(rows: pd.DataFrame, planted: pd.DataFrame) -> tuple[Score, Score]:
    """Of feeders, by month: where customers are at fault at all, and where their faults ought to be seen."""
    customer = planted[~planted["usage_point"].str.startswith("TM-")]
    hidden = customer.groupby(["feeder", "month"])["planted_wh"].sum().rename("hidden_wh").reset_index()
    both = rows.merge(hidden, left_on=["feeder_id", "month"], right_on=["feeder", "month"], how="left")
    any_fault = both["feeder_id"].isin(customer["feeder"])
    seen = both["hidden_wh"].fillna(0.0).abs() * both["coverage"] > LARGE_ENOUGH * both["standard_uncertainty_wh"]
    return _score(both, any_fault, any_fault), _score(both, seen, any_fault)


def _score(rows: pd.DataFrame, wanted: pd.Series, at_fault: pd.Series) -> Score:
    accused = rows["suspect"].astype(bool)
    return Score(
        len(rows), int(wanted.sum()), int((wanted & accused).sum()), int(accused.sum()), int((accused & at_fault).sum())
    )


def _no_spark() -> Lake:
    raise AssertionError("pyarrow reads these tables")


def main(arguments: list[str]) -> None:
    totals: dict[str, Score] = {}
    for lake, truth in zip(map(Path, arguments[::2]), map(Path, arguments[1::2]), strict=True):
        planted = planted_wh(truth)
        any_fault, seen = feeder_scores(months(lake, FEEDER_ENERGY_BALANCE), planted)
        found = {
            "transformers": transformer_score(months(lake, TRANSFORMER_ENERGY_BALANCE), planted),
            "feeders, any fault": any_fault,
            "feeders, large enough": seen,
        }
        for what, one in found.items():
            totals[what] = totals[what] + one if what in totals else one
            _tell(f"{lake} {what}", one)
    for what, one in totals.items():
        _tell(f"all {what}", one)


def _tell(what: str, one: Score) -> None:
    print(
        f"{what}: {one.found} of {one.at_fault} found ({one.recall:.2f}), "
        f"{one.accused - one.right} of {one.accused} accusations false ({one.false_share:.2f}), {one.months} months"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
