"""The command line. Each command reads its options, opens the lake where it needs one, and says what it did."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from jobs.errors import GridlakeError, SettingsError
from jobs.settings import Settings, read_settings
from jobs.span import Span

app = typer.Typer(
    name="gridlake",
    help="From delivered meter files to feeder load profiles and asset life-cycle cost, on Spark and Delta Lake.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # else "[default: all]" in a help text is markup, and vanishes
    add_completion=False,
)
console = Console(highlight=False, soft_wrap=True)

A_FILE: dict[str, Any] = {"exists": True, "dir_okay": False}
LakeOption = Annotated[
    str | None, typer.Option("--lake", help="Folder or URL of the lake [default: lake.root of --conf]")
]
ConfOption = Annotated[Path | None, typer.Option("--conf", help="YAML that overrides conf/base.yaml", **A_FILE)]
FleetOption = Annotated[
    int, typer.Option("--fleet", min=1, help="Transformers of the register in all, the metered ones among them")
]
FLEET = 40_000
DAY = ["%Y-%m-%d"]
FromOption = Annotated[datetime | None, typer.Option("--from", formats=DAY, help="First grid day")]
ToOption = Annotated[datetime | None, typer.Option("--to", formats=DAY, help="Grid day after the last one")]


STOPPED = 130  # as a shell says of what Ctrl-C ended


def tell(message: str) -> None:
    """Why a command ends otherwise than it should."""
    print(f"gridlake: {message}", file=sys.stderr)


def say(line: str) -> None:
    """One line of progress, to people and to logs alike."""
    console.print(line, markup=False)


def span_of(first: datetime | None, end: datetime | None) -> Span | None:
    """The span that --from and --to name; both or neither."""
    if first is None and end is None:
        return None
    if first is None or end is None:
        raise typer.BadParameter("--from and --to go together: a half-open span of grid days")
    try:
        return Span(first.date(), end.date())
    except ValueError as fault:
        raise typer.BadParameter(str(fault)) from fault


def open_lake(settings: Settings):  # type: ignore[no-untyped-def]
    """The lake of the settings; Spark starts here and nowhere else in the command line."""
    from jobs.lake.lake import lake_at
    from jobs.session import spark_session

    return lake_at(spark_session(settings), settings.lake.root)


def standing_lake(settings: Settings):  # type: ignore[no-untyped-def]
    """The lake of the settings, for commands that read it: a mistyped path is told, not taken for an empty lake."""
    from jobs.registry import all_tables

    root = settings.lake.root
    none = GridlakeError(f"{root}: no lake, or one into which nothing was ingested; --lake names another")
    if "://" not in root and not Path(root).is_dir():
        raise none
    lake = open_lake(settings)
    if not any(lake.exists(table) for table in all_tables().values()):
        raise none
    return lake


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Drop folder to write; the truth goes to <folder>/../truth")],
    area: Annotated[str, typer.Option(help="SimBench area: MV1.101, MV2.101, MV3.101 or MV4.101")] = "MV1.101",
    first: FromOption = datetime(2016, 1, 1),
    end: ToOption = datetime(2016, 4, 1),
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything that is drawn")] = 1,
    truth: Annotated[
        Path | None, typer.Option(help="Folder of the planted truth, never inside the drop folder")
    ] = None,
    networks: Annotated[
        int | None, typer.Option(min=1, help="Only so many low-voltage networks, for a small sample")
    ] = None,
    fleet: FleetOption = FLEET,
    lake: Annotated[
        str | None,
        typer.Option(
            "--lake", help="Lake that the next commands, which are printed, name; the truth may not lie in it"
        ),
    ] = None,
    conf: Annotated[
        Path | None,
        typer.Option(
            "--conf", help="Settings to build it with: refused where their clock is not the sample's", **A_FILE
        ),
    ] = None,
) -> None:
    """Write the drop folder of the sample utility, and apart from it the truth."""
    from jobs.sample.days import check_clock
    from jobs.sample.utility import write_sample

    span = span_of(first, end)
    assert span is not None  # both have defaults
    settings = read_settings(conf, lake=lake)
    check_clock(settings.grid_time)
    root, truth = settings.lake.root, truth or folder.parent / "truth"
    if "://" not in root and truth.resolve().is_relative_to(Path(root).resolve()):
        raise SettingsError(f"truth folder {truth} lies in the lake {root}: it must lie apart from it")
    write_sample(
        folder,
        truth,
        area=area,
        first=span.first,
        end=span.end,
        seed=seed,
        low_voltage_networks=networks,
        transformers=fleet,
        echo=say,
    )
    where = f"--lake {root}" + (f" --conf {conf}" if conf else "")
    say(f"next: gridlake ingest {folder} {where}; gridlake build --from {span.first} --to {span.end} {where}")


@app.command()
def ingest(
    path: Annotated[
        Path,
        typer.Argument(
            help="A file or folder of one source, or a drop folder with one subfolder a source", exists=True
        ),
    ],
    source: Annotated[
        str | None, typer.Option(help="Name of a declared source, or a YAML file that declares one")
    ] = None,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Take delivered files into bronze. Files that cannot be read are recorded and named; the others go on."""
    from jobs.intake.drop_folder import drop_content
    from jobs.intake.ingest import ingest_drop_folder, ingest_source, source_named

    settings = read_settings(conf, lake=lake)
    declared = None if source is None else source_named(settings, source)
    if declared is None:
        drop_content(path)  # where it is none, that is told before Spark starts
    opened = open_lake(settings)
    if declared is None:
        reports = ingest_drop_folder(opened, settings, path, echo=say)
    else:
        reports = [ingest_source(opened, settings, declared, path, echo=say)]
    failed = [line for report in reports for line in report.failures]
    for line in failed:
        say(f"FAILED {line}")
    if failed:
        raise typer.Exit(1)


