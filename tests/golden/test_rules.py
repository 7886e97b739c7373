"""Every rule that the code declares has a case in RULES.yml, and every case that is named there exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from jobs.bronze import rejected
from jobs.gold import cost_inputs
from jobs.network import trace
from jobs.silver import block_packing, validation, versions

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DECLARED = {
    *rejected.RULES,
    *(f"read.{rule}" for rule in block_packing.RULES),
    *(f"validation.{rule}" for rule in validation.RULE_TABLE),
    *(f"entity.{rule}" for rule in versions.RULES),
    *(f"trace.{rule}" for rule in trace.RULES),
    *(f"cost.{rule}" for rule in cost_inputs.RULES),
}
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


@pytest.mark.parametrize("readme", sorted(HERE.glob("*/README.md")), ids=lambda path: path.parent.name)
def test_a_case_says_who_computed_its_answer_and_how(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    assert "authors" in text
    assert re.search("by hand|line by line with decimals", text)


def test_every_case_belongs_to_a_rule() -> None:
    folders = {path.parent.name for path in HERE.glob("*/README.md")}
    assert folders <= {case for cases in CASES.values() for case in cases}
