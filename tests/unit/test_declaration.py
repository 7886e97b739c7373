"""Source declarations: what is accepted, and all faults at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.errors import SourceError
from jobs.settings import read_settings
from jobs.sources.declaration import read_source
from tests.integration.drop import COMMON, SOURCES


def declared(tmp_path: Path, **values: Any) -> Path:
    path = tmp_path / "source.yaml"
    path.write_text(yaml.safe_dump({"name": "one", **COMMON, **values}))
    return path


def test_every_source_of_the_configuration_can_be_read() -> None:
    paths = sorted(read_settings().sources_folder.glob("*.yaml"))
    assert paths
    assert [read_source(path).name for path in paths] == [path.stem for path in paths]


def test_sources_made_of_simbench_carry_its_notice_and_invented_ones_none() -> None:
    sources = {path.stem: read_source(path) for path in read_settings().sources_folder.glob("*.yaml")}
    made_of_it = {name for name, source in sources.items() if source.notice and "SimBench" in source.notice}
    assert {"network", "usage_points", "readings_wide", "weather_observed"} <= made_of_it
    assert made_of_it.isdisjoint({"work_orders", "failures", "customer_agreements", "isone_weather"})
    (notice,) = {sources[name].notice for name in made_of_it}
    assert notice is not None
    assert notice.startswith("Contains information from SimBench (https://simbench.de), which is made available here")
    assert notice.endswith("https://opendatacommons.org/licenses/odbl/1-0/")


@pytest.mark.parametrize(
    ("source", "change", "message"),
    [
        ("head_end_long", {"namespaces": {}}, "namespaces needs meter_id"),
        ("head_end_long", {"target": "meter"}, "needs 'readings' and target interval_block"),
        ("head_end_long", {"surprise": 1}, "surprise: no such key"),
        ("head_end_long", {"version": {"by": "update_time"}}, "version by update_time is NEM12's"),
        ("head_end_wide", {"version": {"by": "column"}}, "version by column needs 'column'"),
        ("customers", {"namespaces": {"usage_point_id": "cis"}}, "namespaces needs customer_id"),
        ("customers", {"target": "custmer"}, "no entity 'custmer'; known are area, asset"),
        ("customers", {"columns": {"source": {"column": "a"}}}, "customer_agreement has no column 'source' to deliver"),
        (
            "customers",
            {"columns": {}},
            "columns needs usage_point_id, valid_from_utc: customer_agreement is told apart by it",
        ),
        (
            "asset_prices",
            {"columns": {"rating_kva": {"column": "a", "unit": "km"}}},
            "unit 'km' does not convert to 'kVA'",
        ),
        (
            "customers",
            {"target": "asset_event", "columns": {"work_kind": {"column": "a", "codes": {"R": "corective"}}}},
            "work_kind: codes map to .'corective'.; ours are corrective, preventive",
        ),
        ("asset_prices", {"columns": {"rating_kva": {}}}, "needs exactly one of 'column', 'text' and 'constant'"),
        (
            "asset_prices",
            {"columns": {"rating_kva": {"column": "a", "hour": "b"}}},
            "rating_kva: 'hour' and 'shift' are of instants",
        ),
    ],
)
def test_faults_are_named(tmp_path: Path, source: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_source(declared(tmp_path, **(SOURCES[source] | change)))


def test_faults_of_network_models_are_named(tmp_path: Path) -> None:
    model = {"format": "opendss", "files": "master.dss", "target": "meter", "lag": "P1D", "version": {"by": "column"}}
    with pytest.raises(SourceError) as fault:
        read_source(declared(tmp_path, **model))
    for part in ("needs target network", "no version by column", "counts from the time in its name"):
        assert part in str(fault.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"namespaces": {"feeder_id": "north"}}, "names usage_point_id alone, not .'feeder_id'.: see 'network'"),
        ({"namespaces": {"usage_point_id": "{network}"}}, "needs 'network': a folder does not name its own"),
        ({"format": "opendss", "files": []}, "files: "),
    ],
)
def test_faults_of_a_networks_names_are_told(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_source(declared(tmp_path, **({"format": "simbench", "target": "network"} | change)))


def test_only_network_models_have_a_network(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="'network' is of network models"):
        read_source(declared(tmp_path, **(SOURCES["customers"] | {"network": "north"})))


def test_readings_say_all_that_is_missing(tmp_path: Path) -> None:
    readings = {
        "meter": "m",
        "registers": {"a": {"channel": "delivered"}, "b": {"channel": "received", "unit": "kvarh"}},
    }
    with pytest.raises(SourceError) as fault:
        read_source(declared(tmp_path, **(SOURCES["head_end_long"] | {"readings": readings})))
    for part in (
        "readings needs interval_minutes",
        "readings needs time",
        "readings needs value",
        "has one register, named ''",
        "register 'a' needs a unit",
        "register 'b': unit kvarh does not measure received",
    ):
        assert part in str(fault.value)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "source.yaml").write_text("a: [")
    with pytest.raises(SourceError, match=r"source\.yaml: cannot be read as YAML"):
        read_source(tmp_path / "source.yaml")


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"text": {"encoding": "latin-99"}}, "text.encoding: Value error, 'latin-99' is no encoding"),
        ({"text": {"delimiter": ";;"}}, "text.delimiter: String should have at most 1 character"),
        ({"time": {"format": "%Q"}}, "time.format: Value error, '%Q' is no strptime format"),
        ({"version": {"by": "file_name", "pattern": "(\\d+"}}, "version.pattern: Value error"),
        ({"version": {"by": "file_name", "pattern": "\\d+"}}, "has no group"),
        (
            {"columns": {"multiplier": {"constant": 1}}},
            "columns needs meter_id, valid_from_utc: meter is told apart by it",
        ),
    ],
)
def test_what_a_reader_would_stumble_over_is_told_when_the_yaml_is_read(
    tmp_path: Path, keys: dict[str, Any], told: str
) -> None:
    columns = {"meter_id": {"column": "m"}, "valid_from_utc": {"column": "v"}, "usage_point_id": {"column": "u"}}
    words = {
        "name": "meters", "describes": "Test.", "format": "entity", "target": "meter", "synthetic": True,
        "namespaces": {"meter_id": "m", "usage_point_id": "u"}, "columns": columns, **keys,
    }  # fmt: skip
    path = tmp_path / "meters.yaml"
    path.write_text(yaml.safe_dump(words))
    with pytest.raises(SourceError, match=re.escape(told)):
        read_source(path)
