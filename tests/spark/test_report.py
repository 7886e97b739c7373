"""What the report reads from a lake, and the score against planted faults worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.bronze.entity import ENTITIES
from jobs.bronze.file import BRONZE_FILE
from jobs.bronze.rejected import INTERVAL_BLOCK_REJECTED
from jobs.cli import main
from jobs.errors import GridlakeError, SourceError
from jobs.gold.area_energy import AREA_ENERGY
from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST
from jobs.gold.feeder_load_metrics import FEEDER_LOAD_METRICS
from jobs.gold.feeder_profile import FEEDER_PROFILE
from jobs.gold.usage_point_day import USAGE_POINT_DAY
from jobs.lake.lake import Lake
from jobs.lake.scan import table_version
from jobs.lake.write import replace_all
from jobs.ops.release import RELEASE
from jobs.ops.run import RUN
from jobs.protected.identifier import IDENTIFIER
from jobs.query.snapshot import read_snapshot
from jobs.rejected import rejected_table
from jobs.report import read_content, summary_lines, write_report
from jobs.report.correction_data import read_corrections
from jobs.report.cost_data import read_areas, read_costs, study_period
from jobs.report.load_data import read_loads
from jobs.report.origin_data import read_origin
from jobs.report.quality_data import read_quality
from jobs.report.scoring import read_planted, scored
from jobs.settings import Settings
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.meter import METER
from jobs.silver.reading_flag import READING_FLAG
from jobs.silver.received_block import RECEIVED_BLOCK
from jobs.table import Table
from tests.builders import frame

DAY, NEXT = date(2016, 1, 15), date(2016, 1, 16)


def put(lake: Lake, table: Table, *rows: dict[str, Any]) -> None:
    replace_all(lake, table, frame(lake.spark, table, *rows))


def finding(point: str, rule: str, first: int, slots: int, **more: Any) -> dict[str, Any]:
    return {"usage_point_id": point, "channel": "delivered", "grid_date": DAY, "interval_minutes": 15, "rule_id": rule,
            "first_slot": first, "slots": slots, **more}  # fmt: skip


def fault(point: str, kind: str, first: int, slots: int, **more: Any) -> dict[str, Any]:
    return {"usage_point_id": point, "channel": "delivered", "grid_date": DAY, "first_slot": first, "slots": slots,
            "kind": kind, "has_rule": True, "began": DAY, "rules_not_run": [], **more}  # fmt: skip


def profile(feeder: str, delivered_wh: list[int], received_wh: list[int], seen: list[int]) -> dict[str, Any]:
    """A feeder's day; the arrays that a test does not look at hold zeros."""
    names = ("estimated_wh", "profiled_wh", "unmetered_wh", "apparent_va", "meters_estimated")
    zeros = {name: [0.0 if name == "apparent_va" else 0] * len(seen) for name in names}
    known = {"feeder_id": feeder, "delivered_wh": delivered_wh, "received_wh": received_wh, "meters_seen": seen}
    return {**known, **zeros, "interval_minutes": 15}


def test_score_worked_by_hand(spark: SparkSession) -> None:
    planted = pd.DataFrame(
        [
            fault("a", "spike", 10, 4),  # found, half of it twice
            fault("b", "spike", 10, 4),  # its finding is an interval too late
            fault("c", "flat_run", 0, 96),  # two days, one event; found on the second
            fault("c", "flat_run", 0, 96, grid_date=NEXT),
            fault("d", "catch_up_after_gap", 20, 10),  # by either of two rules
            fault("e", "noise", 0, 8, has_rule=False),
            fault("f", "spike", 5, 1),  # another channel of f has a finding
            fault("g", "negative", 4, 4),  # hourly finding from slot 1 covers quarters 4 to 7
            fault("h", "zero_run", 0, 4),  # the finding began the day before
            fault("i", "zero_run", 0, 4, rules_not_run=["zero_run", "zero_day"]),  # not judged
            fault("k", "zero_run", 0, 4, rules_not_run=["zero_day"]),  # judged, not found
        ]
    )
    flags = frame(
        spark,
        READING_FLAG,
        finding("a", "spike", 9, 3),
        finding("a", "spike", 10, 2),
        finding("b", "spike", 14, 2),
        finding("c", "flat_run", 90, 6, grid_date=NEXT),
        finding("d", "missing", 20, 9),
        finding("d", "catch_up", 20, 10),
        finding("e", "high", 0, 4),
        finding("f", "spike", 5, 1, channel="received"),
        finding("g", "negative", 1, 1, interval_minutes=60),
        finding("h", "zero_run", -2, 4),
    )
    score = scored(planted, flags.toPandas(), readings=10_000)

    kinds = score.kinds.set_index("kind")
    assert kinds[["faults", "judged", "found", "readings", "covered", "found_by_any"]].T.to_dict("list") == {
        "spike": [3, 3, 1, 9, 2, 1],
        "flat_run": [1, 1, 1, 192, 6, 1],
        "catch_up_after_gap": [1, 1, 1, 10, 10, 1],
        "noise": [1, 1, 0, 8, 0, 1],
        "negative": [1, 1, 1, 4, 4, 1],
        "zero_run": [3, 2, 1, 8, 2, 1],
    }
    assert kinds.loc["spike", "recall"] == pytest.approx(1 / 3)
    assert kinds.loc["zero_run", "reading_recall"] == 0.25
    rules = score.rules.set_index("rule_id")
    assert rules[["findings", "of_its_kind", "right"]].T.to_dict("list") == {
        "spike": [4, 2, 2],
        "flat_run": [1, 1, 1],
        "missing": [1, 0, 1],
        "catch_up": [1, 1, 1],
        "high": [1, 0, 1],
        "negative": [1, 1, 1],
        "zero_run": [1, 1, 1],
    }
    # planted: 4 + 4 + 192 + 10 + 8 + 1 + 4 + 4 + 4 + 4; flagged elsewhere: a's slot 9, b's 14 and 15, f's, two of h
    assert score.clean == 10_000 - 235
    assert score.falsely_flagged == 6
    assert score.false_flag_share == pytest.approx(6 / 9765)


