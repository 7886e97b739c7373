"""Losses of a radial network the long way: complex currents gathered from the leaves, 3 I2 R of every line."""

from __future__ import annotations

import math
from collections.abc import Sequence


def radial_loss_w(
    parent: Sequence[int], resistance_ohm: Sequence[float], load_va: Sequence[complex], voltage_v: float
) -> float:
    """Loss of the lines that join node n + 1 to ``parent[n]`` (a lower number), with ``load_va[n]`` at node n + 1."""
    current = [load.conjugate() / (math.sqrt(3) * voltage_v) for load in load_va]  # of one phase
    loss = 0.0
    for node in range(len(parent), 0, -1):
        loss += 3 * abs(current[node - 1]) ** 2 * resistance_ohm[node - 1]
        if parent[node - 1] > 0:
            current[parent[node - 1] - 1] += current[node - 1]
    return loss
