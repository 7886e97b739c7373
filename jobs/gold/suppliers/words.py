"""Why a group is listed, and the evidence, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobs.gold.suppliers.settings import SupplierSettings

KINDS = {"failures": "failures", "complaints": "complaints of the unit", "outages": "outages that lie in the unit"}


def reason(row: Mapping[str, Any], settings: SupplierSettings) -> str | None:
    """Why the group is listed; None where it is not."""
    if row["listed_as"] == "none":
        return None
    limit = settings.blacklist_share if row["listed_as"] == "blacklist" else settings.watch_share
    by = ["failures"] if row["listed_as"] == "blacklist" else list(KINDS)
    told = [
        f"{row[f'{name}_relative_rate']:.2f} times the {KINDS[name]} expected, shrunk (at least "
        f"{settings.least_relative_rate:g}); false discovery rate {row[f'{name}_false_discovery_rate']:.2g} (at most "
        f"{limit:g})"
        for name in by
        if row[f"{name}_false_discovery_rate"] <= limit and row[f"{name}_relative_rate"] >= settings.least_relative_rate
    ]
    return "; ".join(told)


def evidence(row: Mapping[str, Any]) -> list[str]:
    """What was seen of the group beside what was expected of units like its own."""
    told = [
        f"{row[name]:,.0f} {words} where {row[f'expected_{name}']:,.1f} were expected" for name, words in KINDS.items()
    ]
    told[0] += f", of {row['units']:,.0f} units in {row['unit_years']:,.0f} unit-years"
    if row["failures_apart"] != row["failures"]:
        told.append(
            f"without what is listed of it at a smaller level: {row['failures_apart']:,.0f} failures where "
            f"{row['expected_failures_apart']:,.1f} were expected"
        )
    told.append(f"more failures than expected in {row['excess_years']} years")
    return told
