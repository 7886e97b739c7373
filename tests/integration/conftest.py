"""The whole chain on a small sample, run once for all tests that ask what a second run makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.build import Build, build
from jobs.intake.ingest import ingest_drop_folder
from jobs.intake.report import IngestReport
from jobs.lake.lake import Lake
from jobs.sample.utility import write_sample
from jobs.settings import Settings
from jobs.span import Span
from tests.integration.lake_files import Contents, contents

SPAN = Span(date(2016, 1, 1), date(2016, 1, 3))
FLEET = 60


@dataclass(frozen=True)
class Chain:
    """One low-voltage network for two days, in a small fleet: its drop folder, and the lake made of it on two cores."""

    drop: Path
    settings: Settings
    lake: Lake
    received: list[IngestReport]
    built: Build
    contents: Contents

    def ingest(self) -> list[IngestReport]:
        return ingest_drop_folder(self.lake, self.settings, self.drop, echo=print)

    def build(self) -> Build:
        return build(self.lake, self.settings, SPAN, [], echo=print)


@pytest.fixture(scope="session")
def chain(spark: SparkSession, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    folder = tmp_path_factory.mktemp("chain")
    drop, root = folder / "drop", folder / "lake"
    truth = folder / "truth"
    write_sample(drop, truth, first=SPAN.first, end=SPAN.end, low_voltage_networks=1, transformers=FLEET, echo=print)
    where = settings.lake.model_copy(update={"root": str(root), "key_file": str(folder / "ids.key")})
    ours, lake = settings.model_copy(update={"lake": where}), Lake(spark, str(root))
    received = ingest_drop_folder(lake, ours, drop, echo=print)
    return Chain(drop, ours, lake, received, build(lake, ours, SPAN, [], echo=print), contents(root))
