"""Energy balances against the cases worked by hand; each case's README says how.

``when/*.csv`` are rows of the tables read, ``then/*.csv`` the rows that must come out, all of them, in the columns
named (`tests.golden.runs`).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.gold.balance.energy_balance import balance_options
from jobs.gold.balance.settings import BalanceSettings
from jobs.gold.feeder_energy_balance import FEEDER_ENERGY_BALANCE, feeder_energy_balances
from jobs.gold.feeder_profile import FEEDER_PROFILE
from jobs.gold.line_loss_coefficient import LINE_LOSS_COEFFICIENT
from jobs.gold.transformer_energy_balance import TRANSFORMER_ENERGY_BALANCE, transformer_energy_balances
from jobs.gold.transformer_profile import TRANSFORMER_PROFILE
from jobs.gold.usage_point_day import USAGE_POINT_DAY
from jobs.lake.write import conform
from jobs.settings import Settings
from jobs.silver.asset import ASSET
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.meter import METER
from jobs.span import Span
from jobs.table import Table
from tests.builders import frame
from tests.golden.runs import check_rows, read

FOLDER = Path(__file__).parent
CASES = sorted(path.name for path in FOLDER.glob("balance_*"))
SPAN = Span(date(2016, 1, 1), date(2016, 5, 1))
READ = (
    FEEDER_PROFILE, TRANSFORMER_PROFILE, INTERVAL_BLOCK, USAGE_POINT_DAY, METER, ASSET, ASSET_DEPLOYMENT,
    LINE_LOSS_COEFFICIENT,
)  # fmt: skip
UNSURE = BalanceSettings(
    suspect_uncertainties=3, doubtful_share=0.02, meter_error_limit=0.01, transformer_meter_error_limit=0.005,
    current_transformer_error_limit=0.005, estimated=0.3, profiled=0.2, unmetered=0.05, no_load_loss=0.05,
    load_loss=0.1, line_loss=0.5, unknown_line_loss=0.03, unknown_transformer_loss=0.02, missing=1, synchronism=0.001,
)  # fmt: skip


def balances(spark: SparkSession, settings: Settings, case: str) -> dict[str, tuple[Table, DataFrame]]:
    when = {
        table.name.split(".")[1]: frame(
            spark, table, *read(FOLDER / case / "when" / f"{table.name.split('.')[1]}.csv", table)
        )
        for table in READ
    }
    options = balance_options(settings.model_copy(update={"energy_balance": UNSURE}), SPAN)
    shared: tuple[Any, ...] = (
        when["transformer_profile"], when["interval_block"], when["usage_point_day"], when["meter"],
        when["asset_deployment"], when["asset"], when["line_loss_coefficient"],
    )  # fmt: skip
    made = (
        (TRANSFORMER_ENERGY_BALANCE, transformer_energy_balances(*shared, **options)),
        (FEEDER_ENERGY_BALANCE, feeder_energy_balances(when["feeder_profile"], *shared, **options)),
    )
    return {table.name.split(".")[1]: (table, conform(table, rows)) for table, rows in made}


@pytest.mark.parametrize("case", CASES)
def test_case(spark: SparkSession, settings: Settings, case: str) -> None:
    tables = balances(spark, settings, case)
    thens = sorted((FOLDER / case / "then").glob("*.csv"))
    assert thens
    for then in thens:
        table, rows = tables[then.stem]
        check_rows(then, table, rows.collect())


@pytest.mark.parametrize("case", CASES)
def test_what_came_in_is_what_is_accounted_for_and_what_is_not(
    spark: SparkSession, settings: Settings, case: str
) -> None:
    """Every row to the watt-hour; of a total meter's balance the transformer's own losses are no part."""
    lost = {
        "transformer_energy_balance": ("line_loss_wh",),
        "feeder_energy_balance": ("no_load_loss_wh", "load_loss_wh", "line_loss_wh"),
    }
    for name, (_, rows) in balances(spark, settings, case).items():
        for row in rows.select("*").where(F.col("intervals_used") > 0).collect():
            losses = sum(row[loss] or 0 for loss in lost[name])
            used = row["delivered_wh"] - row["received_wh"] + row["profiled_wh"] + row["unmetered_wh"]
            assert row["import_wh"] - row["export_wh"] == used + losses + row["unexplained_wh"]
