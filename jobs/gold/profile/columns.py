"""Columns that feeder and transformer profiles share, and those of their metrics."""

from __future__ import annotations

from pyspark.sql.types import ArrayType, DoubleType, IntegerType, LongType, TimestampType

from jobs import columns as c
from jobs.table import Column

WH = ArrayType(LongType(), False)
COUNT = ArrayType(IntegerType(), False)

NET_LOAD = "net load: delivered, less received, with profiled and unmetered load"
"""P of the metrics. DESIGN, section 8, has P = delivered - received, of all that a feeder or transformer feeds; a
profile keeps what no interval meter measured in arrays of its own. Left out of P, a transformer whose customers have no
interval meters would have no peak, while S, utilisation and losses, which must hold that load, had one: so P is the
active part of that same S. What meters alone say is in delivered_peak_kw and received_peak_kw."""

PROFILE = (
    c.GRID_DATE,
    c.INTERVAL_MINUTES,
    Column("delivered_wh", WH, "Wh", "Energy delivered to its usage points in each interval"),
    Column("received_wh", WH, "Wh", "Energy received from its usage points in each interval"),
    Column("estimated_wh", WH, "Wh", "Of both, the energy (absolute) that is estimated", minimum=0),
    Column("reactive_varh", WH, "varh", "Reactive energy delivered less received, where it is metered"),
    Column("resampled_delivered_wh", WH, "Wh", "Of delivered_wh, what came in intervals of another length"),
    Column("resampled_received_wh", WH, "Wh", "Of received_wh, what came in intervals of another length"),
    Column(
        "profiled_wh",
        WH,
        "Wh",
        "Energy of customers without interval meters, by standard profiles: modelled, and not in delivered_wh",
        minimum=0,
    ),
    Column(
        "unmetered_wh",
        WH,
        "Wh",
        "Energy of what has no meter, such as street lighting: modelled, and not in delivered_wh",
        minimum=0,
    ),
    Column(
        "apparent_va",
        ArrayType(DoubleType(), False),
        "VA",
        "Apparent power of the net load: delivered, less received, with what is profiled and unmetered",
        minimum=0,
    ),
    Column("meters_seen", COUNT, "1", "Usage points with a reading received in each interval", minimum=0),
    Column("meters_estimated", COUNT, "1", "Usage points with an estimate in each interval", minimum=0),
    Column("meters_expected", IntegerType(), "1", "Interval-metered usage points connected that day", minimum=0),
    Column(
        "estimated_share",
        DoubleType(),
        "1",
        "|estimated Wh| / |total Wh| of the day; the share of intervals where that is 0",
        minimum=0,
        maximum=1,
    ),
    Column(
        "resampled_share",
        DoubleType(),
        "1",
        "Share of channel-intervals brought to this interval length from another",
        minimum=0,
        maximum=1,
    ),
    Column(
        "reactive_assumed_share",
        DoubleType(),
        "1",
        "Share of net energy whose reactive part rests on an assumed power factor",
        minimum=0,
        maximum=1,
    ),
)

KW = DoubleType()
METRICS = (
    c.PERIOD_KIND,
    c.PERIOD_START,
    Column("days_expected", IntegerType(), "d", "Grid days of the period", minimum=0),
    Column("days_present", IntegerType(), "d", "Of these, days with a profile", minimum=0),
    Column(
        "days_provisional",
        IntegerType(),
        "d",
        "Of these, days with less than the share of readings that makes a day complete",
        minimum=0,
    ),
    Column("intervals_used", IntegerType(), "1", "Intervals with enough meters seen or estimated", minimum=0),
    Column("intervals_present", IntegerType(), "1", "Intervals of the days present", minimum=0),
    Column("delivered_wh", LongType(), "Wh", "Energy delivered in the intervals used"),
    Column("received_wh", LongType(), "Wh", "Energy received in the intervals used"),
    Column("profiled_wh", LongType(), "Wh", "Energy in them of customers without interval meters", minimum=0),
    Column("unmetered_wh", LongType(), "Wh", "Energy in them of what has no meter", minimum=0),
    Column(
        "estimated_share",
        KW,
        "1",
        "Estimated Wh (absolute) / (delivered_wh + received_wh) of the intervals used; where that is 0, their share of "
        "meter-intervals that are estimated; null where no meter was expected in any",
        nullable=True,
        minimum=0,
        maximum=1,
    ),
    Column(
        "peak_kw",
        KW,
        "kW",
        f"Highest {NET_LOAD}; null where it is not positive",
        nullable=True,
    ),
    Column("peak_at_utc", TimestampType(), None, "Start of that interval, the first on a tie", nullable=True),
    Column("mean_kw", KW, "kW", f"Mean {NET_LOAD}", nullable=True),
    Column("load_factor", KW, "1", "mean_kw / peak_kw; null where either is not positive", nullable=True),
    Column("largest_ramp_kw", KW, "kW", f"Largest change, between consecutive intervals, of {NET_LOAD}", nullable=True),
    Column("delivered_peak_kw", KW, "kW", "Highest delivered load, of interval meters alone", nullable=True),
    Column("received_peak_kw", KW, "kW", "Highest received load, of interval meters alone", nullable=True),
    Column(
        "reverse_peak_kw",
        KW,
        "kW",
        f"Highest reverse flow: {NET_LOAD}, where negative, without its sign",
        nullable=True,
    ),
    Column("reverse_hours", KW, "h", "Hours of reverse flow", minimum=0),
    Column("reverse_wh", LongType(), "Wh", "Energy of reverse flow", minimum=0),
    Column(
        "delivered_coincidence_factor",
        KW,
        "1",
        "Peak of the sum / sum of each usage point's own peak of the month, delivered; null in a year, and where the "
        "divisor is not positive",
        nullable=True,
    ),
    Column("received_coincidence_factor", KW, "1", "The same, received", nullable=True),
    Column("apparent_peak_kva", KW, "kVA", "Highest apparent power", nullable=True),
    Column("loss_factor", KW, "1", "mean(S^2) / peak(S)^2", nullable=True),
    Column("rating_kva", KW, "kVA", "Rating held against", nullable=True),
    Column("utilisation", KW, "1", "Highest apparent power / rating", nullable=True),
    Column("hours_above_rating", KW, "h", "Hours with apparent power above the rating", nullable=True),
    Column(
        "duration_kva",
        ArrayType(DoubleType(), False),
        "kVA",
        "Apparent power exceeded for 0, 1, … 100 hundredths of the time",
    ),
)
