"""What stands in a folder for a source, what of it the source does not name, and what belongs to a model."""

from pathlib import Path

from jobs.received import content_hash, left_out, source_paths
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


def test_a_model_may_be_a_script_below_the_folder_it_was_delivered_in(tmp_path: Path) -> None:
    model = {"name": "grid", **COMMON, "format": "opendss", "target": "network", "files": "13Bus/master.dss"}
    source = Source.model_validate(model)
    (tmp_path / "13Bus").mkdir()
    (tmp_path / "codes.dss").write_text("new linecode.a\n")
    master = tmp_path / "13Bus" / "master.dss"
    master.write_text("redirect ../codes.dss\n")
    assert source.folder_of(master) == tmp_path
    assert source.folder_of(tmp_path / "codes.dss") == tmp_path
    before = content_hash(source, master)
    (tmp_path / "codes.dss").write_text("new linecode.b\n")
    assert content_hash(source, master) != before
