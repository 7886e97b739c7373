"""Every rule that the code declares has a case in RULES.yml, and every case that is named there exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from jobs.registry import all_jobs, all_rules

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DECLARED = {rule.label for rules in all_rules().values() for rule in rules.values()}
CASES: dict[str, list[str]] = {
    rule: entry["cases"] if isinstance(entry, dict) else entry
    for rule, entry in yaml.safe_load((HERE / "RULES.yml").read_text(encoding="utf-8")).items()
}


@pytest.mark.parametrize("rule", sorted(DECLARED | CASES.keys()))
def test_a_rule_has_cases_and_they_exist(rule: str) -> None:
    """A case is a folder beside this file that a test here reads, or a test by its id."""
    cases = CASES.get(rule)
    assert cases, f"{rule} has no case in RULES.yml"
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    for case in cases:
        path, _, name = case.partition("::")
        if name:
            assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), case
        else:
            assert (HERE / case / "README.md").is_file(), case
            assert f'"{case}"' in tests or f"{case.split('_')[0]}_" in tests, f"no test reads {case}"


def test_a_number_means_one_rule() -> None:
    """Those of the code and those that only cases show, such as P01, share their letters."""
    numbers = [label.split()[0] for label in DECLARED | CASES.keys()]
    assert sorted(numbers) == sorted(set(numbers))
    assert all(re.fullmatch(r"[A-Z]\d\d", number) for number in numbers)


def test_whatever_reads_delivered_records_refuses_by_numbered_rules() -> None:
    stages = list(all_rules().values())
    for name, job in all_jobs().items():
        records = {read.table for read in job.reads.values() if read.table.startswith("bronze.")} - {"bronze.file"}
        assert job.rules or not records, name
        assert all(any(rule in stage.values() for stage in stages) for rule in job.rules.values()), name


@pytest.mark.parametrize("readme", sorted(HERE.glob("*/README.md")), ids=lambda path: path.parent.name)
def test_a_case_says_who_computed_its_answer_and_how(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    assert "authors" in text
    assert re.search("by hand|line by line with decimals", text)


def test_every_case_belongs_to_a_rule() -> None:
    folders = {path.parent.name for path in HERE.glob("*/README.md")}
    assert folders <= {case for cases in CASES.values() for case in cases}
