"""The DAGs in Airflow's own environment: each is imported, and the daily one builds a day with a real Spark.

`make airflow-test` runs this; the product's own tests do not collect it, for their environment has no Airflow.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import DAG

ROOT = Path(__file__).resolve().parents[2]
DAGS = ROOT / "airflow_dags"
PLAN = {one["table"]: set(one["reads"]) for one in json.loads((DAGS / "plan.json").read_text())}
DAY = "2016-01-01"


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    bag = BundleDagBag(dag_folder=str(DAGS), bundle_path=DAGS, bundle_name="dags-folder")
    assert bag.import_errors == {}
    return bag.dags


def test_every_dag_is_imported(dags: dict[str, DAG]) -> None:
    assert set(dags) == {"gridlake_daily", "gridlake_weekly", "gridlake_backfill"}


@pytest.mark.parametrize("name", ["gridlake_daily", "gridlake_backfill"])
def test_each_table_of_the_plan_has_a_task_that_waits_for_what_it_reads(dags: dict[str, DAG], name: str) -> None:
    of_table = {
        task.application_args[1]: task
        for task in dags[name].tasks
        if getattr(task, "application_args", [""])[0] == "build"
    }
    waits = {
        table: {other for other, task in of_table.items() if task.task_id in one.upstream_task_ids}
        for table, one in of_table.items()
    }
    assert waits == PLAN
    first = [one for table, one in of_table.items() if not PLAN[table]]
    assert all("bronze.ingest" in one.upstream_task_ids for one in first)


def test_a_task_that_fails_is_tried_again_ever_later_and_not_for_ever(dags: dict[str, DAG]) -> None:
    submits = [task for dag in dags.values() for task in dag.tasks if task.task_type == "SparkSubmitOperator"]
    assert submits
    for task in submits:
        assert (task.retries, bool(task.retry_exponential_backoff), task.pool) == (2, True, "gridlake")
        assert task.execution_timeout is not None


def test_the_weekly_run_builds_what_stands_on_the_models_and_nothing_else(dags: dict[str, DAG]) -> None:
    arguments = [task.application_args for task in dags["gridlake_weekly"].tasks]
    built = {one[1] for one in arguments if one[0] == "build"}
    assert built == {
        "gold.asset_life_cycle_cost", "gold.asset_cost_sensitivity", "gold.replacement_plan",
        "gold.replacement_plan_year",
    }  # fmt: skip
    assert [one[:2] for one in arguments if one[0] == "train"] == [["train", "failure"], ["train", "demand"]]


def test_one_day_is_built_by_the_daily_run(dags: dict[str, DAG]) -> None:
    """Every table of the plan is in the release that the run makes: they belong together, and the report shows them."""
    run = dags["gridlake_daily"].test(logical_date=datetime(2016, 1, 2, 6, tzinfo=UTC))  # its interval ends then
    states = {task.task_id: str(task.state) for task in run.get_task_instances()}
    assert set(states.values()) == {"success"}, states
    query = "select span_first, span_end, map_keys(table_versions) as tables from ops.release"
    asked = [ROOT / ".venv" / "bin" / "gridlake", "sql", query, "--format", "json"]
    lake = os.environ["AIRFLOW_VAR_GRIDLAKE_LAKE"]
    told = subprocess.run([*asked, "--lake", lake], capture_output=True, text=True, check=True, cwd=ROOT)
    (release,) = (json.loads(line) for line in told.stdout.splitlines() if line.startswith("{"))
    assert (release["span_first"], release["span_end"]) == (DAY, "2016-01-02")
    assert set(PLAN) <= set(release["tables"])
    assert (Path(os.environ["AIRFLOW_VAR_GRIDLAKE_REPORT"]) / "index.html").exists()
