"""Commands that fill a lake: sample, ingest, build, release, and the demo that runs all."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from jobs.commands import lakes
from jobs.commands.options import (
    A_FILE,
    FLEET,
    ConfOption,
    FleetOption,
    FromOption,
    LakeOption,
    ToOption,
    say,
    span_of,
)
from jobs.errors import SettingsError
from jobs.settings import read_settings

app = typer.Typer()


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Drop folder to write; the truth goes beside it")],
    area: Annotated[str, typer.Option(help="SimBench area: MV1.101, MV2.101, MV3.101 or MV4.101")] = "MV1.101",
    first: FromOption = datetime(2016, 1, 1),
    end: ToOption = datetime(2016, 4, 1),
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything that is drawn")] = 1,
    truth: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the planted truth, never inside the drop folder [default: <folder>_truth beside it; truth "
            "where the folder is named drop]"
        ),
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
    from jobs.sample.utility import truth_beside, write_sample

    span = span_of(first, end)
    assert span is not None  # both have defaults
    settings = read_settings(conf, lake=lake)
    check_clock(settings.grid_time)
    root, truth = settings.lake.root, truth or truth_beside(folder)
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
    say(f"truth: {truth}")
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
    opened = lakes.open_lake(settings)
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
    alone: Annotated[
        bool,
        typer.Option(
            "--alone",
            help="Build only the tables named, from the others as they stand, for the days that a build of all would "
            "make of them: for a scheduler that builds table by table. It makes no release; `gridlake release` makes "
            "one of all",
        ),
    ] = False,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Build tables in order for a half-open span of grid days [default: all days received]."""
    from jobs.build import build as build_tables
    from jobs.registry import job_named
    from jobs.verdict import verdict

    names = [job_named(name).table.name for name in tables or []]
    if alone and not names:
        raise typer.BadParameter("--alone asks for the tables to be named")
    span = span_of(first, end)
    settings = read_settings(conf, lake=lake)
    opened = lakes.standing_lake(settings)
    result = build_tables(opened, settings, span, names, echo=say, one_of_many=alone)
    work = sum(run.seconds for run in result.runs.values())
    say(f"run {result.run_id}: {len(result.runs)} tables for {result.span}, {work:.1f} s of work")
    if (told := verdict(list(result.runs.values()), result.span, settings.lake.root)) is not None:
        say(told)
        raise typer.Exit(1)


@app.command()
def release(
    first: FromOption,
    end: ToOption,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Record the tables as they stand as one release, after builds with --alone for these grid days.

    Refused, with every reason, where they do not belong together: where a table's last run did not end well, or what it
    reads has changed since.
    """
    from jobs.ops.standing import release_standing

    span = span_of(first, end)
    if span is None:
        raise typer.BadParameter("name the grid days that were built with --from and --to")
    made = release_standing(lakes.standing_lake(read_settings(conf, lake=lake)), span)
    say(f"release {made}: all tables as they stand, for {span}")


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
        settings, folder, area=area, span=span, networks=networks, fleet=fleet, open_lake=lakes.open_lake, echo=say
    ):
        raise typer.Exit(1)
