"""Long files: runs, clock changes, duplicates, and what is refused or rejected."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.sources.delivery import Rejects, UnreadableError
from jobs.sources.read import READERS
from jobs.sources.readings_long import _ordered, read_long
from tests.unit.delivered import Read, at, read, source

READINGS = {
    "meter": "meter",
    "registers": {"": {"channel": "delivered", "unit": "kWh"}},
    "interval_minutes": 15,
    "time": "time",
    "value": "kwh",
}


def long_source(time: dict[str, Any] | None = None, readings: dict[str, Any] | None = None, **values: Any) -> Any:
    return source(format="long", readings={**READINGS, **(readings or {})}, time=time or {}, **values)


def deliver(tmp_path: Path, rows: list[str], of: Any = None, header: str = "meter,time,kwh") -> Read:
    (tmp_path / "file.csv").write_text("\n".join([header, *rows]) + "\n")
    return read(of or long_source(), tmp_path / "file.csv")


def reads_of(got: Read) -> list[tuple[int, float]]:
    """(microseconds UTC, value) of every reading, in order of time."""
    found = []
    for row in got.blocks.to_pylist():
        start = round(row["start_utc"].timestamp() * 1e6)
        found += [(start + slot * row["interval_minutes"] * 60_000_000, v) for slot, v in enumerate(row["value"])]
    return sorted(found)


@pytest.mark.parametrize(("future_minutes", "stand"), [(0, 1), (14, 1), (15, 2), (30, 3)])
def test_an_interval_may_end_as_late_as_is_configured(tmp_path: Path, future_minutes: int, stand: int) -> None:
    """The file comes at midnight of 2017-01-01."""
    times = ["2016-12-31T23:45:00Z", "2017-01-01T00:00:00Z", "2017-01-01T00:15:00Z"]
    (tmp_path / "file.csv").write_text("\n".join(["meter,time,kwh", *(f"a,{time},1" for time in times)]) + "\n")
    got = read(long_source(), tmp_path / "file.csv", future_minutes=future_minutes)
    assert sum(value == value for _, value in reads_of(got)) == got.stored == stand
    assert sum(row["reads"] for row in got.rejected) == 3 - stand
    assert {row["rule_id"] for row in got.rejected} == ({"B13"} if stand < 3 else set())


def test_readings_that_follow_one_another_are_one_run_of_a_grid_day(tmp_path: Path) -> None:
    times = [f"2016-01-01T{hour:02}:{minute:02}:00Z" for hour in (22, 23) for minute in (0, 15, 30, 45)]
    rows = [f"{meter},{time},{number}" for number, time in enumerate(times) for meter in ("b", "a")]
    got = deliver(tmp_path, rows)
    assert [
        (row["value"], row["first_line"], row["last_line"], str(row["first_grid_date"]))
        for row in got.blocks.to_pylist()
    ] == [
        ([0, 1, 2, 3], 2, 8, "2016-01-01"),  # b; the grid day at +01:00 ends at 23:00 UTC
        ([4, 5, 6, 7], 10, 16, "2016-01-02"),
        ([0, 1, 2, 3], 3, 9, "2016-01-01"),
        ([4, 5, 6, 7], 11, 17, "2016-01-02"),
    ]
    assert got.blocks["start_utc"][1].as_py().isoformat() == "2016-01-01T23:00:00+00:00"
    assert len(set(got.blocks["meter_id"].to_pylist())) == 2
    assert (got.rows, got.delivered, got.stored) == (16, 16, 16)


def test_a_gap_begins_a_new_run_and_a_blank_is_no_reading(tmp_path: Path) -> None:
    rows = ["m,2016-01-01T00:00:00Z,1", "m,2016-01-01T00:15:00Z,", "m,2016-01-01T01:00:00Z,3"]
    got = deliver(tmp_path, rows)
    first, second = got.blocks["value"].to_pylist()
    assert (first[0], np.isnan(first[1]), second) == (1.0, True, [3.0])
    assert (got.delivered, got.stored) == (2, 2)


@pytest.mark.parametrize("label", ["start", "end"])
def test_the_repeated_hour_by_order_in_the_file(tmp_path: Path, label: str) -> None:
    # Berlin, 2016-10-30: 03:00 CEST (01:00 UTC) goes back to 02:00 CET. Labels of both passes, two meters mixed.
    shown = ["01:45", *["02:00", "02:15", "02:30", "02:45"] * 2, "03:00"]
    rows = [f"{meter},2016-10-30 {time},{number}" for number, time in enumerate(shown) for meter in "ab"]
    got = deliver(tmp_path, rows, long_source({"zone": "Europe/Berlin", "label": label}))
    first = at("2016-10-29T23:45") - (900_000_000 if label == "end" else 0)
    assert [time for time, value in reads_of(got)][::2] == [first + number * 900_000_000 for number in range(10)]
    assert [value for time, value in reads_of(got)][::2] == list(range(10))
    assert got.rejected == []


def test_the_repeated_hour_across_pieces_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.sources.readings_long._CHUNK_ROWS", 1)
    monkeypatch.setattr("jobs.sources.records._BLOCK_BYTES", 90)
    rows = [f"a,2016-10-30 {time},{number}" for number, time in enumerate(["02:00", "02:15", "02:30", "02:45"] * 2)]
    got = deliver(tmp_path, rows, long_source({"zone": "Europe/Berlin"}))
    assert got.blocks.num_rows > 1
    assert reads_of(got) == [(at("2016-10-30T00:00") + number * 900_000_000, number) for number in range(8)]


def test_the_repeated_hour_by_a_column(tmp_path: Path) -> None:
    of = long_source({"zone": "Europe/Berlin", "repeated_hour": "column", "summer_time_column": "dst"})
    rows = ["a,2016-10-30 02:00,1,0", "a,2016-10-30 02:00,2,1", "a,2016-10-30 02:15,3,?", "a,2016-10-30 03:00,4,"]
    got = deliver(tmp_path, rows, of, "meter,time,kwh,dst")
    assert reads_of(got) == [(at("2016-10-30T00:00"), 2), (at("2016-10-30T01:00"), 1), (at("2016-10-30T02:00"), 4)]
    assert [(r["rule_id"], r["line"]) for r in got.rejected] == [("B04", 4)]


def test_the_skipped_hour_is_no_time(tmp_path: Path) -> None:
    rows = ["a,2016-03-27 01:45,1", "a,2016-03-27 02:15,2", "a,2016-03-27 03:00,3"]
    got = deliver(tmp_path, rows, long_source({"zone": "Europe/Berlin"}))
    assert reads_of(got) == [(at("2016-03-27T00:45"), 1), (at("2016-03-27T01:00"), 3)]
    assert [(r["rule_id"], r["line"], r["reads"]) for r in got.rejected] == [("B04", 3, 1)]


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ({"zone": "Europe/Berlin"}, "2016-07-01T12:00:00+02:00"),
        ({"zone": "Europe/Berlin"}, "2016-07-01 12:00"),
        ({"zone": "+03:00"}, "2016-07-01 13:00:00"),
        ({}, "2016-07-01T10:00Z"),
        ({"zone": "Europe/Berlin", "format": "%d.%m.%Y %H:%M"}, "01.07.2016 12:00"),
        ({"format": "%d/%m/%Y %H:%M %z"}, "01/07/2016 05:00 -0500"),
    ],
)
def test_instants_in_every_way_of_writing(tmp_path: Path, time: dict[str, Any], text: str) -> None:
    assert reads_of(deliver(tmp_path, [f"a,{text},1"], long_source(time))) == [(at("2016-07-01T10:00"), 1)]


def test_a_reading_delivered_twice_is_kept_twice(tmp_path: Path) -> None:
    got = deliver(
        tmp_path, ["a,2016-01-01T00:00Z,1", "a,2016-01-01T00:15Z,2", "a,2016-01-01T00:00Z,1", "a,2016-01-01T00:15Z,9"]
    )
    assert [row["value"] for row in got.blocks.to_pylist()] == [[1, 2], [1, 9]]
    assert got.stored == 4


def test_versions_registers_units_and_quality_by_column(tmp_path: Path) -> None:
    of = long_source(
        readings={
            "register_column": "reg",
            "unit": "uom",
            "quality": "q",
            "registers": {"1.8.0": {"channel": "delivered"}, "2.8.0": {"channel": "received", "sign": -1}},
            "quality_codes": {"ok": "valid", "sub": "estimated", "gap": "missing"},
        },
        version={"by": "column", "column": "seen"},
    )
    rows = [
        "a,2016-01-01T00:00Z,1,1.8.0,kWh,ok,2016-01-02",
        "a,2016-01-01T00:15Z,2,1.8.0,kWh,sub,2016-01-02",
        "a,2016-01-01T00:15Z,2.5,1.8.0,kWh,ok,2016-01-03",
        "a,2016-01-01T00:30Z,0,1.8.0,kWh,gap,2016-01-02",
        "a,2016-01-01T00:00Z,-8,2.8.0,kW,ok,2016-01-02",
        "a,2016-01-01T00:00Z,1,9.9,kWh,ok,2016-01-02",
        "a,2016-01-01T00:00Z,1,1.8.0,V,ok,2016-01-02",
        "a,2016-01-01T00:45Z,1,1.8.0,kWh,?,2016-01-02",
        "a,2016-01-01T00:45Z,1,1.8.0,kWh,ok,never",
    ]
    got = deliver(tmp_path, rows, of, "meter,time,kwh,reg,uom,q,seen")
    first, corrected, received = sorted(got.blocks.to_pylist(), key=lambda row: (row["register"], row["version"]))
    assert first["value"][:2] == [1, 2]
    assert np.isnan(first["value"][2:]).all()
    assert first["source_estimated"] == [False, True, False, False]
    assert [run["code"] for run in first["quality"]] == ["ok", "sub", "gap", "?"]
    assert (corrected["value"], corrected["version"]) == ([2.5], at("2016-01-03T00:00"))
    assert (received["channel"], received["unit_factor"]) == ("received", -250.0)
    assert [(r["rule_id"], r["line"]) for r in got.rejected] == [("B11", 10), ("B08", 2), ("B06", 7), ("B07", 8)]
    assert got.delivered == got.stored + 4


def test_rows_that_break_a_rule_are_rejected_by_its_number(tmp_path: Path) -> None:
    rows = [
        "a,2016-01-01T00:00Z,1",
        "a,2016-01-01T00:15Z,1.2.3",
        "a,2016-01-01T00:20Z,1",
        "a,yesterday,1",
        " ,2016-01-01T00:00Z,1",
        "",
        "a,2016-01-01T00:45Z,1,2",
        "a,2016-01-01T01:00Z,1e400",
        "a,2016-01-01T01:15Z,0.25",
    ]
    got = deliver(tmp_path, rows)
    assert reads_of(got) == [(at("2016-01-01T00:00"), 1), (at("2016-01-01T01:15"), 0.25)]
    assert sorted((r["line"], r["rule_id"], r["reads"]) for r in got.rejected) == [
        (3, "B03", 1), (4, "B05", 1), (5, "B04", 1), (6, "B02", 1), (8, "B01", 1), (9, "B03", 1)
    ]  # fmt: skip
    assert '"kwh":"1.2.3"' in next(r["record"] for r in got.rejected if r["line"] == 3)
    assert (got.rows, got.delivered, got.stored) == (8, 8, 2)


def test_parquet_with_its_own_types(tmp_path: Path) -> None:
    times = pa.array(np.arange(8) * 900_000_000 + at("2016-01-01T00:00")).cast(pa.timestamp("us", "UTC"))
    table = pa.table({"meter": pa.array([7] * 8), "time": times, "kwh": pa.array(np.arange(8.0))})
    pq.write_table(table, tmp_path / "file.parquet")
    got = read(long_source(container="parquet"), tmp_path / "file.parquet")
    assert reads_of(got) == [(at("2016-01-01T00:00") + slot * 900_000_000, slot) for slot in range(8)]


def test_other_delimiter_decimal_encoding_and_compression(tmp_path: Path) -> None:
    of = long_source(
        readings={"meter": "Zähler"}, text={"delimiter": ";", "decimal": ",", "encoding": "latin-1", "skip_rows": 1}
    )
    text = "Export vom 1.1.\nZähler;time;kwh\na;2016-01-01T00:00Z;1,5\na;2016-01-01T00:15Z;x\n"
    (tmp_path / "file.csv.gz").write_bytes(gzip.compress(text.encode("latin-1")))
    got = read(of, tmp_path / "file.csv.gz")
    assert reads_of(got) == [(at("2016-01-01T00:00"), 1.5)]
    assert [r["line"] for r in got.rejected] == [4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"meter;time;kwh\na;2016-01-01T00:00Z;1\n", r"3 column\(s\) missing: \['meter', 'time', 'kwh'\]; found are"),
        (
            b"meter,time,kwh\na,2016-01-01T00:00Z,1\na,2016-0",
            r"line 3: the file ends within a record \(2 of 3 fields\)",
        ),
        (b"meter,time,kwh\n\xff\xfe,2016-01-01T00:00Z,1\n", "byte 15: 0xff is not utf-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "byte 0: 0x89 is not utf-8|no header can be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "file.csv").write_bytes(content)
    with pytest.raises(UnreadableError, match=message):
        read(long_source(), tmp_path / "file.csv")


def test_cut_short_archives_and_parquet_are_refused(tmp_path: Path) -> None:
    whole = gzip.compress(b"meter,time,kwh\n" + b"".join(b"a,2016-01-01T00:00Z,%d\n" % n for n in range(2000)))
    (tmp_path / "file.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableError, match=r"cannot be read|not text as declared"):
        read(long_source(), tmp_path / "file.csv.gz")
    (tmp_path / "file.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(UnreadableError, match="not parquet as declared"):
        read(long_source(container="parquet"), tmp_path / "file.parquet")


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12)), min_size=1, max_size=40))
def test_runs_hold_every_row_once_and_only_neighbours(rows: list[tuple[int, int]]) -> None:
    owner, slot = (np.array(part, np.int64) for part in zip(*rows, strict=True))
    order = _ordered([owner], slot, slots_per_day=6)
    assert sorted(order.rows.tolist()) == list(range(len(rows)))
    for run in np.split(order.rows, order.begins[1:]):
        assert len({rows[row][0] for row in run}) == 1
        assert (np.diff(slot[run]) == 1).all()
        assert len(set(slot[run] // 6)) == 1
    # Two runs that could be one are never apart: the second begins where no run of its owner and day ends.
    firsts = [(owner[run[0]], slot[run[0]]) for run in np.split(order.rows, order.begins[1:])]
    lasts = [(owner[run[-1]], slot[run[-1]] + 1) for run in np.split(order.rows, order.begins[1:])]
    assert all(first[1] % 6 == 0 or first not in lasts or firsts.count(first) > lasts.count(first) for first in firsts)


def test_a_reader_that_loses_reads_fails_its_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(delivery: Any, rejects: Rejects, **how: Any) -> Any:
        rejects.delivered += 3
        return read_long(delivery, rejects, **how)

    monkeypatch.setitem(READERS, "long", losing)
    told = r"^4 reads came, but 1 stored \+ 0 rejected are not as many; nothing of the file is committed$"
    with pytest.raises(UnreadableError, match=told):
        deliver(tmp_path, ["m,2016-01-01T00:00:00Z,1"])
