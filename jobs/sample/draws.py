"""What is drawn of a unit or a position stays the same whatever else there is: a larger fleet holds the smaller one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.sample.seeds import generator
from jobs.sample.years import YEARS, Floats


@dataclass(frozen=True)
class UnitDraws:
    """Draws for units, each known by its position (a row) and its generation there; one generator a subject."""

    position: NDArray[np.int64]
    generation: NDArray[np.int64]
    seed: int

    def random(self, subject: str) -> Floats:
        """Shares between 0 and 1."""
        return self._drawn(subject, np.random.Generator.random)

    def normal(self, subject: str) -> Floats:
        return self._drawn(subject, lambda rng, size: rng.normal(size=size))

    def waits(self, subject: str) -> Floats:
        """Exponential waiting times of mean 1."""
        return -np.log1p(-self.random(subject))

    def _drawn(self, subject: str, draw: Callable[[np.random.Generator, int], Floats]) -> Floats:
        found = np.empty(len(self.position))
        for number in np.unique(self.generation):
            mine = np.flatnonzero(self.generation == number)
            rng = generator(self.seed, f"unit {subject} {number}")
            found[mine] = draw(rng, int(self.position[mine].max()) + 1)[self.position[mine]]
        return found


@dataclass(frozen=True)
class YearDraws:
    """Draws for each position and year, (positions, years)."""

    positions: int
    seed: int

    def random(self, subject: str) -> Floats:
        return generator(self.seed, f"year {subject}").random((self.positions, len(YEARS)))

    def normal(self, subject: str) -> Floats:
        return generator(self.seed, f"year {subject}").normal(size=(self.positions, len(YEARS)))
