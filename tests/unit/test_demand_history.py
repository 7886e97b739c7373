"""What a demand forecast may look at: only what was known at its issue, by the clock on the wall."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jobs.models.demand.baseline import baseline, sorted_quantiles
from jobs.models.demand.features import FEATURES, Issue, feature_frame, issue_history
from jobs.models.demand.issue import feeder_forecasts, forecast_day
from jobs.models.demand.standing import standing
from jobs.models.demand.weather import Weather, no_weather
from tests.unit.demand_panels import BERLIN, LEVELS, day, forecasts_of, panel_with, small_settings

FIRST = day(2016, 1, 4)  # a Monday
SETTINGS = small_settings()


def numbered(days: int, series: int = 1) -> np.ndarray:
    """Demand that says which day and hour it is of: day 3, hour 5 is 305."""
    grid = 100.0 * np.arange(days)[:, None] + np.arange(24)
    return np.tile(grid, (series, 1, 1))


def test_lags_are_the_days_they_say() -> None:
    panel = panel_with(numbered(60), first=FIRST)
    near, far = (issue_history(panel, Issue(FIRST + 50, ahead), SETTINGS) for ahead in (1, 7))
    assert near.day_back(1)[0, 5] == 4905
    assert [near.week_back(n)[0, 5] for n in (1, 2)] == [4405, 3705]  # day 51 less 7, less 14
    assert [far.week_back(n)[0, 5] for n in (1, 2)] == [4305, 3605]  # day 57 less 14: its eve is not known yet
    assert baseline("last_week", far, LEVELS).mean_kw[0, 5] == 4305
    assert baseline("persistence", far, LEVELS).mean_kw[0, 5] == 4905


def test_a_read_known_after_the_issue_is_not_used() -> None:
    """Late reads of the day before and of the lag day, planted with an absurd value, change nothing at all."""
    panel = panel_with(numbered(60), first=FIRST)
    issue = Issue(FIRST + 50, 1)
    planted, known = panel.demand_kw.copy(), panel.known_minute.copy()
    for late in (44, 49):
        planted[0, late] = 1e9
        known[0, late] = issue.minute(panel, SETTINGS) + 1
    changed = replace(panel, demand_kw=planted, known_minute=known)
    absent = replace(panel, demand_kw=np.where(planted == np.float32(1e9), np.float32(np.nan), planted))
    frames = [
        feature_frame(issue_history(one, issue, SETTINGS), no_weather(), issue, SETTINGS) for one in (changed, absent)
    ]
    np.testing.assert_array_equal(frames[0].to_numpy(), frames[1].to_numpy())
    last_week, persistence = (
        baseline(name, issue_history(changed, issue, SETTINGS), LEVELS) for name in ("last_week", "persistence")
    )
    assert last_week.mean_kw[0, 5] == 3705  # the week before, known in time
    assert persistence.mean_kw[0, 5] == 4805
    assert np.nanmax(last_week.quantile_kw) < 1e5
    in_time = replace(changed, known_minute=np.where(known > 0, issue.minute(panel, SETTINGS), known))
    assert baseline("persistence", issue_history(in_time, issue, SETTINGS), LEVELS).mean_kw[0, 5] == np.float32(1e9)


def test_days_from_the_issue_on_are_never_seen() -> None:
    panel = panel_with(numbered(60), first=FIRST)
    issue = Issue(FIRST + 50, 1)
    cut = panel_with(numbered(50), first=FIRST)
    later = feature_frame(issue_history(panel, issue, SETTINGS), no_weather(), issue, SETTINGS)
    np.testing.assert_array_equal(
        later.to_numpy(),
        feature_frame(issue_history(cut, issue, SETTINGS), no_weather(), issue, SETTINGS).to_numpy(),
    )


def test_after_a_clock_change_lags_are_of_the_same_time_on_the_wall() -> None:
    """27 March 2016, 02:00: grid hour 7 of the Monday after shows 08:00, as grid hour 8 did the week before."""
    panel = panel_with(numbered(90), first=FIRST)
    change = day(2016, 3, 27) - FIRST
    monday = issue_history(panel, Issue(FIRST + change, 1), SETTINGS)
    assert monday.week_back(1)[0, 7] == 100 * (change + 1 - 7) + 8
    assert baseline("last_week", monday, LEVELS).mean_kw[0, 7] == 100 * (change + 1 - 7) + 8
    week_later = issue_history(panel, Issue(FIRST + change + 8, 1), SETTINGS)
    assert week_later.week_back(1)[0, 7] == 100 * (change + 2) + 7  # both in summer time
    of_the_day = issue_history(panel, Issue(FIRST + change - 1, 1), SETTINGS)
    before, after = of_the_day.week_back(1)[0, [0, 3]]
    assert (before, after) == (100 * (change - 7), 100 * (change - 7) + 4)


@pytest.mark.parametrize("target", [day(2016, 3, 27), day(2016, 10, 30)])
def test_a_clock_change_day_has_a_forecast_of_every_interval(target: int) -> None:
    first = target - 70
    panel = panel_with(numbered(80), first=first)
    made = forecast_day(panel, no_weather(), Issue(target - 1, 1), SETTINGS, None)
    assert made.mean_kw.shape == (1, 24)
    assert not np.isnan(made.mean_kw).any()
    assert (np.diff(made.quantile_kw, axis=-1) >= 0).all()


def test_holidays_count_as_sundays_and_their_neighbours_know_it() -> None:
    time = BERLIN.model_copy(update={"holidays": ((__import__("datetime").date(2016, 3, 1)),)})  # a Tuesday
    panel = panel_with(numbered(90), first=FIRST, time=time)
    frames = {
        target: feature_frame(
            issue_history(panel, Issue(target - 1, 1), SETTINGS), no_weather(), Issue(target - 1, 1), SETTINGS
        )
        for target in (day(2016, 2, 29), day(2016, 3, 1), day(2016, 3, 2))
    }
    columns = ["day_type", "weekday", "day_type_before", "day_type_after"]
    found = [frame[columns].iloc[12].tolist() for frame in frames.values()]
    assert found == [[0, 0, 2, 2], [2, 6, 0, 0], [0, 2, 2, 0]]


def test_weather_is_the_newest_issue_before_the_forecast() -> None:
    panel = panel_with(numbered(60), first=FIRST, place=0)
    issue = Issue(FIRST + 50, 1)
    now, hour = issue.minute(panel, SETTINGS), panel.clock.start_minute(FIRST + 51) // 60
    forecast = forecasts_of(
        {now - 720: (hour, np.full(24, 5.0)), now: (hour, np.full(12, 7.0)), now + 1: (hour, np.full(24, 99.0))}
    )
    weather = Weather(("station",), no_weather().observed, forecast)
    frame = feature_frame(issue_history(panel, issue, SETTINGS), weather, issue, SETTINGS)
    assert frame["temperature"].tolist() == [7.0] * 12 + [5.0] * 12
    assert frame["temperature_mean"].unique().tolist() == [6.0]


def test_observed_weather_of_the_day_is_used_only_where_the_settings_say_so() -> None:
    panel = panel_with(numbered(60), first=FIRST, place=0)
    issue = Issue(FIRST + 50, 1)
    hour = panel.clock.start_minute(FIRST + 40) // 60
    observed = forecasts_of({60 * (hour + n + 1): (hour + n, np.array([float(n)])) for n in range(24 * 15)})
    weather = Weather(("station",), observed, no_weather().forecast)
    history = issue_history(panel, issue, SETTINGS)
    plain = feature_frame(history, weather, issue, SETTINGS)
    assert plain["temperature"].isna().all()
    assert plain["temperature_day_1"].tolist() == [24.0 * 9 + n for n in range(24)]
    marked = feature_frame(history, weather, issue, SETTINGS.model_copy(update={"weather": "observed"}))
    assert marked["temperature"].tolist() == [24.0 * 11 + n for n in range(24)]


def test_series_that_are_flat_short_gappy_or_silent_are_named() -> None:
    draw = np.random.default_rng(1)
    seen = draw.uniform(1, 2, (6, 56, 24)).astype(np.float32)
    seen[1] = 3.0
    seen[2] = 0.0
    seen[3, :-10] = np.nan
    seen[4, -28:-8] = np.nan
    seen[5] = np.nan
    assert standing(seen, SETTINGS).tolist() == [None, "flat", "flat", "short", "gappy", "no_reads"]


@pytest.mark.parametrize("series", [0, 2])
def test_a_panel_of_which_nothing_is_known_has_no_forecast(series: int) -> None:
    panel = panel_with(np.full((series, 60, 24), np.nan), first=FIRST, feeders=["F1"] * series)
    made = forecast_day(panel, no_weather(), Issue(FIRST + 50, 7), SETTINGS, None)
    assert made.mean_kw.shape == (series, 24)
    assert np.isnan(made.mean_kw).all()
    assert made.reason.tolist() == ["no_reads"] * series
    found = feeder_forecasts(panel, made, SETTINGS, None)
    assert [(one.parts, one.parts_lacking, np.isnan(one.mean_kw).all()) for one in found] == [(0, 2, True)][:series]


def test_quantiles_of_what_is_known_are_numpys() -> None:
    draw = np.random.default_rng(2)
    values = draw.normal(size=(5, 40)).astype(np.float32)
    values[:, 30:] = np.nan
    found = sorted_quantiles(np.sort(values, axis=1), LEVELS)
    np.testing.assert_allclose(found, np.nanquantile(values, LEVELS, axis=1).T, rtol=1e-5, atol=1e-6)


def test_every_feature_is_described_and_made() -> None:
    panel = panel_with(numbered(60), first=FIRST)
    issue = Issue(FIRST + 50, 1)
    frame = feature_frame(issue_history(panel, issue, SETTINGS), no_weather(), issue, SETTINGS)
    assert set(FEATURES) <= set(frame.columns)
    assert len(frame) == 24
