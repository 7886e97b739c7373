"""Settings of features: section ``features`` of the configuration."""

from __future__ import annotations

from pydantic import Field

from jobs.section import Section


class FeatureSettings(Section):
    """How far back what happened counts, and when figures that bear no time of recording count as known."""

    recent_years: int = Field(5, ge=1, le=50, description="work, outages and complaints of so many years count")
    failure_years: int = Field(10, ge=1, le=50, description="failures at a position of so many years count")
    statistics_days: int = Field(
        90, ge=0, le=1000, description="figures of a year are known so many days after it, where no source says when"
    )
    profile_days: int = Field(
        0, ge=0, le=366, description="a month's load, and a day's ageing, is known so many days after it"
    )
