"""What `gridlake sql` lets through: one query that reads the lake's tables, however it is written."""

from __future__ import annotations

import re

import pytest
from pyspark.sql import SparkSession

from jobs.errors import GridlakeError
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.lake.write import replace_all
from jobs.protected.identifier import IDENTIFIER
from jobs.query.reading_only import CALLS_JAVA, tables_read
from jobs.query.sql import run_query
from tests.builders import frame
from tests.spark.day_table import MONDAY, WHOLE, row

STATEMENT = "one query that reads is needed"
REFUSED = {
    "delete from gold.whole": "this has: delete from table",
    "/* select */ DELETE FROM gold.whole WHERE share > 0": "this has: delete from table",
    "update gold.whole set share = 0": "this has: update table",
    "insert into gold.whole select * from gold.whole": "this has: insert into statement",
    "from gold.whole insert into gold.copy select *": "this has: insert into statement",
    "merge into gold.whole a using gold.whole b on a.share = b.share when matched then delete": STATEMENT,
    "truncate table gold.whole": STATEMENT,
    "drop view gold.whole": STATEMENT,
    "create table gold.other as select * from gold.whole": STATEMENT,
    "create or replace temporary view gold as select 1": STATEMENT,
    "alter view gold.whole as select 1": STATEMENT,
    "cache table gold.whole": STATEMENT,
    "set spark.sql.ansi.enabled = false": "this has: set command",
    "reset": STATEMENT,
    "use gold": STATEMENT,
    "vacuum gold.whole": STATEMENT,
    "optimize gold.whole": STATEMENT,
    "add jar '/tmp/x.jar'": STATEMENT,
    "explain delete from gold.whole": STATEMENT,
    "execute immediate 'delete from gold.whole'": STATEMENT,
    "begin delete from gold.whole; end": STATEMENT,
    "insert overwrite directory '/tmp/x' using csv select * from gold.whole": STATEMENT,
    "select transform(share) using 'cat' from gold.whole": "this has: script transformation",
    "select reflect('java.lang.System', 'getenv')": "reflect(…) calls Java",
    "select 1 from gold.whole where `Java_Method`('java.lang.System', 'getenv') is null": "java_method(…) calls Java",
    "select max(upper(system.builtin.try_reflect('java.lang.System', 'getenv')))": "try_reflect(…) calls Java",
    "select identifier('reflect')('java.lang.System', 'getenv')": "write the name itself",
    "select identifier('ref' || 'lect')('java.lang.System', 'getenv')": "write the name itself",
    "select * from identifier('protected.' || 'identifier')": STATEMENT,
    "select * from delta.`/tmp/lake/gold/whole`": "delta./tmp/lake/gold/whole: no table of the lake",
    "select * from csv.`/etc/passwd`": "csv./etc/passwd: no table of the lake",
    "with a as (select 1 from text.`/etc/passwd`) select 2": "text./etc/passwd: no table of the lake",
    "select (select max(value) from text.`/etc/passwd`) as x from gold.whole": "text./etc/passwd: no table of the lake",
    "select 1 where exists (select 1 from json.`/x`)": "json./x: no table of the lake",
    "select 1 where 1 in (select 1 from json.`/x` union select 2)": "json./x: no table of the lake",
    "select * from gold.whole, lateral (select * from parquet.`/x`)": "parquet./x: no table of the lake",
    "select * from gold.whole join delta.`/x` version as of 0": "delta./x: no table of the lake",
    "select * from table_changes('protected.identifier', 0)": "table_changes(…) may not stand for a table",
    "select * from table_changes_by_path('/x', 0)": "table_changes_by_path(…) may not stand for a table",
    "select * from spark_catalog.gold.whole": "spark_catalog.gold.whole: no table of the lake",
    "select * from default.whole": "default.whole: no table of the lake",
    "select * from protected.identifier": "--protected lets a query read it",
    "select * from `PROTECTED`.`Identifier`": "--protected lets a query read it",
    "with x as (table gold.whole) select (select count(*) from protected.identifier) from x": "--protected lets",
    "select * from gold.whole where feeder_id in (select id from protected.identifier)": "--protected lets",
    "select count(*) from (select 1) having count(*) > (select count(*) from protected.identifier)": "--protected lets",
    "select 1 from gold.whole order by (select max(id) from protected.identifier)": "--protected lets",
    "select * from range((select count(*) from protected.identifier))": "--protected lets",
    "select explode(array((select max(id) from protected.identifier)))": "--protected lets",
    "select 1; delete from gold.whole": "PARSE_SYNTAX_ERROR",
}


@pytest.fixture
def filled(lake: Lake) -> Lake:
    replace_all(lake, WHOLE, frame(lake.spark, WHOLE, row("F1", MONDAY, share=0.25)))
    return lake


@pytest.mark.parametrize("query", REFUSED)
def test_all_but_one_query_that_reads_the_lakes_tables_is_refused(filled: Lake, query: str) -> None:
    with pytest.raises(GridlakeError, match=re.escape(REFUSED[query])) as told:
        run_query(filled, query)
    assert "\n" not in str(told.value)
    assert [one["share"] for one in read_table(filled, WHOLE).collect()] == [0.25]


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        ("select 'delete from csv.`/x`', reflect from (select 1 as reflect) -- drop table gold.whole", set()),
        ("values (1), (2)", set()),
        ("select * from range(3) lateral view explode(array(1)) t as y", set()),
        ("table gold.whole", {"gold.whole"}),
        ("select * from GOLD.Whole version as of 0", {"gold.whole"}),
        ("with gone as (select * from gold.whole) select * from gone a join gone b using (feeder_id)", {"gold.whole"}),
        (
            "select grid_date, sum(share) over (partition by feeder_id order by grid_date) as s from gold.whole a "
            "where share = (select max(share) from gold.whole) group by all having count(*) > 0 order by s limit 3",
            {"gold.whole"},
        ),
        ("select * from gold.whole pivot (sum(share) for feeder_id in ('F1', 'F2'))", {"gold.whole"}),
        (
            "select /*+ broadcast(b) */ * from gold.whole tablesample (50 percent) b intersect table ops.run",
            {"gold.whole", "ops.run"},
        ),
        ("from gold.whole |> where share > 0 |> select share", {"gold.whole"}),
    ],
)  # fmt: skip
def test_what_reads_is_let_through_with_the_tables_it_reads(spark: SparkSession, query: str, tables: set[str]) -> None:
    assert tables_read(spark, query, protected=False) == tables


def test_protected_tables_are_read_where_that_is_asked_for(lake: Lake) -> None:
    replace_all(lake, IDENTIFIER, frame(lake.spark, IDENTIFIER, {"id": "A", "source_id": "4711"}))
    rows = run_query(lake, "select source_id from protected.identifier", protected=True).collect()
    assert [one["source_id"] for one in rows] == ["4711"]


def test_the_functions_that_call_java_are_those_that_spark_builds_so(spark: SparkSession) -> None:
    """By the classes of Spark's own functions, not by their names."""
    registry = spark._jsparkSession.sessionState().functionRegistry()
    known = registry.listFunction().iterator()
    classes = {}
    while known.hasNext():
        function = known.next()
        classes[str(function.funcName())] = str(registry.lookupFunction(function).get().getClassName())
    assert len(classes) > 300
    found = {name for name, of in classes.items() if of.rpartition(".")[2] in ("CallMethodViaReflection", "TryReflect")}
    assert found == CALLS_JAVA
    assert found == {name for name, of in classes.items() if "reflect" in of.lower()}
