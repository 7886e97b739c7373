"""What an ingest puts aside: kept apart from other runs, and not for ever where a run was killed."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.errors import LakeError
from jobs.intake.staging import ALIVE, STAMP, new_staging
from jobs.lake.files import file_system

ROWS = pa.table({"name": ["Ada Example"]}).to_batches()
DAYS_AGO = datetime.now(UTC) - timedelta(days=2)


def test_what_a_killed_run_put_aside_goes_with_the_first_run_of_another_day(tmp_path: Path) -> None:
    killed = new_staging(str(tmp_path))
    files = killed.put("personal", "0", ROWS)
    assert new_staging(str(tmp_path)).root != killed.root
    assert killed.read("personal", files) == [{"name": "Ada Example"}]  # it may be running still
    Path(killed.root).rename(tmp_path / "_staging" / f"{DAYS_AGO.strftime(STAMP)}_killed")
    new_staging(str(tmp_path))
    assert not list((tmp_path / "_staging").iterdir())


def test_a_run_of_days_keeps_what_it_put_aside_as_long_as_it_lasts(tmp_path: Path) -> None:
    long = new_staging(str(tmp_path))
    alive = Path(long.root) / ALIVE
    with long.held(every=0.05):
        for _ in range(2):  # the first sign of life, and one after it
            os.utime(alive, (DAYS_AGO.timestamp(),) * 2)
            end = time.monotonic() + 10
            while alive.stat().st_mtime < DAYS_AGO.timestamp() + 1:
                assert time.monotonic() < end
                time.sleep(0.01)
        new_staging(str(tmp_path))
        assert alive.exists()
    assert not Path(long.root).exists()
    with long.held():
        os.utime(alive, (DAYS_AGO.timestamp(),) * 2)
        new_staging(str(tmp_path))
        assert not alive.exists()


def test_files_that_vanished_are_no_kind_without_rows(tmp_path: Path) -> None:
    staging = new_staging(str(tmp_path))
    assert staging.put("personal", "0", []) == set()
    assert staging.path("personal", set()) is None
    files = staging.put("rows/meter", "0", ROWS) | staging.put("rows/meter", "1", ROWS)
    assert staging.path("rows/meter", files) == f"{staging.root}/rows/meter"
    (Path(staging.root) / "rows" / "meter" / "1.parquet").unlink()
    with pytest.raises(LakeError, match=r"1 of 2 files put aside are gone, first \['rows/meter/1.parquet'\]"):
        staging.path("rows/meter", files)
    staging.remove()
    with pytest.raises(LakeError, match="2 of 2 files"):
        staging.read("rows/meter", files)


def test_a_folder_that_hadoop_names_s3a_is_found_by_pyarrow(tmp_path: Path) -> None:
    system, path = file_system("s3a://bucket/lake/_staging?region=eu-central-1")
    assert (system.type_name, path) == ("s3", "bucket/lake/_staging")
    system, path = file_system(tmp_path.as_uri())
    assert (system.type_name, path) == ("local", str(tmp_path))