@app.command()
def build(
    tables: Annotated[
        list[str] | None, typer.Argument(help="Tables to build, with what they need [default: all]")
    ] = None,
    first: FromOption = None,
    end: ToOption = None,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Build tables in order for a half-open span of grid days [default: all days received]."""
    from jobs.build import build as build_tables
    from jobs.registry import job_named

    names = [job_named(name).table.name for name in tables or []]
    span = span_of(first, end)
    settings = read_settings(conf, lake=lake)
    opened = standing_lake(settings)
    result = build_tables(opened, settings, span, names, echo=say)
    work = sum(run.seconds for run in result.runs.values())
    say(f"run {result.run_id}: {len(result.runs)} tables for {result.span}, {work:.1f} s of work")
    if result.failed:
        say(f"NOT WELL: {', '.join(f'{run.table.name} {run.status}' for run in result.failed)}")
        raise typer.Exit(1)


@app.command()
def tables(lake: LakeOption = None, conf: ConfOption = None) -> None:
    """List every table with its grain, and its version in the lake."""
    from jobs.query.listing import table_lines

    for line in table_lines(standing_lake(read_settings(conf, lake=lake))):
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
    for line in description_lines(settings, table, standing_lake):
        say(line)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help='Such as "select * from gold.feeder_profile limit 3"')],
    output: Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="How rows are printed")] = "table",
    release: Annotated[
        str | None, typer.Option(help="Read the versions of this release; 'latest' is the newest")
    ] = None,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Run a query over the lake's tables.

    Ids are hashed; usage_point('ID'), meter('ID') and customer('ID') in the query stand for the hash of a source's
    own id, with its namespace as a second text where several sources number: meter('ID', 'NAMESPACE').
    """
    from jobs.query.sql import print_rows, run_query

    settings = read_settings(conf, lake=lake)
    print_rows(run_query(standing_lake(settings), query, release=release), output)


@app.command()
def identify(
    written: Annotated[str, typer.Argument(metavar="ID", help="An id as its source writes it, or hashed")],
    namespace: Annotated[str | None, typer.Option(help="Only of this namespace: who numbers")] = None,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Say what an id stands for: its kind, namespace, source id and hashed id."""
    from jobs.query.identify import identity_lines

    for line in identity_lines(standing_lake(read_settings(conf, lake=lake)), written, namespace):
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
    reader = LakeReader(root if "://" in root else str(Path(root).resolve()), lambda: open_lake(settings))
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
    for line in lines(standing_lake(read_settings(conf, lake=lake)), limit):
        say(line)


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
    standing = standing_lake(settings)
    with told(lambda: f"reading what it shows: {tasks_of(standing.spark)}", say):
        content = read_content(standing, settings, truth=truth, release=release)
    say(str(write_report(content, settings, out)))


@app.command()
def plan(
    mermaid: Annotated[bool, typer.Option("--mermaid", help="As a Mermaid graph")] = False,
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
    from jobs.query.listing import plan_lines
    from jobs.registry import all_jobs, job_named

    jobs = needed_for([job_named(name).table.name for name in tables or []] or list(all_jobs()), all_jobs())
    if lake is not None or conf is not None:
        lines = plan_lines(jobs, standing_lake(read_settings(conf, lake=lake)), mermaid=mermaid)
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
        told = last_runs(standing_lake(read_settings(conf, lake=lake)), all_tables())
    say(f"{len(write_dictionary(out, told))} pages in {out}")


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Folder for drop, truth, lake and report, made anew")] = Path(
        "build/demo"
    ),
    area: Annotated[str, typer.Option(help="SimBench area")] = "MV1.101",
    first: FromOption = datetime(2016, 1, 1),
    end: ToOption = datetime(2016, 4, 1),
    networks: Annotated[int | None, typer.Option(help="Only so many low-voltage networks")] = None,
    fleet: FleetOption = FLEET,
    master: Annotated[str | None, typer.Option(help="Spark master [default: as configured]")] = None,
    lake: Annotated[
        str | None, typer.Option("--lake", help="Folder of the lake, made anew [default: FOLDER/lake]")
    ] = None,
    conf: ConfOption = None,
) -> None:
    """The whole chain on the sample utility: sample, ingest, build, report, and a summary."""
    from jobs.demo import run_demo

    settings = read_settings(conf, lake=lake or str(folder / "lake"))
    if master is not None:
        settings = settings.with_master(master)
    span = span_of(first, end)
    assert span is not None  # both have defaults
    if not run_demo(
        settings, folder, area=area, span=span, networks=networks, fleet=fleet, open_lake=open_lake, echo=say
    ):
        raise typer.Exit(1)


def main(arguments: list[str] | None = None) -> None:
    """Run a command; errors meant for people are one message and exit status 1, Ctrl-C is 130."""
    try:
        app(arguments)
    except SystemExit as end:
        if end.code == STOPPED:  # Typer makes this, without a word, of Ctrl-C
            tell("stopped; every table stands as its last commit left it, run the same command again")
        raise
    except Exception as fault:
        told = _for_people(fault)
        if told is None:
            raise
        tell(told)
        sys.exit(1)


def _for_people(fault: Exception) -> str | None:
    """The message of a fault that a user can act on; None of a defect of the program, whose trace is wanted."""
    if isinstance(fault, GridlakeError):
        return str(fault)
    if isinstance(fault, OSError) and fault.filename is not None:  # a file of the user's
        return f"{fault.filename}: {fault.strerror}"
    from jobs.lake.conflict import SPARK_FAULTS, cause

    return cause(fault) if isinstance(fault, SPARK_FAULTS) else None
