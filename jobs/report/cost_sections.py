"""Sections on money: which transformer to replace, and energy beside population and income."""

from __future__ import annotations

import pandas as pd

from jobs.report import words
from jobs.report.cost_data import Costs, Ranked
from jobs.report.figures import annual_cost_curve, areas_by_income, waiting_cost_curve
from jobs.report.page import Head, Section, decision_tag, figure, paragraph, table
from jobs.settings import Money

SHOWN = 15
AREAS_SHOWN = 15


def cost_section(costs: Costs, money: Money) -> Section:
    title = "Life-cycle cost"
    groups = [
        ("Decided by their own load", "Meters stand behind these units.", costs.metered),
        (
            "Decided by a typical load",
            "No meters stand behind these: the mean load of the metered units near their rating, or of all of their "
            "class where those are too few, stands for theirs. Which of them come first is as sure as that; measure "
            "before replacing.",
            costs.typical,
        ),
    ]
    groups = [group for group in groups if not group[2].units.empty]
    if not groups:
        return Section("cost", title, paragraph("No life-cycle cost has been built yet."))
    worst = groups[0][2].units.iloc[0].to_dict()
    year = worst["period_start"].year
    body = paragraph(
        f"Study year {year}, money of {money.price_year} in {money.currency}, real rate "
        f"{words.share(money.real_rate)}. " + _decisions(costs.decisions) + "."
    )
    body += paragraph(
        "LCC, EAC and economic life describe a new unit of this type under the study year's load. The price of "
        "waiting one year, the year and the decision describe this very unit, at its age, with its own load. That load "
        "is known for a share of the study year's hours, and a share of its energy is estimated; the hours not known "
        "are taken to be like the others.",
        "soft",
    )
    for name, what, ranked in groups:
        first = words.count(min(SHOWN, len(ranked.units)))
        body += f"<h3>{name}</h3>"
        body += paragraph(f"{what} {_decisions(ranked.decisions)}. The {first} whose waiting costs most:")
        body += _ranking(ranked, money)
    whose = groups[0][0].removeprefix("Decided ")
    body += f"<h3>The first of those {whose}: {words.plain(str(worst['asset_id']))}</h3>" + '<div class="pair">'
    body += figure(
        "eac",
        "A new unit of this type, renewed every T years, under the study year's load and price. The first years, "
        "nearly all "
        "of them the price of the unit, may lie above the figure.",
        "Equivalent annual cost, EAC(T)",
    )
    body += figure("waiting", "This very unit, replaced in n years by its successor.", "Cost of waiting, W(n)")
    body += "</div>"
    drawn = {
        "eac": annual_cost_curve(worst, money.currency),
        "waiting": waiting_cost_curve(worst, money.currency, year + 1),
    }
    return Section("cost", title, body, drawn)


def _decisions(decisions: dict[str, int]) -> str:
    return ", ".join(f"{words.count(number)} {words.plain(name)}" for name, number in sorted(decisions.items()))


def _ranking(ranked: Ranked, money: Money) -> str:
    return table(
        (
            Head("unit", number=False),
            Head("at", number=False),
            Head("decision", number=False),
            Head("waiting a year costs"),
            Head("rating"),
            Head("age"),
            Head("peak"),
            Head("load known"),
            Head("of it estimated"),
            Head("fails next year"),
            Head("by", number=False),
            Head("LCC"),
            Head("least EAC, a year"),
            Head("economic life"),
            Head("in words", number=False, words=True),
        ),
        [
            (
                row["asset_id"],
                row["transformer_id"],
                decision_tag(row["decision"], row["replacement_year"]),
                words.money(row["one_year_waiting_cost"], money.currency),
                words.quantity(row["rating_kva"], "kVA"),
                words.quantity(row["age_years"], "years"),
                words.quantity(row["peak_kva"], "kVA"),
                words.share(row["observed_share"]),
                words.share(row["estimated_share"]),
                words.share(row["failure_probability"]),
                words.plain(row["failure_probability_source"]),
                words.money(row["life_cycle_cost"], money.currency),
                words.money(row["equivalent_annual_cost"], money.currency),
                "not within horizon" if words.is_none(life := row["economic_life_years"]) else f"{int(life)} years",
                row["reason"],
            )
            for row in ranked.units.head(SHOWN).to_dict("records")
        ],
        groups=(("This very unit", 11), ("A new unit of this type", 3)),
    )


def area_section(areas: pd.DataFrame, money: Money) -> Section:
    title = "Energy by area"
    if areas.empty:
        return Section("areas", title, paragraph("No area energy has been built yet."))
    first = areas.iloc[0]
    body = paragraph(
        f"The {first['period_kind']} that begins {words.day(first['period_start'])}; "
        f"{words.count(areas['days_present'].max())} days are in the lake. The "
        f"{words.count(min(AREAS_SHOWN, len(areas)))} areas of most energy, of {words.count(len(areas))}. Energy per "
        "inhabitant counts households only."
    )
    people = areas.dropna(subset=["population", "income_per_person", "household_wh"])
    drawn = {}
    if not people[people["population"] > 0].empty:
        body += figure("areas", "Each circle an area, its size the population.")
        drawn = {"areas": areas_by_income(areas, money.currency)}
    body += table(
        (
            Head("area", number=False),
            Head("usage points"),
            Head("delivered"),
            Head("received"),
            Head("population"),
            Head("income per person"),
            Head("households, per inhabitant"),
            Head("heating degree days"),
            Head("estimated"),
        ),
        [
            (
                row["name"] or row["area_id"],
                words.count(row["usage_points"]),
                words.energy(row["delivered_wh"]),
                words.energy(row["received_wh"]),
                words.count(row["population"]),
                words.money(row["income_per_person"], money.currency),
                words.energy(row["household_wh"] / row["population"] if row["population"] else None),
                words.quantity(row["heating_degree_days"], "K d"),
                words.share(row["estimated_share"]),
            )
            for row in areas.head(AREAS_SHOWN).to_dict("records")
        ],
    )
    return Section("areas", title, body, drawn)
