"""Ledger and register through the three transforms that reconcile them, each read by the next as a build does."""

from __future__ import annotations

from pyspark.sql import DataFrame

from jobs.gold.asset_reconciliation import reconciliation
from jobs.gold.reconciliation.links import linked
from jobs.gold.reconciliation.settings import ReconciliationSettings
from jobs.gold.reconciliation_link import RECONCILIATION_LINK
from jobs.gold.reconciliation_record import RECONCILIATION_RECORD, reconciliation_records


def reconciled_rows(
    asset_account: DataFrame, asset: DataFrame, asset_deployment: DataFrame, *, zone: str, tasks: int
) -> DataFrame:
    """silver.asset_account, silver.asset, silver.asset_deployment -> gold.asset_reconciliation."""
    settings = ReconciliationSettings()
    records = reconciliation_records(
        asset_account, asset, asset_deployment, ignored_words=settings.ignored_words, zone=zone
    ).localCheckpoint()
    links = linked(records, settings=settings, tasks=tasks).localCheckpoint()
    assert records.columns == list(RECONCILIATION_RECORD.column_names)
    assert links.columns == list(RECONCILIATION_LINK.column_names)
    return reconciliation(asset_account, records, links, settings=settings)
