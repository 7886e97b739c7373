"""A build of which thousands of days fail says so in a few lines, the last of them what is not well."""

from __future__ import annotations

from datetime import date, timedelta

from jobs.gold.feeder_profile import FEEDER_PROFILE
from jobs.gold.usage_point_day import USAGE_POINT_DAY
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.meter import METER
from jobs.span import Span
from jobs.table_run import TableRun
from jobs.verdict import verdict

FIRST = date(2016, 1, 1)
SPAN = Span(FIRST, FIRST + timedelta(days=3000))


def failed(days: list[int]) -> TableRun:
    run = TableRun(INTERVAL_BLOCK, status="partial")
    run.bad_days = {FIRST + timedelta(days=day): ["too little received"] for day in days}
    run.reason = "\n".join(f"{INTERVAL_BLOCK.name} on {day}: too little received" for day in run.bad_days)
    return run


def test_a_table_tells_of_thousands_of_bad_days_in_a_few_lines() -> None:
    lines = str(failed([0, 1, 2, 5, *range(10, 2500)])).splitlines()
    assert len(lines) == 4
    assert "PARTIAL on 2,494 days (2016-01-01 to 2016-01-04, 2016-01-06, 2016-01-11 to 2022-11-05): " in lines[0]
    assert lines[-1] == "and 2,491 more"


def test_the_verdict_is_one_line_that_says_what_failed_how_many_days_and_what_to_do() -> None:
    blocked = [TableRun(table, status="blocked") for table in (FEEDER_PROFILE, USAGE_POINT_DAY)]
    runs = [blocked[0], TableRun(METER), failed([0, 7, 8]), blocked[1]]
    assert verdict(runs, SPAN, "the/lake") == (
        "NOT WELL: silver.interval_block partial, gold.feeder_profile blocked, gold.usage_point_day blocked; 3 of "
        "3,000 days not committed (2016-01-01, 2016-01-08 to 2016-01-10); `gridlake runs --lake the/lake` says why; "
        "mend that and build again"
    )
    many = verdict(runs * 3, SPAN, "the/lake")
    assert many is not None
    assert "and 5 more of 12 tables; 3 of 3,000 days" in many
    assert verdict([TableRun(METER)], SPAN, "the/lake") is None
