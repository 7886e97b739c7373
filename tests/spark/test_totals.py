"""Totals of the rows of a day against those of the rows read: where they disagree the day is not committed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame

from jobs import build as building
from jobs.build import Build, build
from jobs.gold import feeder_profile, transformer_profile, usage_point_day
from jobs.job import Job
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.lake.write import replace_all
from jobs.settings import Settings
from jobs.silver.feeder import FEEDER
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.profiled_block import PROFILED_BLOCK
from jobs.span import Span
from tests.builders import frame

FIRST = date(2016, 3, 1)
SECOND = FIRST + timedelta(days=1)
DAYS = Span(FIRST, SECOND + timedelta(days=1))
JOBS = (feeder_profile.JOB, transformer_profile.JOB, usage_point_day.JOB)
Run = Callable[..., Build]


def block(usage_point: str, day: date, **values: Any) -> dict[str, Any]:
    """A block whose energy is the sum of its readings, where nothing else is said."""
    slots = 1440 // values.get("interval_minutes", 15)
    reading = values.pop("reading", [10] * slots)
    return {
        "usage_point_id": usage_point, "channel": "delivered", "kind": "customer", "grid_date": day,
        "interval_minutes": 15, "reading": reading, "reading_quality": [0] * slots, "energy": sum(reading),
        "transformer_id": "T1", "feeder_id": "F1",
    } | values  # fmt: skip


def blocks(day: date) -> list[dict[str, Any]]:
    """What a day may hold: both directions, reactive energy, hours in quarters, medium voltage, a busbar, a head."""
    hours = {"interval_minutes": 60, "reading": [7] * 24, "feeder_id": "F2", "transformer_id": "T2"}
    return [
        block("A", day),
        block("A", day, channel="received", counts_as_meter=False, reading=[3] * 96),
        block("A", day, channel="reactive_delivered", unit="varh", counts_as_meter=False, reading=[5] * 96),
        block("B", day, **hours),
        block("C", day, transformer_id=None, reading=[100] * 96),
        block("D", day, transformer_id=None, feeder_id=None),
        block("E", day, kind="feeder_head", transformer_id=None, reading=[117] * 96),
    ]


@pytest.fixture
def run(lake: Lake, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Build profiles and usage point days of the given blocks."""

    def run(rows: list[dict[str, Any]], *jobs: Job, modelled: Sequence[dict[str, Any]] = ()) -> Build:
        monkeypatch.setattr(building, "all_jobs", lambda: {job.table.name: job for job in jobs})
        replace_all(lake, INTERVAL_BLOCK, frame(lake.spark, INTERVAL_BLOCK, *rows))
        replace_all(lake, PROFILED_BLOCK, frame(lake.spark, PROFILED_BLOCK, *modelled))
        feeders = [
            {"feeder_id": name, "valid_from_utc": datetime(2016, 1, 1, tzinfo=UTC)} for name in ("F1", "F2", "F3")
        ]
        replace_all(lake, FEEDER, frame(lake.spark, FEEDER, *feeders))
        return build(lake, settings, DAYS, [], echo=print)

    return run


def test_what_blocks_hold_is_what_profiles_and_usage_point_days_add_up_to(lake: Lake, run: Run) -> None:
    result = run([one for day in DAYS for one in blocks(day)], *JOBS)
    assert [run.reason for run in result.failed] == []
    assert {name: run.counts.rows for name, run in result.runs.items()} == {
        "gold.feeder_profile": 6, "gold.transformer_profile": 4, "gold.usage_point_day": 14,
    }  # fmt: skip


