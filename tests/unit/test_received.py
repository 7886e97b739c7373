"""What stands in a folder for a source, and what of it the source does not name."""

from pathlib import Path

from jobs.received import left_out, source_paths
from jobs.sources.declaration import Source
from tests.integration.drop import COMMON, SOURCES


def test_files_that_the_pattern_does_not_name_are_told(tmp_path: Path) -> None:
    source = Source.model_validate({"name": "head_end_wide", **COMMON, **SOURCES["head_end_wide"], "files": "*.csv"})
    (tmp_path / "old").mkdir()
    for name in ("jan.csv", "feb.CSV", "notes.txt", "old/dec.csv"):
        (tmp_path / name).write_text("meter,day\n")
    assert source_paths(source, tmp_path) == [tmp_path / "jan.csv"]
    assert [one.relative_to(tmp_path).as_posix() for one in left_out(source, tmp_path)] == [
        "feb.CSV",
        "notes.txt",
        "old/dec.csv",
    ]
    assert left_out(source, tmp_path / "notes.txt") == []
