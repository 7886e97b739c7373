"""Training of the demand model on a lake's newest release: what `gridlake train demand` runs."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from plotly import graph_objects
from plotly.basedatatypes import BaseFigure
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.batches import joined
from jobs.errors import TrainingError
from jobs.lake.lake import Lake
from jobs.models.demand.backtest import MODEL, scored_days, split_of, trained_model
from jobs.models.demand.baseline import NAMES
from jobs.models.demand.clock import EPOCH
from jobs.models.demand.features import FEATURES, Issue, feature_frame, issue_history
from jobs.models.demand.panel import Panel
from jobs.models.demand.panel_rows import ProfileRows, panel_of, weather_of
from jobs.models.demand.profile_days import READS, profile_days, weather_places, weather_rows
from jobs.models.demand.scores import MEASURES, summary
from jobs.models.demand.settings import DemandSettings, read_demand_settings
from jobs.models.demand.training_rows import Split
from jobs.models.demand.weather import Weather
from jobs.models.training.trained import Metrics, Trained
from jobs.progress import Echo
from jobs.query.snapshot import read_snapshot
from jobs.registry import all_tables
from jobs.settings import Settings

DECISIVE = "pinball"


def train(lake: Lake, settings: Settings, *, seed: int, echo: Echo) -> Trained:
    """A demand model of the newest release, with its scores and the baselines' on the last days.

    Raises
    ------
    GridlakeError
        The release has no profiles, or too few days.
    """
    demand = read_demand_settings(settings.conf_folder)
    snapshot = read_snapshot(lake)
    frames = {name: snapshot.rows(all_tables()[table]) for name, table in READS.items()}
    panel, weather = read_panel(frames, settings, demand)
    split = split_of(panel, demand)
    echo(f"{len(panel)} series of {panel.days} days; scored from {_date(split.score)} to {_date(split.end - 1)}")
    model = trained_model(panel, weather, split, demand, seed)
    scores = scored_days(panel, weather, split, demand, {MODEL: model})
    metrics = {who: metrics_of(scores, who) for who in (MODEL, *NAMES)}
    for name in NAMES:
        echo(f"{DECISIVE} {metrics[MODEL][DECISIVE]:.4g}, {name} {metrics[name][DECISIVE]:.4g}")

    def rescore(other: Any) -> Metrics:
        return metrics_of(scored_days(panel, weather, split, demand, {MODEL: other}), MODEL)

    last = Issue(split.end - 1 - demand.days_ahead[0], demand.days_ahead[0])
    example = feature_frame(issue_history(panel.of(np.arange(len(panel)) == 0), last, demand), weather, last, demand)
    return Trained(
        name=MODEL,
        model=model,
        example=example[model.columns].head(5).astype(np.float64),
        metrics=metrics[MODEL],
        baselines={name: metrics[name] for name in NAMES},
        decisive=DECISIVE,
        card=model_card(panel, split, demand, metrics),
        inputs={table: snapshot.versions[table] for table in READS.values() if table in snapshot.versions},
        scored_rows=scored_rows(panel, split, demand),
        seed=seed,
        rescore=rescore,
        params={
            **demand.training.model_dump(),
            "settings": demand.digest(),
            "weather": demand.weather,
            "features": len(demand.features),
            "series": len(panel),
        },
        plots={"pinball by hour": _by_who(scores)},
    )


def read_panel(frames: dict[str, DataFrame], settings: Settings, demand: DemandSettings) -> tuple[Panel, Weather]:
    """The series that a model is trained on: whole feeders, drawn by the hash of their names, as many as may be held.

    Raises
    ------
    GridlakeError
        There is no profile.
    """
    offset = settings.grid_time.offset
    days = frames["feeder_profile"].agg(F.min("grid_date"), F.max("grid_date")).first()
    if days is None or days[0] is None:
        raise TrainingError("gold.feeder_profile holds no day: `gridlake build` makes it")
    training = demand.training
    longest = training.fit_days + training.calibrate_days + training.score_days + demand.history_days
    first = max((days[0] - EPOCH).days, (days[1] - EPOCH).days + 1 - longest)
    end = (days[1] - EPOCH).days + 1
    frames = {
        name: rows.where(F.unix_date("grid_date") >= first) if "grid_date" in rows.columns else rows
        for name, rows in frames.items()
    }
    rows = profile_days(frames, utc_offset=offset, profile=settings.profile, demand=demand)
    groups = rows.groupBy("group_id").count().orderBy(F.xxhash64("group_id"), "group_id")
    chosen: list[str] = []
    held = 0
    for group in groups.toLocalIterator():
        if chosen and held + group["count"] > training.most_series_days:
            break
        chosen.append(group["group_id"])
        held += group["count"]
    found = rows.where(F.col("group_id").isin(chosen)).toArrow().combine_chunks()
    ordered = found.sort_by([("group_id", "ascending"), ("transformer_id", "ascending"), ("grid_date", "ascending")])
    weather = weather_of(
        weather_rows(
            frames["weather_hours"],
            first_minute=first * 1440 - int(offset / timedelta(minutes=1)),
            last_minute=end * 1440 - int(offset / timedelta(minutes=1)),
            demand=demand,
        ).toArrow()
    )
    number = {name: place for place, name in enumerate(weather.places)}
    places = {row["group_id"]: number[row["place_id"]] for row in weather_places(frames).collect()
              if row["place_id"] in number}  # fmt: skip
    profile_rows = ProfileRows(joined(ordered.to_batches()), settings.profile)
    panel = panel_of(profile_rows, places, first_day=first, end_day=end, time=settings.grid_time)
    return panel, weather


def metrics_of(scores: pd.DataFrame, who: str) -> dict[str, float]:
    """Every measure by horizon and level, such as ``pinball_h01_series``, and over both horizons ``pinball``."""
    mine = scores[scores["who"] == who]
    by = summary(mine, ["level", "days_ahead"]).reset_index()
    found = {
        f"{measure}_h{int(row['days_ahead']):02d}_{row['level']}": float(row[measure])
        for row in by.to_dict("records")
        for measure in MEASURES
        if not np.isnan(row[measure])
    }
    overall = summary(mine[mine["level"] == "series"], ["days_ahead"])
    return {DECISIVE: float(overall[DECISIVE].mean()), **found}


def scored_rows(panel: Panel, split: Split, demand: DemandSettings) -> str:
    """Hash of the keys of the rows scored, and of what happened."""
    keys = [*panel.kind, *panel.series_id, split.score, split.end, *demand.days_ahead, *demand.quantiles]
    text = hashlib.sha256("\n".join(map(str, keys)).encode())
    text.update(np.ascontiguousarray(panel.demand_kw[:, split.score - panel.first_day :]).tobytes())
    return text.hexdigest()[:16]


def model_card(panel: Panel, split: Split, demand: DemandSettings, metrics: dict[str, dict[str, float]]) -> str:
    """What the model is for, what it was made from, how well it does, and where it must not be trusted."""
    kinds = ", ".join(f"{int((panel.kind == kind).sum())} {kind}" for kind in sorted(set(panel.kind)))
    lines = [
        "# Demand model",
        "",
        f"Net demand of feeders and transformers, {demand.days_ahead[0]} to {demand.days_ahead[-1]} days ahead, mean "
        f"and quantiles {', '.join(f'{level:g}' for level in demand.quantiles)}, every {panel.clock.interval_minutes} "
        "minutes. One model for all series; means add up to feeders, a feeder's quantiles come from coherent paths.",
        "",
        f"- Series: {kinds}.",
        f"- Trained on {_date(split.first)} to {_date(split.fitted(demand.days_ahead[0])[-1])}, calibrated up to "
        f"{_date(split.score - 1)}, scored on {_date(split.score)} to {_date(split.end - 1)}; not trained again on "
        "the days scored.",
        f"- Weather: {demand.weather}. Features: {', '.join(demand.features)}.",
        "- Losses are relative to each series' range; every series' day counts once.",
        "- Not for series that are short, gappy or flat: they get the baseline. Ranks of a series that was not there "
        "in training are unknown: it is taken to err by itself, which makes its feeder's quantiles too narrow.",
        "",
        "| measure | " + " | ".join(metrics) + " |",
        "|---" * (len(metrics) + 1) + "|",
    ]
    for name in metrics[MODEL]:
        values = [f"{of[name]:.4f}" if name in of else "" for of in metrics.values()]
        lines.append(f"| {name} | " + " | ".join(values) + " |")
    unused = sorted(set(FEATURES) - set(demand.features))
    return "\n".join([*lines, "", f"Features there are and that it leaves out: {', '.join(unused) or 'none'}.", ""])


def _by_who(scores: pd.DataFrame) -> BaseFigure:
    """Mean pinball loss of each target day, by who forecast it."""
    plotly: Any = graph_objects
    figure: Any = plotly.Figure()
    for (who, ahead), rows in scores[scores["level"] == "series"].groupby(["who", "days_ahead"]):
        by_day = rows.groupby("target_day")[DECISIVE].mean()
        figure.add_scatter(x=[_date(int(day)) for day in by_day.index], y=by_day, name=f"{who}, {ahead} days ahead")
    figure.update_layout(yaxis_title="pinball loss / range of the series", xaxis_title="day forecast")
    drawn: BaseFigure = figure
    return drawn


def _date(day: int) -> str:
    return str(EPOCH + timedelta(days=day))
