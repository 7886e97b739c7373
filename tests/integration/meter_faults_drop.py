"""What meters deliver while multipliers, clocks, exchanges and registers are wrong, and what comes to put them right.

A day of base b reads b - 1 and b + 1 Wh in turn before its multiplier, so 96 b in all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from tests.integration.drop import write
from tests.integration.metered_drop import SINCE, Connected, Wide, write_meters, write_points

MARCH = [date(2016, 3, 1) + timedelta(days=number) for number in range(8)]  # from a Tuesday on
HISTORY = [date(2016, 2, 8) + timedelta(days=number) for number in range(7)]  # a week from a Monday on
POINTS = {
    "ct": Connected("T1", "business"),  # current transformers of 300/5 A, registered as 200/5 A
    "changed": Connected("T1", "business"),  # 200/5 A, on the 4th exchanged for 300/5 A
    "vt": Connected("", "business", "mv"),  # 10/5 A at 20/0.1 kV, of which the voltage is forgotten
    "drift": Connected("T2", "business"),
    "exchanged": Connected("T3"),
    "late": Connected("T3"),  # exchanged likewise, a day later, which the meter register learns a week after
    "register": Connected("T4"),
    "gap": Connected("T4"),
}
FAST = [MARCH[1], MARCH[2]]  # days on which the clock of drift-m is 45 minutes fast
EXCHANGED = f"{MARCH[1]}T10:07:00+01:00"  # ex-new counts from slot 41 on
EXCHANGED_LATE = f"{MARCH[2]}T10:07:00+01:00"
FIRST_OF_NEW = 41
GAP_DAY, GAP = MARCH[3], range(40, 56)
SHORT_DAY, SHORT = MARCH[4], range(40, 80)

Value = Callable[[int], str]


def around(base: int) -> Value:
    return lambda slot: f"{(base + (1 if slot % 2 else -1)) / 1000}"


def but(slots: range, other: Value, value: Value) -> Value:
    """``value``, and in these slots the other."""
    return lambda slot: (other if slot in slots else value)(slot)


def none(slot: int) -> str:
    return ""


def morning(slot: int) -> str:
    """0.1 kWh, and from 8 to 12 o'clock 2 kWh: 40 kWh a day."""
    return "2.0" if 32 <= slot < 48 else "0.1"


def fast(slot: int) -> str:
    """Morning, of a clock that shows a quarter to nine at eight."""
    return morning(slot - 3)


def write_first(drop: Path) -> None:
    """As all is believed to be until the 9th."""
    write_points(drop, POINTS)
    meters = [f"ct-m,ct,{SINCE},,40", f"changed-m,changed,{SINCE},,40", f"vt-m,vt,{SINCE},,2"]
    meters += [f"{point}-m,{point},{SINCE},,1" for point in ("drift", "register", "gap")]
    meters += [f"ex-old,exchanged,{SINCE},{EXCHANGED},1", f"ex-new,exchanged,{EXCHANGED},,2"]
    write_meters(drop, "all_20160101000000.csv", [*meters, f"late-old,late,{SINCE},,1"])

    earlier = Wide()
    for day in HISTORY:
        earlier.day("drift-m", day, morning).day("gap-m", day, around(200))
    earlier.write(drop, "earlier_20160215000000.csv")
    march = Wide()
    for day in MARCH:
        for meter in ("ct-m", "changed-m", "vt-m"):
            march.day(meter, day, around(100))
        march.day("drift-m", day, fast if day in FAST else morning)
        march.day("register-m", day, but(SHORT, around(50), around(250)) if day == SHORT_DAY else around(250))
        march.day("gap-m", day, but(GAP, none, around(300)) if day == GAP_DAY else around(200))
    # ex-old goes on counting on the test bench, where ex-new has counted before
    for day in MARCH[:2]:
        march.day("ex-old", day, around(200))
    for day in MARCH[1:]:
        march.day("ex-new", day, around(300))
    before, after = range(FIRST_OF_NEW), range(FIRST_OF_NEW, 96)
    for day in MARCH[:3]:
        march.day("late-old", day, but(after, none, around(200)) if day == MARCH[2] else around(200))
    for day in MARCH[2:]:
        march.day("late-new", day, but(before, none, around(300)) if day == MARCH[2] else around(300))
    march.write(drop, "march_20160309000000.csv")

    wh = {
        "changed": [9_600] * 8,  # before its multiplier
        "register": [24_000] * 8,
        "gap": [30_400 if day == GAP_DAY else 19_200 for day in MARCH],
    }
    lines = [
        f"{point}-m,{day}T00:00:00+01:00,{1_000 + sum(counted[:number]) / 1000}"
        for point, counted in wh.items()
        for number, day in enumerate([*MARCH, MARCH[-1] + timedelta(days=1)])
    ]
    write(drop / "registers" / "march_20160309000000.csv", ["meter,read_at,kwh", *lines])


def write_corrections(drop: Path) -> None:
    """What the meter register and the head-end deliver on the 10th."""
    meters = [f"ct-m,ct,{SINCE},,60", f"changed-m,changed,{MARCH[3]}T00:00:00+01:00,,60", f"vt-m,vt,{SINCE},,400"]
    meters += [f"late-old,late,{SINCE},{EXCHANGED_LATE},1", f"late-new,late,{EXCHANGED_LATE},,2"]
    write_meters(drop, "corrected_20160310000000.csv", meters)
    again = Wide()
    for day in FAST:
        again.day("drift-m", day, morning)
    again.day("register-m", SHORT_DAY, around(250))
    again.day("gap-m", GAP_DAY, but(GAP, around(400), around(300)))
    again.write(drop, "corrected_20160310000000.csv")
