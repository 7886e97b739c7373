"""Every table and job that the packages below declare, found by importing them."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from jobs.errors import GridlakeError, first_keys
from jobs.job import Job
from jobs.table import Table

SCHEMAS = ("bronze", "silver", "gold", "models", "products", "protected", "ops")


@cache
def _declared() -> tuple[dict[str, Table], dict[str, Job]]:
    tables: dict[str, Table] = {}
    jobs: dict[str, Job] = {}
    for schema in SCHEMAS:
        try:
            package = importlib.import_module(f"jobs.{schema}")
        except ModuleNotFoundError:  # a schema that later work brings
            continue
        for module in pkgutil.iter_modules(package.__path__):
            content = vars(importlib.import_module(f"jobs.{schema}.{module.name}"))
            tables.update({value.name: value for value in content.values() if isinstance(value, Table)})
            for value in content.get("TABLES", ()):
                tables[value.name] = value
            jobs.update({value.table.name: value for value in content.values() if isinstance(value, Job)})
    return dict(sorted(tables.items())), jobs


def all_tables() -> dict[str, Table]:
    return _declared()[0]


def all_jobs() -> dict[str, Job]:
    return _declared()[1]


def table_named(name: str) -> Table:
    """The table of that name (``schema.table``, or the bare name where only one schema has it)."""
    tables = all_tables()
    matches = [full for full in tables if name in (full, full.split(".")[1])]
    if len(matches) == 1:
        return tables[matches[0]]
    near = matches or [full for full in tables if name.split(".")[-1] in full]
    raise GridlakeError(f"no single table is named '{name}'; near it: {first_keys(near or list(tables))}")


def job_named(name: str) -> Job:
    """The job of the table of that name; an error where the table is delivered, not built."""
    table = table_named(name)
    if table.name not in all_jobs():
        raise GridlakeError(f"{table.name} is not built: files are ingested into it")
    return all_jobs()[table.name]
