"""Sessions beside one that somebody else has started."""

from __future__ import annotations

from pyspark.sql import SparkSession

from jobs.session import INTERPRETED, NEEDED, interpreting


def test_session_that_interprets_keeps_what_the_lake_needs(spark: SparkSession) -> None:
    """What Spark was started with stands in for a foreign start: UTC there, and Tokyo set in the session."""
    ours = spark.newSession()
    differing = {"spark.sql.session.timeZone": "Asia/Tokyo", "spark.sql.parquet.outputTimestampType": "INT96"}
    for key, value in differing.items():
        assert spark.newSession().conf.get(key) != value
        ours.conf.set(key, value)
    beside = interpreting(ours)
    assert {key: beside.conf.get(key) for key in NEEDED} == {key: ours.conf.get(key) for key in NEEDED}
    assert {key: beside.conf.get(key) for key in differing} == differing
    assert {key: beside.conf.get(key) for key in INTERPRETED} == INTERPRETED
    assert beside.sql("select timestamp'1970-01-01 09:00:00' = timestamp_seconds(0) as same").first() == (True,)
