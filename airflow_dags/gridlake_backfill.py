"""On demand: build every table anew for the grid days named, such as after corrections of earlier days."""

from __future__ import annotations

from datetime import date

from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException
from gridlake_dags.tasks import OF_EACH_DAG, ingest, load

DOC = """\
### gridlake: backfill

Trigger it with the grid days `first` and `end` (the day after the last one). Each table is built once for the whole
span, not day by day. Files of the drop folder that were not read are taken in before.
"""
FIRST, END = "{{ params.first }}", "{{ params.end }}"
A_DAY = {"type": "string", "format": "date"}

with DAG(
    "gridlake_backfill",
    description="Every table for a span of grid days",
    doc_md=DOC,
    schedule=None,
    **OF_EACH_DAG,
    params={
        "first": Param(description="First grid day", **A_DAY),
        "end": Param(description="Grid day after the last one", **A_DAY),
    },
    tags=["gridlake", "backfill"],
):

    @task(retries=0)
    def check_days(first: str, end: str) -> None:
        """Refuse a span that holds no day, before anything is built."""
        if date.fromisoformat(end) <= date.fromisoformat(first):
            raise AirflowFailException(f"{first} to {end} holds no day: 'end' is the grid day after the last one")

    received = ingest()
    check_days(FIRST, END) >> received
    load(received, FIRST, END)
