"""Settings: the only file that reads the configuration; what sources declare is read by `jobs.sources.declaration`.

Every key has its bounds and its meaning where its section is declared: here, in `jobs.silver.validation` or in the
`settings` of the packages of `jobs.gold`. Its unit is in its name or its meaning; what a threshold of validation means
is in the meaning of its rule.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from datetime import date, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml
from pydantic import Field, ValidationError, field_validator

from jobs.errors import SettingsError
from jobs.gold.ageing.settings import AgeingSettings
from jobs.gold.balance.settings import BalanceSettings
from jobs.gold.cost.settings import CostSettings
from jobs.gold.features.settings import FeatureSettings
from jobs.gold.health.settings import HealthSettings
from jobs.gold.profile.settings import ProfileSettings
from jobs.gold.reconciliation.settings import ReconciliationSettings
from jobs.gold.suppliers.settings import SupplierSettings
from jobs.section import Section, faults_told
from jobs.silver.shaping_settings import ShapingSettings
from jobs.silver.validation import ValidationSettings


class GridTime(Section):
    """The utility's fixed offset, and the clock people live by."""

    utc_offset: str = Field(pattern=r"^[+-](0\d|1[0-4]):[0-5]\d$", description="fixed UTC offset of grid days")
    zone: str = Field(description="IANA zone of local time: months, day types, tariffs")
    holidays: tuple[date, ...] = Field((), description="local dates that count as Sundays")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"'{zone}' is no IANA time zone, such as Europe/Berlin")
        return zone

    @property
    def offset(self) -> timedelta:
        sign = -1 if self.utc_offset[0] == "-" else 1
        hours, minutes = self.utc_offset[1:].split(":")
        return sign * timedelta(hours=int(hours), minutes=int(minutes))

    @property
    def offset_seconds(self) -> int:
        return int(self.offset.total_seconds())

    @property
    def tzinfo(self) -> timezone:
        return timezone(self.offset)


class Money(Section):
    """Money in results: one currency, one price year, one real rate."""

    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code of results")
    price_year: int = Field(ge=1900, le=2200, description="year whose prices results are in")
    real_rate: float = Field(ge=0, le=0.5, description="real discount rate per year")


class LakeSettings(Section):
    """Where the lake is, and what is kept apart from it."""

    root: str = Field("lake", description="folder or object-store URL of all tables")
    key_file: str | None = Field(
        None, description="key of the hashed ids, outside the lake; None: beside it, <root>.key"
    )


# A run lasts minutes and plans much: Java's optimising compiler works long on code that is soon done with. So it waits
# until code has run ten times as often as it would by default (CONTRIBUTING).
JAVA_OPTIONS = (
    "-XX:+UseParallelGC -XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000"
    " -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000"
)


class Spark(Section):
    """How jobs run."""

    master: str = Field("local[*]", description="local[n], spark://…, yarn or k8s://…")
    driver_memory: str = Field("6g", pattern=r"^[0-9]+[kmgtKMGT][bB]?$", description="heap of the JVM, such as 6g")
    shuffle_partitions: int = Field(8, ge=1, description="into how many tasks a plan parts its rows")
    interpreted: bool = Field(False, description="interpret every plan, not only those over little data")
    java_options: str = Field(JAVA_OPTIONS, description="options of the driver's Java, in place of these")
    properties: dict[str, str] = Field(default_factory=dict, description="further Spark properties, as they are")


class IntakeSettings(Section):
    """How delivered files are taken in."""

    future_minutes: float = Field(
        0,
        ge=0,
        le=1440,
        description="an interval may end so much later than its file first came, for clocks that differ; reads of "
        "later ones are refused (B13)",
    )

    @property
    def future_us(self) -> int:
        return round(self.future_minutes * 60e6)


class Audit(Section):
    """When a day is good, provisional or bad."""

    rejected_share: float = Field(0.02, ge=0, le=1, description="more rejected than this: the day is bad")
    received_share: float = Field(0.80, ge=0, le=1, description="less of the expected intervals than this: bad")
    complete_share: float = Field(0.98, ge=0, le=1, description="less than this: provisional")


