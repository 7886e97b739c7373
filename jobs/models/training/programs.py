"""Which models there are: how each is trained, and which table its champion fills."""

from __future__ import annotations

import importlib
from typing import Protocol

from jobs.errors import GridlakeError
from jobs.lake.lake import Lake
from jobs.models.training.trained import Trained
from jobs.progress import Echo
from jobs.settings import Settings

TABLES = {"failure": "models.failure_probability", "demand": "models.demand_forecast"}
"""Model -> table that its champion fills; ``jobs/models/<model>/train.py`` trains it."""


class Train(Protocol):
    """Trains a model on the tables of a lake's newest release."""

    def __call__(self, lake: Lake, settings: Settings, *, seed: int, echo: Echo) -> Trained: ...


def table_of(model: str) -> str:
    """The table that the champion of a model fills.

    Raises
    ------
    GridlakeError
        There is no such model.
    """
    if model not in TABLES:
        raise GridlakeError(f"no model is named '{model}': {', '.join(TABLES)}")
    return TABLES[model]


def training_of(model: str) -> Train:
    """How a model is trained."""
    table_of(model)
    train: Train = importlib.import_module(f"jobs.models.{model}.train").train
    return train
