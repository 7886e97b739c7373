"""The Spark session: made in one place, so that commands, jobs and tests run with the same settings."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from pathlib import Path

from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from jobs.settings import Settings

# Arrow moves blocks to the kernels; UTC everywhere; a day table's small files are one task each.
PROPERTIES = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false",
    "spark.databricks.delta.stats.collect": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    "spark.python.worker.faulthandler.enabled": "true",
    # What describes plans and call sites to a notebook costs each small plan a fifth of its time.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.sql.dataFrameQueryContext.enabled": "false",
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.maxPlanStringLength": "2000",
}

# Classes that PySpark asks the JVM for by name whenever a column is made; the JVM looks for each in every JAR.
LOOKED_UP = ("functions", "PythonUtils", "PythonSQLUtils", "org.apache.spark.sql.functions")

INTERPRETED = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "2",
}


def spark_session(settings: Settings, *, name: str = "gridlake") -> SparkSession:
    """The running session, or a new one with gridlake's settings on the configured master."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(name)
    if "PYSPARK_GATEWAY_PORT" not in os.environ:  # else spark-submit started the JVM: its --master and memory hold
        if settings.spark.master.startswith("local"):
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = builder.master(settings.spark.master)
        builder = builder.config("spark.driver.memory", settings.spark.driver_memory)
    builder = builder.config("spark.sql.shuffle.partitions", str(settings.spark.shuffle_partitions))
    # Nothing is kept in Spark's own warehouse, but it makes the folder, and else where one happens to stand.
    builder = builder.config("spark.sql.warehouse.dir", str(Path(tempfile.gettempdir()) / "gridlake-warehouse"))
    log = settings.conf_folder.resolve() / "log4j2.properties"
    java = f"-Dlog4j2.configurationFile={log.as_uri()} {settings.spark.java_options}"
    builder = builder.config("spark.driver.extraJavaOptions", java)
    how = INTERPRETED if settings.spark.interpreted else {}
    for key, value in {**PROPERTIES, **how, **settings.spark.properties}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    for told_by_the_error in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        PySparkLogger.getLogger(told_by_the_error).setLevel(logging.CRITICAL)
    for found in LOOKED_UP:
        setattr(session._jvm, found, getattr(session._jvm, found))
    return session


def tasks_of_session(session: SparkSession) -> int:
    """Into how many tasks the session's plans part their rows."""
    return int(session.conf.get("spark.sql.shuffle.partitions") or 1)


def interpreting(session: SparkSession) -> SparkSession:
    """A session beside ``session`` that interprets its plans: over little data, compiling costs more than it saves."""
    other = session.newSession()
    for key, value in INTERPRETED.items():
        other.conf.set(key, value)
    return other
