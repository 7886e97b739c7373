"""NEM12 files: registers, intervals, quality, versions, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from jobs.sources.delivery import Identities, Rejects, UnreadableError
from jobs.sources.nem12_registers import read_registers
from tests.unit.delivered import KEY, at, delivery, read, source

READINGS = {
    "meter": "MeterSerialNumber",
    "registers": {"E": {"channel": "delivered"}, "B": {"channel": "received"}, "Q1": {"channel": "reactive_delivered"}},
}
NEM12 = source(format="nem12", readings=READINGS, time={"zone": "+10:00"}, version={"by": "update_time"})
HEADER = "100,NEM12,201601030000,MDP1,RET1\n"


def stream(suffix: str = "E1", minutes: int = 30, unit: str = "KWH", serial: str = "S1") -> str:
    return f"200,NMI0000001,E1B1Q1,1,{suffix},N1,{serial},{unit},{minutes},\n"


def day(date: str, values: list[float | str], quality: str = "A", updated: str = "20160103120000") -> str:
    return f"300,{date},{','.join(map(str, values))},{quality},,,{updated},\n"


def deliver(tmp_path: Path, *lines: str, end: str = "900\n") -> object:
    (tmp_path / "file.csv").write_text(HEADER + "".join(lines) + end)
    return read(NEM12, tmp_path / "file.csv")


def test_each_300_record_is_a_run_of_its_200_record(tmp_path: Path) -> None:
    got = deliver(
        tmp_path,
        stream("E1", 30),
        day("20160101", [0.5] * 47 + [1.25]),
        stream("B1", 15, "wh"),
        day("20160101", range(96)),
        stream("Q1", 5, "kvarh"),
        day("20160101", [0.001] * 288),
    )
    rows = {row["register"]: row for row in got.blocks.to_pylist()}
    assert {
        name: (row["channel"], row["unit_factor"], row["interval_minutes"], len(row["value"]))
        for name, row in rows.items()
    } == {
        "E1": ("delivered", 1000.0, 30, 48),
        "B1": ("received", 1.0, 15, 96),
        "Q1": ("reactive_delivered", 1000.0, 5, 288),
    }
    assert rows["E1"]["value"][-1] == 1.25
    assert rows["B1"]["value"] == list(range(96))
    assert rows["E1"]["start_utc"] == datetime(2015, 12, 31, 14, tzinfo=UTC)  # midnight at UTC+10
    assert rows["E1"]["version"] == at("2016-01-03T02:00")
    assert (rows["E1"]["first_line"], rows["B1"]["first_line"], rows["Q1"]["first_line"]) == (3, 5, 7)
    assert rows["E1"]["quality"] == [{"first_slot": 0, "slots": 48, "code": "A"}]
    assert rows["E1"]["source_estimated"] == []
    assert got.delivered == got.stored == 48 + 96 + 288


def test_variable_quality_comes_from_the_400_records(tmp_path: Path) -> None:
    got = deliver(
        tmp_path,
        stream(),
        day("20160101", [1] * 48, "V"),
        "400,1,20,A,,\n",
        "400,21,24,S14,,\n",
        "400,25,48,N,,\n",
        day("20160102", [2] * 48, "E52"),
    )
    first, second = got.blocks.to_pylist()
    assert first["quality"] == [
        {"first_slot": 0, "slots": 20, "code": "A"},
        {"first_slot": 20, "slots": 4, "code": "S14"},
        {"first_slot": 24, "slots": 24, "code": "N"},
    ]
    assert first["source_estimated"] == [False] * 20 + [True] * 4 + [False] * 24
    assert first["value"][:24] == [1.0] * 24
    assert np.isnan(first["value"][24:]).all()  # null data is no reading of 1
    assert (first["first_line"], first["last_line"]) == (3, 6)
    assert second["source_estimated"] == [True] * 48


def test_values_that_are_no_numbers_are_rejected_alone(tmp_path: Path) -> None:
    got = deliver(tmp_path, stream(), day("20160101", [1] * 46 + ["x", ""]))
    (row,) = got.blocks.to_pylist()
    assert np.isnan(row["value"][46:]).all()
    assert [(r["rule_id"], r["line"], r["reads"]) for r in got.rejected] == [("B03", 3, 1)]
    assert (got.delivered, got.stored) == (47, 46)


@pytest.mark.parametrize(
    ("lines", "rule", "reads"),
    [
        (stream("X1") + day("20160101", [1] * 48), "B06", 48),
        (stream(unit="V") + day("20160101", [1] * 48), "B07", 48),
        (stream(unit="kvarh") + day("20160101", [1] * 48), "B07", 48),
        (stream(minutes=7) + day("20160101", [1] * 48), "B09", 48),
        (stream(serial="") + day("20160101", [1] * 48), "B02", 48),
        (stream() + day("20161301", [1] * 48), "B04", 48),
        (stream() + day("20160101", [1] * 48, updated="soon"), "B11", 48),
        (stream() + day("20160101", [1] * 40), "B01", 40),
        (stream() + day("20160101", [1] * 48, "Z"), "B08", 48),
        (day("20160101", [1] * 48), "B12", 48),
        (stream() + "777,what\n", "B12", 0),
        (stream() + day("20160101", [1] * 48, "A") + "400,1,48,S,,\n", "B12", 0),
    ],
)
def test_records_that_break_a_rule_are_rejected_by_its_number(
    tmp_path: Path, lines: str, rule: str, reads: int
) -> None:
    got = deliver(tmp_path, lines)
    assert [(r["rule_id"], r["reads"]) for r in got.rejected] == [(rule, reads)]
    assert got.delivered == got.stored + reads


def test_a_file_cut_anywhere_gives_the_same_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [stream()]
    for number in range(1, 20):
        lines += [day(f"201601{number:02}", [number] * 48, "V"), "400,1,47,A,,\n", "400,48,48,S,,\n"]
        lines += [stream(serial=f"S{number + 1}")] if number % 5 == 0 else []
    whole = deliver(tmp_path, *lines).blocks
    monkeypatch.setattr("jobs.sources.nem12_lines._BLOCK_BYTES", 300)
    assert deliver(tmp_path, *lines).blocks.to_pylist() == whole.to_pylist()


def visit(when: str = "20160102093000", shown: str = "12345.6") -> str:
    return f"500,R,SO12345,{when},{shown}\n"


def test_500_records_are_register_reads_of_their_200_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = [
        HEADER, stream("E1", serial="S1"), day("20160101", [1] * 48), visit(), day("20160102", [1] * 48, "V"),
        "400,1,48,A,,\n", visit("20160103000000", "12350"), stream("Q1", unit="kvarh", serial="S2"),
        day("20160101", [1] * 48), visit(shown=""), visit(""), visit(shown="7"), "900\n",
    ]  # fmt: skip
    (tmp_path / "file.csv").write_text("".join(text))
    identities, rejects = Identities(KEY), Rejects()
    rows = read_registers(delivery(NEM12, tmp_path / "file.csv"), identities, rejects).to_pylist()
    assert [(row["channel"], row["register_wh"], row["first_line"]) for row in rows] == [
        ("delivered", 12345600, 4), ("delivered", 12350000, 7), ("reactive_delivered", 7000, 12),
    ]  # fmt: skip
    assert rows[0]["read_at_utc"] == datetime(2016, 1, 1, 23, 30, tzinfo=UTC)  # 9:30 at UTC+10
    assert {row["meter_id"] for row in rows} == {KEY.hashed("he", name) for name in ("S1", "S2")}
    assert {row["version"] for row in rows} == {at("2016-01-02T14:00")}  # of the 100 record
    assert (rows[0]["known_from_basis"], rows[0]["usage_point_id"]) == ("arrival", None)
    assert rejects.table().num_rows == 0
    intervals = read(NEM12, tmp_path / "file.csv")
    assert (intervals.delivered, intervals.stored, intervals.rows) == (144, 144, 13)

    monkeypatch.setattr("jobs.sources.nem12_lines._BLOCK_BYTES", 300)
    assert read_registers(delivery(NEM12, tmp_path / "file.csv"), identities, rejects).to_pylist() == rows
    with_lag = NEM12.model_copy(update={"lag": timedelta(days=2)})
    late = read_registers(delivery(with_lag, tmp_path / "file.csv"), identities, rejects).to_pylist()[0]
    assert (late["known_from_utc"], late["known_from_basis"]) == (datetime(2016, 1, 3, 23, 30, tzinfo=UTC), "lag")


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (stream() + "500,R,SO,20160102093000\n", "B01"),
        (stream(serial="") + visit(), "B02"),
        (stream() + visit(shown="n/a"), "B03"),
        (stream() + visit(shown="-1"), "B03"),
        (stream() + visit("20161302000000"), "B04"),
        (stream("X1") + visit(), "B06"),
        (stream(unit="kvarh") + visit(), "B07"),
        (stream(unit="kW") + visit(), "B07"),  # a register counts energy
        (visit(), "B12"),
    ],
)
def test_500_records_that_break_a_rule_are_rejected_by_its_number(tmp_path: Path, lines: str, rule: str) -> None:
    (tmp_path / "file.csv").write_text(HEADER + lines + "900\n")
    rejects = Rejects()
    assert read_registers(delivery(NEM12, tmp_path / "file.csv"), Identities(KEY), rejects).num_rows == 0
    assert [row["rule_id"] for row in rejects.table().to_pylist()] == [rule]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", "line 1: begins with 'a,b"),
        (HEADER + stream() + day("20160101", [1] * 48), "line 3: the file ends without a 900 record"),
        ((HEADER + stream() + day("20160101", [1] * 48))[:-90], "cut short"),
    ],
)
def test_a_file_that_is_no_whole_nem12_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "file.csv").write_text(text)
    with pytest.raises(UnreadableError, match=message):
        read(NEM12, tmp_path / "file.csv")
