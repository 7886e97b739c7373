"""Source ids in queries, and what an id of either form stands for."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from jobs.errors import GridlakeError
from jobs.lake.lake import Lake
from jobs.protected.identifier import IDENTIFIER
from jobs.query.identify import identity_lines, with_hashed_ids
from tests.builders import frame


def known(id_kind: str, namespace: str, source_id: str, hashed: str, key_version: int = 1) -> dict[str, object]:
    return {
        "id": hashed,
        "id_kind": id_kind,
        "namespace": namespace,
        "source_id": source_id,
        "key_version": key_version,
    }


ROWS = (
    known("usage_point_id", "crm", "4711", "POINT"),
    known("customer_id", "crm", "4711", "POINT"),
    known("meter_id", "ami", "1", "AMI1"),
    known("meter_id", "plc", "1", "PLC1"),
    known("meter_id", "ami", "7'a", "OLD"),
    known("meter_id", "ami", "7'a", "NEW", key_version=2),
)


@pytest.fixture(scope="module")
def ids(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(spark, str(tmp_path_factory.mktemp("ids")))
    frame(spark, IDENTIFIER, *ROWS).coalesce(1).write.format("delta").save(lake.path(IDENTIFIER))
    return lake


@pytest.mark.parametrize(
    ("written", "hashed"),
    [
        ("usage_point('4711')", "'POINT'"),
        ("a.id in (Meter( ' 1 ' , 'plc' ), meter('1','ami'))", "a.id in ('PLC1', 'AMI1')"),
        ("meter('7''a')", "'NEW'"),  # of the newest key
        ("my_meter('9') and 'meter(''9'')'", "my_meter('9') and 'meter(''9'')'"),  # neither is a call
    ],
)
def test_a_source_id_in_a_query_becomes_the_hashed_one(ids: Lake, written: str, hashed: str) -> None:
    assert with_hashed_ids(ids, written) == hashed


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "meter('1')",
            r"meter\('1'\): namespaces \['ami', 'plc'\] have that id; meter\('1', '<namespace>'\) is needed",
        ),
        ("meter('4711')", r"no meter has the id '4711', as .*: \['crm: 4711'\]"),
        ("usage_point('4712')", r"no usage point has the id '4712', .*\['crm: 4711'\]"),
        ("meter('1', 'mdm')", r"no meter has the id '1' in namespace 'mdm'; \['ami', 'plc'\] have it"),
    ],
)
def test_an_id_that_is_unknown_or_not_one_thing_is_refused(ids: Lake, written: str, message: str) -> None:
    with pytest.raises(GridlakeError, match=message):
        with_hashed_ids(ids, f"select {written}")


def test_an_id_of_either_form_says_all_that_it_stands_for(ids: Lake) -> None:
    assert list(identity_lines(ids, " 4711 ")) == list(identity_lines(ids, "point"))
    assert [line.split(",")[0] for line in identity_lines(ids, "4711")] == [
        "customer: customer_id POINT",
        "usage point: usage_point_id POINT",
    ]
    assert [line.split(",")[0] for line in identity_lines(ids, "1", "plc")] == ["meter: meter_id PLC1"]
    with pytest.raises(GridlakeError, match=r"'ZZZZZZ', .*none is near it"):
        list(identity_lines(ids, "ZZZZZZ"))
