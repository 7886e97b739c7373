"""What is usual: mean and outer quantiles of each local slot, from lists of its reads."""

import math
from collections import defaultdict


def usual_day(
    days: list[tuple[list[int], list[bool], list[int]]], slots: int, quantile: float
) -> dict[int, tuple[int, list[int], list[int], list[int]]]:
    """Day type -> days, typical, low, high; from days of reads, which are usable, and day type x 96 + local quarter."""
    reads: dict[tuple[int, int], list[int]] = defaultdict(list)
    for values, usable, local in days:
        for slot, value in enumerate(values):
            minute = slot * 1440 // slots
            kind, quarter = divmod(local[minute // 15], 96)
            if usable[slot]:
                reads[kind, (quarter * 15 + minute % 15) * slots // 1440].append(value)
    found = {}
    for kind in range(3):
        of_slot = [sorted(reads[kind, slot]) for slot in range(slots)]
        if all(of_slot):
            found[kind] = (
                max(map(len, of_slot)),
                [round(sum(one) / len(one)) for one in of_slot],
                [one[math.floor(quantile * (len(one) - 1))] for one in of_slot],
                [one[math.ceil((1 - quantile) * (len(one) - 1))] for one in of_slot],
            )
    return found
