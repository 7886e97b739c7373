"""What a lake of Swiss meters, built by the command line, says of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.command_line import CommandLine
from tests.real.swiss import SPAN, Found, Homes

TIME: dict[str, dict[str, Any]] = {"grid_time": {"utc_offset": "+01:00", "zone": "Europe/Zurich"}}
DAYS_BUILT = ("--from", SPAN.first, "--to", SPAN.end)

FINDINGS = f"""
select meter.source_id as meter, datediff(flag.grid_date, date'{SPAN.first}') as day, flag.rule_id as rule,
  flag.first_slot as slot, flag.slots as slots, flag.measured as measured
from silver.reading_flag as flag join silver.meter as stood on stood.usage_point_id = flag.usage_point_id
join protected.identifier as meter on meter.id = stood.meter_id and meter.id_kind = 'meter_id'
"""
NOT_RUN = """
select rule, count(*) as blocks from (select explode(rules_not_run) as rule from silver.interval_block) group by rule
"""


def read_findings(gridlake: CommandLine, *, settings: str) -> pd.DataFrame:
    """``meter, day, rule, slot, slots, measured`` of each row of silver.reading_flag."""
    return pd.DataFrame(gridlake.rows(FINDINGS, settings=settings))


def found_of(findings: pd.DataFrame, homes: Homes) -> Found:
    """Those of these homes."""
    home = findings["meter"].map({meter: home for home, meter in enumerate(homes.meter)})
    return Found(homes, findings.assign(home=home).dropna(subset="home").astype({"home": int}))


def blocks_not_run(gridlake: CommandLine, *, settings: str) -> dict[str, int]:
    """How many blocks each rule could not judge."""
    return {row["rule"]: row["blocks"] for row in gridlake.rows(NOT_RUN, settings=settings)}
