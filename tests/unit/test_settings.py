"""Settings: read from layers of YAML, every fault named at once, and a digest of what decides results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from jobs.errors import SettingsError
from jobs.settings import Settings, read_settings
from jobs.silver.validation import RULE_TABLE

ROOT = Path(__file__).resolve().parents[2]


def over(folder: Path, text: str) -> Path:
    path = folder / "over.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["base.yaml", "dev.yaml", "prod.yaml"])
def test_the_settings_that_are_shipped_can_be_read(name: str) -> None:
    settings = read_settings(ROOT / "conf" / name)
    assert settings.sources_folder.is_dir()


def test_a_folder_that_the_environment_names_holds_or_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDLAKE_CONF", str(tmp_path))
    with pytest.raises(SettingsError, match=f"GRIDLAKE_CONF is {tmp_path}, where no base.yaml stands"):
        read_settings()
    (tmp_path / "base.yaml").write_text((ROOT / "conf" / "base.yaml").read_text().replace("EUR", "CHF"))
    settings = read_settings()
    assert (settings.money.currency, settings.sources_folder) == ("CHF", tmp_path / "sources")


def test_a_file_overrides_single_keys_and_the_command_overrides_the_file(tmp_path: Path) -> None:
    conf = over(tmp_path, "lake: {root: /data/lake}\nmoney: {real_rate: 0.05}\n")
    settings = read_settings(conf)
    assert (settings.lake.root, settings.money.real_rate, settings.money.currency) == ("/data/lake", 0.05, "EUR")
    assert read_settings(conf, lake="s3a://bucket/lake").lake.root == "s3a://bucket/lake"


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    conf = over(
        tmp_path,
        """
grid_time: {utc_offset: "+1", zone: Europe/Atlantis}
money: {real_rate: 3, colour: red}
profile: {power_factor: 1.5}
validation: {classes: {household: {spike_rato: 3}}}
life_cycle_cost: {horizon_years: 1}
""",
    )
    with pytest.raises(SettingsError) as fault:
        read_settings(conf)
    text = str(fault.value)
    assert text.startswith(f"{conf}: 7 fault(s):")
    for key in (
        "grid_time.utc_offset",
        "grid_time.zone: Value error, 'Europe/Atlantis' is no IANA time zone",
        "money.real_rate",
        "money.colour: no such key; there are ",
        "profile.power_factor",
        "validation.classes.household.spike_rato: no such key; is spike_ratio meant?",
        "life_cycle_cost.horizon_years",
    ):
        assert f"\n  {key}" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [("- a list", "holds list, a mapping of sections is needed"), ("a: [", "cannot be read as YAML")],
)
def test_a_file_that_is_no_mapping_is_refused_by_its_path(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=f"over.yaml: {message}"):
        read_settings(over(tmp_path, text))


def undescribed(section: type[BaseModel], place: str = "") -> Iterator[str]:
    """Keys that say nothing of their meaning; a section says it in its docstring."""
    for name, field in section.model_fields.items():
        inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if isinstance(kind, type)]
        sections = [kind for kind in inner if issubclass(kind, BaseModel)]
        for one in sections:
            yield from undescribed(one, f"{place}{name}.")
        if not field.description and field.annotation not in sections:
            yield f"{place}{name}"


def test_every_key_says_what_it_means_or_its_rule_does() -> None:
    words = " ".join(rule.meaning for rule in RULE_TABLE.values())
    silent = list(undescribed(Settings))
    assert "validation.classes.spike_ratio" in silent
    assert [key for key in silent if not re.search(rf"\b{key.removeprefix('validation.classes.')}\b", words)] == []


def test_digest_changes_with_what_decides_results_and_with_nothing_else(tmp_path: Path) -> None:
    base = read_settings().digest()
    assert read_settings(lake="/elsewhere").digest() == base
    assert read_settings().with_master("local[7]").digest() == base
    assert read_settings(over(tmp_path, "spark: {shuffle_partitions: 99}")).digest() == base
    changed = [
        "money: {real_rate: 0.031}",
        "audit: {rejected_share: 0.03}",
        "grid_time: {holidays: [2016-01-01]}",
        "profile: {power_factor: 0.94}",
        "life_cycle_cost: {load_growth: 0.01}",
    ]
    digests = {read_settings(over(tmp_path, text)).digest() for text in changed}
    assert len(digests - {base}) == len(changed)


@pytest.mark.parametrize(("text", "hours"), [("+01:00", 1.0), ("-03:30", -3.5), ("+00:00", 0.0), ("+14:00", 14.0)])
def test_the_offset_is_that_of_grid_days(tmp_path: Path, text: str, hours: float) -> None:
    grid_time = read_settings(over(tmp_path, f'grid_time: {{utc_offset: "{text}"}}')).grid_time
    assert grid_time.offset == timedelta(hours=hours)
    noon = datetime(2016, 1, 1, 12, tzinfo=grid_time.tzinfo)
    assert noon.astimezone(UTC) == datetime(2016, 1, 1, 12, tzinfo=UTC) - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("plan: {years: 41}", "plan.years: 41 is beyond horizon_years, 40"),
        ("sensitivity: {real_rate: {low: 0.05, high: 0.01}}", "needed at_least <= low <= high <= at_most"),
        ("sensitivity: {energy_price: {at_most: 1.2}}", "needed at_least <= low <= high <= at_most"),
        ("sensitivity: {failure_probability: {low: -0.5}}", "life_cycle_cost.sensitivity.failure_probability.low"),
        ("plan: {annual_budget: -1}", "life_cycle_cost.plan.annual_budget"),
    ],
)
def test_cases_and_plans_that_make_no_sense_are_named(tmp_path: Path, section: str, message: str) -> None:
    conf = over(tmp_path, f"life_cycle_cost: {{{section}}}\n")
    with pytest.raises(SettingsError, match="1 fault") as fault:
        read_settings(conf)
    assert message in str(fault.value)
