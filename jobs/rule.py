"""Numbered rules: what a record, a row or a read is refused for, and what validation finds.

A rule is declared beside the code that applies it; ``jobs/registry.py`` finds all of them, the data dictionary lists
them, and ``tests/golden/RULES.yml`` names the cases of each by its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar


@dataclass(frozen=True)
class Rule:
    """A rule of one stage.

    Parameters
    ----------
    number
        Letter of the stage and two digits; it never means another rule.
    id
        What stands in ``rule_id``: a name, or the number itself.
    meaning
        What is wrong or what is needed, in words.
    """

    number: str
    id: str
    meaning: str

    @property
    def label(self) -> str:
        """Number and name: ``E02 conflict``."""
        return self.number if self.id == self.number else f"{self.number} {self.id}"

    @property
    def told(self) -> str:
        """Number and meaning, as a reason begins."""
        return f"{self.number}: {self.meaning}"


R_co = TypeVar("R_co", bound=Rule, covariant=True)


class RuleSet(Mapping[str, R_co], Generic[R_co]):
    """The rules of one stage by what stands in ``rule_id``.

    >>> rules = RuleSet("Meters", Rule("M01", "silent", "no read came"))
    >>> rules["silent"].label, rules["silent"].told, list(rules)
    ('M01 silent', 'M01: no read came', ['silent'])
    """

    def __init__(self, title: str, *rules: R_co) -> None:
        self.title = title
        self._by_id = {rule.id: rule for rule in rules}
        self.letter = rules[0].number[0]
        numbers = {rule.number for rule in rules if rule.number[0] == self.letter}
        if not len(numbers) == len(self._by_id) == len(rules):
            raise ValueError(f"{title}: rules of one stage have one letter, and numbers and ids of their own")

    def __getitem__(self, key: str) -> R_co:
        return self._by_id[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)
