"""``spark-submit jobs/run.py`` does what ``gridlake build`` does: on a cluster, and where a table cannot be built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.integration.conftest import SPAN, Chain
from tests.integration.lake_files import contents, differences, standing
from tests.integration.standalone import HERE, LONGEST_S, standalone_cluster

BIN = Path(sys.executable).parent
OF_A_SHELL = {key: value for key, value in os.environ.items() if not key.startswith(("PYSPARK_", "SPARK_"))}


@pytest.fixture
def ingested(chain: Chain, tmp_path: Path) -> Path:
    """A lake with the chain's deliveries, and nothing built of them."""
    return Path(
        shutil.copytree(chain.lake.root, tmp_path / "lake", ignore=shutil.ignore_patterns("silver", "gold", "ops"))
    )


def submit(chain: Chain, lake: Path, table: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Submit the script as in an activated environment; the settings name another master and another memory."""
    properties = {"spark.executor.memory": "64g"}
    spark = chain.settings.spark.model_dump() | {"master": "yarn", "properties": properties}
    conf = lake.parent / "conf.yaml"
    conf.write_text(
        yaml.safe_dump({"lake": {"root": str(lake), "key_file": chain.settings.lake.key_file}, "spark": spark})
    )
    days = ("--from", str(SPAN.first), "--to", str(SPAN.end))
    options = ("--driver-java-options", chain.settings.spark.java_options, *options)
    return subprocess.run(
        [BIN / "spark-submit", *options, ROOT / "jobs" / "run.py", table, *days, "--conf", conf],
        env=OF_A_SHELL | HERE | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        cwd=lake.parent,
        capture_output=True,
        text=True,
        timeout=3 * LONGEST_S,
        check=False,
    )


def test_submitted_to_a_cluster_the_tables_are_those_of_a_build(chain: Chain, ingested: Path, tmp_path: Path) -> None:
    with standalone_cluster(tmp_path / "cluster") as cluster:
        quick = ("--conf", f"spark.executor.extraJavaOptions={chain.settings.spark.java_options}")
        memory = ("--conf", "spark.executor.memory=700m")
        done = submit(chain, ingested, "silver.received_block", "--master", cluster.master, *quick, *memory)
        (executor,) = cluster.executor_logs()
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"-Xmx700M"' in executor  # what was submitted, not what the settings say
    built = contents(ingested)
    assert built["silver.received_block"]
    assert differences({name: chain.contents[name] for name in built}, built) == []


def test_a_table_that_cannot_be_built_ends_with_status_1_and_no_trace(chain: Chain, ingested: Path) -> None:
    for file in (ingested / "bronze" / "meter").rglob("*.parquet"):
        file.unlink()
    done = submit(chain, ingested, "silver.meter", "--master", "local[1]")
    told = done.stdout + done.stderr
    assert done.returncode == 1, told
    assert "FAILED: silver.meter: " in done.stdout
    assert "NOT WELL: silver.meter failed" in done.stdout
    assert "\tat " not in told
    (recorded,) = standing(ingested / "ops" / "run")
    assert (recorded["status"], recorded["table_name"]) == ("failed", "silver.meter")
