"""`gridlake forecast`: an issue of the demand forecast, built alone from the tables as they stand."""

from __future__ import annotations

from datetime import date, timedelta

from jobs.build import Build, build
from jobs.errors import GridlakeError
from jobs.gold.feeder_profile import FEEDER_PROFILE
from jobs.lake.direct import standing_days
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.models.demand_forecast import DEMAND_FORECAST
from jobs.progress import Echo
from jobs.settings import Settings
from jobs.span import Span


def forecast(lake: Lake, settings: Settings, as_of: date | None, *, echo: Echo) -> Build:
    """Fill models.demand_forecast with what is forecast on the grid day ``as_of``, from what was known by its issue.

    Parameters
    ----------
    as_of : grid day of the issue; None is the day after the last profile.

    Raises
    ------
    GridlakeError
        No profile stands from before that day.
    """
    days = standing_days(read_table(lake, FEEDER_PROFILE))
    issue = as_of or (days[-1] + timedelta(days=1) if days else None)
    if issue is None or not any(day < issue for day in days):
        raise GridlakeError(
            f"no profile stands of a day before {issue or 'any'}: `gridlake build` makes gold.feeder_profile"
        )
    return build(lake, settings, Span(issue - timedelta(days=1), issue), [DEMAND_FORECAST.name], echo=echo, alone=True)
