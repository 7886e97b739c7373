"""What an ingest puts aside: kept apart from other runs, and not for ever where a run was killed."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.errors import LakeError
from jobs.intake.owner import BOOT, still_runs, this_process
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


HOLDS = """
import sys, time
from jobs.intake.staging import new_staging
staging = new_staging(sys.argv[1])
with staging.held():
    print(staging.root, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(not Path(BOOT).is_file(), reason="of processes only Linux tells")
def test_what_a_killed_run_put_aside_goes_with_the_next_run_and_what_a_running_one_did_stays(tmp_path: Path) -> None:
    (tmp_path / "holds.py").write_text(HOLDS)
    command = [sys.executable, tmp_path / "holds.py", tmp_path]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as other:
        assert other.stdout is not None
        its = Path(other.stdout.readline().strip())
        new_staging(str(tmp_path))
        assert (its / ALIVE).is_file()
        other.kill()
    new_staging(str(tmp_path))
    assert not its.exists()


@pytest.mark.parametrize("other", ["host", "boot", "processes"])
def test_of_a_process_elsewhere_nothing_is_known(other: str) -> None:
    """A number that runs here may be another's there."""
    assert still_runs(this_process() | {other: "another"}) is None
    assert still_runs({}) is None


def test_a_number_that_was_given_again_is_another_process() -> None:
    assert still_runs(this_process()) in (True, None)
    assert still_runs(this_process() | {"started": "1"}) in (False, None)


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
    with long.held():  # by a process elsewhere, of which only the signs of life tell
        alive.write_text(json.dumps(this_process() | {"host": "another"}))
        new_staging(str(tmp_path))
        assert alive.exists()
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
