"""A Spark cluster of its own on this machine: master and worker are processes apart, and know nothing of gridlake."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyspark.find_spark_home import _find_spark_home

LONGEST_S = 120.0
HERE = {"SPARK_LOCAL_IP": "127.0.0.1"}


@dataclass(frozen=True)
class Cluster:
    """A master, and one worker with two cores."""

    master: str
    work: Path

    def executor_logs(self) -> list[str]:
        """What each executor said, from its command on; the newest application's last."""
        return [path.read_text(errors="replace") for path in sorted(self.work.glob("app-*/*/stderr"))]


@contextmanager
def standalone_cluster(folder: Path) -> Iterator[Cluster]:
    """Start the cluster with a Spark that lacks Delta's JARs, as one that was set up for everybody, and end it."""
    spark, work = folder / "spark", folder / "work"
    installed = Path(_find_spark_home())
    (spark / "jars").mkdir(parents=True)
    (spark / "bin").symlink_to(installed / "bin")
    for jar in (installed / "jars").iterdir():
        if not jar.name.startswith(("delta-", "unitycatalog-")):
            (spark / "jars" / jar.name).symlink_to(jar)
    with ExitStack() as running:
        log = running.enter_context(_daemon(spark, folder, "master", "--port", "0"))
        master = _said(log, r"Starting Spark master at (spark://\S+)")
        size = ("--cores", "2", "--memory", "2g", "--work-dir", str(work))
        log = running.enter_context(_daemon(spark, folder, "worker", *size, master))
        _said(log, r"(Successfully registered) with master")
        yield Cluster(master, work)


@contextmanager
def _daemon(spark: Path, folder: Path, kind: str, *arguments: str) -> Iterator[Path]:
    """A master or a worker, at free ports of the loopback; where it logs."""
    log = folder / f"{kind}.log"
    options = {f"SPARK_{kind.upper()}_OPTS": "-Dspark.master.rest.enabled=false"}
    command = [spark / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}.{kind.title()}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--webui-port", "0", *arguments],
            env=os.environ | HERE | options | {"SPARK_HOME": str(spark), "SPARK_DAEMON_MEMORY": "256m"},
            stdout=output,
            stderr=output,
        )
    try:
        yield log
    finally:
        process.terminate()  # a worker ends its executors
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _said(log: Path, pattern: str) -> str:
    until = time.monotonic() + LONGEST_S
    while not (found := re.search(pattern, log.read_text(errors="replace"))):
        assert time.monotonic() < until, f"no '{pattern}' in {log}:\n{log.read_text(errors='replace')[-3000:]}"
        time.sleep(0.1)
    return found[1]
