"""What commands share: their options, spans of days, and how they speak."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from jobs.span import Span

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
