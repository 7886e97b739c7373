"""Major outages of the United States, 2000 to 2016, by the command line: records of whole areas by fifty clocks.

The published workbook gives the length of each outage in minutes beside its start and end on the clock on the wall. The
lake knows the clocks alone: that its hours are the published ones, across changes of the clock too, is the test of its
zones.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from tests.command_line import CommandLine
from tests.real.workbook import save_as_csv

FILE = Path("us_major_outages") / "outage.xlsx"
RECORDS = 1534
NO_START, NO_END, NO_LENGTH = 9, 58, 78  # records, counted in the sheet; those without a start have no end
PASSED_OVER = {81: -60, 113: 60, 149: 60, 708: -60, 1058: 60, 1182: 60}
"""Minutes that the published length lacks, by record: before 2007 the clocks went forward on the first Sunday of April
and back on the last of October, and the publisher's sheet takes the dates of today for those years, too."""

OUTAGES = """
select outage_id, transformer_id, area_id, valid_from_utc, valid_to_utc, cause, customers_interrupted, synthetic,
  (unix_seconds(valid_to_utc) - unix_seconds(valid_from_utc)) / 60 as minutes
from silver.outage
"""


@pytest.fixture(scope="module")
def sheet(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    saved = tmp_path_factory.mktemp("sheet") / "outage.csv"
    save_as_csv(real_data / FILE, saved, dates="K M", times="L N")
    return saved


@pytest.fixture(scope="module")
def published(sheet: Path) -> pd.DataFrame:
    """The sheet's records by their number, without the row of units."""
    rows = pd.read_csv(sheet, skiprows=5).iloc[1:]
    rows.index = "us_major_outages:" + rows["OBS"].astype(int).astype(str)
    for name in ("OUTAGE.DURATION", "CUSTOMERS.AFFECTED"):
        rows[name] = pd.to_numeric(rows[name])
    for end in ("START", "RESTORATION"):
        rows[end] = pd.to_datetime(rows[f"OUTAGE.{end}.DATE"] + " " + rows[f"OUTAGE.{end}.TIME"])
    return rows


@pytest.fixture(scope="module")
def found(spark: SparkSession, sheet: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("outages")
    share = {"audit": {"rejected_share": 0.06}}  # 5.1 % of the records read have no length
    gridlake = CommandLine(folder / "conf", [], plain=share)
    printed = gridlake.run("ingest", sheet, "--source", "us_major_outages", settings="plain")
    assert f"{RECORDS + 1:,} rows, {NO_START + 1} rejected" in printed
    days = ("--from", "2016-01-01", "--to", "2016-01-02")
    built = gridlake.run("build", "silver.outage", *days, settings="plain")
    assert f"{RECORDS - NO_START - NO_LENGTH:,} accepted + {NO_LENGTH} rejected" in built
    queries = {
        "outages": OUTAGES,
        "unread": "select rule_id, line, reason from bronze.outage_rejected",
        "refused": "select rule_id, reason from silver.outage_rejected",
    }
    return {name: pd.DataFrame(gridlake.rows(query, settings="plain")) for name, query in queries.items()}


def test_every_record_is_an_outage_or_refused_with_its_reason(
    found: dict[str, pd.DataFrame], published: pd.DataFrame
) -> None:
    assert len(published) == RECORDS
    lasting = published[(published["RESTORATION"] > published["START"]) | published["RESTORATION"].isna()]
    standing = lasting[lasting["START"].notna()]
    assert len(standing) == RECORDS - NO_START - NO_LENGTH
    assert set(found["outages"]["outage_id"]) == set(standing.index)
    unread, refused = found["unread"], found["refused"]
    without_start = published["START"].isna().to_numpy().nonzero()[0] + 8  # the first record stands in line 8
    assert sorted(unread["line"]) == [7, *without_start]  # and in line 7 stand the units
    assert set(unread["reason"][unread["line"] > 7]) == {"'valid_from_utc' is empty; a value is needed"}
    assert set(refused["rule_id"]) == {"ends_before_start"}
    assert len(refused) == NO_LENGTH == (published["OUTAGE.DURATION"] == 0).sum()


def test_hours_are_those_published_across_changes_of_the_clock_too(
    found: dict[str, pd.DataFrame], published: pd.DataFrame
) -> None:
    outages = found["outages"].set_index("outage_id")
    known = outages[outages["minutes"].notna()]
    assert len(outages) - len(known) == NO_END - NO_START  # nobody recorded their end
    minutes = published.loc[known.index, "OUTAGE.DURATION"]
    wall = (published["RESTORATION"] - published["START"]).loc[known.index].dt.total_seconds() / 60
    assert (wall != minutes).sum() == 31  # a clock changed within them
    beside = (known["minutes"] - minutes).loc[lambda differing: differing != 0]
    assert beside.to_dict() == {f"us_major_outages:{number}": more for number, more in PASSED_OVER.items()}
    assert known["minutes"].sum() / 60 == published["OUTAGE.DURATION"].sum() / 60 + 2


def test_customers_causes_and_areas_are_those_published(
    found: dict[str, pd.DataFrame], published: pd.DataFrame
) -> None:
    outages = found["outages"].set_index("outage_id")
    ours = published.loc[outages.index]
    customers = outages["customers_interrupted"]
    assert customers.sum() == ours["CUSTOMERS.AFFECTED"].sum()
    assert customers.isna().sum() == ours["CUSTOMERS.AFFECTED"].isna().sum()
    left_out = published.drop(index=outages.index)["CUSTOMERS.AFFECTED"].sum()
    assert customers.sum() + left_out == 156_510_739  # the sum of the sheet's column T
    assert outages["cause"].value_counts().to_dict() == ours["CAUSE.CATEGORY"].value_counts().to_dict()
    assert outages["area_id"].tolist() == ("nerc:" + ours["NERC.REGION"]).tolist()
    assert outages["transformer_id"].isna().all()
    assert not outages["synthetic"].any()


def test_instants_read_off_the_sheet(found: dict[str, pd.DataFrame]) -> None:
    """The first record, Minnesota: from 17:00 on 1 July 2011 to 20:00 on 3 July by the clock of Chicago."""
    first = found["outages"].set_index("outage_id").loc["us_major_outages:1"]
    assert (first["valid_from_utc"], first["valid_to_utc"]) == ("2011-07-01T22:00:00.000Z", "2011-07-04T01:00:00.000Z")
    assert (first["customers_interrupted"], first["area_id"]) == (70_000, "nerc:MRO")
