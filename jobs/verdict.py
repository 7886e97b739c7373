"""How a build ended, in one line: what is not well, of how many days, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.span import Span, first_spans
from jobs.table_run import TableRun

FIRST_TABLES = 4


def verdict(runs: Sequence[TableRun], span: Span, root: str) -> str | None:
    """What is not well with the runs of a build; None where all of them ended well.

    Tables that failed by themselves are named before those that only stand on them.
    """
    bad = [run for run in runs if run.status != "ok"]
    if not bad:
        return None
    named = sorted(bad, key=lambda run: run.status == "blocked")  # stable: in the order in which they were built
    told = ", ".join(f"{run.table.name} {run.status}" for run in named[:FIRST_TABLES])
    more = f" and {len(bad) - FIRST_TABLES:,} more of {len(runs):,} tables" if len(bad) > FIRST_TABLES else ""
    days = {day for run in bad for day in run.bad_days}
    lost = f"; {len(days):,} of {len(span):,} days not committed ({first_spans(days)})" if days else ""
    return f"NOT WELL: {told}{more}{lost}; `gridlake runs --lake {root}` says why; mend that and build again"