def test_planted_faults_get_the_ids_and_days_of_the_lake(lake: Lake, tmp_path: Path) -> None:
    truth = {"usage_point": ["7", "8", "7"], "grid_date": [DAY, DAY, NEXT], "channel": "delivered", "first_slot": 0,
             "slots": 1, "kind": "spike", "has_rule": True, "began": DAY}  # fmt: skip
    pd.DataFrame(truth).to_parquet(tmp_path / "fault.parquet")
    put(lake, IDENTIFIER, {"id": "HASH7", "id_kind": "usage_point_id", "source_id": "7"},
        {"id": "METER8", "id_kind": "meter_id", "source_id": "8"})  # fmt: skip
    put(lake, INTERVAL_BLOCK, {"grid_date": DAY})
    found = read_planted(read_snapshot(lake), tmp_path)
    assert found[["usage_point_id", "grid_date"]].to_numpy().tolist() == [["HASH7", DAY]]


def test_a_truth_folder_without_faults_is_refused(lake: Lake, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no fault\.parquet with the planted faults"):
        read_content(lake, settings, truth=tmp_path)


def test_an_empty_lake_has_a_report_and_a_summary(lake: Lake, settings: Settings, tmp_path: Path) -> None:
    content = read_content(lake, settings)
    page = write_report(content, settings, tmp_path / "out")
    assert page == tmp_path / "out" / "index.html"
    assert "No feeder profile has been built yet." in page.read_text(encoding="utf-8")
    lines = summary_lines(content, {"build": 12.34})
    assert "readings              0 channel-intervals expected" in lines
    assert "  moved by rounding   0 Wh and 0 varh" in lines
    assert lines[-1].split() == ["seconds", "12.3", "build"]


def test_a_release_is_read_as_it_was(lake: Lake, settings: Settings, tmp_path: Path) -> None:
    put(lake, FEEDER_PROFILE, profile("OLD", [1000] * 96, [0] * 96, [1] * 96))
    version = table_version(lake, FEEDER_PROFILE)
    put(lake, RELEASE, {"release_id": "r1", "table_versions": {"gold.feeder_profile": version}})
    put(lake, FEEDER_PROFILE)
    text = write_report(read_content(lake, settings), settings, tmp_path).read_text(encoding="utf-8")
    assert '<option value="OLD">' in text
    assert "r1" in text
    with pytest.raises(GridlakeError, match="no release 'r2'"):
        read_content(lake, settings, release="r2")


def test_loads_show_net_energy_the_fullest_year_and_no_zero_without_a_meter(lake: Lake) -> None:
    put(lake, FEEDER_PROFILE, profile("F", [50, 70], [80, 0], [1, 0]))
    year = {"period_kind": "year", "delivered_wh": 1}
    put(lake, FEEDER_LOAD_METRICS,
        {"feeder_id": "F", "period_kind": "month", "period_start": date(2016, 1, 1), "days_present": 31},
        {"feeder_id": "F", **year, "period_start": date(2016, 1, 1), "days_present": 300, "delivered_wh": 7},
        {"feeder_id": "F", **year, "period_start": date(2017, 1, 1), "days_present": 2})  # fmt: skip
    loads = read_loads(read_snapshot(lake), F.lit(True))
    assert [[None if pd.isna(wh) else wh for wh in day] for day in loads.profiles["net_wh"]] == [[-30, None]]
    assert loads.feeders["delivered_wh"].tolist() == [7]


def test_units_with_a_load_of_their_own_are_ranked_apart_and_of_one_year(lake: Lake) -> None:
    year = {"period_kind": "year", "period_start": date(2016, 1, 1), "observed_share": 0.9}
    put(lake, ASSET_LIFE_CYCLE_COST,
        {"asset_id": "M1", **year, "profile_source": "own", "one_year_waiting_cost": 5, "decision": "replace_now"},
        {"asset_id": "M2", **year, "profile_source": "own", "one_year_waiting_cost": 7, "decision": "replace_now"},
        {"asset_id": "F1", **year, "profile_source": "class", "one_year_waiting_cost": 90, "decision": "replace_now"},
        {"asset_id": "F2", **year, "profile_source": "rating_group", "one_year_waiting_cost": -1, "decision": "keep"},
        {"asset_id": "M1", **year, "profile_source": "own", "period_start": date(2015, 1, 1), "observed_share": 0.2,
         "one_year_waiting_cost": 99})  # fmt: skip
    snapshot = read_snapshot(lake)
    costs = read_costs(snapshot, study_period(snapshot))
    assert costs.metered.units["asset_id"].tolist() == ["M2", "M1"]
    assert costs.typical.units["asset_id"].tolist() == ["F1", "F2"]
    assert (costs.metered.decisions, costs.typical.decisions) == ({"replace_now": 2}, {"keep": 1, "replace_now": 1})
    assert costs.decisions == {"replace_now": 3, "keep": 1}


def test_a_multiplier_put_right_says_what_it_was_and_what_it_moved(lake: Lake) -> None:
    meter = {"usage_point_id": "U", "valid_from_utc": at("2015-12-31T23:00"), "valid_to_utc": at("2016-01-16T23:00")}
    first = {"multiplier": 20.0, "version": 1, "known_from_utc": at("2016-01-01T23:00")}
    right = {"multiplier": 40.0, "known_from_utc": at("2016-02-03T10:00")}
    other = {"meter_id": "B", "usage_point_id": "V", "valid_from_utc": at("2016-01-01T00:00")}
    put(lake, ENTITIES["meter"], {"meter_id": "A", **meter, **first}, {"meter_id": "A", **meter, **right, "version": 2},
        {**other, "multiplier": 40.0, "version": 1}, {**other, "multiplier": 40.0, "version": 2})  # fmt: skip
    put(lake, METER, {"meter_id": "A", **meter, **right}, {**other, "multiplier": 40.0})
    day = {"usage_point_id": "U", "channel": "delivered", "feeder_id": "F1"}
    put(lake, USAGE_POINT_DAY,
        {**day, "grid_date": DAY, "energy": 4_000, "transformer_id": "T1"},
        {**day, "grid_date": DAY, "energy": 70, "channel": "received"},
        {**day, "grid_date": date(2016, 1, 17), "energy": 900},  # another meter's
        {**day, "grid_date": DAY, "energy": 5_000, "usage_point_id": "V"})  # fmt: skip
    (row,) = read_corrections(read_snapshot(lake)).to_dict("records")
    told = {name: row[name] for name in ("usage_point_id", "transformer_id", "feeder_id", "known_from_utc")}
    assert told == {"usage_point_id": "U", "transformer_id": "T1", "feeder_id": "F1",
                    "known_from_utc": pd.Timestamp("2016-02-03T10:00")}  # fmt: skip
    assert (row["first_multiplier"], row["multiplier"]) == (20, 40)
    assert (row["delivered_wh"], row["first_delivered_wh"]) == (4_000, 2_000)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_quality_counts_channel_intervals(lake: Lake) -> None:
    put(
        lake,
        INTERVAL_BLOCK,
        {
            "usage_point_id": "a",
            "interval_minutes": 15,
            "received_intervals": 90,
            "rules_not_run": ["high", "low"],
            "unit": "Wh",
            "rounding_wh": 0.5,
        },
        {
            "usage_point_id": "b",
            "interval_minutes": 60,
            "received_intervals": 24,
            "rules_not_run": ["high"],
            "unit": "Wh",
            "rounding_wh": -2.0,
        },
    )
    put(lake, USAGE_POINT_DAY,
        {"usage_point_id": "a", "interval_minutes": 15, "valid_share": 0.9375, "suspect_share": 0.0,
         "estimated_share": 0.03125, "missing_share": 0.03125},
        {"usage_point_id": "b", "interval_minutes": 60, "valid_share": 0.75, "suspect_share": 0.25,
         "estimated_share": 0.0, "missing_share": 0.0})  # fmt: skip
    refused = rejected_table(RECEIVED_BLOCK)
    put(lake, INTERVAL_BLOCK_REJECTED, {"rule_id": "B03", "reads": 3})
    put(lake, rejected_table(METER), {"rule_id": "overlap", "weight": 1})
    put(lake, refused, {"rule_id": "conflict", "weight": 4}, {"rule_id": "conflict", "weight": 2, "grid_date": NEXT})
    quality = read_quality(read_snapshot(lake))
    assert (quality.blocks, quality.readings, quality.received, quality.rejected_readings) == (2, 120, 114, 9)
    assert quality.rounding == {"Wh": -1.5, "varh": 0.0}
    assert quality.days[["valid", "suspect", "estimated", "missing"]].to_numpy().tolist() == [[108, 6, 3, 3]]
    assert dict(quality.not_run.itertuples(index=False)) == {"high": 2, "low": 1}
    assert quality.rejected.iloc[0].to_dict() == {
        "table_name": "silver.received_block", "rule_id": "conflict", "records": 2, "readings": 6}  # fmt: skip


def test_a_source_shows_the_notice_it_was_last_read_with(lake: Lake, settings: Settings) -> None:
    first, later = datetime(2016, 1, 1, tzinfo=UTC), datetime(2016, 1, 2, tzinfo=UTC)
    put(lake, BRONZE_FILE,
        {"file_id": "1", "source": "net", "read_at_utc": later, "notice": "As of 2016."},
        {"file_id": "2", "source": "net", "read_at_utc": first, "notice": "As of 2015."},
        {"file_id": "3", "source": "made_up", "read_at_utc": first})  # fmt: skip
    sources = read_origin(read_snapshot(lake), settings).sources
    assert dict(zip(sources["source"], sources["notice"], strict=True)) == {"made_up": None, "net": "As of 2016."}


def test_each_table_shows_the_run_that_left_it_at_the_release_s_version(lake: Lake, settings: Settings) -> None:
    """A release joins tables of several runs; a later run of the meters is in none yet."""
    hour = [datetime(2016, 1, 1, hour, tzinfo=UTC) for hour in range(4)]
    of = {"status": "ok", "settings_digest": "s", "code_version": "c"}
    put(lake, RUN,
        {**of, "run_id": "1", "table_name": "silver.meter", "table_version": 3, "rows": 30, "started_at_utc": hour[0]},
        {**of, "run_id": "1", "table_name": "silver.feeder", "table_version": 7, "rows": 8, "started_at_utc": hour[0]},
        {**of, "run_id": "2", "table_name": "silver.feeder", "table_version": 8, "rows": 9, "started_at_utc": hour[1]},
        {**of, "run_id": "3", "table_name": "silver.meter", "table_version": 4, "rows": 31, "started_at_utc": hour[2]},
    )  # fmt: skip
    versions = {"silver.meter": 3, "silver.feeder": 8}
    put(lake, RELEASE, {"release_id": "2", "released_at_utc": hour[1], "table_versions": versions})
    runs = read_origin(read_snapshot(lake), settings).runs
    assert dict(zip(runs["table_name"], runs["rows"], strict=True)) == {"silver.meter": 30, "silver.feeder": 9}


def test_the_share_estimated_of_an_area_is_of_the_energy_of_all_its_classes(lake: Lake) -> None:
    month = {"area_id": "1", "period_kind": "month", "period_start": date(2016, 1, 1)}
    put(lake, AREA_ENERGY,
        {**month, "customer_class": "household", "delivered_wh": 60, "received_wh": 40, "estimated_share": 0.5},
        {**month, "customer_class": "business", "delivered_wh": 300, "received_wh": 0, "estimated_share": 0.1},
        {**month, "customer_class": "farm", "delivered_wh": 0, "received_wh": 0})  # fmt: skip
    assert read_areas(read_snapshot(lake))["estimated_share"].tolist() == [pytest.approx((50 + 30) / 400)]


def test_newest_release_is_the_default(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(lake, RELEASE,
        {"release_id": "first", "released_at_utc": datetime(2016, 1, 1, tzinfo=UTC)},
        {"release_id": "second", "released_at_utc": datetime(2016, 1, 2, tzinfo=UTC)})  # fmt: skip
    assert read_snapshot(lake).release_id == "second"
    assert read_snapshot(lake, "first").release_id == "first"
    monkeypatch.setattr("jobs.commands.lakes.open_lake", lambda settings: lake)
    with pytest.raises(SystemExit) as ended:
        main(["report", "--out", str(tmp_path), "--release", "third", "--lake", lake.root])
    assert (ended.value.code, "no release 'third'" in capsys.readouterr().err) == (1, True)
