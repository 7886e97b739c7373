"""Settings of the demand model: ``conf/models/demand.yaml``, a file of its own beside base.yaml."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from jobs.errors import SettingsError
from jobs.section import Section, faults_told
from jobs.settings import conf_folder

Level = Annotated[float, Field(gt=0, lt=1)]
DaysAhead = Annotated[int, Field(ge=1, le=14)]


class Training(Section):
    """How a model is trained, and on which days it is scored."""

    score_days: int = Field(14, ge=1, description="last issue days: scored, neither trained nor calibrated on")
    calibrate_days: int = Field(21, ge=3, description="issue days before them: calibrate the quantiles")
    fit_days: int = Field(365, ge=7, description="issue days before those, at most: trained on")
    rows: int = Field(80_000, ge=1000, description="rows trained on at most, drawn from all")
    most_series_days: int = Field(200_000, ge=100, description="days of series held while training, at most")
    rounds: int = Field(200, ge=1, description="trees of the mean")
    quantile_rounds: int = Field(50, ge=1, description="trees of each quantile, added to the mean")
    depth: int = Field(5, ge=1, le=12)
    leaf_share: float = Field(0.01, ge=0, le=0.5, description="of the rows, that a leaf of a tree holds at least")
    learning_rate: float = Field(0.08, gt=0, le=1)
    quantile_learning_rate: float = Field(0.15, gt=0, le=1)
    threads: int = Field(1, ge=1, description="of one training; another number adds in another order")


class DemandSettings(Section):
    """What is forecast, from what, and when a series is fit for the model."""

    quantiles: tuple[Level, ...] = Field(
        (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95), min_length=3, description="levels, ascending"
    )
    days_ahead: tuple[DaysAhead, ...] = Field(
        (1, 2, 3, 4, 5, 6, 7), min_length=1, description="grid days from the issue's to the day forecast, ascending"
    )
    issue_hour: float = Field(10, ge=0, lt=24, description="h from the issue day's first instant, grid time, to issue")
    reads_known_hours: float = Field(8, ge=0, description="h from a day's end until its reads are known, if no later")
    arrival_counts: bool = Field(
        False,
        description="whether a file's arrival says when its reads were known, of sources that say nothing better: "
        "true for a lake that is filled day by day, not for one filled with the past",
    )
    history_days: int = Field(56, ge=28, le=56, description="days before the issue that a forecast looks at")
    minimum_days: int = Field(14, ge=7, description="days known of the last 28 below which a series is short or gappy")
    flat_share: float = Field(
        0.001, ge=0, description="standard deviation / greatest absolute value of the last 28 days, at which it is flat"
    )
    weather: Literal["forecast", "observed"] = Field(
        "forecast", description="weather of the day forecast: as forecast at issue time, or as observed later"
    )
    features: tuple[str, ...] = Field(min_length=1, description="columns that the model uses")
    training: Training = Training()

    @model_validator(mode="after")
    def _ascending(self) -> DemandSettings:
        for name in ("quantiles", "days_ahead"):
            values = getattr(self, name)
            if list(values) != sorted(set(values)):
                raise ValueError(f"{name} must ascend: {values}")
        if 0.5 not in self.quantiles:
            raise ValueError("quantiles must hold 0.5, about which the others are calibrated")
        return self

    def digest(self) -> str:
        """Hash of all that decides what the model is."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()[:16]


def read_demand_settings(conf: Path) -> DemandSettings:
    """Settings of ``models/demand.yaml`` in a folder of configuration; where it has none, in gridlake's own.

    Raises
    ------
    SettingsError
        The file is no YAML, or with every fault of it at once, each with its key.
    """
    path = conf / "models" / "demand.yaml"
    if not path.is_file():
        path = conf_folder() / "models" / "demand.yaml"
    try:
        return DemandSettings.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as fault:
        raise SettingsError(f"{path}: cannot be read as YAML: {fault}") from fault
    except ValidationError as fault:
        raise SettingsError(faults_told(fault, DemandSettings, where=path)) from fault
