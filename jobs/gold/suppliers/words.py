"""Why a group is listed, and the evidence, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobs.gold.suppliers.settings import SupplierSettings

KINDS = {"failures": "failures", "complaints": "complaints of the units themselves", "outages": "outages by the units"}


def reason(row: Mapping[str, Any], settings: SupplierSettings) -> str | None:
    """Why the group is listed; None where it is not."""
    if row["listed_as"] == "none":
        return None
    limit = settings.blacklist_share if row["listed_as"] == "blacklist" else settings.watch_share
    by = ["failures"] if row["listed_as"] == "blacklist" else list(KINDS)
    told = [
        f"{KINDS[name]} are more than {settings.tolerated_rate:g} times those expected (false discovery rate "
        f"{row[f'{name}_false_discovery_rate']:.2g}, at most {limit:g})"
        for name in by
        if row[f"{name}_false_discovery_rate"] <= limit
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
