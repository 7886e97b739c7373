"""Each day: take in what was delivered, build every table for the grid day, release, report."""

from __future__ import annotations

import pendulum
from airflow.sdk import DAG, CronDataIntervalTimetable
from gridlake_dags.tasks import END, FIRST, OF_EACH_DAG, ingest, load

DOC = """\
### gridlake: the daily load

Takes in every file of the drop folder that was not read before, then builds each table for one grid day: the date on
which the data interval begins. It ends at 06:00 UTC of the next day, when the grid day is over at every offset of
-06:00 or east of it.

Every task can be cleared and run again. A table whose audit fails commits nothing of the day and stops what stands on
it; its log says why. `run_summary` lists every table's last run, `report` writes the page. Corrections of earlier
days that a file brings are taken in, and built by *gridlake_backfill*.
"""

with DAG(
    "gridlake_daily",
    description="Ingest, silver, gold and report of one grid day",
    doc_md=DOC,
    schedule=CronDataIntervalTimetable("0 6 * * *", timezone="UTC"),
    start_date=pendulum.datetime(2016, 1, 1, 6, tz="UTC"),
    **OF_EACH_DAG,
    tags=["gridlake", "daily"],
):
    load(ingest(), FIRST, END)
