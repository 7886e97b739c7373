"""Files as the utility's systems export them: each has its own delimiter, decimal sign, codes, clock and container."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from jobs.sample.assets import Fleet, known_before
from jobs.sample.days import WALL
from jobs.sample.metering import midnight_utc

_GERMAN, _GERMAN_OFFSET, _ISO_OFFSET = "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z"
_ORDER_TYPES = {"corrective": "PM01", "inspection": "PM02", "construction": "PM05"}
_ACTIVITIES = {
    "inspection": "I10", "oil sample": "I20", "oil or seal repair": "R31", "bushing repair": "R32",
    "corrosion repair": "R33", "planned replacement": "X40",
}  # fmt: skip
_DAMAGES = {
    "insulation": "S01", "overload": "S02", "oil leak": "S03", "bushing": "S04", "lightning": "S11",
    "third party": "S21", "animal": "S22", "flooding": "S23", "unknown": "S99",
}  # fmt: skip
_OUTAGE_CAUSES = {
    "transformer": "EQ-TR", "switchgear": "EQ-SW", "tree": "VEG", "weather": "WX", "digging": "3P",
    "planned work": "PLN", "unknown": "UNK", "not recorded": "UNK",
}  # fmt: skip


def write_failures(fleet: Fleet, drop: Path, end: date) -> None:
    """The work-order system's malfunction notices: semicolons, decimal commas, the clock on the wall."""
    rows = known_before(fleet.failure, "at_utc", end)
    _text(
        {
            "notice": rows["number"],
            "equipment": rows["unit"],
            "functional_location": rows["position"],
            "malfunction_start": _wall(rows["at_utc"], _GERMAN),
            "damage": rows["cause"].map(_DAMAGES),
            "costs": _decimal_comma(rows["cost"]),
            "currency": rows["currency"],
        },
        drop, "failures", delimiter=";",
    )  # fmt: skip


def write_work_orders(fleet: Fleet, order: pd.DataFrame, drop: Path, end: date) -> None:
    """Orders that were booked, as that system exports them."""
    rows = known_before(order, "booked_utc", end)
    stood = fleet.deployment.iloc[rows["unit"]]
    _text(
        {
            "order": rows["number"],
            "order_type": rows["type"].map(_ORDER_TYPES),
            "activity": rows["cause"].map(_ACTIVITIES),
            "equipment": stood["unit"],
            "functional_location": stood["position"],
            "start": _wall(rows["at_utc"], _GERMAN),
            "booked": _wall(rows["booked_utc"], _GERMAN),
            "hours": _decimal_comma(rows["hours"]),
            "costs": _decimal_comma(rows["cost"]),
            "currency": rows["currency"],
        },
        drop, "work_orders", delimiter=";",
    )  # fmt: skip


def write_inspections(fleet: Fleet, inspection: pd.DataFrame, drop: Path, end: date) -> None:
    """Forms of a mobile application: tabs, ISO times with their offset, loads in percent."""
    rows = known_before(inspection, "entered_utc", end)
    _text(
        {
            "form": rows["number"],
            "unit": fleet.unit["unit"].to_numpy()[rows["unit"]],
            "seen": _wall(rows["at_utc"], _ISO_OFFSET),
            "entered": _wall(rows["entered_utc"], _ISO_OFFSET),
            "outside": rows["grade"],
            "oil_leak": rows["leak"],
            "bushing_chipped": np.where(rows["chipped"], "Y", "N"),
            "oil_degc": rows["oil_degc"],
            "drag_hand_percent": rows["demand_percent"],
        },
        drop, "inspections", delimiter="\t",
    )  # fmt: skip


def write_oil_tests(fleet: Fleet, oil_test: pd.DataFrame, drop: Path, end: date) -> None:
    """The laboratory's results as a Parquet file, with the day each was reported."""
    rows = known_before(oil_test, "reported_utc", end)
    kept = rows.drop(columns=["number", "unit", "at_utc", "reported_utc"])
    table = pa.table(
        {
            "sample_no": rows["number"].to_numpy(),
            "serial": fleet.unit["unit"].to_numpy()[rows["unit"]],
            "sampled": pa.array(rows["at_utc"]).cast(pa.timestamp("ms", "UTC")),
            "reported": pa.array(rows["reported_utc"]).cast(pa.timestamp("ms", "UTC")),
            **{name: kept[name].to_numpy() for name in kept.columns},
        }
    )
    _folder(drop, "oil_tests")
    pq.write_table(table, drop / "oil_tests" / "oil_tests.parquet", compression="zstd")


def write_outages(outage: pd.DataFrame, drop: Path, end: date) -> None:
    """The control room's journal: bars, times of the clock on the wall with its offset; open where it still lasts."""
    rows = known_before(outage, "from_utc", end)
    back = rows["to_utc"].where(rows["to_utc"] <= midnight_utc(end))
    _text(
        {
            "incident": rows["number"],
            "station": rows["position"],
            "off": _wall(rows["from_utc"], _GERMAN_OFFSET),
            "on": _wall(back, _GERMAN_OFFSET),
            "cause": rows["cause"].map(_OUTAGE_CAUSES),
            "planned": np.where(rows["planned"], "Y", "N"),
            "customers_off": rows["customers"].astype(int),
        },
        drop, "outages", delimiter="|",
    )  # fmt: skip


def write_complaints(call: pd.DataFrame, drop: Path, end: date) -> None:
    """The call centre's tickets: semicolons, Windows' western code page, the clock on the wall."""
    rows = known_before(call, "called_utc", end)
    _text(
        {
            "ticket": rows["number"],
            "called": _wall(rows["called_utc"], _GERMAN),
            "premise": rows["premise"],
            "station": rows["position"],
            "reason": rows["reason"],
            "caller": rows["caller"],
            "telephone": rows["telephone"],
            "said": rows["said"],
        },
        drop, "complaints", delimiter=";", encoding="cp1252",
    )  # fmt: skip


def write_lightning(density: pd.DataFrame, drop: Path, end: date) -> None:
    """A lightning location service's yearly table of whole years, below two lines about it."""
    rows = density[density["year"] < end.year]
    about = "Ground flash density by district and year\nflashes per km2 and year; detection efficiency above 95 %\n"
    _text(
        {"district": rows["district"], "year": rows["year"], "flashes": rows["flashes"]},
        drop, "lightning_densities", before=about,
    )  # fmt: skip


def _text(
    columns: dict[str, object],
    drop: Path,
    source: str,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    before: str = "",
) -> None:
    table = pa.table({name: _array(values) for name, values in columns.items()})
    written = pa.BufferOutputStream()
    pcsv.write_csv(table, written, pcsv.WriteOptions(delimiter=delimiter))
    content = written.getvalue().to_pybytes()
    if encoding != "utf-8":
        content = content.decode().encode(encoding)
    _folder(drop, source)
    (drop / source / f"{source}.csv").write_bytes(before.encode(encoding) + content)


def _array(values: object) -> pa.Array:
    return values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, from_pandas=True)


def _folder(drop: Path, source: str) -> None:
    (drop / source).mkdir(parents=True, exist_ok=True)


def _wall(instant: pd.Series, format: str) -> pa.Array:
    """Times as the clock on the wall shows them."""
    return pc.strftime(pa.array(instant).cast(pa.timestamp("s", WALL.key)), format=format)


def _decimal_comma(number: pd.Series) -> pa.Array:
    return pc.replace_substring(pa.array(number).cast(pa.string()), ".", ",")
