"""What a lake is opened by: files that pyarrow does not reach, and a Delta whose classes are not those we call."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from jobs.errors import LakeError
from jobs.lake import files
from jobs.lake.delta_internals import snapshot
from jobs.lake.files import opens
from jobs.lake.lake import Lake
from jobs.table import Table


class Jvm:
    """A JVM that runs some version of Delta, and nothing else."""

    def __init__(self, version: str) -> None:
        setattr(self, "io.delta.package", SimpleNamespace(VERSION=lambda: version))


def test_file_system_that_pyarrow_does_not_reach_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(address: str) -> Any:
        raise OSError("AWS Error ACCESS_DENIED: no such key id")

    monkeypatch.setattr(files, "pafs", SimpleNamespace(FileSystem=SimpleNamespace(from_uri=refused)))
    with caplog.at_level(logging.WARNING):
        assert [opens(f"s3a://bucket/{table}") for table in ("bronze", "silver")] == [False, False]
    assert [record.message for record in caplog.records] == [
        "pyarrow does not reach s3a:// as Spark does, which reads and writes in its place: "
        "AWS Error ACCESS_DENIED: no such key id"
    ]


def test_scheme_that_pyarrow_does_not_know_is_nothing_to_tell(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert not opens("dbfs://lake")
    assert caplog.records == []


def test_another_delta_is_refused_before_any_of_its_classes_is_called() -> None:
    spark: Any = SimpleNamespace(_jvm=Jvm("5.0.1"))
    table = Table(name="gold.none", grain="Nothing", key=(), columns=())
    with pytest.raises(LakeError, match=r"Delta 5\.0\.1 runs in this Spark; needed 4\.4, .*conf/jars\.xml"):
        snapshot(Lake(spark, "/lake"), table)
