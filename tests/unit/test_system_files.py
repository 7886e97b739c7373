"""What the utility's systems export is read by their YAMLs as it was: clocks, decimal signs, codes and code pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from jobs.sample import system_files
from jobs.sample.assets import Fleet
from jobs.sources.declaration import read_source
from jobs.sources.delivery import Identities, Rejects
from jobs.sources.entity import EntityRows, read_entity_file
from tests.unit.delivered import KEY, delivery

SOURCES = Path(__file__).parents[2] / "conf" / "sources"
END = date(2016, 4, 1)
UNITS = pd.DataFrame({"unit": ["T1-1", "T1-2"]})
STOOD = UNITS.assign(position="TS-1")


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def units(failure: pd.DataFrame) -> Fleet:
    none = pd.DataFrame()
    return Fleet(position=none, unit=UNITS, deployment=STOOD, failure=failure, hidden=none, dark=[])


def read(drop: Path, source: str) -> tuple[list[dict[str, Any]], EntityRows]:
    """Rows of a source's one file, of which none may be refused."""
    rejects, (path,) = Rejects(), (drop / source).iterdir()
    found = read_entity_file(delivery(read_source(SOURCES / f"{source}.yaml"), path), Identities(KEY), rejects)
    assert rejects.table().num_rows == 0
    return found.rows.to_pylist(), found


def test_an_outage_over_the_repeated_hour_keeps_its_length(tmp_path: Path) -> None:
    outage = pd.DataFrame(
        {
            "number": ["D1", "D2", "D3"],
            "position": "TS-1",
            "from_utc": [utc("2014-10-26 00:45"), utc("2016-03-31 20:00"), utc("2016-03-31 22:00")],
            "to_utc": [utc("2014-10-26 01:15"), utc("2016-03-31 23:30"), utc("2016-03-31 23:00")],
            "cause": ["tree", "planned work", "not recorded"],
            "planned": [False, True, False],
            "customers": [31, 7, 9],
        }
    )
    system_files.write_outages(outage, tmp_path, END)
    assert "26.10.2014 02:45:00 +0200" in (tmp_path / "outages" / "outages.csv").read_text()
    first, second, third = read(tmp_path, "outages")[0]
    assert (first["valid_from_utc"], first["valid_to_utc"]) == (
        datetime(2014, 10, 26, 0, 45, tzinfo=UTC),
        datetime(2014, 10, 26, 1, 15, tzinfo=UTC),
    )
    assert (first["outage_id"], first["cause"], first["planned"], first["customers_interrupted"]) == (
        "outages:D1", "tree", False, 31,
    )  # fmt: skip
    # The export is written at the end of the last grid day, 23:00 UTC: what lasts longer is open.
    assert (second["cause"], second["planned"], second["valid_to_utc"]) == ("planned work", True, None)
    assert (third["cause"], third["valid_to_utc"]) == ("unknown", datetime(2016, 3, 31, 23, tzinfo=UTC))


def test_work_orders_come_with_decimal_commas_when_they_are_booked(tmp_path: Path) -> None:
    order = pd.DataFrame(
        {
            "number": ["W1", "W2", "W3"],
            "unit": [1, 0, 0],
            "at_utc": [utc("2010-07-01 06:30"), utc("2010-01-04 07:00"), utc("2016-03-30 07:00")],
            "booked_utc": [utc("2010-07-09 20:00"), utc("2010-01-04 20:00"), utc("2016-04-02 20:00")],
            "type": ["corrective", "inspection", "inspection"],
            "cause": ["bushing repair", "inspection", "inspection"],
            "hours": [4.5, 1.0, 1.0],
            "cost": [1234.5, 120.07, 99.0],
            "currency": "EUR",
        }
    )
    system_files.write_work_orders(units(pd.DataFrame()), order, tmp_path, END)
    assert '"01.07.2010 08:30:00"' in (tmp_path / "work_orders" / "work_orders.csv").read_text()  # summer time
    repair, inspection = read(tmp_path, "work_orders")[0]  # the third is not booked yet
    assert (repair["asset_id"], repair["transformer_id"], repair["kind"]) == ("T1-2", "TS-1", "work_order")
    assert (repair["work_kind"], repair["category"]) == ("corrective", "bushing repair")
    assert (repair["amount"], repair["labour_hours"]) == (Decimal("1234.50"), 4.5)
    assert (repair["occurred_at_utc"], repair["known_from_utc"]) == (
        datetime(2010, 7, 1, 6, 30, tzinfo=UTC),
        datetime(2010, 7, 9, 20, 0, tzinfo=UTC),
    )
    assert (inspection["asset_id"], inspection["work_kind"]) == ("T1-1", "inspection")
    assert inspection["amount"] == Decimal("120.07")


