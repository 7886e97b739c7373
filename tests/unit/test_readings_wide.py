"""Wide files: a day a row, at a fixed offset and by the clock on the wall."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.sources.delivery import UnreadableError
from tests.unit.delivered import Read, at, read, source


def wide_source(columns: int, minutes: int, zone: str = "+01:00", **readings: Any) -> Any:
    ours = {
        "meter": "meter",
        "registers": {"": {"channel": "delivered", "unit": "kWh"}},
        "interval_minutes": minutes,
        "time": "day",
        "values": (f"v{1}", f"v{columns}"),
    }
    return source(format="wide", readings={**ours, **readings}, time={"zone": zone})


def deliver(tmp_path: Path, of: Any, columns: int, rows: list[tuple[str, list[object]]], more: str = "") -> Read:
    header = ",".join(["meter", "day", *(f"v{n}" for n in range(1, columns + 1)), *filter(None, [more])])
    lines = [f"{meta},{','.join('' if v is None else str(v) for v in values)}" for meta, values in rows]
    (tmp_path / "file.csv").write_text("\n".join([header, *lines]) + "\n")
    return read(of, tmp_path / "file.csv")


@pytest.mark.parametrize(("columns", "minutes"), [(96, 15), (48, 30)])
def test_a_row_is_a_run_of_its_day(tmp_path: Path, columns: int, minutes: int) -> None:
    rows = [("a,2016-01-01", list(range(columns))), ("b,2016-01-02", [0.5] * columns)]
    got = deliver(tmp_path, wide_source(columns, minutes), columns, rows)
    first, second = got.blocks.to_pylist()
    assert first["value"] == list(range(columns))
    assert round(first["start_utc"].timestamp() * 1e6) == at("2015-12-31T23:00")
    assert (first["interval_minutes"], first["first_line"], second["first_line"]) == (minutes, 2, 3)
    assert str(second["first_grid_date"]) == str(second["last_grid_date"]) == "2016-01-02"
    assert got.stored == got.delivered == 2 * columns


def test_wall_clock_days_have_92_96_or_100_values(tmp_path: Path) -> None:
    days = {"2016-03-27": 92, "2016-03-28": 96, "2016-10-30": 100}
    rows = [(f"a,{day}", [*range(n), *[None] * (100 - n)]) for day, n in days.items()]
    got = deliver(tmp_path, wide_source(100, 15, "Europe/Berlin"), 100, rows)
    starts = [round(row["start_utc"].timestamp() * 1e6) for row in got.blocks.to_pylist()]
    assert [row["value"] for row in got.blocks.to_pylist()] == [list(range(n)) for n in days.values()]
    assert starts == [at("2016-03-26T23:00"), at("2016-03-27T22:00"), at("2016-10-29T22:00")]
    assert [(str(r["first_grid_date"]), str(r["last_grid_date"])) for r in got.blocks.to_pylist()] == [
        ("2016-03-27", "2016-03-27"), ("2016-03-27", "2016-03-28"), ("2016-10-29", "2016-10-30")
    ]  # fmt: skip


def test_values_beyond_a_short_day_are_rejected_with_their_row(tmp_path: Path) -> None:
    got = deliver(
        tmp_path, wide_source(96, 15, "Europe/Berlin"), 96, [("a,2016-03-27", [1] * 96), ("a,2016-03-28", [1] * 96)]
    )
    assert got.blocks.num_rows == 1
    assert [(r["rule_id"], r["line"], r["reads"]) for r in got.rejected] == [("B10", 2, 96)]


def test_blanks_are_no_readings_and_bad_cells_are_rejected_alone(tmp_path: Path) -> None:
    rows = [("a,2016-01-01", [1, None, "x", "#", *[1] * 92]), ("b,soon", [1] * 96), (",2016-01-01", [1] * 95 + ["NaN"])]
    got = deliver(tmp_path, wide_source(96, 15), 96, rows)
    (row,) = got.blocks.to_pylist()
    assert np.isnan(row["value"][1:4]).all()
    assert [(r["rule_id"], r["line"], r["reads"]) for r in got.rejected] == [
        ("B04", 3, 96),
        ("B03", 2, 2),
        ("B02", 4, 95),
    ]
    assert "2 value(s) are no numbers, first 'v3'" in got.rejected[1]["reason"]
    assert got.delivered == got.stored + 2 + 96 + 95


def test_one_quality_code_a_row(tmp_path: Path) -> None:
    of = wide_source(96, 15, quality="q", quality_codes={"R": "valid", "E": "estimated"})
    got = deliver(tmp_path, of, 96, [("a,2016-01-01", [1] * 96 + ["R"]), ("a,2016-01-02", [1] * 96 + ["E"])], more="q")
    first, second = got.blocks.to_pylist()
    assert first["quality"] == [{"first_slot": 0, "slots": 96, "code": "R"}]
    assert (first["source_estimated"], second["source_estimated"]) == ([], [True] * 96)


def test_missing_columns_of_values_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="values from 'v1' to 'v100' are needed; the header has 98 columns"):
        deliver(tmp_path, wide_source(100, 15), 96, [("a,2016-01-01", [1] * 96)])
