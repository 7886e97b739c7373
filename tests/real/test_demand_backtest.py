"""Day-ahead and week-ahead forecasts of Victoria's demand and of ETTm1's loads, scored on days after the training.

The last six and four months are scored by a model that is trained once, on what was known before.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jobs.models.demand.backtest import MODEL, scored_days, split_of, trained_model
from jobs.models.demand.baseline import NAMES
from jobs.models.demand.scores import summary
from jobs.models.demand.settings import read_demand_settings
from tests.conftest import ROOT
from tests.real.demand_panels import Published, ettm1, vic_elec

CASES: dict[str, tuple[Callable[[Path], Published], str, dict[str, int]]] = {
    "vic_elec": (vic_elec, "observed", {"score_days": 180, "calibrate_days": 120, "fit_days": 730}),
    "ettm1": (ettm1, "forecast", {"score_days": 120, "calibrate_days": 45, "fit_days": 540}),
}


@pytest.fixture(scope="module", params=CASES)
def found(request: pytest.FixtureRequest, real_data: Path) -> pd.DataFrame:
    """Mean scores by days ahead and forecaster."""
    read, weather, days = CASES[request.param]
    panel, hours = read(real_data)
    plain = read_demand_settings(ROOT / "conf")
    over: dict[str, Any] = {"weather": weather, "training": plain.training.model_copy(update=days)}
    settings = plain.model_copy(update=over)
    split = split_of(panel, settings)
    model = trained_model(panel, hours, split, settings, 1)
    scores = summary(scored_days(panel, hours, split, settings, {MODEL: model}), ["days_ahead", "who"])
    print(request.param, scores.round(4).to_string(), sep="\n")
    return scores


@pytest.mark.slow
@pytest.mark.parametrize("ahead", [1, 7])
def test_at_each_horizon_it_is_a_tenth_better_than_the_best_baseline(found: pd.DataFrame, ahead: int) -> None:
    for measure in ("pinball", "crps"):
        best = min(found.loc[(ahead, name), measure] for name in NAMES)
        assert found.loc[(ahead, MODEL), measure] <= 0.9 * best


@pytest.mark.slow
@pytest.mark.parametrize("ahead", [1, 7])
def test_nine_tenths_hold_most_of_what_happened(found: pd.DataFrame, ahead: int) -> None:
    """Months after the training, in another season: not the nominal share, but near it."""
    assert found.loc[(ahead, MODEL), "coverage_90"] >= 0.8
