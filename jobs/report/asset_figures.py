"""Figures on the fleet, its replacement and the ledger, drawn as those of `jobs.report.figures`."""

from __future__ import annotations

import pandas as pd

from jobs.report import words
from jobs.report.figures import AMBER, BLUE, GREY, RED, TEAL, Figure, plot
from jobs.report.fleet_data import AGE_STEP

DECISIONS = {"keep": TEAL, "replace_later": AMBER, "replace_now": RED}


def age_pyramid(ages: pd.DataFrame) -> Figure:
    """Units by group of age, the youngest below, coloured by decision."""
    groups = range(0, int(ages["age_from"].max()) + 1, AGE_STEP)
    units = ages.pivot_table(index="age_from", columns="decision", values="units", aggfunc="sum", fill_value=0)
    units = units.reindex(index=list(groups), columns=list(DECISIONS), fill_value=0)
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": words.plain(name),
            "x": units[name].astype(int).tolist(),
            "y": [f"{first} to {first + AGE_STEP - 1}" for first in groups],
            "marker": {"color": colour},
            "hovertemplate": "%{y} years<br>%{x:,} units",
        }
        for name, colour in DECISIONS.items()
    ]
    return plot(
        bars,
        "number of units in service",
        "age, years",
        yaxis={"type": "category"},
        height=120 + 24 * len(groups),
        barmode="stack",
        bargap=0.12,
        showlegend=True,
    )


def plan_by_year(plan: pd.DataFrame, currency: str) -> Figure:
    """Each year's budget beside what is spent and what would be wanted."""
    years = plan["plan_year"].astype(int).tolist()
    bars = [
        {
            "type": "bar",
            "name": label,
            "x": years,
            "y": plan[name].round().tolist(),
            "marker": {"color": colour},
            "hovertemplate": "%{x}<br>%{y:,.0f} " + currency,
        }
        for name, label, colour in (("spent_cost", "spent", TEAL), ("wanted_cost", "wanted", AMBER))
    ]
    budget = {
        "type": "scatter",
        "mode": "lines",
        "name": "budget",
        "x": years,
        "y": plan["budget_cost"].round().tolist(),
        "line": {"color": GREY, "dash": "dash", "width": 2, "shape": "hvh"},
        "hovertemplate": "%{x}<br>budget %{y:,.0f} " + currency,
    }
    return plot(
        [*bars, budget],
        "year",
        f"money of the price year, {currency}",
        xaxis={"dtick": 1 if len(years) < 15 else 5},
        yaxis={"rangemode": "tozero"},
        height=380,
        barmode="group",
        showlegend=True,
    )


def stakes_by_outcome(rows: pd.DataFrame, currency: str) -> Figure:
    """Money at stake by outcome, the largest above."""
    shown = rows[rows["amount_at_stake"] > 0].sort_values("amount_at_stake")
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": shown["amount_at_stake"].astype(float).tolist(),
        "y": [words.plain(name) for name in shown["outcome"]],
        "marker": {"color": BLUE},
        "hovertemplate": "%{y}<br>%{x:,.0f} " + currency + "<extra></extra>",
    }
    return plot(
        [bars],
        f"at stake, {currency}",
        "outcome",
        yaxis={"type": "category", "automargin": True},
        height=120 + 30 * len(shown),
    )


def unexplained_by_feeder(feeders: pd.DataFrame) -> Figure:
    """Unexplained energy of each feeder, with three standard uncertainties as error bars."""
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": [str(feeder) for feeder in feeders["feeder_id"]],
        "y": (feeders["unexplained_wh"].astype(float) / 1e6).round(3).tolist(),
        "error_y": {
            "type": "data",
            "array": (3 * feeders["standard_uncertainty_wh"].astype(float) / 1e6).round(3).tolist(),
            "color": GREY,
        },
        "marker": {"size": 10, "color": [RED if suspect else TEAL for suspect in feeders["suspect"]]},
        "hovertemplate": "%{x}<br>%{y:,.1f} MWh<extra></extra>",
    }
    return plot([marks], "number of the feeder", "unexplained, MWh", xaxis={"type": "category"}, height=340)
