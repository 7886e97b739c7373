"""Figures on ageing, failures and forecasts, drawn as those of `jobs.report.figures`."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.gold.ageing.settings import AgeingSettings
from jobs.report.figures import AMBER, BLUE, GREY, LINES, RED, TEAL, Figure, plot

LINES_DRAWN = 5
BANDS = (0.5, 0.8, 0.9)
"""Intervals of a fan, the narrowest first; one that reaches beyond the model's quantiles is left out."""


def hot_spots(days: pd.DataFrame, settings: AgeingSettings) -> Figure:
    """The day's highest hot-spot of the hottest units, with the limits of normal and emergency loading."""
    hottest = days.groupby("asset_id")["hot_spot_max_degc"].max().sort_values(ascending=False).head(LINES_DRAWN)
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": str(unit),
            "x": [str(day) for day in rows["grid_date"]],
            "y": rows["hot_spot_max_degc"].astype(float).round(1).tolist(),
            "line": {"width": 1.8, "color": colour},
            "hovertemplate": "%{x|%d %b %Y}<br>%{y:.1f} degC",
        }
        for (unit, rows), colour in zip(
            ((unit, days[days["asset_id"] == unit]) for unit in hottest.index), LINES, strict=False
        )
    ]
    ends = [str(days["grid_date"].min()), str(days["grid_date"].max())]
    limits = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": ends,
            "y": [limit, limit],
            "line": {"width": 1.4, "dash": "dash", "color": colour},
            "hoverinfo": "skip",
        }
        for name, limit, colour in (
            ("limit, normal cyclic loading", settings.hot_spot_limit_degc, AMBER),
            ("limit, long-time emergency loading", settings.emergency_hot_spot_limit_degc, RED),
        )
    ]
    return plot(
        [*lines, *limits], "grid day", "highest hot-spot, °C", xaxis={"type": "date"}, height=420, showlegend=True
    )


def calibration(bins: pd.DataFrame) -> Figure:
    """Mean chance said by groups of equal count, against what happened and, where it is known, what was planted."""
    known = [("share that failed", "failed", TEAL), ("planted truth", "truth", AMBER)]
    lines = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": (100 * bins["said"].astype(float)).round(3).tolist(),
            "y": (100 * bins[column].astype(float)).round(3).tolist(),
            "marker": {"size": 8, "color": colour},
            "line": {"width": 1.4, "color": colour},
            "customdata": bins["rows"].astype(int).tolist(),
            "hovertemplate": "said %{x:.2f} %, " + name + " %{y:.2f} %<br>%{customdata:,} unit-years<extra></extra>",
        }
        for name, column, colour in known
        if bins[column].notna().all()
    ]
    highest = float(100 * bins[["said", "failed"]].astype(float).to_numpy().max())
    right = {
        "type": "scatter",
        "mode": "lines",
        "name": "as said",
        "x": [0, round(highest, 3)],
        "y": [0, round(highest, 3)],
        "line": {"dash": "dot", "color": GREY, "width": 1.4},
        "hoverinfo": "skip",
    }
    return plot(
        [*lines, right],
        "mean chance said, %",
        "share that failed within the year, %",
        xaxis={"rangemode": "tozero"},
        yaxis={"rangemode": "tozero"},
        height=420,
        showlegend=True,
    )


def band(
    quantile: NDArray[np.float64], levels: Sequence[float], share: float
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Ends of the interval that holds ``share``, by a straight line between levels; None beyond the outermost."""
    return _at(quantile, levels, (1 - share) / 2), _at(quantile, levels, (1 + share) / 2)


def _at(quantile: NDArray[np.float64], levels: Sequence[float], level: float) -> NDArray[np.float64] | None:
    known = np.asarray(levels)
    if not known[0] - 1e-9 <= level <= known[-1] + 1e-9:
        return None
    above = int(np.searchsorted(known, level - 1e-9))
    if abs(known[above] - level) < 1e-9:
        return np.asarray(quantile[:, above], np.float64)
    part = (level - known[above - 1]) / (known[above] - known[above - 1])
    return np.asarray((1 - part) * quantile[:, above - 1] + part * quantile[:, above], np.float64)


def fan(rows: pd.DataFrame, levels: Sequence[float], zone: str) -> Figure:
    """Intervals of a forecast as bands, the widest behind, its median, and what happened."""
    utc = pd.DatetimeIndex(rows["interval_start_utc"]).tz_localize("UTC")
    local = [one.strftime("%Y-%m-%d %H:%M") for one in utc.tz_convert(ZoneInfo(zone))]
    quantile = np.stack(list(rows["quantile_kw"])) if len(rows) else np.empty((0, len(levels)))
    traces: list[Figure] = []
    for share, opacity in zip(reversed(BANDS), (0.18, 0.28, 0.45), strict=True):
        low, high = band(quantile, levels, share)
        if low is None or high is None:
            continue
        edge = {"type": "scatter", "mode": "lines", "x": local, "line": {"width": 0}, "hoverinfo": "skip"}
        traces += [
            {**edge, "y": low.round(1).tolist(), "showlegend": False},
            {
                **edge,
                "y": high.round(1).tolist(),
                "fill": "tonexty",
                "fillcolor": f"rgba(76,120,200,{opacity})",
                "name": f"{share:.0%}",
            },
        ]
    middle = _at(quantile, levels, 0.5)
    named = [("median", middle, BLUE, 1.6), ("what happened", rows["actual_kw"].to_numpy(float), RED, 1.4)]
    traces += [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": local,
            "y": [None if np.isnan(one) else round(float(one), 1) for one in values],
            "line": {"width": width, "color": colour},
            "hovertemplate": "%{x|%a %d %b, %H:%M}<br>" + name + " %{y:,.0f} kW<extra></extra>",
        }
        for name, values, colour, width in named
        if values is not None
    ]
    return plot(traces, f"local time ({zone})", "net demand, kW", xaxis={"type": "date"}, height=440, showlegend=True)
