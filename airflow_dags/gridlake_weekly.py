"""Each week: train the models, have the champions fill their tables, and build what stands on them."""

from __future__ import annotations

import pendulum
from airflow.sdk import DAG, CronDataIntervalTimetable
from gridlake_dags.plan import read_plan, standing_on
from gridlake_dags.tasks import END, FIRST, OF_EACH_DAG, finish, submitted, table_tasks

DOC = """\
### gridlake: models

Trains `failure` and `demand` on the newest release. A new version becomes champion only where it beats the champion and
every baseline on the same rows; the training's log says so or why not, and either way the champion scores. A training
that finds too little data fails, and says what is missing.
"""
FILLED = ["models.failure_probability", "models.demand_forecast"]

with DAG(
    "gridlake_weekly",
    description="Train and score the models, then costs and plans that stand on them",
    doc_md=DOC,
    schedule=CronDataIntervalTimetable("0 12 * * 0", timezone="UTC"),
    start_date=pendulum.datetime(2016, 1, 3, 12, tz="UTC"),
    **OF_EACH_DAG,
    tags=["gridlake", "models"],
):
    score = submitted("score_failure", "score", "failure")
    forecast = submitted("forecast_demand", "forecast", "--as-of", END)
    submitted("train_failure", "train", "failure") >> score
    submitted("train_demand", "train", "demand") >> forecast
    tables = table_tasks(standing_on(FILLED, read_plan()), FIRST, END)
    score >> list(tables.values())
    finish([forecast, *tables.values()], FIRST, END)
