"""A usage point's day, traced: every read as its file has it, what became of it, and what it went into."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree

import pytest
from pyspark.sql import SparkSession

from jobs.build import Build, build
from jobs.cli import main
from jobs.errors import GridlakeError
from jobs.intake.ingest import ingest_drop_folder
from jobs.lake.arrow import LakeReader
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.registry import table_named
from jobs.settings import Settings
from jobs.span import Span
from jobs.trace.gold import SUMMED
from jobs.trace.lookup import opened
from jobs.trace.reading import trace_usage_point
from jobs.trace.show import as_json
from jobs.trace.structure import Read, Record, UsagePointTrace
from jobs.trace.text import text_lines
from tests.integration.metered_drop import Wide
from tests.integration.trace_drop import (
    EXCHANGED_SLOT,
    FIRST,
    METER_OF,
    NEW_METER,
    SECOND,
    ours,
    usual,
    write_entities,
    write_reads,
)

BUILT = ["gold.transformer_profile", "gold.feeder_profile", "gold.usage_point_day", "silver.reading_flag"]
DAYS = Span(FIRST, date(2016, 1, 7))


@dataclass(frozen=True)
class Traced:
    """The lake of the drop folder."""

    drop: Path
    settings: Settings
    lake: Lake
    built: Build

    def trace(self, point: str, day: date = FIRST, release: str | None = None) -> UsagePointTrace:
        lookup = opened(LakeReader(self.lake.root, _no_spark), release)
        return trace_usage_point(lookup, self.settings, point, day)


def _no_spark() -> Lake:
    raise AssertionError("a trace of tables that gridlake wrote starts no Spark")


def _built(spark: SparkSession, settings: Settings, folder: Path) -> Traced:
    drop = folder / "drop"
    write_entities(drop)
    write_reads(drop)
    changed = ours(settings, folder / "conf")
    lake = Lake(spark, changed.lake.root)
    return Traced(drop, changed, lake, _ingested_and_built(changed, lake, drop))


def _ingested_and_built(settings: Settings, lake: Lake, drop: Path) -> Build:
    reports = ingest_drop_folder(lake, settings, drop, echo=lambda line: None)
    assert [failure for report in reports for failure in report.failures] == []
    built = build(lake, settings, DAYS, BUILT, echo=lambda line: None)
    assert [run.reason for run in built.failed] == []
    return built


@pytest.fixture(scope="module")
def traced(spark: SparkSession, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Traced:
    return _built(spark, settings, tmp_path_factory.mktemp("trace"))


def reads_of(trace: UsagePointTrace) -> Iterator[tuple[Record, Read]]:
    return ((record, read) for record in trace.records for read in record.reads)


def in_file(record: Record, read: Read) -> float | None:
    """The value on the read's line, looked up as a person would."""
    assert record.delivered.path is not None
    assert read.line is not None
    with open(record.delivered.path, newline="") as file:
        table = list(csv.reader(file))
    row = dict(zip(table[0], table[read.line - 1], strict=True))
    assert row["meter"] == record.meter.source_id
    local = read.start_utc + timedelta(hours=1)
    if "day" in row:
        assert row["day"] == str(local.date())
        text = row[f"v{(local.hour * 60 + local.minute) // 15 + 1}"]
    else:
        assert row["time"] == local.replace(tzinfo=None).isoformat() + "+01:00"
        text = row["wh"]
    return float(text) if text else None


def delivered_values(drop: Path, meters: set[str], day: date) -> int:
    """How many values the files hold of the meters and day."""
    count = 0
    for path in [*(drop / "wide").iterdir(), *(drop / "long").iterdir()]:
        for row in csv.DictReader(path.open(newline="")):
            if row["meter"] in meters and (row.get("day") or row["time"][:10]) == str(day):
                count += sum(value not in ("", "n/a") for name, value in row.items() if name[0] in "vw")
    return count


@pytest.mark.parametrize("day", [FIRST, SECOND])
def test_every_read_is_on_its_line_and_every_value_of_the_files_is_traced(traced: Traced, day: date) -> None:
    for point, meter in METER_OF.items():
        reads = list(reads_of(traced.trace(point, day)))
        assert all(in_file(record, read) == read.value for record, read in reads if read.outcome != "empty")
        meters = {meter, NEW_METER} if point == "p2" else {meter}
        assert sum(read.value is not None for _, read in reads) == delivered_values(traced.drop, meters, day)


def test_a_corrected_read_shows_old_and_new(traced: Traced) -> None:
    trace = traced.trace("p1")
    of_slot = {
        slot: {read.outcome: read.value for _, read in reads_of(trace) if read.slot == slot} for slot in (39, 40, 43)
    }
    assert of_slot[40] == {"superseded": 0.24, "accepted": 0.94}
    assert of_slot[43] == {"superseded": 0.243, "accepted": 0.943}
    (channel,) = trace.channels
    assert [channel.intervals[slot].received for slot in (39, 40, 43)] == [239, 940, 943]
    assert Counter(read.outcome for _, read in reads_of(trace)) == {"superseded": 96, "accepted": 96}


