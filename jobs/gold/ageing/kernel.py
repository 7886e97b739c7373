"""The edge between Spark's rows of unit-days and the thermal kernel: windows of four days, no call per unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.batches import flat, from_bytes, group_starts, numbers, whole_groups
from jobs.errors import LakeError, first_keys
from jobs.gold.ageing.gaps import filled
from jobs.gold.ageing.inputs import HOURS
from jobs.gold.ageing.settings import LEAD_DAYS, AgeingSettings
from jobs.gold.profile.settings import ProfileSettings
from jobs.lake.direct import Batches
from kernels.thermal_ageing import ThermalCharacteristics, thermal_ageing

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
UNIT = ("asset_id", "transformer_id")
WINDOWS_AT_ONCE = 4096
"""Unit-days that a task lays side by side: some 40 MB."""
COMPUTED, LOAD_UNKNOWN, RATING_UNKNOWN = "computed", "load_unknown", "rating_unknown"
OBSERVED, FILLED, ASSUMED = "observed", "filled", "assumed"
NAMEPLATE, OF_KIND = "nameplate", "cooling"


@dataclass(frozen=True)
class Ager:
    """Everything a task needs beside its rows; it can be pickled."""

    settings: AgeingSettings
    profile: ProfileSettings
    offset_seconds: int
    schema: pa.Schema

    def __call__(self, batches: Batches) -> Batches:
        """Rows of gold.transformer_ageing from those of `unit_days`, which lie by unit, position and day."""
        for rows in whole_groups(batches, UNIT):
            load, ambient = self._load(rows), self._ambient(rows)
            window = _windows(rows)
            stands = np.flatnonzero(numbers(rows.column("stands"), bool))
            for start in range(0, len(stands), WINDOWS_AT_ONCE):
                some = stands[start : start + WINDOWS_AT_ONCE]
                yield self._aged(rows.take(pa.array(some)), load[window[some]], ambient[window[some]])

    def _load(self, rows: pa.RecordBatch) -> Floats:
        """Apparent power of each position, kVA, NaN where too few meters are behind it; its last row is all NaN."""
        slots = 1440 // self.profile.interval_minutes
        minutes = numbers(rows.column("interval_minutes"), np.int64)
        if (minutes != self.profile.interval_minutes).any():
            other = np.flatnonzero(minutes != self.profile.interval_minutes)
            keys = [(rows.column("transformer_id")[n].as_py(), str(rows.column("grid_date")[n].as_py())) for n in other]
            raise LakeError(
                f"gold.transformer_profile: {len(other)} of {rows.num_rows} days are of intervals of"
                f" {minutes[other[0]]} min, {self.profile.interval_minutes} are configured: build them anew;"
                f" first by (transformer_id, grid_date): {first_keys(keys)}"
            )
        apparent_va, seen, estimated = (
            from_bytes(rows.column(name), kind)[0].reshape(-1, slots)
            for name, kind in (
                ("apparent_va", np.float64),
                ("meters_seen", np.int32),
                ("meters_estimated", np.int32),
            )
        )
        expected = numbers(rows.column("meters_expected"), np.float64)[:, None]
        used = self.profile.enough(seen, estimated, expected) & (expected > 0)
        return _with_nothing(np.where(used, apparent_va / 1000, np.nan))

    def _ambient(self, rows: pa.RecordBatch) -> Floats:
        """Air at each position in each interval: of the hour in which it starts; its last row is all NaN."""
        hourly = flat(rows.column("ambient_degc"), np.float64)[0].reshape(-1, HOURS)
        second = np.arange(0, 86400, self.profile.interval_minutes * 60)
        hour = (second - self.offset_seconds % 3600) // 3600 + 1
        return _with_nothing(hourly[:, hour])

    def _aged(self, rows: pa.RecordBatch, load_kva: Floats, ambient: Floats) -> pa.RecordBatch:
        """Each day of a unit from its load and air on the days of its window, (rows, days, intervals)."""
        settings, minutes = self.settings, self.profile.interval_minutes
        slots, longest_gap = load_kva.shape[2], int(settings.interpolated_hours * 60 / minutes)
        no_load, no_air = np.isnan(load_kva), np.isnan(ambient)
        rating = rows.column("rating_kva").to_numpy(zero_copy_only=False)
        share = rows.column("bank_share").to_numpy(zero_copy_only=False)
        rated = ~np.isnan(share)
        missing = no_load[:, LEAD_DAYS].mean(axis=1)
        computed = rated & (missing <= settings.most_load_missing)
        load = np.zeros((len(load_kva), load_kva.shape[1] * slots))
        scale = (share / rating)[computed]
        load[computed] = filled(load_kva[computed], longest_gap) * scale[:, None]
        air = filled(ambient, longest_gap)
        assumed = np.isnan(air).all(axis=1)
        air[assumed] = settings.assumed_ambient_degc
        unit, upgraded, nameplate = self._units(rows)
        found = thermal_ageing(
            load,
            air,
            float(minutes),
            unit,
            upgraded_paper=upgraded,
            lead_steps=LEAD_DAYS * slots,
            hot_spot_limits_degc=(settings.hot_spot_limit_degc, settings.emergency_hot_spot_limit_degc),
            top_oil_limits_degc=(settings.top_oil_limit_degc, settings.emergency_top_oil_limit_degc),
        )
        day = slice(LEAD_DAYS * slots, None)
        no_air_today = no_air[:, LEAD_DAYS].mean(axis=1)
        source = np.where(assumed, ASSUMED, np.where(no_air_today > 0, FILLED, OBSERVED))
        outcome = np.where(computed, COMPUTED, np.where(rated, LOAD_UNKNOWN, RATING_UNKNOWN))
        results = {
            "load_peak_pu": load[:, day].max(axis=1),
            "top_oil_max_degc": found.top_oil_max_degc,
            "hot_spot_max_degc": found.hot_spot_max_degc,
            "ageing_rate": found.ageing_rate,
            "loss_of_life_hours": found.loss_of_life_hours,
            "hours_above_hot_spot_limit": found.hours_above_hot_spot[:, 0],
            "hours_above_emergency_hot_spot_limit": found.hours_above_hot_spot[:, 1],
            "hours_above_top_oil_limit": found.hours_above_top_oil[:, 0],
            "hours_above_emergency_top_oil_limit": found.hours_above_top_oil[:, 1],
        }
        columns: dict[str, Any] = {
            **{name: pa.array(values, mask=~computed) for name, values in results.items()},
            "outcome": pa.array(outcome),
            "load_missing_share": pa.array(missing),
            "lead_load_missing_share": pa.array(no_load[:, :LEAD_DAYS].mean(axis=(1, 2))),
            "ambient_mean_degc": pa.array(air[:, day].mean(axis=1)),
            "ambient_source": pa.array(source),
            "ambient_missing_share": pa.array(no_air_today),
            "lead_ambient_missing_share": pa.array(no_air[:, :LEAD_DAYS].mean(axis=(1, 2))),
            "loss_ratio": pa.array(np.asarray(unit.loss_ratio, np.float64)),
            "loss_ratio_source": pa.array(np.where(nameplate, NAMEPLATE, OF_KIND)),
            "cooling": pa.array([settings.classes[name].cooling for name in rows.column("asset_class").to_pylist()]),
            "paper": pa.array(np.where(upgraded, "upgraded", "normal")),
        }
        return pa.RecordBatch.from_arrays(
            [columns[f.name].cast(f.type) if f.name in columns else rows.column(f.name) for f in self.schema],
            schema=self.schema,
        )

    def _units(self, rows: pa.RecordBatch) -> tuple[ThermalCharacteristics, NDArray[np.bool_], NDArray[np.bool_]]:
        """What the kernel needs of each unit, whether its paper is upgraded, and whether its losses are known."""
        classes = rows.column("asset_class").dictionary_encode()
        kinds = [self.settings.classes[name] for name in classes.dictionary.to_pylist()]
        cooled = [self.settings.cooling[kind.cooling].model_dump() for kind in kinds]
        of = classes.indices.to_numpy(zero_copy_only=False)
        known = {name: np.array([one[name] for one in cooled])[of] for name in cooled[0]}
        ratio = rows.column("nameplate_loss_ratio").to_numpy(zero_copy_only=False)
        nameplate = ~np.isnan(ratio)
        known["loss_ratio"] = np.where(nameplate, ratio, known["loss_ratio"])
        known["indoor_rise_k"] = np.array([kind.indoor_rise_k for kind in kinds])[of]
        return ThermalCharacteristics(**known), np.array([kind.paper == "upgraded" for kind in kinds])[of], nameplate


def _with_nothing(values: Floats) -> Floats:
    return np.concatenate([values, np.full((1, values.shape[1]), np.nan)])


def _windows(rows: pa.RecordBatch) -> Integers:
    """For each row those of the same unit and position on the days up to its own, (rows, days); -1 where none is."""
    start = group_starts(rows, UNIT)
    group = np.repeat(np.arange(len(start) - 1), np.diff(start))
    day = numbers(rows.column("grid_date").cast(pa.int32()), np.int64)
    place = group * 10_000_000 + day  # ascends, as the rows do
    wanted = place[:, None] - np.arange(LEAD_DAYS, -1, -1)
    found = np.minimum(np.searchsorted(place, wanted), len(place) - 1)
    return np.where(place[found] == wanted, found, -1)
