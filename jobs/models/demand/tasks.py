"""Forecasts in Spark's tasks: all series of a task's feeders at once, whatever their number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.batches import joined, whole_groups
from jobs.gold.profile.settings import ProfileSettings
from jobs.lake.direct import Batches
from jobs.models.demand.features import Issue
from jobs.models.demand.issue import DayForecast, FeederForecast, feeder_forecasts, forecast_day
from jobs.models.demand.model import DemandModel
from jobs.models.demand.panel import Panel, same
from jobs.models.demand.panel_rows import ProfileRows, panel_of, weather_of
from jobs.models.demand.settings import DemandSettings
from jobs.settings import GridTime

ROWS_AT_ONCE = 20_000
"""Days of places that a task lays side by side: 56 days of some 350 of them."""
MODEL, BASELINE, NONE = "model", "baseline", "none"


@dataclass(frozen=True)
class Forecaster:
    """Everything a task needs beside its rows; it can be pickled.

    Parameters
    ----------
    issue_day : grid day of the issue, days since 1970.
    version : what tables say of the model; None where there is none.
    """

    issue_day: int
    model: DemandModel | None
    version: str | None
    settings: DemandSettings
    profile: ProfileSettings
    time: GridTime
    schema: pa.Schema

    def __call__(self, batches: Batches, weather: pa.Table, places: dict[str, str]) -> Batches:
        """Forecasts of every group of the rows, which lie together by ``group_id``."""
        held: list[pa.RecordBatch] = []
        known = weather_of(weather)
        number = {name: place for place, name in enumerate(known.places)}
        of_group = {group: number[place] for group, place in places.items() if place in number}

        def made() -> Iterator[pa.RecordBatch]:
            rows = ProfileRows(joined(held), self.profile)
            first = self.issue_day - self.settings.history_days
            panel = panel_of(rows, of_group, first_day=first, end_day=self.issue_day, time=self.time)
            if not len(panel):
                return
            for ahead in self.settings.days_ahead:
                issue = Issue(self.issue_day, ahead)
                day = forecast_day(panel, known, issue, self.settings, self.model)
                yield from self._rows(panel, day)

        for batch in whole_groups(batches, ("group_id",)):
            held.append(batch)
            if sum(one.num_rows for one in held) >= ROWS_AT_ONCE:
                yield from made()
                held = []
        if held:
            yield from made()

    def _rows(self, panel: Panel, day: DayForecast) -> Iterator[pa.RecordBatch]:
        """Rows of the table: of each series and each feeder, an interval a row."""
        spoken = same(day.reason, None)
        method = np.where(spoken, MODEL, np.where(np.isnan(day.mean_kw).any(axis=1), NONE, BASELINE)).astype(object)
        one = np.ones(len(panel), np.int64)
        yield self._batch(panel, day, panel.kind, panel.series_id, panel.feeder_id, day.mean_kw, day.quantile_kw,
                          method, day.reason, day.weather, one, (method == NONE).astype(np.int64))  # fmt: skip
        feeders = feeder_forecasts(panel, day, self.settings, self.model)
        if feeders:
            ids = np.array([one.feeder_id for one in feeders], object)
            parts, lacking = (
                np.array([getattr(one, name) for one in feeders], np.int64) for name in ("parts", "parts_lacking")
            )
            of_feeder, why = (np.array([_of_feeder(one)[part] for one in feeders], object) for part in range(2))
            yield self._batch(
                panel, day, np.full(len(ids), "feeder", object), ids, ids,
                np.stack([one.mean_kw for one in feeders]), np.stack([one.quantile_kw for one in feeders]),
                of_feeder, why, np.array([one.weather for one in feeders], object), parts, lacking,
            )  # fmt: skip

    def _batch(
        self,
        panel: Panel,
        day: DayForecast,
        kind: NDArray[np.object_],
        series_id: NDArray[np.object_],
        feeder_id: NDArray[np.object_],
        mean_kw: NDArray[np.floating],
        quantile_kw: NDArray[np.floating],
        method: NDArray[np.object_],
        reason: NDArray[np.object_],
        weather: NDArray[np.object_],
        parts: NDArray[np.int64],
        lacking: NDArray[np.int64],
    ) -> pa.RecordBatch:
        slots, series = panel.clock.slots, len(kind)
        levels = quantile_kw.shape[2]
        row = np.repeat(np.arange(series), slots)
        minute = panel.clock.start_minute(day.issue.target) + np.tile(
            np.arange(slots) * panel.clock.interval_minutes, series
        )
        unknown = np.isnan(mean_kw).ravel() | np.isnan(quantile_kw).any(axis=2).ravel()
        flat = np.where(unknown[:, None], 0.0, quantile_kw.reshape(-1, levels))
        count = np.where(unknown, 0, levels)
        offsets = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)

        def text(values: NDArray[np.object_]) -> Any:
            return pa.array(values, pa.string()).take(pa.array(row))

        def instant(minutes: NDArray[np.int64]) -> Any:
            return pa.array(minutes * 60_000_000).cast(pa.timestamp("us", "UTC"))

        issued = day.issue.minute(panel, self.settings)
        columns = {
            "series_kind": text(kind),
            "series_id": text(series_id),
            "feeder_id": text(feeder_id),
            "grid_date": pa.array(np.full(len(row), self.issue_day - 1, np.int32)).cast(pa.date32()),
            "issue_time_utc": instant(np.full(len(row), issued)),
            "interval_start_utc": instant(minute),
            "interval_minutes": pa.array(np.full(len(row), panel.clock.interval_minutes, np.int32)),
            "days_ahead": pa.array(np.full(len(row), day.issue.days_ahead, np.int32)),
            "mean_kw": pa.array(mean_kw.ravel(), pa.float64(), mask=unknown),
            "quantile_kw": pa.ListArray.from_arrays(offsets, pa.array(flat[~unknown].ravel(), pa.float64())),
            "method": text(method),
            "reason": text(reason),
            "weather_kind": text(weather),
            "parts": pa.array(parts[row].astype(np.int32)),
            "parts_lacking": pa.array(lacking[row].astype(np.int32)),
            "model_version": pa.array([self.version if one == MODEL else None for one in method], pa.string()).take(
                pa.array(row)
            ),
        }
        return pa.RecordBatch.from_arrays(
            [columns[field.name].cast(field.type) for field in self.schema], schema=self.schema
        )


def _of_feeder(feeder: FeederForecast) -> tuple[str, str | None]:
    """What made a feeder's forecast, and why that was not the model."""
    if not feeder.parts:
        return NONE, "no_reads"
    return (MODEL, None) if feeder.parts_modelled else (BASELINE, "parts")