def test_a_day_whose_total_disagrees_is_not_committed_and_the_message_says_by_how_much_and_where(
    lake: Lake, run: Run
) -> None:
    planted = block("B", SECOND, interval_minutes=60, reading=[7] * 24, feeder_id="F2", transformer_id="T2", energy=173)
    result = run([*blocks(FIRST), *(one for one in blocks(SECOND) if one["usage_point_id"] != "B"), planted], *JOBS)
    assert {name: (one.status, set(one.bad_days)) for name, one in result.runs.items()} == {
        job.table.name: ("partial", {SECOND}) for job in JOBS
    }
    for job in JOBS:
        assert {row["grid_date"] for row in read_table(lake, job.table).collect()} == {FIRST}
    assert {name: one.reason for name, one in result.runs.items()} == {
        "gold.feeder_profile": "gold.feeder_profile.delivered_wh on 2016-03-02: 10,728 Wh in total, 10,733 needed by "
        "silver.interval_block: -5; 1 disagreeing, first by (feeder_id, difference): [('F2', '-5')]",
        "gold.transformer_profile": "gold.transformer_profile.delivered_wh on 2016-03-02: 1,128 Wh in total, 1,133 "
        "needed by silver.interval_block: -5; 1 disagreeing, first by (transformer_id, difference): [('T2', '-5')]",
        "gold.usage_point_day": "gold.usage_point_day.energy on 2016-03-02: 23,688 Wh or varh in total, 23,693 needed "
        "by silver.interval_block: -5; 1 disagreeing, first by (usage_point_id, channel, difference): "
        "[('B', 'delivered', '-5')]",
    }


def test_what_is_modelled_adds_up_too_each_series_by_itself(lake: Lake, run: Run) -> None:
    def modelled(point: str, day: date, series: str, **values: Any) -> dict[str, Any]:
        return {
            "usage_point_id": point, "grid_date": day, "interval_minutes": 15, "series": series, "reading": [2] * 96,
            "energy_wh": 192, "transformer_id": "T1", "feeder_id": "F1",
        } | values  # fmt: skip

    day = [modelled("G", FIRST, "profiled"), modelled("L", FIRST, "unmetered")]
    busbar = modelled("M", FIRST, "profiled", transformer_id=None, feeder_id=None)
    bad = [modelled("G", SECOND, "profiled"), modelled("L", SECOND, "unmetered", energy_wh=190)]
    result = run([one for day in DAYS for one in blocks(day)], *JOBS[:2], modelled=[*day, busbar, *bad])
    assert {name: one.bad_days for name, one in result.runs.items()} == {
        f"gold.{kind}_profile": {
            SECOND: [
                f"gold.{kind}_profile.unmetered_wh on 2016-03-02: 192 Wh in total, 190 needed by "
                f"silver.profiled_block: +2; 1 disagreeing, first by ({kind}_id, difference): [('{first}', '+2')]"
            ]
        }
        for kind, first in (("feeder", "F1"), ("transformer", "T1"))
    }


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ("feeder_id = 'F2'", ["delivered_wh on 2016-03-02: 10,560 Wh in total, 10,728 needed by silver.interval_block: "
         "-168; 1 disagreeing, first by (feeder_id, difference): [('F2', '-168')]",
         "meters_expected on 2016-03-02: 2 in total, 3 needed by silver.interval_block: -1; 1 disagreeing, first by "
         "(feeder_id, difference): [('F2', '-1')]"]),
        ("true", ["delivered_wh on 2016-03-02: 0 Wh in total, 10,728 needed by silver.interval_block: -10,728; "
         "2 disagreeing, first by (feeder_id, difference): [('F1', '-10,560'), ('F2', '-168')]",
         "received_wh on 2016-03-02: 0 Wh in total, 288 needed by silver.interval_block: -288; 1 disagreeing, first by "
         "(feeder_id, difference): [('F1', '-288')]",
         "meters_expected on 2016-03-02: 0 in total, 3 needed by silver.interval_block: -3; 2 disagreeing, first by "
         "(feeder_id, difference): [('F1', '-2'), ('F2', '-1')]"]),
    ],
)  # fmt: skip
def test_a_transform_that_loses_rows_of_a_day_is_found_out(lake: Lake, run: Run, lost: str, told: list[str]) -> None:
    def losing(**given: Any) -> DataFrame:
        return feeder_profile.feeder_profiles(**given).where(f"not (grid_date = date'{SECOND}' and {lost})")

    result = run([one for day in DAYS for one in blocks(day)], replace(feeder_profile.JOB, transform=losing))
    assert result.runs["gold.feeder_profile"].bad_days == {SECOND: [f"gold.feeder_profile.{one}" for one in told]}
    assert {row["grid_date"] for row in read_table(lake, feeder_profile.FEEDER_PROFILE).collect()} == {FIRST}
