"""Settings of energy balances: section ``energy_balance`` of the configuration."""

from __future__ import annotations

from pydantic import Field

from jobs.section import Section


class BalanceSettings(Section):
    """How sure each part of a balance is: relative standard uncertainties, and limits of error of meters by default.

    A limit of error becomes a standard uncertainty by the square root of 3: every error within it is as likely.
    """

    suspect_uncertainties: float = Field(
        3.0, gt=0, le=10, description="unexplained energy above so many standard uncertainties is suspect"
    )
    doubtful_share: float = Field(
        0.02, ge=0, le=1, description="days of which validation flagged more of the customers' energy are left out"
    )
    meter_error_limit: float = Field(0.01, gt=0, lt=1, description="of a meter whose class is not delivered")
    transformer_meter_error_limit: float = Field(
        0.005, gt=0, lt=1, description="of a meter behind instrument transformers whose class is not delivered"
    )
    current_transformer_error_limit: float = Field(
        0.005, gt=0, lt=1, description="of instrument transformers whose class is not delivered"
    )
    estimated: float = Field(0.3, ge=0, le=1, description="of energy that validation estimated")
    flagged: float = Field(1.0, ge=0, le=2, description="of energy of reads that validation flagged and kept")
    profiled: float = Field(0.2, ge=0, le=1, description="of energy by standard profiles")
    unmetered: float = Field(0.05, ge=0, le=1, description="of energy by burning hours")
    no_load_loss: float = Field(0.05, ge=0, le=1, description="of no-load losses by the nameplate")
    load_loss: float = Field(0.1, ge=0, le=1, description="of load losses by nameplate and profile")
    line_loss: float = Field(0.3, ge=0, le=2, description="of computed line losses: customers take turns")
    unknown_line_loss: float = Field(
        0.03, ge=0, le=1, description="of the energy that flows, where the lines' losses cannot be computed"
    )
    unknown_transformer_loss: float = Field(
        0.02, ge=0, le=1, description="of the energy that flows, where a transformer's nameplate is unknown"
    )
    missing: float = Field(
        1.0,
        ge=0,
        le=2,
        description="of the energy that usage points of which nothing is known had by the others' mean",
    )
    synchronism: float = Field(
        0.0005, ge=0, le=1, description="of the energy that flows: clocks that differ, reads that validation let pass"
    )
