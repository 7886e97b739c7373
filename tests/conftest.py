"""One lazily started session for every test that needs Spark, and the folders tests share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import hypothesis
import pytest
from pyspark.sql import SparkSession

from jobs.lake.lake import Lake
from jobs.session import spark_session
from jobs.settings import Settings, read_settings

ROOT = Path(__file__).resolve().parent.parent
REAL_DATA = ROOT.parent / "shared" / "data"

# PySpark takes a main module without spec and file, as a worker of several has, for its own doctests, and ends it.
if getattr(main := sys.modules["__main__"], "__spec__", None) is None and not hasattr(main, "__file__"):
    main.__spec__ = ModuleSpec("__main__", None)

# How long an example takes says how busy the machine is, and of the checked kernels nothing at all.
hypothesis.settings.register_profile("gridlake", deadline=None)
hypothesis.settings.load_profile("gridlake")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings for little data, the lake in a temporary folder."""
    return read_settings(ROOT / "conf" / "small.yaml", lake=str(tmp_path_factory.mktemp("lake")))


@pytest.fixture(scope="session")
def spark(settings: Settings) -> Iterator[SparkSession]:
    session = spark_session(settings, name="gridlake tests")
    yield session
    session.stop()


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path) -> Lake:
    """An empty lake of the test's own."""
    return Lake(spark, str(tmp_path / "lake"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data; the test is skipped where it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"no real data at {REAL_DATA.name}: it stands beside the repository, never in it")
    return REAL_DATA
