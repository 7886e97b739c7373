"""Reliability diagram: what was said against what happened."""

from __future__ import annotations

from collections.abc import Mapping

from plotly.basedatatypes import BaseFigure
from plotly.graph_objs import Figure  # type: ignore[attr-defined]

from jobs.models.failure.model import Floats
from jobs.models.failure.scores import equal_bins


def reliability_figure(said: Mapping[str, Floats], failed: Floats) -> BaseFigure:
    """A line a model: mean probability of ten bins of equal count against the share that failed."""
    bins = {name: equal_bins(probability, failed) for name, probability in said.items()}
    highest = max(float(one[:, :2].max()) for one in bins.values())
    lines = [
        {"x": one[:, 0], "y": one[:, 1], "mode": "lines+markers", "type": "scatter", "name": name}
        for name, one in bins.items()
    ]
    right = {"x": [0, highest], "y": [0, highest], "mode": "lines", "line": {"dash": "dot"}, "name": "as said"}
    layout = {
        "xaxis": {"title": {"text": "chance of failing within the horizon, as said"}},
        "yaxis": {"title": {"text": "share that failed"}},
    }
    figure: BaseFigure = Figure({"data": [*lines, right], "layout": layout})  # type: ignore[no-untyped-call]
    return figure
