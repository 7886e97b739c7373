"""Channels of the sample utility that are read every quarter of an hour, their loads as they are without any fault."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample import metering as m
from jobs.sample.loads import LoadModel
from jobs.sample.utility import planned
from jobs.span import Span
from kernels.block_rules import DEMAND, FEED_IN, REACTIVE
from tests.judging import Channels

AREA = "MV1.101"
NETWORKS = 30
"""A third of the area's."""


@dataclass(frozen=True)
class SampleChannels:
    """All channels of the sample at one seed.

    Parameters
    ----------
    quarter_hourly
        Of each row of ``frame``; hours and ten minutes bear no faults.
    customer_class, nature
        Of each row of ``frame``.
    """

    frame: pd.DataFrame
    model: LoadModel
    quarter_hourly: NDArray[np.bool_]
    customer_class: NDArray[np.str_]
    nature: NDArray[np.int8]

    @classmethod
    def of(cls, seed: int) -> SampleChannels:
        plan, _, model, _ = planned(AREA, seed, NETWORKS)
        frame = m.Channels.of(plan).frame
        feeds_in = plan["received"].to_numpy()[frame["point"]]
        classes = plan["customer_class"].where(plan["kind"] == "customer", "generation").to_numpy()[frame["point"]]
        return cls(
            frame,
            model,
            frame["source"].map(m.INTERVAL_MINUTES).to_numpy() == 15,
            classes.astype(str),
            np.where(frame["code"] > 1, REACTIVE, np.where(feeds_in, FEED_IN, DEMAND)).astype(np.int8),
        )

    def energy(self, span: Span) -> NDArray[np.int32]:
        """(channels, days, 96) of true reads, Wh or varh."""
        channels = m.Channels(self.frame)
        return np.stack([channels.energy(day) for day in self.model.days(span.first, span.end)], axis=1)

    def read(
        self,
        span: Span,
        reading: NDArray[np.int32],
        missing: NDArray[np.bool_],
        register: NDArray[np.float64],
        chosen: NDArray[np.bool_],
    ) -> Channels:
        """What is judged of the ``chosen`` rows."""
        return Channels(
            span, reading[chosen], missing[chosen], self.customer_class[chosen], self.nature[chosen],
            self.frame["limit_kw"].to_numpy(np.float64)[chosen], register[chosen],
        )  # fmt: skip
