"""Settings of the reconciliation of ledger and register: section ``reconciliation`` of the configuration."""

from __future__ import annotations

from pydantic import Field

from jobs.section import Section


class ReconciliationSettings(Section):
    """How cards are matched with units, and which differences are findings."""

    booking_days: int = Field(
        90, ge=0, le=1000, description="an event so many days before the closing may not be booked yet"
    )
    year_tolerance: int = Field(
        1, ge=0, le=10, description="years between card and unit that still agree: made or put in service"
    )
    least_probability: float = Field(0.8, gt=0.5, lt=1, description="of a card being a unit's, for it to be matched")
    share_without_unit: float = Field(
        0.03, gt=0, lt=1, description="of cards that are expected to be of no unit of the register"
    )
    share_of_second_cards: float = Field(
        0.01, gt=0, le=1, description="of units whose card is known by its key, that are expected to have another"
    )
    sample_rows: int = Field(3000, ge=100, le=100_000, description="cards, and units, that the model is learned from")
    learned_from: int = Field(
        200,
        ge=1,
        description="cards of the sample that must share place or key with a unit, for anything to be learned",
    )
    ignored_words: tuple[str, ...] = Field(
        ("NR", "NO", "SN", "STATION", "GMBH", "AG", "KG", "SE", "LTD", "INC"),
        description="words that say nothing in a key, a place or a maker's name, in capitals",
    )
