"""Profiles and their metrics against the cases worked by hand; each case's README says how.

``when/*.csv`` are rows of silver tables, ``then/*.csv`` the gold rows that must come out, all of them, in the columns
named (`tests.golden.runs`).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.gold.feeder_load_metrics import FEEDER_LOAD_METRICS, feeder_load_metrics
from jobs.gold.feeder_profile import FEEDER_PROFILE, feeder_profiles
from jobs.gold.profile.metrics import metrics_options
from jobs.gold.profile.sums import profile_options
from jobs.gold.transformer_load_metrics import TRANSFORMER_LOAD_METRICS, transformer_load_metrics
from jobs.gold.transformer_profile import TRANSFORMER_PROFILE, transformer_profiles
from jobs.lake.write import conform
from jobs.settings import Settings
from jobs.silver.asset import ASSET
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from jobs.silver.feeder import FEEDER
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.power_transformer import POWER_TRANSFORMER
from jobs.silver.profiled_block import PROFILED_BLOCK
from jobs.span import Span
from jobs.table import Table
from tests.builders import frame
from tests.golden.runs import check_rows, read

FOLDER = Path(__file__).parent
CASES = sorted(path.name for path in FOLDER.glob("profile_*"))
SPAN = Span(date(2016, 1, 1), date(2016, 5, 1))


def built(spark: SparkSession, settings: Settings, case: str) -> dict[str, tuple[Table, DataFrame]]:
    """Every gold table of the case, at a power factor of 0.8 (tan = 0.75)."""
    when = {
        table.name: frame(spark, table, *read(FOLDER / case / "when" / f"{table.name.split('.')[1]}.csv", table))
        for table in (INTERVAL_BLOCK, FEEDER, POWER_TRANSFORMER, ASSET, ASSET_DEPLOYMENT)
    }
    profile = settings.profile.model_copy(update={"power_factor": 0.8})
    settings = settings.model_copy(update={"profile": profile})
    options, metrics = profile_options(settings, SPAN), metrics_options(settings, SPAN)
    blocks = when["silver.interval_block"]
    modelled = frame(spark, PROFILED_BLOCK)
    feeders = feeder_profiles(blocks, modelled, when["silver.feeder"], **options)
    transformers = transformer_profiles(
        blocks, frame(spark, PROFILED_BLOCK), when["silver.power_transformer"], **options
    )
    units = (when["silver.asset_deployment"], when["silver.asset"])
    made = [
        (FEEDER_PROFILE, feeders),
        (TRANSFORMER_PROFILE, transformers),
        (FEEDER_LOAD_METRICS, feeder_load_metrics(feeders, blocks, when["silver.feeder"], **metrics)),
        (TRANSFORMER_LOAD_METRICS, transformer_load_metrics(transformers, blocks, *units, **metrics)),
    ]
    return {table.name.split(".")[1]: (table, conform(table, rows)) for table, rows in made}


@pytest.mark.parametrize("case", CASES)
def test_case(spark: SparkSession, settings: Settings, case: str) -> None:
    tables = built(spark, settings, case)
    thens = sorted((FOLDER / case / "then").glob("*.csv"))
    assert thens
    for then in thens:
        table, rows = tables[then.stem]
        check_rows(then, table, rows.collect())
