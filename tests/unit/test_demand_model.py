"""The demand model on invented series whose truth is known: better than baselines, honest, and additive."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from jobs.errors import GridlakeError
from jobs.models.demand.backtest import MODEL, scored_days, split_of, trained_model
from jobs.models.demand.features import Issue, feature_frame, issue_history
from jobs.models.demand.issue import feeder_forecasts, forecast_day
from jobs.models.demand.model import DemandModel
from jobs.models.demand.panel import Panel
from jobs.models.demand.scores import summary
from jobs.models.demand.settings import DemandSettings
from jobs.models.demand.weather import Weather, no_weather
from tests.unit.demand_panels import day, households, small_settings

FIRST = day(2015, 9, 1)
SETTINGS = small_settings(weather="observed", training={"score_days": 60, "calibrate_days": 60})
FEEDERS: list[str | None] = ["F1"] * 12 + ["F2"] * 12
Made = tuple[Panel, Weather, DemandModel]


@pytest.fixture(scope="module")
def made() -> Made:
    panel, weather = households(24, 300, seed=1, common=0.3, first=FIRST, feeders=FEEDERS)
    return panel, weather, trained_model(panel, weather, split_of(panel, SETTINGS), SETTINGS, 1)


@pytest.fixture(scope="module")
def found(made: Made):  # type: ignore[no-untyped-def]
    panel, weather, model = made
    return summary(
        scored_days(panel, weather, split_of(panel, SETTINGS), SETTINGS, {MODEL: model}), ["level", "days_ahead", "who"]
    )


@pytest.mark.parametrize("ahead", [1, 7])
@pytest.mark.parametrize("level", ["series", "feeder"])
def test_it_beats_every_baseline(found, level: str, ahead: int) -> None:  # type: ignore[no-untyped-def]
    of = found.loc[(level, ahead)]
    assert of.loc[MODEL, "pinball"] < 0.9 * min(of.loc[["last_week", "persistence"], "pinball"])


@pytest.mark.parametrize("level", ["series", "feeder"])
def test_its_intervals_hold_what_they_promise_of_series_and_of_feeders(found, level: str) -> None:  # type: ignore[no-untyped-def]
    """Errors share a part of 0.3: a feeder's summed quantiles would be too wide, and independent ones far too narrow.

    80 % held, give or take what 60 days to calibrate on and 60 to score leave to chance: 2 x sqrt(2 x 0.8 x 0.2 / 60).
    """
    for name, nominal in (("coverage_80", 0.8), ("coverage_90", 0.9)):
        assert found.loc[(level, slice(None), MODEL), name].mean() == pytest.approx(nominal, abs=0.13)


def test_means_add_up_and_quantiles_do_not(made: Made) -> None:
    panel, weather, model = made
    one = forecast_day(panel, weather, Issue(FIRST + 250, 1), SETTINGS, model)
    for feeder in feeder_forecasts(panel, one, SETTINGS, model):
        parts = np.equal(panel.feeder_id, feeder.feeder_id)
        np.testing.assert_allclose(feeder.mean_kw, one.mean_kw[parts].sum(axis=0), rtol=1e-12)
        assert (np.diff(feeder.quantile_kw, axis=1) >= 0).all()
        width, summed = (of[..., -1] - of[..., 0] for of in (feeder.quantile_kw, one.quantile_kw[parts].sum(axis=0)))
        assert (width < 0.99 * summed).mean() > 0.9


def test_a_series_that_the_model_never_met_is_forecast_as_its_likes_are(made: Made) -> None:
    panel, weather, model = made
    stranger = replace(panel, series_id=np.array([f"new {n}" for n in range(24)], object))
    one, other = (forecast_day(some, weather, Issue(FIRST + 250, 1), SETTINGS, model) for some in (panel, stranger))
    np.testing.assert_array_equal(one.mean_kw, other.mean_kw)
    assert set(other.reason) == {None}
    known, unknown = (feeder_forecasts(some, one, SETTINGS, model)[0] for some in (panel, stranger))
    assert np.mean(np.ptp(unknown.quantile_kw, axis=1) < np.ptp(known.quantile_kw, axis=1)) > 0.9


def test_without_weather_it_forecasts_and_says_so(made: Made) -> None:
    panel, _, model = made
    one = forecast_day(panel, no_weather(), Issue(FIRST + 250, 1), SETTINGS, model)
    assert set(one.weather) == {"none"}
    assert not np.isnan(one.mean_kw).any()
    nowhere = replace(panel, place=np.full(len(panel), -1, np.int64))
    assert set(forecast_day(nowhere, made[1], Issue(FIRST + 250, 1), SETTINGS, model).weather) == {"none"}


def test_a_silent_series_has_no_forecast_and_its_feeder_says_so(made: Made) -> None:
    panel, weather, model = made
    demand = panel.demand_kw.copy()
    demand[3] = np.nan
    demand[4] = 7.0
    one_of = replace(panel, demand_kw=demand)
    one = forecast_day(one_of, weather, Issue(FIRST + 250, 1), SETTINGS, model)
    assert one.reason[[3, 4, 5]].tolist() == ["no_reads", "flat", None]
    assert np.isnan(one.mean_kw[3]).all()
    np.testing.assert_array_equal(one.mean_kw[4], np.full(24, 7.0))
    feeder = feeder_forecasts(one_of, one, SETTINGS, model)[0]
    assert (feeder.parts, feeder.parts_lacking, feeder.parts_modelled) == (11, 1, 10)
    np.testing.assert_allclose(feeder.mean_kw, np.nansum(one.mean_kw[:12], axis=0))


def test_without_a_model_every_series_gets_the_baseline(made: Made) -> None:
    panel, weather, _ = made
    one = forecast_day(panel, weather, Issue(FIRST + 250, 1), SETTINGS, None)
    assert set(one.reason) == {"no_model"}
    np.testing.assert_array_equal(one.mean_kw, panel.demand_kw[:, 244])  # day 251 less 7


def test_the_same_seed_gives_the_same_model_and_it_survives_pickling(made: Made) -> None:
    panel, weather, model = made
    again = trained_model(panel, weather, split_of(panel, SETTINGS), SETTINGS, 1)
    issue = Issue(FIRST + 250, 7)
    rows = feature_frame(issue_history(panel, issue, SETTINGS), weather, issue, SETTINGS)
    first = model.predict(rows)
    for other in (again, pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(first.to_numpy(), other.predict(rows).to_numpy())
    assert list(first.columns) == ["mean", *(f"q{level:g}" for level in SETTINGS.quantiles)]


def test_a_missing_feature_column_is_named(made: Made) -> None:
    panel, weather, model = made
    rows = feature_frame(
        issue_history(panel, Issue(FIRST + 250, 1), SETTINGS), weather, Issue(FIRST + 250, 1), SETTINGS
    )
    with pytest.raises(GridlakeError, match=r"needs columns \['week_2'\]"):
        model.predict(rows.drop(columns="week_2"))


def test_too_few_days_and_unknown_features_are_told() -> None:
    panel, weather = households(2, 80, seed=1, first=FIRST)
    with pytest.raises(GridlakeError, match="80 days of demand, 162 are needed"):
        split_of(panel, SETTINGS)
    panel, weather = households(2, 120, seed=1, first=FIRST)
    wrong: DemandSettings = small_settings(features=("week_1", "moon"))
    with pytest.raises(GridlakeError, match=r"features that there are not: \['moon'\]"):
        trained_model(panel, weather, split_of(panel, wrong), wrong, 1)


def test_what_is_calibrated_and_trained_was_known_when_the_first_scored_forecast_was_issued(made: Made) -> None:
    split = split_of(made[0], SETTINGS)
    for ahead in SETTINGS.days_ahead:
        first_issue = split.score - ahead
        assert split.calibrated(ahead)[-1] < first_issue
        assert split.fitted(ahead)[-1] < split.calibrated(ahead)[0]
