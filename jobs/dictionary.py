"""The data dictionary: one Markdown page a table, written from the declarations and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from jobs.job import Job
from jobs.registry import all_jobs, all_rules, all_tables, rules_of
from jobs.rule import Rule
from jobs.table import Column, Table
from jobs.trace.keys import keys_page


def page(table: Table) -> list[str]:
    """The table's page, line by line."""
    job = all_jobs().get(table.name)
    readers = sorted(
        name for name, one in all_jobs().items() if table.name in {read.table for read in one.reads.values()}
    )
    lines = [
        f"# {table.name}",
        "",
        table.grain,
        "",
        f"- key: {', '.join(table.key)}",
        f"- a write replaces: {table.replace}",
        f"- partitioned by: {', '.join(table.partition_by) or 'nothing'}",
        f"- made from: {_made_from(table, job)}",
        f"- read by: {', '.join(readers) or 'people'}",
        "",
        "| column | type | unit | null | meaning | values |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(column) for column in table.columns]
    judged = table.name.removesuffix("_rejected")
    if judged != table.name and judged in all_jobs():  # those of bronze stand at the column
        lines += ["", "What a record is refused for:", "", *_rule_rows(rules_of(judged).values())]
    return lines


def _made_from(table: Table, job: Job | None) -> str:
    if job is not None:
        return ", ".join(sorted({read.table for read in job.reads.values()})) or "nothing"
    judged = table.name.removesuffix("_rejected")
    if judged in all_jobs():
        return f"what {judged} refused"
    return "what runs and builds record" if table.schema_name == "ops" else "delivered files"


def rules_page() -> list[str]:
    """All numbered rules in words, stage by stage."""
    lines = ["# Rules", "", "What stands in `rule_id`, with the number that a reason begins with."]
    for rules in all_rules().values():
        lines += ["", f"## {rules.letter}: {rules.title}", "", *_rule_rows(rules.values())]
    return lines


def _rule_rows(rules: Iterable[Rule]) -> list[str]:
    rows = [f"| {rule.number} | {rule.id} | {rule.meaning} |" for rule in rules]
    return ["| number | rule_id | what is wrong, or needed |", "|---|---|---|", *rows]


def _row(column: Column) -> str:
    bounds = [f">= {column.minimum:g}"] if column.minimum is not None else []
    bounds += [f"<= {column.maximum:g}"] if column.maximum is not None else []
    bounds += [f"`{code}` {meaning}" for code, meaning in (column.codes or {}).items()]
    personal = " **Personal.**" if column.personal else ""
    cells = [
        column.name,
        column.type.simpleString(),
        column.unit or "",
        "yes" if column.nullable else "",
        column.meaning + personal,
        "; ".join(bounds),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def write_dictionary(out: Path, last_run: Mapping[str, str] | None = None) -> list[Path]:
    """Write one page a table, those of rules and of a trace's keys, and an index; returns the pages of tables.

    ``last_run`` says of each table, in words, how it was last built in some lake: then its page ends with that.
    """
    out.mkdir(parents=True, exist_ok=True)
    pages = []
    index = [
        "# Data dictionary",
        "",
        "Written by `gridlake dictionary` from the declarations in `jobs/`. [Rules](rules.md) by number; keys of",
        "[`gridlake trace`](trace.md).",
        "",
    ]
    for name, table in all_tables().items():
        told = ["", last_run[name]] if last_run else []
        pages.append(out / f"{name}.md")
        pages[-1].write_text("\n".join([*page(table), *told]) + "\n", encoding="utf-8")
        index.append(f"- [{name}]({name}.md): {table.grain}")
    (out / "rules.md").write_text("\n".join(rules_page()) + "\n", encoding="utf-8")
    (out / "trace.md").write_text("\n".join(keys_page()) + "\n", encoding="utf-8")
    (out / "README.md").write_text("\n".join(index) + "\n", encoding="utf-8")
    return pages