def test_a_duplicate_and_a_conflict_are_told_apart_read_by_read(traced: Traced) -> None:
    outcomes = Counter(read.outcome for _, read in reads_of(traced.trace("p3")))
    assert outcomes == {"accepted": 96, "duplicate": 96}
    trace = traced.trace("p4")
    rejected = [read for _, read in reads_of(trace) if read.outcome == "rejected"]
    assert sorted(read.value or 0 for read in rejected) == [0.25, 0.777]
    assert {(read.slot, read.rule_id) for read in rejected} == {(50, "conflict")}
    assert all(read.reason and read.reason.startswith("R11: ") for read in rejected)
    (channel,) = trace.channels
    assert (channel.intervals[50].received, channel.intervals[50].rule_ids) == (None, ["missing"])


def test_an_estimated_interval_shows_the_rule_and_the_method(traced: Traced) -> None:
    (channel,) = traced.trace("p5").channels
    found = {(one.rule_id, one.first_slot, one.slots, one.disposition) for one in channel.findings}
    assert found == {("missing", 20, 3, "estimated"), ("negative", 60, 1, "estimated")}
    gap, negative, beside = channel.intervals[21], channel.intervals[60], channel.intervals[61]
    assert (gap.received, gap.reading, gap.replaced) == (None, 221, True)  # on the line from 219 to 223
    assert gap.quality == "estimated by straight line"
    assert (negative.received, negative.reading, negative.rule_ids) == (-500, 260, ["negative"])
    assert (beside.received, beside.reading, beside.replaced, beside.rule_ids) == (261, 261, False, [])
    assert {one.rule_id: one.needs for one in channel.not_run}["high"] == "baseline"
    measured = {one.rule_id: (one.measured, one.threshold) for one in channel.findings}
    assert measured["missing"][0] == 45.0  # minutes of the gap


def test_a_meter_exchange_shows_both_meters(traced: Traced) -> None:
    trace = traced.trace("p2")
    by_meter = {record.meter.source_id: record for record in trace.records}
    accepted = {
        name: [read.slot for read in record.reads if read.outcome == "accepted"] for name, record in by_meter.items()
    }
    assert accepted == {"m2": list(range(EXCHANGED_SLOT)), NEW_METER: list(range(EXCHANGED_SLOT, 96))}
    assert by_meter[NEW_METER].multiplier == 2
    (channel,) = trace.channels
    assert [channel.intervals[slot].reading for slot in (40, 41)] == [240, 2 * 241]
    meters = [row for row in trace.master_data if row.table == "silver.meter"]
    assert [row.values["multiplier"] for row in meters] == [1, 2]


def test_a_moved_usage_point_counts_where_it_hung_on_the_day(traced: Traced) -> None:
    for day, transformer, line in ((FIRST, "T1", 4), (SECOND, "T2", 8)):
        trace = traced.trace("p3", day)
        assert trace.place is not None
        assert trace.place.values["transformer_id"] == transformer
        (link,) = trace.place.delivered_in
        assert (Path(str(link.path)).parent.name, link.first_line) == ("links", line)
        profiles = [row.key for row in trace.went_into if row.table == "gold.transformer_profile"]
        assert profiles == [{"transformer_id": transformer, "grid_date": day}]


@pytest.mark.parametrize("day", [FIRST, SECOND])
def test_what_traces_say_went_into_a_profile_adds_up_to_it(traced: Traced, day: date) -> None:
    traces = [traced.trace(point, day) for point in METER_OF]
    for name, key, ids in (
        ("gold.transformer_profile", "transformer_id", ("T1", "T2") if day == SECOND else ("T1",)),
        ("gold.feeder_profile", "feeder_id", ("F1",)),
    ):
        stands = {row[key]: row for row in read_table(traced.lake, table_named(name)).collect() if row.grid_date == day}
        assert set(stands) == set(ids)
        for one in ids:
            rows = [row for trace in traces for row in trace.went_into if row.table == name and row.key[key] == one]
            for column in SUMMED:
                added = [row.contribution[column] for row in rows if row.contribution is not None]
                total = sum(added) if isinstance(added[0], int) else [sum(slot) for slot in zip(*added, strict=True)]
                assert total == stands[one][column], (name, one, column)
                assert {str(row.values[column]) for row in rows} == {str(stands[one][column])}


def test_a_refused_record_is_shown_with_its_line(traced: Traced) -> None:
    (refused,) = traced.trace("p1", SECOND).refused
    assert (refused.rule_id, refused.reads, refused.delivered.first_line) == ("B03", 1, 8)
    assert "1 value(s) are no numbers, first 'v8'" in refused.reason
    assert traced.trace("p4", SECOND).refused == []


