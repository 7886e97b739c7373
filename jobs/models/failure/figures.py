"""Reliability diagram: what was said against what happened."""

from __future__ import annotations

from collections.abc import Mapping

from plotly.basedatatypes import BaseFigure
from plotly.graph_objs import Figure  # type: ignore[attr-defined]

from jobs.models.failure.model import Floats
from jobs.models.failure.scores import equal_bins


def reliability_figure(said: Mapping[str, Floats], failed: Floats) -> BaseFigure:
    """A line a model: mean probability of ten bins of equal count against the share that failed."""
    figure: BaseFigure = Figure()
    highest = 0.0
    for name, probability in said.items():
        bins = equal_bins(probability, failed)
        highest = max(highest, float(bins[:, :2].max()))
        figure.add_scatter(x=bins[:, 0], y=bins[:, 1], mode="lines+markers", name=name)
    figure.add_scatter(x=[0, highest], y=[0, highest], mode="lines", line={"dash": "dot"}, name="as said")
    figure.update_layout(
        xaxis_title="chance of failing within 12 months, as said", yaxis_title="share that failed",
        template="plotly_white",
    )  # fmt: skip
    return figure