class TrackingSettings(Section):
    """Where MLflow keeps runs and models."""

    uri: str | None = Field(None, description="tracking server or database; None: SQLite in the lake's folder")
    artifacts: str | None = Field(None, description="where a new experiment keeps its files; None: as the server says")


class Settings(Section):
    """Everything a run can be told by configuration."""

    lake: LakeSettings = LakeSettings()
    spark: Spark = Spark()
    intake: IntakeSettings = IntakeSettings()
    audit: Audit = Audit()
    grid_time: GridTime
    money: Money
    validation: ValidationSettings
    shaping: ShapingSettings = ShapingSettings()
    profile: ProfileSettings = ProfileSettings()
    energy_balance: BalanceSettings = BalanceSettings()
    features: FeatureSettings = FeatureSettings()
    suppliers: SupplierSettings = SupplierSettings()
    transformer_ageing: AgeingSettings = AgeingSettings()
    life_cycle_cost: CostSettings
    asset_health: HealthSettings = HealthSettings()
    reconciliation: ReconciliationSettings = ReconciliationSettings()
    tracking: TrackingSettings = TrackingSettings()
    conf_folder: Path = Field(description="folder with sources/")

    @property
    def sources_folder(self) -> Path:
        return self.conf_folder / "sources"

    def with_master(self, master: str) -> Settings:
        return self.model_copy(update={"spark": self.spark.model_copy(update={"master": master})})

    def at(self, root: str) -> Settings:
        """These settings for the lake at that root."""
        return self.model_copy(update={"lake": self.lake.model_copy(update={"root": root})})

    def with_tasks(self, number: int) -> Settings:
        return self.model_copy(update={"spark": self.spark.model_copy(update={"shuffle_partitions": number})})

    def digest(self) -> str:
        """Hash of all that decides results; stands in ops.run."""
        text = json.dumps(
            self.model_dump(mode="json", exclude={"spark", "lake", "conf_folder", "tracking"}), sort_keys=True
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def conf_folder() -> Path:
    """Folder of the configuration: $GRIDLAKE_CONF where it is set, else the checkout's, else where the wheel put it.

    Raises
    ------
    SettingsError
        $GRIDLAKE_CONF names a folder without base.yaml, or it is not set and no folder has one.
    """
    if named := os.environ.get("GRIDLAKE_CONF"):
        if not (Path(named) / "base.yaml").is_file():
            raise SettingsError(
                f"GRIDLAKE_CONF is {named}, where no base.yaml stands: name the folder of one, or unset it"
            )
        return Path(named)
    usual = (Path(__file__).resolve().parent.parent / "conf", Path(sys.prefix) / "share" / "gridlake" / "conf")
    for folder in usual:
        if (folder / "base.yaml").is_file():
            return folder
    raise SettingsError(f"no base.yaml in {' or '.join(map(str, usual))}: set GRIDLAKE_CONF to the folder of one")


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """``base`` with the keys of ``over`` put in, section by section.

    >>> merged({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}})
    {'a': {'x': 1, 'y': 3}}
    """
    result = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


def read_settings(conf: Path | None = None, *, lake: str | None = None) -> Settings:
    """Settings of base.yaml, overridden by ``conf`` and then by the command's own ``--lake``.

    Raises
    ------
    SettingsError
        With every fault of the configuration at once, each with its key.
    """
    folder = conf_folder()
    values = _read_yaml(folder / "base.yaml")
    if conf is not None:
        values = merged(values, _read_yaml(conf))
    if lake is not None:
        values = merged(values, {"lake": {"root": lake}})
    try:
        return Settings.model_validate({"conf_folder": folder, **values})
    except ValidationError as fault:
        raise SettingsError(faults_told(fault, Settings, where=conf or folder / "base.yaml")) from fault


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as fault:
        raise SettingsError(f"{path}: cannot be read as YAML: {fault}") from fault
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: holds {type(content).__name__}, a mapping of sections is needed")
    return content
