"""Which local periods a span touches, and the condition that replaces them."""

from __future__ import annotations

from jobs.span import Span
from jobs.table import Table


def period_condition(table: Table, span: Span) -> str:
    """SQL condition of the periods that a build of ``span`` replaces in ``table``.

    >>> from datetime import date
    >>> from jobs.gold.feeder_load_metrics import FEEDER_LOAD_METRICS
    >>> for kind in period_condition(FEEDER_LOAD_METRICS, Span(date(2016, 1, 1), date(2016, 2, 1))).split(" or "):
    ...     print(kind)
    (period_kind = 'month' and period_start in (date'2016-01-01'))
    (period_kind = 'year' and period_start in (date'2016-01-01'))
    """
    months, years = (", ".join(f"date'{day}'" for day in days) for days in (span.months, span.years))
    if "month_start" in table.column_names:
        return f"month_start in ({months})"
    of_kind = {"month": months, "year": years}
    return " or ".join(f"(period_kind = '{kind}' and period_start in ({days}))" for kind, days in of_kind.items())
