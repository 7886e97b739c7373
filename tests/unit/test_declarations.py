"""Tables and jobs as declared: what is derived from a declaration, and what every declaration must say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import types as t

from jobs.columns import GRID_DATE
from jobs.dictionary import page, write_dictionary
from jobs.errors import GridlakeError, first_keys
from jobs.job import Job, Read
from jobs.plan import chain_after, in_order, mermaid_graph, needed_for
from jobs.registry import all_jobs, all_tables, job_named, table_named
from jobs.table import Column, Table
from jobs.totals import Totals

TABLES = list(all_tables().values())
WITHOUT_UNIT = {
    "a calendar year": {
        "year",
        "manufactured_year",
        "best_year",
        "planned_year",
        "plan_year",
        "account_year",
        "asset_year",
        "installed_year",
    }
    | {f"{case}replacement_year" for case in ("", "low_", "high_", "break_even_")},
    "a place in a file": {"line", "first_line", "last_line"},
    "a version": {"version", "table_version", "key_version"},
    "a place within the day": {"first_slot"},
    "a code or bits": {"reading_quality", "active_first_half", "active_second_half"},
    "its unit stands beside it": {"value", "reading"},
    "a coordinate, in the source's own system": {"x", "y"},
}
NULL_IN_KEY = {"silver.weather_hour": {"issue_time_utc"}}  # null is observed weather


def column(**values: object) -> Column:
    return Column(**{"name": "load_kw", "type": t.DoubleType(), "unit": "kW", "meaning": "Load", **values})  # type: ignore[arg-type]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_key_columns_are_never_null_and_the_table_can_be_hashed(table: Table) -> None:
    nullable = {name for name in table.key if table.column(name).nullable}
    assert nullable == NULL_IN_KEY.get(table.name, set())
    assert hash(table) == hash(all_tables()[table.name])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_has_a_meaning_and_every_quantity_a_unit(table: Table) -> None:
    no_quantity = set().union(*WITHOUT_UNIT.values())
    for one in table.columns:
        kind = one.type.elementType if isinstance(one.type, t.ArrayType) else one.type
        assert one.meaning
        assert one.unit or not isinstance(kind, t.NumericType) or one.name in no_quantity, one.name


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_personal_data_stand_in_protected_only(table: Table) -> None:
    assert table.schema_name == "protected" or not any(one.personal for one in table.columns)


def test_names_with_a_unit_as_suffix_carry_that_unit() -> None:
    suffix = {"_wh": "Wh", "_kw": "kW", "_kva": "kVA", "_kv": "kV", "_minutes": "min", "_share": "1", "_degc": "degC"}
    wrong = [
        f"{table.name}.{one.name}"
        for table in TABLES
        for one in table.columns
        for end, unit in suffix.items()
        if one.name.endswith(end) and unit not in (one.unit or "").split()
    ]
    assert not wrong


def test_bounds_hold_for_elements_of_arrays_and_refuse_nan() -> None:
    lists = column(type=t.ArrayType(t.DoubleType(), False), minimum=0, maximum=1.5)
    assert [condition for _, condition in lists.checks()] == ["array_min(load_kw) >= 0", "array_max(load_kw) <= 1.5"]
    assert ("every value is a number", "not isnan(load_kw)") in column(minimum=0).checks()
    assert column(minimum=1234567).checks()[0] == ("every value >= 1234567 kW", "load_kw >= 1234567")
    assert column(type=t.IntegerType(), minimum=0).checks() == [("every value >= 0 kW", "load_kw >= 0")]


def test_codes_become_a_constraint_of_scalars_and_of_arrays() -> None:
    codes = {"a": "first", "b": "second"}
    assert column(type=t.StringType(), codes=codes).checks() == [("one of a, b", "load_kw in ('a', 'b')")]
    ((_, among),) = column(type=t.ArrayType(t.StringType()), codes=codes).checks()
    assert "array('a', 'b')" in among


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"key": ("other",)}, r"x\.y: key or partition columns \['other'\] are not declared"),
        ({"columns": (column(), column())}, r"x\.y: a column is declared twice"),
        ({"replace": "day"}, r"x\.y: a table replaced by day is partitioned by grid_date"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Table(**{"name": "x.y", "grain": "One.", "key": ("load_kw",), "columns": (column(),), **values})  # type: ignore[arg-type]


def job(name: str, *reads: str) -> Job:
    table = Table(name=name, grain="One.", key=("load_kw",), columns=(column(),))

    def transform(**frames: DataFrame) -> DataFrame:
        raise AssertionError("a plan runs nothing")

    return Job(table, transform, {f"read_{number}": Read(read) for number, read in enumerate(reads)})


@pytest.mark.parametrize(
    ("values", "totals", "message"),
    [
        ({"replace": "period", "partition_by": ()}, Totals("rows", {"load_kw": "1"}, ()), "totals are of grid days"),
        ({}, Totals("others", {"load_kw": "1"}, ()), "of a table that the job reads"),
        ({}, Totals("rows", {"each_kw": "1"}, ()), "no audit adds up lists that tasks write"),
    ],
)
def test_totals_that_no_audit_could_hold_are_refused(values: dict[str, Any], totals: Totals, message: str) -> None:
    columns = (column(), column(name="each_kw", type=t.ArrayType(t.DoubleType(), False)), GRID_DATE)
    declared = {"key": ("grid_date",), "columns": columns, "replace": "day", "partition_by": ("grid_date",)} | values
    table = Table("x.y", "One.", **declared)
    with pytest.raises(ValueError, match=rf"x\.y: .*{message}"):
        Job(table, lambda rows: rows, {"rows": Read("x.raw")}, totals=(totals,), writes_files=True)


def test_a_planted_circle_is_refused_by_name() -> None:
    jobs = {one.table.name: one for one in (job("a.one", "a.three"), job("a.two", "a.one"), job("a.three", "a.two"))}
    with pytest.raises(GridlakeError, match=r"circle: .*a\.one.*a\.(two|three)"):
        in_order(jobs)


def test_a_build_takes_in_what_a_table_stands_on_and_nothing_else() -> None:
    jobs = {
        one.table.name: one
        for one in (job("s.a", "b.raw"), job("s.b", "s.a"), job("g.c", "s.b", "s.a"), job("g.d", "s.a"))
    }
    assert set(needed_for(["s.b"], jobs)) == {"s.a", "s.b"}
    assert in_order(jobs) == ["s.a", "g.d", "s.b", "g.c"]
    assert "  b.raw --> s.a" in mermaid_graph(jobs)
    assert chain_after(jobs) == {"s.a": 2, "s.b": 1, "g.c": 0, "g.d": 0}


def test_every_job_comes_after_all_it_reads_and_reads_tables_that_exist() -> None:
    order = in_order(all_jobs())
    assert sorted(order) == sorted(all_jobs())
    for name, one in all_jobs().items():
        for read in one.reads.values():
            assert read.table in all_tables()
            assert read.table not in order or order.index(read.table) < order.index(name)
        assert one.judges is None or one.judges in one.reads


def test_what_a_job_refuses_has_a_table_of_its_own() -> None:
    for name, one in all_jobs().items():
        assert (f"{name}_rejected" in all_tables()) == one.has_rejected


def test_a_table_goes_by_its_full_name_or_by_a_bare_name_that_only_one_schema_has() -> None:
    assert table_named("feeder_profile") is table_named("gold.feeder_profile")
    with pytest.raises(
        GridlakeError, match=r"no single table is named 'meter'; near it: .*bronze\.meter.*silver\.meter"
    ):
        table_named("meter")
    with pytest.raises(GridlakeError, match=r"bronze\.meter is not built"):
        job_named("bronze.meter")


def test_dictionary_has_a_page_with_every_column_of_every_table(tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("dictionary")
    pages = write_dictionary(out)
    assert {one.stem for one in pages} == set(all_tables())
    rules = (out / "rules.md").read_text(encoding="utf-8")
    assert "| E02 | conflict | two rows of one key and version disagree |" in rules
    assert "| R11 | conflict | reads of one interval and version disagree" in rules
    for table in TABLES:
        text = (out / f"{table.name}.md").read_text(encoding="utf-8")
        assert all(f"\n| {name} | " in text for name in table.column_names)
        assert f"({table.name}.md)" in (out / "README.md").read_text(encoding="utf-8")


def test_a_page_shows_unit_bounds_codes_and_lineage() -> None:
    text = "\n".join(page(table_named("silver.meter")))
    assert (
        "| multiplier | double | 1 |  | Factor of the instrument transformers; 1 where none is delivered | >= 0 |"
        in text
    )
    assert "- made from: bronze.meter" in text
    assert "silver.received_block" in text.split("- read by: ")[1].splitlines()[0]


def test_a_page_of_refused_records_says_what_for() -> None:
    text = "\n".join(page(table_named("silver.connectivity_rejected")))
    assert "| N03 | loop |" in text
    assert "| E02 | conflict |" in text
    assert "| R11 |" not in text


def test_first_keys_says_how_many_more_there_are() -> None:
    assert first_keys(list(range(1000, 3000)), limit=1) == "[1000] and 1,999 more"
    assert first_keys([]) == "[]"


def test_the_committed_dictionary_is_what_the_declarations_say(tmp_path: Path) -> None:
    committed = Path(__file__).parents[2] / "docs" / "dictionary"
    write_dictionary(tmp_path)
    written = {page.name: page.read_text(encoding="utf-8") for page in tmp_path.iterdir()}
    assert {page.name: page.read_text(encoding="utf-8") for page in committed.iterdir()} == written, "run `make docs`"
