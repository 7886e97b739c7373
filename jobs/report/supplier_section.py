"""Section on suppliers: makers, models and batches whose units fail more often than such units do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from jobs.report import words
from jobs.report.figures import AMBER, GREY, RED, Figure, plot
from jobs.report.page import Head, Html, Section, figure, paragraph, table, tag
from jobs.report.supplier_data import Suppliers

LISTS = {"blacklist": ("blacklist", "bad"), "watch_list": ("watch list", "warm"), "none": ("", "")}
_COLOURS = {"blacklist": RED, "watch_list": AMBER, "none": GREY}


def supplier_section(suppliers: Suppliers) -> Section:
    title = "Suppliers"
    if not suppliers.groups:
        return Section("suppliers", title, paragraph("No year of the fleet is wholly on record yet."))
    body = paragraph(
        f"{words.count(suppliers.groups)} makers, models and batches by the years wholly on record at "
        f"{words.day(suppliers.makers['as_of'].max())}; {words.count(suppliers.in_all)} are listed. Expected is what "
        "units of that age, load and place did whoever made them, by a hazard fitted on other units. The relative rate "
        "is observed / expected, drawn towards 1 the less is expected, with its interval; groups of a level are named "
        "by a false discovery rate. A model or maker is counted without the batches and models of it that are listed. "
        "The crude ratio, beside it for comparison, accuses whoever made the old ones."
    )
    if suppliers.listed.empty:
        body += paragraph("No group is listed.")
    else:
        body += "<h3>Blacklist and watch list</h3>" + _table(suppliers.listed, listed=True)
    drawn = {}
    if len(suppliers.worst):
        body += figure(
            "suppliers",
            "Relative rate of failures with its interval; 1 is what was expected. Those with most above, whatever "
            "their list.",
            "Highest relative rates",
        )
        drawn["suppliers"] = forest(suppliers.worst)
    body += "<h3>Makers</h3>" + _table(suppliers.makers, listed=False)
    return Section("suppliers", title, body, drawn)


def forest(worst: pd.DataFrame) -> Figure:
    """Relative rate of each group with its interval, the highest above."""
    rows = worst.iloc[::-1]
    rate, low, high = (
        rows[name].astype(float) for name in ("relative_rate", "relative_rate_low", "relative_rate_high")
    )
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": rate.round(3).tolist(),
        "y": [f"{level} {group}" for level, group in zip(rows["group_level"], rows["group_id"], strict=True)],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (high - rate).round(3).tolist(),
            "arrayminus": (rate - low).round(3).tolist(),
            "color": GREY,
        },
        "marker": {"size": 9, "color": [_COLOURS[name] for name in rows["listed_as"]]},
        "hovertemplate": "%{y}<br>%{x:.2f} times as expected<extra></extra>",
    }
    line = {"type": "line", "x0": 1, "x1": 1, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": GREY, "dash": "dot"}}
    return plot(
        [marks],
        "failures / expected failures, shrunk",
        "maker, model or batch",
        yaxis={"type": "category", "automargin": True},
        height=140 + 24 * len(rows),
        shapes=[line],
    )


def _table(rows: pd.DataFrame, *, listed: bool) -> str:
    heads = [
        Head("group", number=False),
        Head("list", number=False),
        Head("units"),
        Head("failures"),
        Head("expected"),
        Head("relative rate"),
        Head("interval", number=False),
        Head("crude ratio"),
        Head("complaints"),
        Head("expected"),
    ]
    if listed:
        heads.append(Head("why, and evidence", number=False, words=True))
    return table(heads, [_line(row, listed=listed) for row in rows.to_dict("records")])


def _line(row: Mapping[Any, Any], *, listed: bool) -> tuple[str | Html, ...]:
    name, mood = LISTS[row["listed_as"]]
    cells = (
        f"{row['group_level']} {row['group_id']}" if listed else row["group_id"],
        tag(name, mood) if name else words.NONE,
        words.count(row["units"]),
        words.count(row["failures_apart"]),
        f"{row['expected_failures_apart']:,.1f}",
        f"{row['relative_rate']:.2f}",
        f"{row['relative_rate_low']:.2f} to {row['relative_rate_high']:.2f}",
        words.NONE if words.is_none(row["crude_ratio"]) else f"{row['crude_ratio']:.2f}",
        words.count(row["complaints"]),
        f"{row['expected_complaints']:,.1f}",
    )
    return (*cells, f"{row['reason']}. Evidence: {'; '.join(row['evidence'])}.") if listed else cells
