"""The 537 Swiss meters at loads of EPRI's circuit 5, from files to tables by the command line.

The assignment is artificial (tests/real/swiss_drop.py says how): 537 of the circuit's 1,379 loads are metered, 842 are
not. With rules off the sums are known from the reads themselves; with rules on what is wrong with these meters is
named, and what is not stays as it is. A rule that lacks history says so.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from tests.command_line import CommandLine
from tests.real.swiss import DAYS, FIRST_DAY, NEGATIVE, Found, Homes, read_homes
from tests.real.swiss_drop import CIRCUIT, LOADS, SOURCES, assignment, loads_of, write_drop
from tests.real.swiss_lake import DAYS_BUILT, TIME, blocks_not_run, found_of, read_findings

OFF, ON = "rules_off", "rules_on"
MOVED = "2046645"

OWN_PEAKS = """
select count(*) as meters, sum(peak_wh) * 4 / 1000 as own_peaks_kw
from (select usage_point_id, max(array_max(reading)) as peak_wh from silver.interval_block group by usage_point_id)
"""
UNITS = """
select load.source_id as load, place.transformer_id, place.feeder_id, point.metering
from silver.connectivity as place join silver.usage_point as point on point.usage_point_id = place.usage_point_id
join protected.identifier as load on load.id = place.usage_point_id and load.id_kind = 'usage_point_id'
"""


@pytest.fixture(scope="module")
def homes(real_data: Path) -> Homes:
    return read_homes(real_data)


@pytest.fixture(scope="module")
def ingested(spark: SparkSession, real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    folder = tmp_path_factory.mktemp("swiss")
    off = TIME | {"validation": {"enabled": False}}
    gridlake = CommandLine(folder / "conf", SOURCES, **{OFF: off, ON: TIME})
    printed = gridlake.run("ingest", write_drop(real_data, folder / "drop"), settings=OFF)
    assert "2,526,048 reads = 2,526,048 stored + 0 rejected" in printed
    return gridlake


@pytest.fixture(scope="module")
def rules_off(ingested: CommandLine) -> dict[str, list[dict[str, Any]]]:
    """What the lake holds without validation."""
    ingested.run("build", "gold.feeder_load_metrics", "gold.transformer_profile", *DAYS_BUILT, settings=OFF)
    queries = {
        "metrics": "select * from gold.feeder_load_metrics",
        "own_peaks": OWN_PEAKS,
        "units": UNITS,
        "profile": "select sum(aggregate(delivered_wh, 0L, (a, b) -> a + b)) as wh, max(meters_expected) as meters,"
        " count(*) as days from gold.feeder_profile",
        "transformers": "select transformer_id, sum(aggregate(delivered_wh, 0L, (a, b) -> a + b)) as wh,"
        " max(meters_expected) as meters from gold.transformer_profile group by transformer_id",
    }
    return {name: ingested.rows(query, settings=OFF) for name, query in queries.items()}


@pytest.fixture(scope="module")
def rules_on(
    ingested: CommandLine, rules_off: dict[str, list[dict[str, Any]]], homes: Homes
) -> tuple[Found, dict[str, int]]:
    """Findings of the lake with validation, and how many blocks each rule could not judge."""
    ingested.run("build", "silver.reading_flag", *DAYS_BUILT, settings=ON)
    return found_of(read_findings(ingested, settings=ON), homes), blocks_not_run(ingested, settings=ON)


def of_meter(found: Found, meter: str, rule: str) -> pd.DataFrame:
    return found.table[(found.table["meter"] == meter) & (found.table["rule"] == rule)].sort_values("day")


def dates(rows: pd.DataFrame) -> list[str]:
    return [str(FIRST_DAY + day)[5:] for day in rows["day"]]


def test_peak_and_coincidence_without_rules(rules_off: dict[str, list[dict[str, Any]]]) -> None:
    (year,) = [row for row in rules_off["metrics"] if row["period_kind"] == "year"]
    assert year["peak_kw"] == pytest.approx(2809.4, abs=0.05)
    assert year["peak_at_utc"] == "2018-12-15T01:45:00.000Z"  # 02:45 in Zurich
    assert (year["days_expected"], year["days_present"], year["days_provisional"]) == (365, 49, 0)
    (own,) = rules_off["own_peaks"]
    assert own["meters"] == 537
    assert own["own_peaks_kw"] == pytest.approx(6808.9, abs=0.05)
    assert year["peak_kw"] / own["own_peaks_kw"] == pytest.approx(0.4126, abs=5e-5)


def test_coincidence_of_december_is_that_of_the_reads(rules_off: dict[str, list[dict[str, Any]]], homes: Homes) -> None:
    december = homes.kwh[:, 33:].reshape(len(homes.meter), -1)
    (month,) = [row for row in rules_off["metrics"] if row["period_start"] == "2018-12-01"]
    expected = december.sum(axis=0).max() / december.max(axis=1).sum()
    assert month["delivered_coincidence_factor"] == pytest.approx(expected, abs=1e-5)


def test_metered_and_unmetered_loads(rules_off: dict[str, list[dict[str, Any]]], real_data: Path) -> None:
    units = rules_off["units"]
    assert Counter(row["metering"] for row in units) == {"interval": 537, "none": 842}
    assert {row["load"] for row in units} == {name for name, _ in loads_of(real_data / CIRCUIT / LOADS)}
    assert {row["feeder_id"] for row in units} == {"ckt5:_mdv_sub_1_lsb/line.mdv201_connector"}


def test_nothing_is_lost_between_reads_feeder_and_transformers(
    rules_off: dict[str, list[dict[str, Any]]], homes: Homes, real_data: Path
) -> None:
    (feeder,) = rules_off["profile"]
    assert (feeder["days"], feeder["meters"]) == (49, 537)
    rounded = int(np.rint(homes.kwh * 1000).sum())
    assert feeder["wh"] == rounded == sum(row["wh"] for row in rules_off["transformers"])
    load_of, home_of = assignment(real_data), {meter: home for home, meter in enumerate(homes.meter)}
    transformer_of = {row["load"]: row["transformer_id"] for row in rules_off["units"]}
    meters = Counter(transformer_of[load] for load in load_of.values())
    assert {row["transformer_id"]: row["meters"] for row in rules_off["transformers"]} == meters
    first = transformer_of[load_of["1000317"]]
    at_first = [home_of[meter] for meter, load in load_of.items() if transformer_of[load] == first]
    (profile,) = [row for row in rules_off["transformers"] if row["transformer_id"] == first]
    assert profile["wh"] == int(np.rint(homes.kwh[at_first] * 1000).sum())


def test_meters_that_are_zero_throughout_are_named(homes: Homes, rules_on: tuple[Found, dict[str, int]]) -> None:
    zero = homes.meter[(homes.kwh == 0).all(axis=(1, 2))]
    assert len(zero) == 6
    named = rules_on[0].table.query("rule == 'zero_day'").groupby("meter")["day"].apply(sorted)
    assert all(named[meter] == list(range(7, DAYS)) for meter in zero)  # a week has to come before


def test_negative_reads_and_the_catch_up_are_named(rules_on: tuple[Found, dict[str, int]]) -> None:
    found = rules_on[0]
    negative = found.table[found.table["rule"] == "negative"]
    assert negative["slots"].sum() == 15
    assert set(negative["meter"]) == {NEGATIVE}
    (catch_up,) = [row for row in of_meter(found, NEGATIVE, "catch_up").itertuples() if row.measured == 47050]
    last = catch_up.slot + catch_up.slots - 1
    assert (str(FIRST_DAY + catch_up.day), catch_up.slots - 1, last) == ("2018-11-30", 52, 93)  # slot 93 is 23:15


def test_changes_of_level_are_named_with_their_days(homes: Homes, rules_on: tuple[Found, dict[str, int]]) -> None:
    found = rules_on[0]
    days = dates(of_meter(found, MOVED, "level_change"))
    assert days == ["11-28", "12-11", "12-12", "12-13", "12-14", "12-15"]
    home = int(np.flatnonzero(homes.meter == MOVED)[0])
    first = int((np.datetime64("2018-12-12") - FIRST_DAY).astype(int))
    assert found.flagged[home, first : first + 4].all()
    # The evening on which it first rose is above any connection's limit, though the day's mean is not yet.
    assert "11-27" in dates(of_meter(found, MOVED, "above_limit"))


def test_large_reads_that_are_plausible_stay(homes: Homes, rules_on: tuple[Found, dict[str, int]]) -> None:
    large = (homes.kwh >= 10) & ~np.isin(homes.meter, [MOVED, NEGATIVE])[:, None, None]
    assert large.sum() == 368
    assert large.any(axis=(1, 2)).sum() == 8
    assert rules_on[0].flagged[large].mean() <= 0.05


def test_sound_meters_are_left_alone(homes: Homes, rules_on: tuple[Found, dict[str, int]]) -> None:
    assert homes.sound.sum() == 521
    share = rules_on[0].flagged[homes.sound].mean()
    print(f"reads of the 521 sound meters that are flagged: {share:.4%}")
    assert share <= 0.005


def test_rules_that_lack_history_say_so(rules_on: tuple[Found, dict[str, int]]) -> None:
    not_run, every = rules_on[1], 537 * DAYS
    for rule in ("high", "low", "zero_run", "clock_drift", "register_difference"):
        assert not_run.pop(rule) == every  # three weeks of history in December, none before; no register reads at all
    assert not_run.pop("zero_day") == 537 * 7  # seven days have to come before
    assert not_run.pop("level_change") >= 537 * 7
    assert not_run == {}
