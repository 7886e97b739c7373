"""Commands that write or print pages: report, plan, dictionary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from jobs.commands import lakes
from jobs.commands.options import (
    A_FILE,
    ConfOption,
    LakeOption,
    say,
)
from jobs.settings import read_settings

app = typer.Typer()


@app.command()
def report(
    out: Annotated[Path, typer.Option(help="Folder to write index.html into")],
    truth: Annotated[Path | None, typer.Option(help="Planted truth of a sample, to score the rules against")] = None,
    release: Annotated[str, typer.Option(help="Release to show; 'latest' is the newest")] = "latest",
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Write the report: one page that works offline and on a phone."""
    from jobs.progress import tasks_of, told
    from jobs.report import read_content, write_report

    settings = read_settings(conf, lake=lake)
    standing = lakes.standing_lake(settings)
    with told(lambda: f"reading what it shows: {tasks_of(standing.spark)}", say):
        content = read_content(standing, settings, truth=truth, release=release)
    say(str(write_report(content, settings, out)))


@app.command()
def plan(
    mermaid: Annotated[bool, typer.Option("--mermaid", help="As a Mermaid graph")] = False,
    output: Annotated[
        Literal["text", "json"],
        typer.Option(
            "--format", help="json: a list of the tables in order, each with its layer and the tables it reads"
        ),
    ] = "text",
    tables: Annotated[list[str] | None, typer.Argument(help="Only these tables and what they need")] = None,
    lake: Annotated[
        str | None,
        typer.Option("--lake", help="Say of each table which version stands in this lake [default: the order alone]"),
    ] = None,
    conf: Annotated[
        Path | None, typer.Option("--conf", help="As --lake, with the lake that this YAML names", **A_FILE)
    ] = None,
) -> None:
    """Show the order in which tables are built."""
    from jobs.plan import in_order, mermaid_graph, needed_for
    from jobs.query.listing import plan_lines, plan_records
    from jobs.registry import all_jobs, job_named

    jobs = needed_for([job_named(name).table.name for name in tables or []] or list(all_jobs()), all_jobs())
    if output == "json":
        if mermaid or lake is not None or conf is not None:
            raise typer.BadParameter("--format json is the order alone: without --mermaid, --lake and --conf")
        print("[\n" + ",\n".join(map(json.dumps, plan_records(jobs))) + "\n]")
        return
    if lake is not None or conf is not None:
        lines = plan_lines(jobs, lakes.standing_lake(read_settings(conf, lake=lake)), mermaid=mermaid)
    else:
        lines = iter(mermaid_graph(jobs) if mermaid else in_order(jobs))
    for line in lines:
        say(line)


@app.command()
def dictionary(
    out: Annotated[Path, typer.Option(help="Folder to write one page a table into")],
    lake: Annotated[
        str | None,
        typer.Option(
            "--lake", help="End each page with the table's last run in this lake [default: declarations alone]"
        ),
    ] = None,
    conf: Annotated[
        Path | None, typer.Option("--conf", help="As --lake, with the lake that this YAML names", **A_FILE)
    ] = None,
) -> None:
    """Write the data dictionary: one Markdown page a table and one of the rules, from the declarations."""
    from jobs.dictionary import write_dictionary
    from jobs.query.listing import last_runs
    from jobs.registry import all_tables

    told = None
    if lake is not None or conf is not None:
        told = last_runs(lakes.standing_lake(read_settings(conf, lake=lake)), all_tables())
    say(f"{len(write_dictionary(out, told))} pages in {out}")
