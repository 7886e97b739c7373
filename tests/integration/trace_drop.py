"""A drop folder for traces: few meters, two days, and one of each thing that may happen to a read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from jobs.settings import Settings
from tests.integration.drop import SOURCES, write, write_sources
from tests.integration.metered_drop import METERED, SINCE, Connected, Wide, write_meters, write_points

FIRST, SECOND = date(2016, 1, 5), date(2016, 1, 6)
MOVED = "2016-01-06T00:00:00+01:00"
EXCHANGED = "2016-01-05T10:07:00+01:00"
EXCHANGED_SLOT = 41  # the first that starts after the exchange
METER_OF = {"p1": "m1", "p2": "m2", "p3": "m3", "p4": "m4", "p5": "m5", "p6": "m6"}
NEW_METER = "m2b"
HOURLY = SOURCES["head_end_long"]["readings"] | {
    "registers": {"": {"channel": "delivered", "unit": "Wh"}},
    "value": "wh",
}


def usual(slot: int) -> str:
    """kWh: between 0.200 and 0.295, so no two slots of a day are alike."""
    return f"{(200 + slot) / 1000}"


def ours(settings: Settings, folder: Path) -> Settings:
    """Settings with these sources, which commit days however few reads came."""
    changed = write_sources(settings, folder, **METERED, long=SOURCES["head_end_long"] | {"readings": HOURLY})
    audit = changed.audit.model_copy(update={"rejected_share": 1.0, "received_share": 0.0})
    return changed.model_copy(update={"audit": audit})


def write_entities(drop: Path) -> None:
    """p1 to p6 on T1, p3 moved to T2 on the second day; p2's meter exchanged on the first, within it."""
    meters = [f"{meter},{point},{SINCE},,1" for point, meter in METER_OF.items() if point != "p2"]
    meters += [f"m2,p2,{SINCE},{EXCHANGED},1", f"{NEW_METER},p2,{EXCHANGED},,2"]
    write_meters(drop, "all_20160101000000.csv", meters)
    links = [f"{point},T1,{SINCE},{MOVED if point == 'p3' else ''}" for point in METER_OF]
    write_points(drop, dict.fromkeys(METER_OF, Connected("T1")), [*links, f"p3,T2,{MOVED},"])


def write_reads(drop: Path) -> None:
    """Reads of both days, as `tests/integration/test_trace_usage_point.py` says what becomes of them."""
    first = Wide().day("m1", FIRST, usual).day("m3", FIRST, usual).day("m4", FIRST, usual)
    first.day("m5", FIRST, lambda slot: "" if 20 <= slot < 23 else "-0.5" if slot == 60 else usual(slot))
    first.day("m2", FIRST, lambda slot: usual(slot) if slot < EXCHANGED_SLOT else "")
    first.day(NEW_METER, FIRST, lambda slot: usual(slot) if slot >= EXCHANGED_SLOT else "")
    first.day("m1", SECOND, lambda slot: "n/a" if slot == 7 else usual(slot))
    for meter in ("m3", "m4", "m5", NEW_METER):
        first.day(meter, SECOND, usual)
    first.write(drop, "a_20160107000000.csv")
    # m1 is corrected in four slots; m3 is delivered again as it was; m4 twice with one version, and otherwise
    second = Wide().day("m1", FIRST, lambda slot: f"0.9{slot}" if 40 <= slot < 44 else usual(slot))
    second.write(drop, "corrected_20160108000000.csv")
    again = Wide().day("m3", FIRST, usual).day("m4", FIRST, lambda slot: "0.777" if slot == 50 else usual(slot))
    again.write(drop, "again_20160107000000.csv")
    hours = [hour for day in (FIRST, SECOND) for hour in _hours(day)]
    lines = [
        f"{meter},{hour.isoformat()},{1000 + number}" for number, hour in enumerate(hours) for meter in ("m6", "m9")
    ]
    write(drop / "long" / "hours.csv", ["meter,time,wh", *_shuffled(lines)])


def _hours(day: date) -> Iterable[datetime]:
    start = datetime.fromisoformat(f"{day}T00:00:00+01:00")
    return [start + number * timedelta(hours=1) for number in range(24)]


def _shuffled(lines: list[str]) -> list[str]:
    """The lines in an order of no meaning: a run's lines lie apart."""
    return sorted(lines, key=lambda line: line[::-1])
