"""Section on failures: which units are at highest risk and why, and what became of such words before."""

from __future__ import annotations

from typing import Any

from jobs.report import words
from jobs.report.model_figures import calibration
from jobs.report.page import Head, Section, decision_tag, figure, paragraph, table
from jobs.report.risk_data import Risk
from jobs.settings import Money


def risk_section(risk: Risk, money: Money) -> Section:
    title = "Risk of failure"
    if risk.units.empty:
        return Section("risk", title, paragraph("No health has been built yet: `gridlake build gold.asset_health`."))
    by = (
        f"the model {risk.model}"
        if risk.model
        else "their health alone, for no failure model is champion (`gridlake train failure`, then `gridlake score "
        "failure`)"
    )
    body = paragraph(
        f"The {words.count(len(risk.units))} units whose failure within a year is dearest: its chance by {by}, times "
        "what one failure costs in money, safety, environment and supply (Common Network Asset Indices Methodology). "
        "Decided with: the chance that the life-cycle cost reckons with, and who says it."
    )
    body += table(
        (
            Head("unit", number=False),
            Head("at", number=False),
            Head("decision", number=False),
            Head("risk, a year"),
            Head("chance"),
            Head("90 % interval"),
            Head("by its health"),
            Head("decided with"),
            Head("by", number=False),
            Head("health score"),
            Head("a failure costs"),
            Head("age"),
            Head("what moves it most", number=False, words=True),
        ),
        [_row(row, money) for row in risk.units.to_dict("records")],
    )
    if risk.bins.empty:
        return Section("risk", title, body)
    body += figure(
        "calibration",
        "Unit-years that the model had not seen, in ten groups of equal count: the mean chance it gave against the "
        "share that failed" + ("" if risk.bins["truth"].isna().all() else ", and against the planted truth")
        + ". On the dotted line it is right.",
        "How right such chances were",
    )  # fmt: skip
    return Section("risk", title, body, {"calibration": calibration(risk.bins)})


def _row(row: dict[Any, Any], money: Money) -> tuple[Any, ...]:
    low, high = row["probability_low"], row["probability_high"]
    reasons = row["top_reasons"]
    return (
        row["asset_id"],
        row["transformer_id"] or words.NONE,
        decision_tag(row["decision"], row["replacement_year"]),
        words.money(row["risk_cost"], money.currency),
        words.share(row["probability"]),
        words.NONE if words.is_none(low) else f"{words.share(low)} to {words.share(high)}",
        words.share(row["health_probability"]),
        words.share(row["decided_probability"]),
        words.NONE if words.is_none(row["decided_by"]) else words.plain(row["decided_by"]),
        words.number(row["current_score"]),
        words.money(row["consequence_cost"], money.currency),
        words.quantity(row["age_years"], "years"),
        "" if reasons is None or words.is_none(reasons) else "; ".join(reasons),
    )
