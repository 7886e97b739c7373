"""``python -m tests.calibration.whole_year SEED``: the rules over a whole year of the sample, by month and by class.

The thresholds are derived and tested by three months. Over a year loads turn with the season, and what is usual for a
channel is what it did in the 12 weeks that end 14 days before the month: the table shows what that costs.
"""

from __future__ import annotations

import sys
from datetime import date

import numpy as np
from rich.console import Console
from rich.table import Table

from jobs.report.scoring import Score, scored
from jobs.span import Span
from tests.planted import Sample, judged, score_of
from tests.sample_channels import SampleChannels

YEAR = Span(date(2016, 1, 1), date(2017, 1, 1))
BY_SEASON = ("high", "low", "spike", "level_change")
"""Rules whose findings are told by class of customer, too."""


def of_month(sample: Sample, month: int) -> Score:
    """The score of one month's faults and findings."""
    planted, found, readings = sample
    parts = (
        rows[[day.month == month for day in rows["grid_date"]]].reset_index(drop=True) for rows in (planted, found)
    )
    return scored(*parts, readings=readings)


def of_classes(sample: Sample, classes: np.ndarray) -> dict[str, Sample]:
    """The sample's faults and findings by class of customer, ``classes`` being that of each channel."""
    planted, found, readings = sample
    return {
        name: (
            planted[classes[planted["usage_point_id"]] == name].reset_index(drop=True),
            found[classes[found["usage_point_id"]] == name].reset_index(drop=True),
            readings,
        )
        for name in np.unique(classes[found["usage_point_id"]])
    }


def by_month(sample: Sample) -> list[Score]:
    return [of_month(sample, month) for month in range(1, 13)]


def right_of_found(months: list[Score], rule: str) -> list[str]:
    """Of each month ``right/findings`` of a rule."""
    rows = [one.rules.set_index("rule_id") for one in months]
    return [f"{one['right'][rule]}/{one['findings'][rule]}" if rule in one.index else "-" for one in rows]


def found_of_planted(months: list[Score], kind: str) -> list[str]:
    """Of each month ``found/judged`` of a kind of fault."""
    rows = [one.kinds.set_index("kind") for one in months]
    return [f"{one['found'][kind]}/{one['judged'][kind]}" if kind in one.index else "-" for one in rows]


def main(seed: int) -> None:
    console, months = Console(width=190), [str(month) for month in range(1, 13)]
    sample = judged(seed, YEAR)
    whole, monthly = score_of(sample), by_month(sample)
    precision = Table("rule", "precision", *months, title=f"Seed {seed}: right / findings")
    for row in whole.rules.to_dict("records"):
        precision.add_row(row["rule_id"], f"{row['precision']:.3f}", *right_of_found(monthly, row["rule_id"]))
    recall = Table("kind", "recall", *months, title="Faults found / judged, by the month in which they lie")
    for row in whole.kinds[whole.kinds["has_rule"]].to_dict("records"):
        recall.add_row(row["kind"], f"{row['recall']:.3f}", *found_of_planted(monthly, row["kind"]))
    classes = Table("rule", "class", *months, title="Right / findings, by class")
    for name, part in of_classes(sample, SampleChannels.of(seed).customer_class).items():
        of_class = by_month(part)
        for rule in BY_SEASON:
            classes.add_row(rule, name, *right_of_found(of_class, rule))
    for table in (precision, recall, classes):
        console.print(table)
    console.print(f"clean reads named: {whole.false_flag_share:.3%}" if whole.false_flag_share is not None else "")


if __name__ == "__main__":
    main(int(sys.argv[1]))
