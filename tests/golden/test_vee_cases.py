"""Validation rules against cases worked by hand, each in a folder with a README; RULES.yml says which rule by which."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml

from jobs.columns import CUSTOMER_CLASSES
from jobs.settings import read_settings
from jobs.silver.validation import RULE_TABLE
from kernels import quality as q
from kernels.block_rules import RULES, Baseline, Blocks, mean_kw, no_baseline, validate

HERE = Path(__file__).parent
CASES = sorted(folder.name for folder in HERE.glob("vee_*"))
BY_RULE = yaml.safe_load((HERE / "RULES.yml").read_text())


def rows(case: str, name: str) -> list[dict[str, str]]:
    file = HERE / case / name
    return list(csv.DictReader(file.open(newline=""))) if file.exists() else []


def slots(row: dict[str, str]) -> slice:
    return slice(int(row["first_slot"]), int(row["first_slot"]) + int(row["slots"]))


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    days = rows(case, "when/days.csv")
    number = {row["date"]: n for n, row in enumerate(days)}
    reading = np.array([[int(row["base"]) + (1 if slot % 2 else -1) for slot in range(96)] for row in days], np.int32)
    quality = np.full(reading.shape, q.VALID, np.int8)
    for row in rows(case, "when/reads.csv"):
        reading[number[row["date"]], slots(row)] = int(row["value"] or 0)
        quality[number[row["date"]], slots(row)] = q.VALID if row["value"] else q.MISSING
    count = len(days)
    interval = np.full(count, 15, np.int32)
    baseline = no_baseline(count)
    if usual := rows(case, "when/usual.csv"):
        kinds = {name: np.zeros(96, np.int32) for name in ("typical", "low", "high")}
        for row in usual:
            for name, values in kinds.items():
                values[slots(row)] = int(row[name])
        total = np.array([[kinds["low"].sum(), kinds["high"].sum()]], np.int32)
        clock = np.arange(96, dtype=np.int32)[None]
        baseline = Baseline(
            np.zeros((count, 3), np.int32),
            np.array([0, 96]),
            **kinds,
            day_total=total,
            date_index=0 * interval,
            local=clock,
        )
    settings = read_settings().validation
    result = validate(
        Blocks(
            reading=reading.reshape(-1),
            reading_quality=quality.reshape(-1),
            offset=np.arange(count + 1, dtype=np.int64) * 96,
            key=np.zeros(count, np.int64),
            day=np.array([date.fromisoformat(row["date"]).toordinal() for row in days], np.int32),
            interval_minutes=interval,
            judged=np.ones(count, np.uint8),
            of_class=np.full(count, list(CUSTOMER_CLASSES).index(customer_class(case)), np.int32),
            limit_kw=np.full(count, one_number(case, "limit", "limit_kw")),
            mean_kw=mean_kw(reading.sum(axis=1, dtype=np.int64), (quality == q.VALID).sum(axis=1), interval),
            nature=np.zeros(count, np.int8),
            live=np.full((count, 2), (1 << 48) - 1),
            register=np.full(count, one_number(case, "register", "register")),
        ),
        baseline,
        settings.thresholds(),
        linear_minutes=settings.linear_minutes,
    )
    for row in rows(case, "then/reads.csv"):
        at = number[row["date"]], slots(row)
        assert set(result.reading.reshape(-1, 96)[at]) == {int(row["value"])}, row
        assert set(result.reading_quality.reshape(-1, 96)[at]) == {int(row["quality"])}, row
    f, dates = result.findings, list(number)
    found = [
        (dates[block], RULES[rule], first, length)
        for block, rule, first, length in zip(f.block, f.rule, f.first_slot, f.slots, strict=True)
    ]
    wanted = {
        (row["date"], row["rule"], int(row["first_slot"]), int(row["slots"])): row
        for row in rows(case, "then/findings.csv")
    }
    assert sorted(found) == sorted(wanted)
    for key, block, first, measured, threshold in zip(
        found, f.block, f.first_slot, f.measured, f.threshold, strict=True
    ):
        row = wanted[key]
        assert (measured, threshold) == pytest.approx((float(row["measured"]), float(row["threshold"])))
        left = result.reading_quality.reshape(-1, 96)[block, max(first, 0)]
        disposition = {
            "estimate": "missing" if left == q.MISSING else "estimated",
            "spread": "spread",
            "flag": "flagged",
        }
        assert disposition[RULE_TABLE[key[1]].disposition] == row["disposition"]


def one_number(case: str, file: str, column: str) -> float:
    found = rows(case, f"when/{file}.csv")
    return float(found[0][column]) if found else np.nan


def customer_class(case: str) -> str:
    found = rows(case, "when/class.csv")
    return found[0]["customer_class"] if found else "household"


def test_every_rule_is_shown_by_its_cases() -> None:
    for rule, declared in RULE_TABLE.items():
        for case in BY_RULE[declared.label]:
            assert rule in {row["rule"] for row in rows(case, "then/findings.csv")}, f"{case} does not show {rule}"
