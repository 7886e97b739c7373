"""Meters that are wrong and put right: from delivered files, through the commands, to profiles before and after.

All figures are worked by hand from what `tests/integration/meter_faults_drop.py` delivers. One build is of what came
first; then the corrections come, and March is built again.
"""

from __future__ import annotations

import json
from copy import copy
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
from pyspark.sql import SparkSession

from tests.command_line import CommandLine
from tests.integration.built_twice import DAY_TABLES, Twice
from tests.integration.drop import COMMON
from tests.integration.lake_files import standing_files
from tests.integration.meter_faults_drop import (
    FAST,
    GAP,
    GAP_DAY,
    MARCH,
    SHORT_DAY,
    write_corrections,
    write_first,
)
from tests.integration.metered_drop import METERED


@pytest.fixture(scope="module")
def twice(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Twice:
    folder = tmp_path_factory.mktemp("meter_faults")
    sources = [{"name": name, **COMMON, **words} for name, words in METERED.items()]
    settings = {
        "audit": {"rejected_share": 1.0, "received_share": 0.0},
        "validation": {"baseline_judging_weeks": 1},  # so many as are delivered
    }
    made, drop = Twice(CommandLine(folder / "conf", sources, faulty=settings), MARCH[0]), folder / "drop"
    write_first(drop)
    made.run("ingest", drop)
    made.build()
    write_corrections(drop)
    made.run("ingest", drop)
    made.run("build", "silver.meter")
    made.between.update({point: made.trace(point, day) for point, day in (("changed", MARCH[3]), ("late", MARCH[2]))})
    made.build("--from", MARCH[0], "--to", "2016-03-09")
    known = made.run("sql", "select id, source_id from protected.identifier", "--protected", "--format", "json")
    made.source_id.update((row["id"], row["source_id"]) for row in map(json.loads, known.splitlines()))
    return made


@pytest.mark.parametrize(
    ("point", "first_reads", "energy"),
    [
        ("ct", ([3_960, 4_040], [5_940, 6_060]), ([384_000] * 8, [576_000] * 8)),
        ("vt", ([198, 202], [39_600, 40_400]), ([19_200] * 8, [3_840_000] * 8)),
        ("changed", ([3_960, 4_040], [3_960, 4_040]), ([384_000] * 8, [384_000] * 3 + [576_000] * 5)),
    ],
)
def test_a_corrected_multiplier_holds_from_when_it_stands_and_the_release_before_keeps_its_figures(
    twice: Twice, point: str, first_reads: tuple[list[int], list[int]], energy: tuple[list[int], list[int]]
) -> None:
    for build in (0, 1):
        block = twice.day("silver.interval_block", build, MARCH[0], usage_point_id=point)
        assert block["reading"][:2] == first_reads[build]
        assert twice.energy(point, build) == energy[build]
        assert twice.flags(point, build) == []


def test_profiles_of_the_days_built_again_hold_the_corrected_multipliers(twice: Twice) -> None:
    def days(table: str, build: int, **key: str) -> list[int]:
        return [sum(row["delivered_wh"]) for row in twice.of(table, build, **key)]

    def first_two(build: int, day: date) -> list[int]:
        delivered: list[int] = twice.day("gold.transformer_profile", build, day, transformer_id="T1")["delivered_wh"]
        return delivered[:2]

    assert days("gold.transformer_profile", 0, transformer_id="T1") == [768_000] * 8
    assert days("gold.transformer_profile", 1, transformer_id="T1") == [960_000] * 3 + [1_152_000] * 5
    assert [first_two(0, MARCH[3]), first_two(1, MARCH[2]), first_two(1, MARCH[3])] == [
        [7_920, 8_080],
        [9_900, 10_100],
        [11_880, 12_120],
    ]
    # of ct, changed, vt, drift, exchanged, late, register and gap on the day of the gap
    first = 384_000 + 384_000 + 19_200 + 40_000 + 57_600 + 0 + 24_000 + 30_400
    corrected = 576_000 + 576_000 + 3_840_000 + 40_000 + 57_600 + 57_600 + 24_000 + 30_400
    assert [days("gold.feeder_profile", build, feeder_id="F1")[3] for build in (0, 1)] == [first, corrected]


def test_days_that_no_correction_bears_on_are_not_written_again(twice: Twice) -> None:
    before, after = twice.files
    for name in DAY_TABLES:
        first = "2016-03-01" if name == "silver.received_block" else "2016-02-28"  # two days before are judged anew
        kept = {day: files for day, files in before[name].items() if day < first}
        assert kept.keys() >= ({"2016-02-08", "2016-02-27"} if name != "silver.reading_flag" else set())
        assert {day: files for day, files in after[name].items() if day < first} == kept
        assert all(
            files.isdisjoint(after[name].get(day, ())) for day, files in before[name].items() if day >= "2016-03-01"
        )


@pytest.mark.parametrize(("day", "multipliers"), [(MARCH[2], (40, 40)), (MARCH[3], (40, 60))])
def test_a_trace_shows_the_multiplier_used(twice: Twice, day: date, multipliers: tuple[float, float]) -> None:
    for build in (0, 1):
        (record,) = twice.trace("changed", day, "--release", twice.releases[build])["records"]
        assert (record["multiplier"], record["reads"][0]["value"]) == (multipliers[build], 0.099)
        assert record["reads"][0]["energy"] == pytest.approx(99 * multipliers[build])
    text = twice.run("trace", "changed", day)
    assert f"x multiplier {multipliers[1]};" in text


def test_a_day_that_is_not_built_again_is_traced_with_the_meters_it_was_built_with(twice: Twice) -> None:
    trace = twice.between["changed"]
    (record,) = trace["records"]
    assert (record["multiplier"], record["reads"][0]["energy"]) == (40, pytest.approx(3_960))
    assert [row["values"]["multiplier"] for row in trace["master_data"] if row["table"] == "silver.meter"] == [40]
    late = {record["meter"]["source_id"]: record for record in twice.between["late"]["records"]}
    assert late["late-new"]["usage_point_id"] is None
    assert {read["rule_id"] for read in late["late-new"]["reads"]} == {"unknown_meter"}
    for told in twice.between.values():
        assert sum("registered otherwise since the day was built" in remark for remark in told["remarks"]) == 1
    assert not any("registered otherwise" in remark for remark in twice.trace("changed", MARCH[3])["remarks"])


def test_a_day_whose_meters_are_cleaned_away_is_traced_with_those_that_stand(twice: Twice, tmp_path: Path) -> None:
    """The lake after a VACUUM of silver.meter, of which an earlier version made the days before March."""
    cleaned = copy(twice.gridlake)
    cleaned.folder = tmp_path / "copied"
    copytree(twice.gridlake.folder, cleaned.folder)
    meters = cleaned.folder / "lake" / "silver" / "meter"
    gone = [path for path in meters.glob("*.parquet") if path.name not in standing_files(meters)]
    assert gone != []
    for path in gone:
        path.unlink()
    told = json.loads(cleaned.run("trace", "gap", "2016-02-10", "--format", "json", settings="faulty"))
    assert [(record["multiplier"], record["reads"][0]["energy"]) for record in told["records"]] == [(1, 199)]
    assert not any("registered otherwise" in remark for remark in told["remarks"])


def test_a_clock_that_is_fast_is_named_until_its_days_are_delivered_right(twice: Twice) -> None:
    assert twice.flags("drift", 0) == [(str(day), "clock_drift", 45.0, "flagged") for day in FAST]
    assert twice.flags("drift", 1) == []
    for day in FAST:
        first, corrected = (
            twice.day("gold.transformer_profile", build, day, transformer_id="T2")["delivered_wh"] for build in (0, 1)
        )
        assert first == [100] * 35 + [2_000] * 16 + [100] * 45
        assert corrected == [100] * 32 + [2_000] * 16 + [100] * 48
        shares = [twice.day("gold.usage_point_day", build, day, usage_point_id="drift") for build in (0, 1)]
        assert [(row["suspect_share"], row["valid_share"]) for row in shares] == [(1, 0), (0, 1)]


def test_an_exchange_within_the_day_counts_each_meter_by_its_own_multiplier_and_once(twice: Twice) -> None:
    # 41 slots of the old meter, 55 of the new one at twice what it shows
    within = 21 * 199 + 20 * 201 + 2 * (28 * 301 + 27 * 299)
    assert within == 41_201
    assert [twice.energy("exchanged", build) for build in (0, 1)] == [[19_200, 41_201, *[57_600] * 6]] * 2
    block = twice.day("silver.interval_block", 1, MARCH[1], usage_point_id="exchanged")
    assert (block["reading"][40:42], set(block["reading_quality"])) == ([199, 602], {0})
    assert rejected(twice, 1)["ex-old"] == {("unknown_meter", 55)}
    assert rejected(twice, 1)["ex-new"] == {("unknown_meter", 41)}


def test_an_exchange_that_is_registered_late_waits_and_is_then_as_one_that_was_known(twice: Twice) -> None:
    assert twice.energy("late", 0) == [19_200, 19_200, 21 * 199 + 20 * 201, 0, 0, 0, 0, 0]
    assert twice.energy("late", 1) == [19_200, 19_200, 41_201, *[57_600] * 5]
    day = twice.day("gold.usage_point_day", 0, MARCH[2], usage_point_id="late")
    assert day["missing_share"] == pytest.approx(55 / 96)
    assert rejected(twice, 0)["late-new"] == {("unknown_meter", 55), ("unknown_meter", 96)}
    assert rejected(twice, 1).keys() == {"ex-old", "ex-new"}
    seen = [
        twice.day("gold.transformer_profile", build, MARCH[2], transformer_id="T3")["meters_seen"] for build in (0, 1)
    ]
    assert seen == [[2] * 41 + [1] * 55, [2] * 96]


def rejected(twice: Twice, build: int) -> dict[str, set[tuple[str, int]]]:
    """By meter: rules, and how many reads of a record each refused."""
    found: dict[str, set[tuple[str, int]]] = {}
    for row in twice.rows("silver.received_block_rejected", build):
        meter = twice.source_id[json.loads(row["record"])["meter_id"]]
        found.setdefault(meter, set()).add((row["rule_id"], row["weight"]))
    return found


def test_a_day_that_lacks_what_its_register_counted_is_flagged_until_its_reads_are_right(twice: Twice) -> None:
    # 40 slots of 50 Wh in place of 250 Wh
    assert twice.flags("register", 0) == [(str(SHORT_DAY), "register_difference", 16_000 - 24_000, "flagged")]
    assert twice.flags("register", 1) == []
    assert twice.energy("register", 0) == [24_000] * 4 + [16_000] + [24_000] * 3
    assert twice.energy("register", 1) == [24_000] * 8


def test_a_gap_is_estimated_to_what_the_register_counted_until_its_reads_come(twice: Twice) -> None:
    """The register says 30,400 Wh, 80 reads 24,000: 16 slots of usually 3,200 have 6,400, twice the usual."""
    assert twice.flags("gap", 0) == [(str(GAP_DAY), "missing", 240.0, "estimated")]
    assert twice.flags("gap", 1) == []
    blocks = [twice.day("silver.interval_block", build, GAP_DAY, usage_point_id="gap") for build in (0, 1)]
    assert [[block["reading"][slot] for slot in GAP] for block in blocks] == [[398, 402] * 8, [399, 401] * 8]
    assert [{block["reading_quality"][slot] for slot in GAP} for block in blocks] == [{5}, {0}]
    assert [block["energy"] for block in blocks] == [30_400, 30_400]
    assert all("register_difference" not in block["rules_not_run"] for block in blocks)


def test_a_register_is_held_against_intervals_across_a_change_of_multiplier(twice: Twice) -> None:
    """It counted 9,600 Wh each day: by 40 until midnight of the 4th, by 60 from then on."""
    for day in MARCH:
        block = twice.day("silver.interval_block", 1, day, usage_point_id="changed")
        assert (block["findings"], "register_difference" in block["rules_not_run"]) == ([], False)
