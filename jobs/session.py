"""The Spark session: made in one place, so that commands, jobs and tests run with the same settings."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.find_spark_home import _find_spark_home
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from jobs.errors import SettingsError
from jobs.gateway import start_java
from jobs.lake.conflict import cause
from jobs.settings import Settings

LOG = logging.getLogger(__name__)

# What the tables and the code stand on: with other values results change, or a build fails.
NEEDED = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false",
    "spark.databricks.delta.stats.collect": "true",
}

SHARED = ("spark.sql.extensions",)  # by all sessions beside each other, and set but once

# What costs time or says too much otherwise; a day table's small files are one task each.
PREFERRED = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.databricks.delta.snapshotPartitions": "2",
    # Delta keeps 10,000 tables' logs for an hour: with many lakes in one session they fill the heap.
    "spark.databricks.delta.delta.log.cacheSize": "150",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    "spark.python.worker.faulthandler.enabled": "true",
    # What describes plans and call sites to a notebook costs each small plan a fifth of its time.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.sql.dataFrameQueryContext.enabled": "false",
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.maxPlanStringLength": "2000",
    # Nothing is kept in Spark's own warehouse, but it makes the folder, and else where one happens to stand.
    "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir()) / "gridlake-warehouse"),
}

# Classes that PySpark asks the JVM for by name whenever a column is made; the JVM looks for each in every JAR.
LOOKED_UP = ("functions", "PythonUtils", "PythonSQLUtils", "org.apache.spark.sql.functions")

INTERPRETED = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "2",
}


def session_properties(settings: Settings, submitted: dict[str, str], *, name: str) -> dict[str, str]:
    """Spark properties to set beside those that spark-submit was told: these hold, but for what the lake needs.

    Parameters
    ----------
    submitted
        Properties of the JVM that spark-submit started; empty where this process starts its own.
    """
    spark = settings.spark
    ours = {
        "spark.app.name": name,
        "spark.master": spark.master,
        "spark.driver.memory": spark.driver_memory,
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_log_file(settings)} {spark.java_options}",
        "spark.sql.shuffle.partitions": str(spark.shuffle_partitions),
        **PREFERRED,
        **(INTERPRETED if spark.interpreted else {}),
        **spark.properties,
    }
    if submitted:
        of_the_start = ("spark.driver.memory", "spark.driver.extraJavaOptions")  # too late: that JVM runs
        ours = {key: value for key, value in ours.items() if key not in submitted and key not in of_the_start}
    if not (submitted | ours)["spark.master"].startswith("local"):
        ours["spark.jars"] = ",".join(filter(None, [(submitted | ours).get("spark.jars"), *_delta_jars()]))
    return {**ours, **NEEDED, **{key: spark.properties[key] for key in NEEDED.keys() & spark.properties.keys()}}


def spark_session(settings: Settings, *, name: str = "gridlake") -> SparkSession:
    """The running session, or a new one with gridlake's settings on the configured or submitted master.

    Raises
    ------
    SettingsError
        Spark does not start: its master cannot be reached, or does not know an option.
    """
    submitted = _submitted()
    properties = session_properties(settings, submitted, name=name)
    for key in sorted(settings.spark.properties.keys() - properties.keys()):
        LOG.warning("%s is %s, as Spark was submitted with", key, submitted.get(key, "its default"))
    if "spark.pyspark.python" in properties:  # PySpark looks at the environment alone
        os.environ["PYSPARK_PYTHON"] = properties["spark.pyspark.python"]
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    master = (submitted | properties)["spark.master"]
    if not submitted and master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    try:
        if not submitted:
            start_java(properties)
        session = SparkSession.builder.config(map=dict[str, Any](properties)).getOrCreate()
    except (Py4JJavaError, PySparkException) as fault:
        raise SettingsError(f"Spark does not start on {master}: {cause(fault)}") from fault
    if submitted:  # not before: a context that starts in such a JVM takes up Spark's own log configuration
        _log_as_configured(settings)
    session.sparkContext.setLogLevel("ERROR")
    for told_by_the_error in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        PySparkLogger.getLogger(told_by_the_error).setLevel(logging.CRITICAL)
    for found in LOOKED_UP:
        setattr(session._jvm, found, getattr(session._jvm, found))
    return session


def _log_file(settings: Settings) -> str:
    """Address of the file that says what Java logs."""
    return (settings.conf_folder.resolve() / "log4j2.properties").as_uri()


def _submitted() -> dict[str, str]:
    """What spark-submit was told by its options and its spark-defaults.conf, where it started this process."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        return {}
    SparkContext._ensure_initialized()
    told = dict(SparkConf().getAll())
    if told.get("spark.app.name") == Path(sys.argv[0]).name:  # nobody named it
        del told["spark.app.name"]
    return told


def _delta_jars() -> list[str]:
    """Delta's JARs of the driver's Spark, for executors whose own Spark has none."""
    jars = Path(_find_spark_home()) / "jars"
    return [str(jar) for pattern in ("delta-*.jar", "unitycatalog-*.jar") for jar in sorted(jars.glob(pattern))]


def _log_as_configured(settings: Settings) -> None:
    """Log as a JVM of our own does, unless who submitted said how: else each fault is a trace, too."""
    jvm: Any = SparkContext._jvm
    log4j = jvm.org.apache.logging.log4j.core
    location = log4j.LoggerContext.getContext(False).getConfiguration().getConfigurationSource().getLocation()
    if location is None or "org/apache/spark/log4j2" in location:
        log4j.config.Configurator.reconfigure(jvm.java.net.URI(_log_file(settings)))


def tasks_of_session(session: SparkSession) -> int:
    """Into how many tasks the session's plans part their rows."""
    return int(session.conf.get("spark.sql.shuffle.partitions") or 1)


def interpreting(session: SparkSession) -> SparkSession:
    """A session beside ``session`` that interprets its plans: over little data, compiling costs more than it saves.

    A new session begins with what Spark was started with, which another may have done: what the lake needs is taken
    over from ``session``.
    """
    other = session.newSession()
    kept = {key: str(session.conf.get(key, value)) for key, value in NEEDED.items() if key not in SHARED}
    for key, value in {**kept, **INTERPRETED}.items():
        other.conf.set(key, value)
    return other
