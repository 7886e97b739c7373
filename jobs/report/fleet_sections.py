"""Sections on the fleet: how old it is, what to replace in which year, and what would change that."""

from __future__ import annotations

import pandas as pd

from jobs.gold.asset_cost_sensitivity import MEANING
from jobs.report import words
from jobs.report.asset_figures import age_pyramid, plan_by_year
from jobs.report.fleet_data import Fleet
from jobs.report.page import Head, Section, figure, paragraph, table
from jobs.settings import Money


def plan_section(fleet: Fleet, money: Money) -> Section:
    title = "Replacement plan"
    if fleet.ages.empty:
        return Section("plan", title, paragraph("No life-cycle cost has been built yet."))
    body = figure("ages", "Units in service by age, coloured by what to do with them.", "Age of the fleet")
    drawn = {"ages": age_pyramid(fleet.ages)}
    if fleet.plan.empty:
        return Section("plan", title, body + paragraph("No replacement plan has been built yet."), drawn)
    planned, left_out = fleet.plan["planned_units"].sum(), fleet.plan["left_out_units"].sum()
    body += paragraph(
        f"Within the yearly budgets {words.count(planned)} units are replaced in "
        f"{words.count(len(fleet.plan))} years for {words.money(fleet.plan['spent_cost'].sum(), money.currency)}, "
        f"which saves {words.money(fleet.plan['saving_cost'].sum(), money.currency)} of present value; "
        f"{words.count(left_out)} that it would pay to replace are left out. No plan within these budgets saves more "
        f"than {words.share(fleet.plan_gap)} above that. Wanted is what the units take whose best year it is."
    )
    body += figure("plan", "What the planned units take, and what all whose best year it is would.", "By year")
    drawn["plan"] = plan_by_year(fleet.plan, money.currency)
    body += table(
        (
            Head("year", number=False),
            Head("budget"),
            Head("spent"),
            Head("units"),
            Head("of them put off"),
            Head("saves"),
            Head("wanted"),
            Head("units wanted"),
            Head("left out"),
            Head("lost by waiting"),
        ),
        [
            (
                row["plan_year"],
                words.money(row["budget_cost"], money.currency),
                words.money(row["spent_cost"], money.currency),
                words.count(row["planned_units"]),
                words.count(row["later_units"]),
                words.money(row["saving_cost"], money.currency),
                words.money(row["wanted_cost"], money.currency),
                words.count(row["wanted_units"]),
                words.count(row["left_out_units"]),
                words.money(row["deferral_cost"], money.currency),
            )
            for row in fleet.plan.to_dict("records")
        ],
    )
    return Section("plan", title, body, drawn)


def sensitivity_section(fleet: Fleet) -> Section:
    title = "How sure the decisions are"
    if fleet.factors.empty:
        return Section("sensitivity", title, paragraph("No sensitivity of decisions has been built yet."))
    body = paragraph(
        "Each factor is varied by itself, the others stay as believed: how many units would be decided otherwise, and "
        "by how many years the replacement moves (the median of the units)."
    )
    body += table(
        (
            Head("factor", number=False),
            Head("low"),
            Head("believed"),
            Head("high"),
            Head("decided otherwise, low"),
            Head("high"),
            Head("year moves, low"),
            Head("high"),
            Head("what it is", number=False, words=True),
        ),
        [
            (
                words.plain(row["factor"]),
                *(words.number(row[f"{case}_value"]) for case in ("low", "base", "high")),
                *(_of(row[f"{case}_changed"], row["units"]) for case in ("low", "high")),
                *(_years(row[f"{case}_years"]) for case in ("low", "high")),
                MEANING[row["factor"]],
            )
            for row in fleet.factors.to_dict("records")
        ],
    )
    units = list(fleet.top.groupby("asset_id", sort=False))
    body += f"<h3>What it would take to decide otherwise: the {words.count(len(units))} whose waiting costs most</h3>"
    body += paragraph("The value nearest to what is believed; nothing: no value within the configured bounds.", "soft")
    body += table(
        (
            Head("unit", number=False),
            Head("as believed", number=False),
            *(Head(words.plain(factor), number=False) for factor in fleet.factors["factor"]),
        ),
        [
            (asset_id, _decided(rows), *(_to_change(rows, factor) for factor in fleet.factors["factor"]))
            for asset_id, rows in units
        ],
    )
    return Section("sensitivity", title, body)


def _decided(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    return words.decision(first["decision"], first["replacement_year"])


def _to_change(rows: pd.DataFrame, factor: str) -> str:
    """The value of a factor nearest to what is believed at which the unit is decided otherwise, and how."""
    row = rows[rows["factor"] == factor].iloc[0]
    if row["break_even_decision"] is None:
        return "nothing"
    decided = words.decision(row["break_even_decision"], row["break_even_replacement_year"])
    return f"{decided} at {words.number(row['break_even_value'])}"


def _of(number: int, whole: int) -> str:
    return f"{words.count(number)} ({words.share(number / whole)})"


def _years(years: float | None) -> str:
    return words.NONE if words.is_none(years) else f"{years:+.0f} years" if years else "not at all"
