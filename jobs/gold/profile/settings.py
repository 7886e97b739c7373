"""Settings of profiles and their metrics: section ``profile`` of the configuration."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from jobs.section import Section

OF_A_METER = 1e-9  # 0.95 of 20 meters is 19, whatever floating point makes of it


class ProfileSettings(Section):
    """How readings become profiles, and profiles metrics."""

    interval_minutes: int = Field(15, ge=5, le=60, description="length of a profile's intervals; divides the hour")
    minimum_seen_share: float = Field(
        0.95, ge=0, le=1, description="an interval counts where this share of meters is seen or estimated"
    )
    power_factor: float = Field(0.95, gt=0, le=1, description="assumed where reactive energy is not metered")
    heating_base_degc: float = Field(15.0, description="days colder than this in the mean have heating degree days")
    cooling_base_degc: float = Field(18.0, description="days warmer than this in the mean have cooling degree days")

    def enough(self, seen: Any, estimated: Any, expected: Any) -> Any:
        """Whether an interval counts by the meters behind it; of numbers, arrays or Spark columns.

        >>> ProfileSettings().enough(18, 1, 20), ProfileSettings().enough(18, 0, 20)
        (True, False)
        """
        return seen + estimated >= expected * self.minimum_seen_share - OF_A_METER
