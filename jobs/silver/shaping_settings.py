"""Settings of energy that no interval meter measured: section ``shaping`` of the configuration."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from jobs.section import Section

SEASON_STARTS = {"03-21": "transition", "05-15": "summer", "09-15": "transition", "11-01": "winter"}


class ShapingSettings(Section):
    """How standard profiles and burning hours become watt-hours of intervals."""

    season_starts: dict[str, str] = Field(
        SEASON_STARTS, description="month-day on which each season of silver.standard_profile begins, by local date"
    )
    dynamic: tuple[str, ...] = Field(("H0",), description="profiles that follow the day of the year, as BDEW's H0")
    longest_register_days: int = Field(
        800, ge=1, le=4000, description="reads of a register further apart than this say nothing of single days"
    )
    latitude: float = Field(51.2, ge=-90, le=90, description="degrees north, where a usage point has no coordinates")
    longitude: float = Field(10.4, ge=-180, le=180, description="degrees east, likewise")

    def season(self, day: date) -> str:
        """Season of a local date.

        >>> [ShapingSettings().season(date(2016, *one)) for one in ((1, 1), (3, 20), (3, 21), (9, 14), (12, 31))]
        ['winter', 'winter', 'transition', 'summer', 'winter']
        """
        begun = [start for start in sorted(self.season_starts) if start <= f"{day:%m-%d}"]
        return self.season_starts[begun[-1] if begun else max(self.season_starts)]
