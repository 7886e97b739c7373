"""Writers side by side: those of different days both commit, and raw faults become errors a user can read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import delta.exceptions as conflicts
import pytest

from jobs.errors import LakeError
from jobs.lake import conflict
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.lake.write import replace_days
from tests.builders import frame
from tests.spark.day_table import BY_DAY, MONDAY, TUESDAY, row


class SaidByJavaError(Exception):
    """What a fault of the JVM says, without a JVM."""


def test_writers_of_different_days_both_commit_even_where_both_make_the_table(lake: Lake) -> None:
    def write(day: date) -> None:
        replace_days(lake, BY_DAY, frame(lake.spark, BY_DAY, row("F1", day)), [day])

    for _ in range(2):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(write, [MONDAY, TUESDAY]))
    found = sorted(str(one["grid_date"]) for one in read_table(lake, BY_DAY).collect())
    assert found == ["2016-03-28", "2016-03-29"]


def test_a_lost_race_is_run_again_and_given_up_with_the_tables_name(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(conflict.time, "sleep", pauses.append)
    lost = [2]

    def write() -> str:
        if lost[0]:
            lost[0] -= 1
            raise conflicts.ConcurrentAppendException("Files were added by a concurrent update\n\tat java")
        return "written"

    assert conflict.with_retry(BY_DAY, write) == "written"
    assert len(pauses) == 2
    lost[0] = 100
    with pytest.raises(LakeError, match=r"^gold\.by_day: another writer won 6 times in a row: Files were added by a"):
        conflict.with_retry(BY_DAY, write)


def test_a_change_of_metadata_is_never_tried_again() -> None:
    calls = []

    def write() -> None:
        calls.append(1)
        raise conflicts.MetadataChangedException("The metadata of the Delta table has been changed")

    with pytest.raises(LakeError, match=r"gold\.by_day: the write was refused, nothing was committed: The metadata"):
        conflict.with_retry(BY_DAY, write)
    assert calls == [1]


def test_an_error_in_a_python_task_is_told_by_its_own_last_words() -> None:
    fault = SaidByJavaError(
        "An error occurred while calling o1.collectToPython.\n"
        ": org.apache.spark.SparkException: Job aborted due to stage failure: Lost task 0.0\n"
        "Traceback (most recent call last):\n"
        '  File "worker.py", line 1, in main\n'
        "    process()\n"
        "KeyError: 'meter'\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        "Traceback (most recent call last):\n"
        '  File "units.py", line 7, in factor\n'
        "    raise SourceError(unit)\n"
        "jobs.errors.SourceError: unit 'furlong' is not known\n\n"
        "\tat org.apache.spark.api.python.BasePythonRunner.handlePythonException\n"
        "Caused by: java.lang.RuntimeException: Traceback elsewhere\n"
    )
    assert conflict.cause(fault) == "jobs.errors.SourceError: unit 'furlong' is not known"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("o1.save\nCHECK constraint day violated\nCaused by: that\n", "CHECK constraint day violated"),
        ("o1.load\n: java.io.IOException\n\tat x\nCaused by: a\nCaused by: disk full\n", "Caused by: disk full"),
        ("Spark Connect is gone", "Spark Connect is gone"),
        ("", "SaidByJavaError"),
    ],
)
def test_the_line_that_tells_is_found(text: str, told: str) -> None:
    assert conflict.cause(SaidByJavaError(text)) == told
