"""What stands in a folder for a source, what of it the source does not name, and what belongs to a model."""

from copy import deepcopy
from pathlib import Path

from jobs.intake.drop_folder import source_paths, unnamed_files
from jobs.intake.file_plan import content_hash, planned, received_files, settings_hash
from jobs.settings import IntakeSettings, Settings
from jobs.sources.declaration import Source, Time
from tests.integration.drop import COMMON, SOURCES
from tests.unit.delivered import KEY


def names(folder: Path, paths: list[Path]) -> list[str]:
    return [one.relative_to(folder).as_posix() for one in paths]


def touch(folder: Path, *files: str) -> None:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("meter,day\n")


def test_what_is_neither_named_nor_ignored_nor_on_its_way_is_unnamed(tmp_path: Path) -> None:
    words = {"name": "head_end_wide", **COMMON, **SOURCES["head_end_wide"], "files": "*.csv"}
    source = Source.model_validate(words)
    touch(tmp_path, "jan.csv", "feb.CSV", "notes.txt", "old/dec.csv")
    touch(tmp_path, "._jan.csv", "mar.csv.part", "apr.csv~", "may.tmp", "_SUCCESS", ".git/x.csv", "_temporary/0/x.csv")
    assert names(tmp_path, source_paths(source, tmp_path)) == ["jan.csv"]
    assert names(tmp_path, unnamed_files(source, tmp_path)) == ["feb.CSV", "notes.txt", "old/dec.csv"]
    assert unnamed_files(source, tmp_path / "notes.txt") == []
    told = Source.model_validate(words | {"files": "**/*.csv", "ignore": ["*.txt", "old"]})
    assert names(tmp_path, source_paths(told, tmp_path)) == ["jan.csv"]
    assert names(tmp_path, unnamed_files(told, tmp_path)) == ["feb.CSV"]


def test_a_model_has_its_folder_to_itself_and_what_lies_outside_is_unnamed(tmp_path: Path) -> None:
    simbench = {"name": "grid", **COMMON, "format": "simbench", "target": "network", "files": "model_*"}
    touch(tmp_path, "model_2016/Node.csv", "model_2016/readme.txt", "other/Node.csv", "contents.txt")
    assert names(tmp_path, unnamed_files(Source.model_validate(simbench), tmp_path)) == [
        "contents.txt",
        "other/Node.csv",
    ]
    whole = Source.model_validate(simbench | {"files": "."})
    assert unnamed_files(whole, tmp_path) == []
    opendss = Source.model_validate(simbench | {"format": "opendss", "files": "*/master.dss"})
    assert len(unnamed_files(opendss, tmp_path)) == 4  # there is no model that they belong to
    touch(tmp_path, "13Bus/master.dss")
    assert unnamed_files(opendss, tmp_path) == []


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


def test_a_circuit_is_made_up_of_what_its_master_reaches(tmp_path: Path) -> None:
    model = {"name": "grid", **COMMON, "format": "opendss", "target": "network", "files": ["*/a.dss", "*/b.dss"]}
    source = Source.model_validate(model)
    (tmp_path / "all").mkdir()
    for name in ("a", "b"):
        (tmp_path / "all" / f"{name}.dss").write_text(f"new circuit.{name}\nbuscoords places.csv\n")
    (tmp_path / "all" / "places.csv").write_text("1,2,3\n")
    masters = source_paths(source, tmp_path)
    assert [one.name for one in masters] == ["a.dss", "b.dss"]
    before = [content_hash(source, one) for one in masters]
    (tmp_path / "all" / "notes.txt").write_text("of nobody's\n")
    (tmp_path / "all" / "b.dss").write_text("new circuit.b\n")
    after = [content_hash(source, one) for one in masters]
    assert [one == two for one, two in zip(before, after, strict=True)] == [True, False]
    (tmp_path / "all" / "places.csv").write_text("1,2,4\n")
    assert content_hash(source, masters[0]) != before[0]


def test_folders_of_one_delivery_that_name_no_network_are_refused_unless_their_names_are_versions(
    tmp_path: Path,
) -> None:
    model = {"name": "grid", **COMMON, "format": "simbench", "target": "network", "files": "model_*"}
    for number in (1, 2):
        (tmp_path / f"model_2016010{number}").mkdir()
        (tmp_path / f"model_2016010{number}" / "Load.csv").write_text(f"id;node\nhome;{number}\n")

    def refused(**values: object) -> list[str | None]:
        source = Source.model_validate(model | values)
        received, _ = received_files(source, source_paths(source, tmp_path), "hash")
        plan = planned(received, {}, {"grid": "hash"}, {"grid": source})
        return [one.refused for one in plan.read]

    untold, named = refused(), refused(network="north")
    for reason in untold:
        assert reason is not None
        assert reason.startswith("2 models of one delivery describe the one network of a source that names none: [")
        assert reason.endswith("of several networks a source each, with its 'network'")
    assert all("describe network 'north'" in str(reason) for reason in named)
    assert (len(untold), len(named)) == (2, 2)
    by_name = {"by": "file_name", "pattern": r"(\d{8})$", "format": "%Y%m%d"}
    assert refused(version=by_name) == [None, None]


def test_what_failed_under_another_declaration_is_read_again_where_it_is_still_kept(tmp_path: Path) -> None:
    source = Source.model_validate({"name": "head_end_wide", **COMMON, **SOURCES["head_end_wide"]})
    kept = tmp_path / "kept.csv"
    kept.write_text("meter,day\n")
    file_id, size = content_hash(source, kept)
    entry = {"path": str(kept), "size_bytes": size, "settings_hash": "old", "rejected_rows": 0, "arrived_us": 1}

    def entries(status: str) -> dict[tuple[str, str], dict[str, object]]:
        here = {(file_id, source.name): {**entry, "kept_path": str(kept), "status": status}}
        return here | {("gone", source.name): {**entry, "kept_path": str(tmp_path / "gone.csv"), "status": status}}

    for status in ("ok", "failed"):
        plan = planned([], entries(status), {source.name: "new"}, {source.name: source})
        assert [(one.path, one.redeclared, one.stands) for one in plan.read] == [(kept, True, status == "ok")]
        assert len(plan.lost) == (status == "ok")  # of a file that failed nothing is lost


class _LaterTime(Time):
    leap_seconds: bool = False


class _LaterSource(Source):
    """A declaration as a later release may read it, with one more key in it and in one of its parts."""

    time: _LaterTime = _LaterTime()
    compression: str | None = None


def test_a_key_that_stands_at_its_default_reads_no_file_again_and_a_changed_unit_does(settings: Settings) -> None:
    words = {"name": "head_end_wide", **COMMON, **SOURCES["head_end_wide"]}
    mega = deepcopy(words)
    mega["readings"]["registers"][""]["unit"] = "MWh"

    def hashed(of: Source) -> str:
        return settings_hash(of, settings, KEY)

    before = hashed(Source.model_validate(words))
    assert hashed(_LaterSource.model_validate(words)) == before
    assert hashed(_LaterSource.model_validate(words | {"compression": "gzip"})) != before
    assert hashed(_LaterSource.model_validate(words | {"time": {**words["time"], "leap_seconds": True}})) != before
    assert hashed(Source.model_validate(mega)) != before
    assert hashed(Source.model_validate(words | {"files": "*.txt", "ignore": "old"})) == before
    other_clock = settings.model_copy(update={"intake": IntakeSettings(future_minutes=5)})
    assert settings_hash(Source.model_validate(words), other_clock, KEY) != before
