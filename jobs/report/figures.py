"""The figures in plotly's own terms, without colours of text, grid and paper: the page knows light and dark."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.report import words
from jobs.report.heat import HeatMaps
from jobs.report.load_data import Loads

Figure = dict[str, Any]
"""``data`` and ``layout`` as plotly.js takes them."""

TEAL, AMBER, RED, BLUE, GREY = "#14969c", "#e0902b", "#d9534f", "#4c78c8", "#8a94a3"
LINES = (TEAL, AMBER, BLUE, RED, "#8e6bbf", "#5f9e4a", "#c0679a", GREY)
DASHES = ("solid", "dash", "dot", "dashdot")
DUTY = [[0, "#2c7fb8"], [0.45, "#7fcdbb"], [0.7, "#f5e08a"], [0.83, "#f29b4b"], [1, "#c22f2f"]]
"""Utilisation from 0 to 1.2: the rating lies where orange begins."""

LINES_SHOWN = 40


def heat_map(maps: HeatMaps, zone: str) -> Figure:
    """Net load, local day × local time of day; the page fills in the feeder chosen."""
    heat = {
        "type": "heatmap",
        "x": maps.days,
        "y": maps.times,
        "z": [],
        "zmin": maps.lowest_kw,
        "zmax": maps.highest_kw,
        "colorscale": net_scale(maps.lowest_kw, maps.highest_kw),
        "colorbar": _colour_bar("net load, kW"),
        "hovertemplate": "%{x|%a %d %b %Y}, %{y}<br>%{z:,} kW<extra></extra>",
    }
    times = maps.times[:: len(maps.times) // 8]
    return plot(
        [heat],
        "local day",
        f"local time ({zone})",
        xaxis={"type": "date"},
        yaxis={"type": "category", "tickvals": times, "autorange": "reversed"},
        height=520,
    )


def net_scale(low: float, high: float) -> list[list[Any]]:
    """Colours from ``low`` to ``high``: blue below 0, stronger the lower that is, yellow to red above.

    >>> net_scale(0, 10)[0], net_scale(-10, 10)[0], net_scale(-5, 10)[1][0]
    ([0.0, '#fbf3d0'], [0, 'rgb(33,102,172)'], 0.3333333333333333)
    """
    rising = ["#fbf3d0", "#f7cf6b", "#ef8a3c", "#c9382f", "#6d1026"]
    zero = 0.0 if low >= 0 else 1.0 if high <= 0 else -low / (high - low)
    above = [[zero + (1 - zero) * part / 4, colour] for part, colour in enumerate(rising)]
    if zero == 0:
        return above
    strength = 1.0 if high <= 0 else min(1.0, math.sqrt(-low / high))
    pale, deep = (251, 243, 208), (33, 102, 172)
    blue = ",".join(str(round(p + (d - p) * strength)) for p, d in zip(pale, deep, strict=True))
    return [[0, f"rgb({blue})"], *(above if zero < 1 else [[1, rising[0]]])]


def duration_curves(loads: Loads) -> Figure:
    """Apparent power exceeded for a share of the time, each feeder."""
    lines = []
    for number, row in enumerate(loads.feeders.head(LINES_SHOWN).to_dict("records")):
        curve = np.asarray(row["duration_kva"], float)
        dash = DASHES[number // len(LINES) % len(DASHES)]
        lines.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": np.linspace(0, 100, curve.size).round(1).tolist(),
                "y": curve.round(1).tolist(),
                "name": str(row["name"] or row["feeder_id"]),
                "line": {"width": 1.8, "color": LINES[number % len(LINES)], "dash": dash},
                "hovertemplate": "%{y:,.0f} kVA or more<br>for %{x:.0f} % of the time",
            }
        )
    return plot(
        lines,
        "share of the time, %",
        "apparent power, kVA",
        xaxis={"range": [0, 100]},
        yaxis={"rangemode": "tozero"},
        height=460,
        showlegend=True,
    )


def transformer_map(transformers: pd.DataFrame, zone: str) -> Figure:
    """Service transformers where they stand: colour is utilisation, size the rating, a diamond one to replace now."""
    placed = transformers.dropna(subset=["x", "y"])
    rating = placed["rating_kva"].fillna(placed["rating_kva"].median()).fillna(1).to_numpy(float)
    now = (placed["decision"] == "replace_now").to_numpy()
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": placed["x"][chosen].tolist(),
            "y": placed["y"][chosen].tolist(),
            "text": [_transformer_words(row, zone) for row in placed[chosen].to_dict("records")],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {
                "symbol": symbol,
                "size": (7 + 15 * np.sqrt(rating[chosen] / rating.max())).round(1).tolist(),
                "color": _with_gaps(placed["utilisation"].to_numpy(float)[chosen], 4),
                "coloraxis": "coloraxis",
                "line": {"width": 1, "color": "rgba(90,90,90,.65)"},
            },
        }
        for symbol, name, chosen in (("circle", "keep, or replace later", ~now), ("diamond", "replace now", now))
        if chosen.any()
    ]
    degrees = bool(placed["x"].abs().max() <= 180 and placed["y"].abs().max() <= 90)
    ratio = 1 / math.cos(math.radians(float(placed["y"].mean()))) if degrees else 1
    bare = {"showgrid": False, "zeroline": False}
    bar = {**_colour_bar("highest apparent power / rating"), "tickformat": ".0%"}
    return plot(
        traces,
        "longitude, °" if degrees else "easting, as delivered",
        "latitude, °" if degrees else "northing, as delivered",
        xaxis=bare,
        yaxis={**bare, "scaleanchor": "x", "scaleratio": ratio},
        height=600,
        showlegend=bool(now.any()),
        coloraxis={"cmin": 0, "cmax": 1.2, "colorscale": DUTY, "colorbar": bar},
    )


def _transformer_words(row: dict[Any, Any], zone: str) -> str:
    decision = row["decision"]
    lines = [
        f"<b>{row['transformer_id']}</b>",
        f"peak {words.quantity(row['apparent_peak_kva'], 'kVA')} of {words.quantity(row['rating_kva'], 'kVA')}"
        f" ({words.share(row['utilisation'])})",
        f"highest net load {words.local_minute(row['peak_at_utc'], zone)}",
        f"above rating {words.quantity(row['hours_above_rating'], 'h')}",
        f"feeder {row['feeder_id'] or words.NONE}",
        f"decision: {words.plain(decision)}" if isinstance(decision, str) else "no decision",
    ]
    return "<br>".join(lines)


def quality_by_day(days: pd.DataFrame) -> Figure:
    """Share of the channel-intervals of each day that are estimated, suspect or missing."""
    total = days[["valid", "suspect", "estimated", "missing"]].sum(axis=1).to_numpy(float)
    total[total == 0] = np.nan
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": [str(day) for day in days["grid_date"]],
            "y": _with_gaps(100 * days[name].to_numpy(float) / total, 4),
            "marker": {"color": colour, "line": {"width": 0}},
            "hovertemplate": "%{x|%d %b %Y}<br>%{y:.2f} %",
        }
        for name, colour in (("estimated", TEAL), ("suspect", AMBER), ("missing", RED))
    ]
    return plot(
        bars,
        "grid day",
        "share of channel-intervals, %",
        xaxis={"type": "date"},
        yaxis={"rangemode": "tozero"},
        height=380,
        barmode="stack",
        bargap=0.1,
        showlegend=True,
    )


def annual_cost_curve(unit: dict[Any, Any], currency: str) -> Figure:
    """EAC(T) of a new unit of the type, its least marked."""
    curve = np.asarray(unit["equivalent_annual_cost_curve"], float)
    years = np.arange(1, curve.size + 1)
    least = int(np.argmin(curve))
    # EAC(1) is nearly the whole price: the eye needs the flat part
    top = 1.05 * max(curve[min(9, curve.size - 1)], curve[-1], 1.2 * curve[least])
    traces = _curve(years, curve, least, TEAL, "kept %{x} years", f"least: {years[least]} years")
    return plot(
        traces,
        "years kept, T",
        f"equivalent annual cost, {currency} a year",
        yaxis={"range": [0, float(top)]},
        height=340,
    )


def waiting_cost_curve(unit: dict[Any, Any], currency: str, first_year: int) -> Figure:
    """W(n) of this very unit, its least marked; ``first_year`` is the year of n = 0."""
    curve = np.asarray(unit["waiting_cost_curve"], float)
    years = np.arange(curve.size)
    least = int(np.argmin(curve))
    label = "least: now" if least == 0 else f"least: {years[least]} years ({first_year + least})"
    traces = _curve(years, curve, least, AMBER, "waiting %{x} years", label)
    low, high = float(curve.min()), float(curve.max())
    shown = [low - 0.12 * (high - low), high + 0.04 * (high - low)] if high > low else [low - 1, low + 1]
    return plot(traces, "years waited, n", f"cost over replacing now, {currency}", yaxis={"range": shown}, height=340)


def _curve(
    years: NDArray[np.int64], curve: NDArray[np.float64], least: int, colour: str, hover: str, label: str
) -> list[Figure]:
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": years.tolist(),
        "y": curve.round(1).tolist(),
        "line": {"color": colour, "width": 2.4},
        "hovertemplate": hover + "<br>%{y:,.0f}<extra></extra>",
    }
    mark = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [int(years[least])],
        "y": [round(float(curve[least]), 1)],
        "text": [label],
        "textposition": "bottom right" if least < curve.size / 2 else "bottom left",
        "cliponaxis": False,
        "marker": {"color": colour, "size": 10},
        "hoverinfo": "skip",
    }
    return [line, mark]


def areas_by_income(areas: pd.DataFrame, currency: str) -> Figure:
    """Household energy per inhabitant against income; the circle's area is the population."""
    people = areas["population"].to_numpy(float)
    circles = {
        "type": "scatter",
        "mode": "markers",
        "x": areas["income_per_person"].astype(float).round().tolist(),
        "y": (areas["household_wh"].to_numpy(float) / people / 1000).round(1).tolist(),
        "text": [str(name or key) for name, key in zip(areas["name"], areas["area_id"], strict=True)],
        "customdata": people.tolist(),
        "hovertemplate": "<b>%{text}</b><br>%{y:,.0f} kWh per inhabitant<br>%{customdata:,.0f} inhabitants"
        f"<br>%{{x:,.0f}} {currency} a year<extra></extra>",
        "marker": {"size": (6 + 24 * np.sqrt(people / people.max())).round(1).tolist(), "color": BLUE, "opacity": 0.7},
    }
    return plot(
        [circles],
        f"income per person, {currency} a year",
        "household energy per inhabitant, kWh",
        yaxis={"rangemode": "tozero"},
        height=400,
    )


def plot(
    traces: list[Figure],
    x_title: str,
    y_title: str,
    *,
    height: int,
    xaxis: Figure | None = None,
    yaxis: Figure | None = None,
    **layout: Any,
) -> Figure:
    axes = {
        "xaxis": {"title": {"text": x_title}, **(xaxis or {})},
        "yaxis": {"title": {"text": y_title}, **(yaxis or {})},
    }
    return {"data": traces, "layout": {"height": height, "showlegend": False, **axes, **layout}}


def _colour_bar(title: str) -> Figure:
    """A bar above the figure, so that a phone's width is left to the figure."""
    place = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0.5, "len": 0.9, "thickness": 10}
    return {"title": {"text": title, "side": "top"}, **place}


def _with_gaps(values: NDArray[np.float64], decimals: int) -> list[float | None]:
    return [None if math.isnan(value) else round(float(value), decimals) for value in values]
