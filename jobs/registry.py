"""Every table, job and rule that the packages below declare, found by importing them."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache

from jobs.errors import GridlakeError, first_keys
from jobs.job import Job
from jobs.rejected import rejected_table
from jobs.rule import Rule, RuleSet
from jobs.table import Table

SCHEMAS = ("bronze", "silver", "gold", "models", "products", "protected", "ops")


@cache
def _declared() -> tuple[dict[str, Table], dict[str, Job], dict[str, RuleSet[Rule]]]:
    tables: dict[str, Table] = {}
    jobs: dict[str, Job] = {}
    rules: dict[str, RuleSet[Rule]] = {}

    def add(table: Table) -> None:
        if tables.setdefault(table.name, table) != table:
            raise GridlakeError(f"{table.name} is declared twice, differently")

    for schema in SCHEMAS:
        if importlib.util.find_spec(f"jobs.{schema}") is None:  # a schema that later work brings
            continue
        package = importlib.import_module(f"jobs.{schema}")
        for module in pkgutil.iter_modules(package.__path__):
            content = vars(importlib.import_module(f"jobs.{schema}.{module.name}"))
            for value in (*content.values(), *content.get("TABLES", ())):
                if isinstance(value, Table):
                    add(value)
                elif isinstance(value, Job):
                    jobs[value.table.name] = value
                elif isinstance(value, RuleSet) and rules.setdefault(value.letter, value) is not value:
                    raise GridlakeError(f"two stages number their rules with {value.letter}")
    for job in jobs.values():
        if job.has_rejected:
            add(rejected_table(job.table))
    return dict(sorted(tables.items())), jobs, dict(sorted(rules.items()))


def all_tables() -> dict[str, Table]:
    return _declared()[0]


def all_jobs() -> dict[str, Job]:
    return _declared()[1]


def all_rules() -> dict[str, RuleSet[Rule]]:
    """The rules of each stage, by the letter of their numbers."""
    return _declared()[2]


def rules_of(name: str) -> Mapping[str, Rule]:
    """The rules by which records meant for the table of that name are refused, by ``rule_id``."""
    if name.startswith("bronze."):
        return all_rules()["B"]
    return all_jobs()[name].rules if name in all_jobs() else {}


def table_named(name: str) -> Table:
    """The table of that name (``schema.table``, or the bare name where only one schema has it)."""
    tables = all_tables()
    matches = [full for full in tables if name in (full, full.split(".")[1])]
    if len(matches) == 1:
        return tables[matches[0]]
    near = matches or get_close_matches(name, [*tables, *(full.split(".")[1] for full in tables)])
    hint = f"near it: {first_keys(near)}" if near else "`gridlake tables` lists them"
    raise GridlakeError(f"no single table is named '{name}'; {hint}")


def job_named(name: str) -> Job:
    """The job of the table of that name; an error where the table is delivered, not built."""
    table = table_named(name)
    if table.name not in all_jobs():
        raise GridlakeError(f"{table.name} is not built: files are ingested into it")
    return all_jobs()[table.name]