def test_tables_name_their_versions_and_the_runs_that_made_them(traced: Traced) -> None:
    made = {one.table: one for one in traced.trace("p1").made_by}
    run = traced.built.runs["silver.interval_block"]
    assert made["silver.interval_block"].version == run.version
    assert {made[name].run_id for name in BUILT} == {traced.built.run_id}
    assert made["bronze.interval_block"].run_id not in (None, traced.built.run_id)
    assert made["silver.interval_block"].read_versions["silver.received_block"] == made["silver.received_block"].version
    assert all(one.of_release for one in made.values() if one.table.startswith(("silver.", "gold.")))


def test_the_text_shows_what_the_json_says(traced: Traced) -> None:
    trace = traced.trace("p5")
    text = "\n".join(text_lines(trace))
    said = json.loads(as_json(trace))
    assert said["channels"][0]["intervals"][21]["quality"] == "estimated by straight line"
    assert said["start_utc"] == "2016-01-04T23:00:00Z"
    assert "found missing at slot 20, 3 long: 45 against" in text
    assert "-500" in text
    assert "260*" in text
    assert said["records"][0]["delivered"]["path"] in text
    assert "not run: high (needs baseline)" in text
    (profile,) = [row for row in said["went_into"] if row["table"] == "gold.transformer_profile"]
    energy = sum(profile["contribution"]["delivered_wh"])
    assert f"of this usage point 96 values from 200 to 295, sum {energy:,}" in text


def test_a_meter_or_customer_leads_to_its_usage_point_and_an_unknown_id_to_those_near(traced: Traced) -> None:
    hashed = traced.trace("p1").usage_point
    for other in ("m1", "c1", hashed.id, hashed.id.lower()):
        assert traced.trace(other).usage_point == hashed
    with pytest.raises(GridlakeError, match=r"no usage point has the id 'p11', .*near it: \['p1'"):
        traced.trace("p11")
    with pytest.raises(
        GridlakeError, match=r"'p1' on 2016-02-01: no read .* 2 days are built, 2016-01-05 to 2016-01-06"
    ):
        traced.trace("p1", date(2016, 2, 1))


def test_the_command_ends_with_the_trace_or_one_message(
    traced: Traced, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDLAKE_CONF", str(Path(__file__).parents[2] / "conf"))

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["trace", *arguments, "--lake", traced.lake.root])
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out + told.err

    status, told = run("p1", str(FIRST), "--format", "json", "--release", "latest")
    assert (status, json.loads(told)["release"]["release_id"]) == (0, traced.built.run_id)
    assert run("p1", str(FIRST), "--release", "nine") == (
        1, "gridlake: no release 'nine' in this lake: `gridlake runs` lists those there are\n",
    )  # fmt: skip
    status, told = run("p1", "--namespace", "premises")
    assert (status, "no unit stands in silver.asset" in told) == (1, True)


def test_reads_after_a_build_wait_a_release_keeps_its_figures_and_a_file_may_go(
    spark: SparkSession, settings: Settings, tmp_path: Path, traced: Traced
) -> None:
    """On a copy of the lake: a correction comes after the build, then a second build, then the long file is gone."""
    root = tmp_path / "lake"
    copytree(traced.lake.root, root)
    where = traced.settings.lake.model_copy(update={"root": str(root)})
    mine = Traced(
        tmp_path / "late", traced.settings.model_copy(update={"lake": where}), Lake(spark, str(root)), traced.built
    )
    late = Wide().day("m1", FIRST, lambda slot: "0.5" if slot == 3 else usual(slot))
    late.write(mine.drop, "late_20160109000000.csv")
    ingest_drop_folder(mine.lake, mine.settings, mine.drop, echo=lambda line: None)

    before = mine.trace("p1")
    assert Counter(read.outcome for _, read in reads_of(before)) == {"accepted": 96, "superseded": 96, "waiting": 96}
    assert any(one.startswith("96 reads wait for") and "late_20160109000000.csv" in one for one in before.remarks)
    assert before.channels[0].intervals[3].reading == 203

    again = build(mine.lake, mine.settings, DAYS, BUILT, echo=lambda line: None)
    assert again.failed == []
    after = mine.trace("p1")
    assert (after.channels[0].intervals[3].reading, after.remarks) == (500, [])
    assert after.release is not None
    assert after.release.release_id == again.run_id
    released = mine.trace("p1", release=traced.built.run_id)
    assert released.channels[0].intervals[3].reading == 203
    assert all("late" not in str(record.delivered.path) for record in released.records)

    long = traced.drop / "long" / "hours.csv"
    assert {read.line is None for _, read in reads_of(mine.trace("p6"))} == {False}
    text = long.read_text()
    try:
        long.write_text(text + "m6,2016-01-07T00:00:00+01:00,1\n")  # no longer what was read
        gone = mine.trace("p6")
    finally:
        long.write_text(text)
    assert {read.line for _, read in reads_of(gone)} == {None}
    assert any("no longer stands as it was read" in one for one in gone.remarks)
