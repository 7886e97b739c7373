"""The command line: puts the commands together, and says in one message what a user can act on."""

from __future__ import annotations

import sys

import typer

from jobs.commands import ask, deliver, model, show
from jobs.commands.options import tell
from jobs.errors import GridlakeError

app = typer.Typer(
    name="gridlake",
    help="From delivered meter files to feeder load profiles, failure and demand, and asset life-cycle cost, on Spark "
    "and Delta Lake.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # else "[default: all]" in a help text is markup, and vanishes
    add_completion=False,
)
for commands in (deliver, ask, model, show):
    app.add_typer(commands.app)

STOPPED = 130  # as a shell says of what Ctrl-C ended


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
