"""Tasks of the DAGs: each submits one command of gridlake to Spark.

Where gridlake, its lake and its files are, say Airflow's variables (docs/airflow.md), read as a task runs: a DAG is
parsed without them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import Asset, TaskGroup

from gridlake_dags.plan import PlannedTable, read_plan

LOG = logging.getLogger(__name__)
POOL = "gridlake"
TIME_LIMIT = timedelta(hours=6)
LAKE = "{{ var.value.gridlake_lake }}"
SETTINGS = ["--lake", LAKE, "--conf", "{{ var.value.gridlake_conf }}"]

FIRST, END = "{{ data_interval_start | ds }}", "{{ data_interval_end | ds }}"
"""The half-open span of grid days of a scheduled run: the dates on which its data interval begins and ends, in UTC."""


def tell_failure(context: Any) -> None:
    """Say in the task's log what failed, and where the reason stands; Airflow calls it after the last try, too."""
    task = context["task"]
    LOG.error(
        "%s failed: %s\nThe audit's message is in the lines above that begin with FAILED; all of it, with each table's "
        "last runs: gridlake runs --lake %s, and the task run_summary of this run.",
        task.task_id,
        context.get("exception"),
        context["var"]["value"].get("gridlake_lake", "LAKE"),
    )


DEFAULTS: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(minutes=5),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(hours=1),
    "execution_timeout": TIME_LIMIT,
    "pool": POOL,
    "on_failure_callback": tell_failure,
    "on_retry_callback": tell_failure,
}
"""Of every task. A rerun of any is safe: each write replaces what it made before."""


OF_EACH_DAG: dict[str, Any] = {"catchup": False, "max_active_runs": 1, "default_args": DEFAULTS}


def submitted(task_id: str, *arguments: str, **options: Any) -> SparkSubmitOperator:
    """A task that runs ``gridlake ARGUMENTS`` by spark-submit, over the lake of the variables."""
    return SparkSubmitOperator(
        task_id=task_id,
        name=f"gridlake {task_id}",
        application="{{ var.value.gridlake_home }}/jobs/run.py",
        application_args=[*arguments, *SETTINGS],
        conn_id="spark_default",
        **options,
    )


def ingest() -> SparkSubmitOperator:
    """Take in every file of the drop folder that has not been read."""
    with TaskGroup("bronze"):
        return submitted("ingest", "ingest", "{{ var.value.gridlake_drop }}")


def table_tasks(plan: Iterable[PlannedTable], first: str, end: str) -> dict[str, SparkSubmitOperator]:
    """A task for each table, in a group for each layer, after the tasks of the tables it reads.

    Parameters
    ----------
    first, end
        Templates of the half-open span of grid days.
    """
    groups: dict[str, TaskGroup] = {}
    tasks: dict[str, SparkSubmitOperator] = {}
    for one in plan:
        if one.layer not in groups:
            groups[one.layer] = TaskGroup(one.layer)
        tasks[one.table] = submitted(
            one.table.split(".", 1)[1],
            "build",
            one.table,
            "--alone",
            "--from",
            first,
            "--to",
            end,
            task_group=groups[one.layer],
            outlets=[Asset(name=one.table, uri=f"gridlake://{one.table.replace('.', '/')}")],
        )
        for read in one.reads:
            if read in tasks:
                tasks[read] >> tasks[one.table]
    return tasks


def load(received: SparkSubmitOperator, first: str, end: str) -> None:
    """After the ingest every table of the plan, in its order, and then their `finish`."""
    plan = read_plan()
    tables = table_tasks(plan, first, end)
    received >> [tables[one.table] for one in plan if not one.reads]
    finish(tables.values(), first, end)


def finish(tasks: Iterable[SparkSubmitOperator], first: str, end: str) -> None:
    """After the tables: their release and the report of it; and, however they ended, the summary of their runs."""
    tasks = list(tasks)
    release = submitted("release", "release", "--from", first, "--to", end)
    report = submitted("report", "report", "--out", "{{ var.value.gridlake_report }}")
    # The summary runs whatever happened; that a table failed is told by release and report, which then do not.
    summary = submitted("run_summary", "runs", "--limit", str(len(tasks) + 20), trigger_rule="all_done")
    tasks >> release >> report
    tasks >> summary
