"""Unit-years of suppliers worked by hand: what counts for which unit and year, by what was known; and their table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.gold.supplier_scorecard import JOB, SUPPLIER_SCORECARD, supplier_scorecards
from jobs.gold.suppliers.settings import SupplierSettings
from jobs.gold.suppliers.unit_years import cells, unit_years
from jobs.registry import all_tables
from tests.builders import frame

OFFSET = timedelta(hours=1)
SETTINGS = SupplierSettings(columns={"age_years": 1, "peak_utilisation_pu": 0.2}, folds=2)
FIRST, SECOND, END = (date(year, 1, 1) for year in (2009, 2010, 2011))


def at(year: int, month: int = 1, day: int = 1, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def known(**row: Any) -> dict[str, Any]:
    return {"known_from_utc": at(2010, 12, 1), **row}


OF = {
    "A": {"transformer_id": "T1", "manufacturer": "M", "batch": "M1", "type_name": "M-250"},
    "B": {"transformer_id": "T2", "manufacturer": "M", "batch": "M2", "type_name": "M-250"},
    "C": {"transformer_id": "T2", "manufacturer": "N", "batch": "N1", "type_name": "N-250"},
    "D": {"transformer_id": "T3", "manufacturer": "N", "batch": None, "type_name": None},
}
STOOD = {"A": (FIRST, SECOND, END), "B": (FIRST,), "C": (SECOND, END), "D": (FIRST, SECOND)}
ROWS: Mapping[str, list[dict[str, Any]]] = {
    "asset_feature": [
        {"asset_id": name, "as_of": day, "asset_class": "transformer", "age_years": 20, "peak_utilisation_pu": 0.47}
        | OF[name]
        for name, days in STOOD.items()
        for day in days
    ],
    "asset_deployment": [
        known(asset_id="A", transformer_id="T1", valid_from_utc=at(1991), valid_to_utc=None),
        known(asset_id="B", transformer_id="T2", valid_from_utc=at(1991), valid_to_utc=at(2009, 6, 1)),
        known(asset_id="C", transformer_id="T2", valid_from_utc=at(2009, 6, 2), valid_to_utc=None),
        # taken away as planned, half a year after its second new year (at the fixed offset): 182.5 days
        known(asset_id="D", transformer_id="T3", valid_from_utc=at(1991), valid_to_utc=at(2010, 7, 2, 11)),
    ],
    "asset_event": [
        known(event_id="F1", asset_id="B", kind="failure", occurred_at_utc=at(2009, 6, 1)),
        known(event_id="W1", asset_id="A", kind="work_order", occurred_at_utc=at(2009, 6, 1)),
        # told too late to be known where the record ends
        known(event_id="F2", asset_id="A", kind="failure", occurred_at_utc=at(2010, 11, 1), known_from_utc=at(2011, 3)),
    ],
    "complaint": [
        known(complaint_id="1", transformer_id="T2", received_at_utc=at(2009, 3), category="noise"),  # B
        known(complaint_id="2", transformer_id="T2", received_at_utc=at(2009, 7), category="noise"),  # before C's years
        known(complaint_id="3", transformer_id="T2", received_at_utc=at(2010, 5), category="noise"),  # C
        known(complaint_id="4", transformer_id="T1", received_at_utc=at(2009, 5), category="low_voltage"),
        # a new year already at the utility's offset: A, the second year
        known(complaint_id="5", transformer_id="T1", received_at_utc=at(2009, 12, 31, 23, 30), category="noise"),
        known(complaint_id="6", transformer_id="T1", received_at_utc=at(2010, 12, 9), category="noise",
              known_from_utc=at(2011, 2)),
        known(complaint_id="7", transformer_id=None, received_at_utc=at(2009, 5), category="noise"),
    ],
    "outage": [
        # in the moment B is taken away: B's
        known(outage_id="1", transformer_id="T2", valid_from_utc=at(2009, 6, 1), cause="transformer", planned=False),
        known(outage_id="2", transformer_id="T1", valid_from_utc=at(2010, 2), cause="transformer", planned=None),  # A
        known(outage_id="3", transformer_id="T1", valid_from_utc=at(2010, 3), cause="tree", planned=False),
        known(outage_id="4", transformer_id="T1", valid_from_utc=at(2010, 4), cause="transformer", planned=True),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def frames(spark: SparkSession) -> dict[str, DataFrame]:
    return {name: frame(spark, all_tables()[read.table], *ROWS[name]) for name, read in JOB.reads.items()}


def test_what_counts_for_which_unit_and_year(frames: dict[str, DataFrame]) -> None:
    rows = unit_years(**frames, suppliers=SETTINGS, utc_offset=OFFSET).toPandas()
    names = ["failed", "complaints", "outages", "_newest"]
    found = {(row["asset_id"], row["as_of"]): [row[name] for name in names] for row in rows.to_dict("records")}
    assert found == {
        ("A", FIRST): [0, 0, 0, False],
        ("A", SECOND): [0, 1, 1, True],
        ("B", FIRST): [1, 1, 1, True],
        ("C", SECOND): [0, 1, 0, True],
        ("D", FIRST): [0, 0, 0, False],
        ("D", SECOND): [0, 0, 0, True],
    }
    exposure = rows.set_index(["asset_id", "as_of"])["exposure"]
    assert exposure[("D", SECOND)] == pytest.approx(0.5)
    assert exposure.drop(("D", SECOND)).eq(1).all()
    assert set(rows["_record_end"]) == {END}


def test_years_alike_are_counted_together_and_values_rounded(frames: dict[str, DataFrame]) -> None:
    rows = cells(unit_years(**frames, suppliers=SETTINGS, utc_offset=OFFSET), SETTINGS).toPandas()
    assert rows["peak_utilisation_pu"].unique() == pytest.approx([0.4])
    assert set(rows["year"]) == {2009, 2010}
    assert rows[["units", "unit_years", "failures", "complaints", "outages"]].sum().tolist() == [4, 6, 1, 3, 2]
    assert rows.groupby("manufacturer")["fold"].nunique().max() <= 2
    assert rows["exposure_years"].sum() == 5.5


def test_the_table_tells_each_level_and_is_the_same_however_rows_lie(frames: dict[str, DataFrame]) -> None:
    given = {"suppliers": SETTINGS, "utc_offset": OFFSET}
    rows = supplier_scorecards(**frames, **given)
    assert [(field.name, field.dataType.simpleString()) for field in rows.schema] == [
        (column.name, column.type.simpleString()) for column in SUPPLIER_SCORECARD.columns
    ]
    first = rows.toPandas().sort_values(["group_level", "group_id"], ignore_index=True)
    found = first.set_index("group_id")
    assert found["group_level"].to_dict() == {
        "M / M1": "batch", "M / M2": "batch", "N / N1": "batch", "M / M-250": "model", "N / N-250": "model",
        "M": "maker", "N": "maker",
    }  # fmt: skip
    counts = ["units", "unit_years", "exposure_years", "failures", "complaints", "outages"]
    assert found.loc["M", counts].tolist() == [2, 3, 3.0, 1, 2, 2]
    assert found.loc["N", counts].tolist() == [2, 3, 2.5, 0, 1, 0]
    assert found.loc["N / N1", counts].tolist() == [1, 1, 1.0, 0, 1, 0]
    assert found.loc["M", "crude_ratio"] == pytest.approx((1 / 3) / (1 / 5.5))
    assert set(found["listed_as"]) == {"none"}
    assert found["failures_false_discovery_rate"].isna().all()  # of so few units less than one failure is expected
    assert set(found["as_of"]) == {END}
    mixed = {name: rows.repartition(7) for name, rows in frames.items()}
    again = supplier_scorecards(**mixed, **given).toPandas().sort_values(["group_level", "group_id"], ignore_index=True)
    pd.testing.assert_frame_equal(again, first, check_exact=True)


def test_without_a_year_wholly_on_record_nobody_is_judged(frames: dict[str, DataFrame]) -> None:
    early = frames | {"asset_feature": frames["asset_feature"].where("as_of = '2009-01-01'")}
    assert supplier_scorecards(**early, suppliers=SETTINGS, utc_offset=OFFSET).count() == 0
