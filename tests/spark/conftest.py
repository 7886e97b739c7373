"""Fixtures of tests that need Spark."""

from __future__ import annotations

import pytest

from jobs.lake.lake import Lake
from jobs.settings import Settings
from tests.spark.small_chain import Run, runner


@pytest.fixture
def run(lake: Lake, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Build the small chain over the given raw rows."""
    return runner(lake, settings, monkeypatch)
