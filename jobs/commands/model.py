"""Commands of the models that MLflow keeps: train, score, forecast, promote, models."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from jobs.commands import lakes
from jobs.commands.options import DAY, ConfOption, LakeOption, say
from jobs.settings import read_settings
from jobs.span import Span

app = typer.Typer()

ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help="failure or demand")]
AsOfOption = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=DAY, help="Only what was known at this grid day's start [default: the newest]"),
]


@app.command()
def train(
    model: ModelArgument,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything that is drawn")] = 1,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Train a model on the newest release, score it beside its baselines and the champion, and keep all in MLflow.

    It becomes champion only where it beats the champion and every baseline on the same rows; otherwise the run says
    why not. `gridlake score MODEL` then fills the table.
    """
    from jobs.models.training.programs import training_of
    from jobs.tracking import tracking

    settings = read_settings(conf, lake=lake)
    training = training_of(model)
    opened = lakes.standing_lake(settings)
    store = tracking(settings)
    store.champion(model)  # a store that does not answer is told before the work
    say(str(store.log(training(opened, settings, seed=seed, echo=say))))


@app.command()
def score(model: ModelArgument, as_of: AsOfOption = None, lake: LakeOption = None, conf: ConfOption = None) -> None:
    """Have the champion fill its table from the tables as they stand."""
    from jobs.build import build
    from jobs.models.training.programs import table_of

    settings = read_settings(conf, lake=lake)
    table = table_of(model)
    opened = lakes.standing_lake(settings)
    span = Span(as_of.date() - timedelta(days=1), as_of.date()) if as_of else None
    result = build(opened, settings, span, [table], echo=say, alone=True)
    if result.failed:
        raise typer.Exit(1)


@app.command()
def forecast(as_of: AsOfOption = None, lake: LakeOption = None, conf: ConfOption = None) -> None:
    """Forecast the demand of every feeder and transformer, a day and a week ahead, into models.demand_forecast.

    --as-of is the grid day of the issue: nothing that was known later is looked at, so the past can be forecast again.
    By default it is the day after the newest profile.
    """
    from jobs.models.demand.run import forecast as forecast_demand

    settings = read_settings(conf, lake=lake)
    result = forecast_demand(lakes.standing_lake(settings), settings, as_of.date() if as_of else None, echo=say)
    if result.failed:
        raise typer.Exit(1)


@app.command()
def promote(
    model: ModelArgument,
    version: Annotated[int | None, typer.Option(min=1, help="Version of the model [default: the newest]")] = None,
    lake: LakeOption = None,
    conf: ConfOption = None,
) -> None:
    """Make a version champion, where it beat every baseline and beats the champion on the same rows."""
    from jobs.models.training.programs import table_of
    from jobs.tracking import tracking

    settings = read_settings(conf, lake=lake)
    table_of(model)
    lakes.standing_lake(settings)
    say(str(tracking(settings).promote(model, version)))


@app.command()
def models(lake: LakeOption = None, conf: ConfOption = None) -> None:
    """List every registered version, newest first: its score, and why it is champion or not."""
    from jobs.tracking import tracking

    settings = read_settings(conf, lake=lake)
    lakes.standing_lake(settings)
    versions = tracking(settings).versions()
    for line in map(str, versions):
        say(line)
    if not versions:
        say("no model is registered: `gridlake train failure` trains one")
