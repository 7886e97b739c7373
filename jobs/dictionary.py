"""The data dictionary: one Markdown page a table, written from the declarations and from nothing else."""

from __future__ import annotations

from pathlib import Path

from jobs.registry import all_jobs, all_tables
from jobs.table import Column, Table


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
        f"- reads: {', '.join(sorted(read.table for read in job.reads.values())) if job else 'delivered files'}",
        f"- read by: {', '.join(readers) or 'people'}",
        "",
        "| column | type | unit | null | meaning | values |",
        "|---|---|---|---|---|---|",
    ]
    return lines + [_row(column) for column in table.columns]


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


def write_dictionary(out: Path) -> list[Path]:
    """Write one page a table and an index; returns the pages."""
    out.mkdir(parents=True, exist_ok=True)
    pages = []
    index = ["# Data dictionary", "", "Written by `gridlake dictionary` from the declarations in `jobs/`.", ""]
    for name, table in all_tables().items():
        pages.append(out / f"{name}.md")
        pages[-1].write_text("\n".join(page(table)) + "\n", encoding="utf-8")
        index.append(f"- [{name}]({name}.md): {table.grain}")
    (out / "README.md").write_text("\n".join(index) + "\n", encoding="utf-8")
    return pages