def test_failures_keep_their_instant_cause_and_cost(tmp_path: Path) -> None:
    failure = pd.DataFrame(
        {"number": ["F1"], "unit": ["T1-1"], "position": ["TS-1"], "at_utc": [utc("2012-07-14 14:30")],
         "cause": ["lightning"], "cost": [7000.25], "currency": ["EUR"]}
    )  # fmt: skip
    system_files.write_failures(units(failure), tmp_path, END)
    (row,) = read(tmp_path, "failures")[0]
    assert (row["kind"], row["category"], row["amount"]) == ("failure", "lightning", Decimal("7000.25"))
    assert row["occurred_at_utc"] == datetime(2012, 7, 14, 14, 30, tzinfo=UTC)
    assert row["work_kind"] is None


def test_words_of_a_call_are_apart_from_the_call(tmp_path: Path) -> None:
    call = pd.DataFrame(
        {
            "number": ["C1", "C2"],
            "called_utc": [utc("2013-02-01 17:05"), utc("2013-08-01 17:05")],
            "premise": ["LV1 Load 3", None],
            "position": "TS-1",
            "reason": ["LOWV", "NOSUP"],
            "caller": ["Ilka Lühr", "Jost Moor"],
            "telephone": ["0000-000012", "0000-999999"],
            "said": ['the lamp; it is "dim", Hauptstraße 3', "dark"],
        }
    )
    system_files.write_complaints(call, tmp_path, END)
    rows, found = read(tmp_path, "complaints")
    assert [(row["category"], row["received_at_utc"]) for row in rows] == [
        ("low_voltage", datetime(2013, 2, 1, 17, 5, tzinfo=UTC)),
        ("no_supply", datetime(2013, 8, 1, 17, 5, tzinfo=UTC)),
    ]
    assert [row["usage_point_id"] for row in rows] == [KEY.hashed("premises", "LV1 Load 3"), None]
    assert not any("Lühr" in str(value) or "lamp" in str(value) for row in rows for value in row.values())
    personal = {(row["first_line"], row["field"]): row["value"] for row in found.personal.to_pylist()}
    assert personal[2, "said"] == 'the lamp; it is "dim", Hauptstraße 3'
    assert personal[3, "caller"] == "Jost Moor"


def test_forms_are_read_with_grades_in_words_and_loads_per_unit(tmp_path: Path) -> None:
    inspection = pd.DataFrame(
        {
            "number": ["I1"], "unit": [0],
            "at_utc": [utc("2011-05-03 09:10")], "entered_utc": [utc("2011-05-05 20:00")],
            "grade": ["C"], "leak": [1], "chipped": [True], "oil_degc": [41], "demand_percent": [87.5],
        }
    )  # fmt: skip
    system_files.write_inspections(units(pd.DataFrame()), inspection, tmp_path, END)
    (row,) = read(tmp_path, "inspections")[0]
    assert (row["external_condition"], row["oil_leak"], row["bushings_damaged"]) == (
        "some_deterioration", "seeping", True,
    )  # fmt: skip
    assert (row["oil_temperature_degc"], row["maximum_demand_pu"]) == (41.0, 0.875)
    assert (row["inspected_at_utc"], row["known_from_utc"]) == (
        datetime(2011, 5, 3, 9, 10, tzinfo=UTC),
        datetime(2011, 5, 5, 20, 0, tzinfo=UTC),
    )


def test_lightning_is_delivered_for_whole_years(tmp_path: Path) -> None:
    density = pd.DataFrame({"district": "D0001", "year": [2014, 2015, 2016], "flashes": [1.5, 2.25, 0.75]})
    system_files.write_lightning(density, tmp_path, END)
    rows, _ = read(tmp_path, "lightning_densities")
    assert [(row["area_id"], row["year"], row["ground_flash_density"]) for row in rows] == [
        ("D0001", 2014, 1.5),
        ("D0001", 2015, 2.25),
    ]
