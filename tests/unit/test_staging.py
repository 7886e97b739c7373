"""What an ingest puts aside: kept apart from other runs, and not for ever where a run was killed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from jobs.staging import STAMP, new_staging

ROWS = pa.table({"name": ["Ada Example"]})


def test_what_a_killed_run_put_aside_goes_with_the_first_run_of_another_day(tmp_path: Path) -> None:
    killed = new_staging(str(tmp_path))
    killed.put("personal", 0, ROWS)
    assert new_staging(str(tmp_path)).root != killed.root
    assert killed.read("personal") == [{"name": "Ada Example"}]  # it may be running still
    days_ago = (datetime.now(UTC) - timedelta(days=2)).strftime(STAMP)
    Path(killed.root).rename(tmp_path / "_staging" / f"{days_ago}_killed")
    new_staging(str(tmp_path))
    assert not list((tmp_path / "_staging").iterdir())
