"""Commands that ask a lake: tables, describe, sql, identify, trace, runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from jobs.commands import lakes
from jobs.commands.options import (
    DAY,
    ConfOption,
    LakeOption,
    say,
)
from jobs.settings import read_settings

app = typer.Typer()


@app.command()
def tables(lake: LakeOption = None, conf: ConfOption = None) -> None:
    """List every table with its grain, and its version in the lake."""
    from jobs.query.listing import table_lines

    for line in table_lines(lakes.standing_lake(read_settings(conf, lake=lake))):
        say(line)


@app.command()
def describe(
    table: Annotated[str, typer.Argument(help="Table, such as gold.feeder_profile")],
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Say of a table: grain, key, columns with units and meaning, what it reads, and its last run."""
    from jobs.query.listing import description_lines

    settings = read_settings(conf, lake=lake)
    for line in description_lines(settings, table, lakes.standing_lake):
        say(line)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help='Such as "select * from gold.feeder_profile limit 3"')],
    output: Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="How rows are printed")] = "table",
    release: Annotated[
        str | None, typer.Option(help="Read the versions of this release; 'latest' is the newest")
    ] = None,
    protected: Annotated[
        bool, typer.Option("--protected", help="Let it read the schema protected: source ids and personal data")
    ] = False,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Run one query over the lake's tables: it may read them, and nothing else.

    Ids are hashed; usage_point('ID'), meter('ID') and customer('ID') in the query stand for the hash of a source's
    own id, with its namespace as a second text where several sources number: meter('ID', 'NAMESPACE').
    """
    from jobs.query.sql import print_rows, run_query

    settings = read_settings(conf, lake=lake)
    print_rows(run_query(lakes.standing_lake(settings), query, release=release, protected=protected), output)


@app.command()
def identify(
    written: Annotated[str, typer.Argument(metavar="ID", help="An id as its source writes it, or hashed")],
    namespace: Annotated[str | None, typer.Option(help="Only of this namespace: who numbers")] = None,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Say what an id stands for: its kind, namespace, source id and hashed id."""
    from jobs.query.identify import identity_lines

    for line in identity_lines(lakes.standing_lake(read_settings(conf, lake=lake)), written, namespace):
        say(line)


@app.command()
def trace(
    written: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Usage point (or its meter, or customer), or unit, as its source writes it or as tables hold it",
        ),
    ],
    day: Annotated[
        datetime | None, typer.Argument(metavar="[DAY]", formats=DAY, help="Grid day of a usage point; a unit has none")
    ] = None,
    output: Annotated[
        Literal["text", "json"],
        typer.Option("--format", help="json: one object, its keys as in docs/dictionary/trace.md"),
    ] = "text",
    namespace: Annotated[str | None, typer.Option(help="Who numbers, where several sources use one id")] = None,
    release: Annotated[
        str | None,
        typer.Option(help="Read the versions of this release; 'latest' is the newest [default: as it stands]"),
    ] = None,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Follow a figure to the reads, files, rules and runs it comes from.

    gridlake trace USAGE_POINT DAY says of one grid day: each read as received (file, line, version, value) and whether
    it stands, was superseded, delivered twice or rejected; what each validation rule found or why it did not run; what
    was put in place of a read, and how; the transformer and feeder of that day and the model or link file that says so;
    and the rows of gold that rest on the day, with what this usage point put into them.

    gridlake trace UNIT says of a transformer: where it stood, what it bore, what happened to it, its losses and costs,
    the decision and its reason, who says how likely it is to fail, and the file and line of each row behind that.

    Both name the version of each table they read and the run that made it. In the text, a reading with a * is not what
    was received; letters stand for the records listed above the table. Examples:

    gridlake trace 'LV2.114 Load 74' 2016-01-20

    gridlake trace T00050-2 --format json | jq '.costs[].values.reason'
    """
    from jobs.lake.arrow import LakeReader
    from jobs.trace.asset import trace_asset
    from jobs.trace.lookup import opened
    from jobs.trace.reading import trace_usage_point
    from jobs.trace.show import as_json
    from jobs.trace.text import text_lines

    settings = read_settings(conf, lake=lake)
    root = settings.lake.root
    reader = LakeReader(root if "://" in root else str(Path(root).resolve()), lambda: lakes.open_lake(settings))
    lookup = opened(reader, release)
    traced = (
        trace_asset(lookup, settings, written)
        if day is None
        else trace_usage_point(lookup, settings, written, day.date(), namespace)
    )
    for line in [as_json(traced)] if output == "json" else text_lines(traced):
        print(line)


@app.command()
def runs(
    limit: Annotated[int, typer.Option(min=1, help="How many rows, newest first")] = 40,
    releases: Annotated[bool, typer.Option("--releases", help="The releases that builds made, instead")] = False,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """List what ran, newest first: table, status, rows, seconds, and why it did not end well."""
    from jobs.query.listing import release_lines, run_lines

    lines = release_lines if releases else run_lines
    for line in lines(lakes.standing_lake(read_settings(conf, lake=lake)), limit):
        say(line)
