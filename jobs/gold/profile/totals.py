"""What the profiles of a grid day must add up to, by the energy that each block states beside its lists."""

from __future__ import annotations

from jobs.gold.profile.sums import SUMMED_KINDS
from jobs.totals import Totals


def profile_totals(key: str) -> tuple[Totals, Totals]:
    """Totals of the profiles by ``key``: of blocks that hang on one, of kinds that enter sums, and of modelled ones."""
    summed = f"{key} is not null and kind in ({', '.join(map(repr, SUMMED_KINDS))})"
    energy = {
        f"{channel}_wh": f"if({summed} and channel = '{channel}', energy, 0)" for channel in ("delivered", "received")
    }
    modelled = {
        f"{series}_wh": f"if({key} is not null and series = '{series}', energy_wh, 0)"
        for series in ("profiled", "unmetered")
    }
    return (
        Totals("interval_blocks", energy | {"meters_expected": f"int({summed} and counts_as_meter)"}, by=(key,)),
        Totals("profiled_blocks", modelled, by=(key,)),
    )
