"""What the validation rules and estimates mean: one channel, day by day, read by read."""

import math
from dataclasses import dataclass, field
from statistics import mean, median, pstdev

from kernels import quality as q
from kernels.block_rules import DEMAND, REACTIVE

Finding = tuple[str, int, int, float, float]
"""Rule, first slot, slots, measured, threshold."""


@dataclass
class Day:
    """One day of the channel; ``None`` where nothing was received. `usual` is (typical, low, high) of each slot."""

    day: int
    reads: list[int | None]
    limit_kw: float = math.nan
    nature: int = DEMAND
    live: tuple[bool, ...] = (True,) * 96
    register: float = math.nan
    usual: list[tuple[int, int, int]] | None = None
    usual_day: tuple[int, int] = (0, 0)  # lowest and highest total of a day of any type
    short: bool = False  # the history that `usual` rests on: too short to judge by
    estimated_by_source: frozenset[int] = frozenset()
    # what comes out
    values: list[int] = field(default_factory=list)
    quality: list[int] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    not_run: set[str] = field(default_factory=set)


def validate(days: list[Day], t: dict[str, float], linear_minutes: float) -> None:
    """Judge every day of a channel, in order."""
    for day in days:
        day.values = [0 if read is None else read for read in day.reads]
        day.quality = [q.MISSING if read is None else q.VALID for read in day.reads]
        for slot in day.estimated_by_source:
            day.quality[slot] = q.ESTIMATED_BY_SOURCE if day.reads[slot] is not None else q.MISSING
        day.done = ["gap" if read is None else "keep" for read in day.reads]
    for number, day in enumerate(days):
        replace_reads(day, neighbour(days, number, -1), neighbour(days, number, 1), t)
    for number, day in enumerate(days):
        flag_reads(day, days[:number], t)
    for number, day in enumerate(days):
        estimate(day, neighbour(days, number, -1), neighbour(days, number, 1), linear_minutes)
        day.findings.sort(key=lambda one: (one[1], ORDER.index(one[0])))


ORDER = (
    "missing", "negative", "above_limit", "spike", "catch_up", "high", "low", "level_change", "flat_run",
    "zero_run", "zero_day", "register_difference", "clock_drift",
)  # fmt: skip


def neighbour(days: list[Day], number: int, step: int) -> Day | None:
    """The day before or after, where it is there on the same interval."""
    other = number + step
    if not 0 <= other < len(days):
        return None
    same = days[other].day == days[number].day + step and len(days[other].reads) == len(days[number].reads)
    return days[other] if same else None


def minutes_of(day: Day) -> int:
    return 1440 // len(day.reads)


def kw(day: Day, value: float) -> float:
    return value * 60.0 / (1000.0 * minutes_of(day))


def runs(flags: list[bool]) -> list[tuple[int, int]]:
    """First slot and length of each run of true."""
    found, slot = [], 0
    while slot < len(flags):
        length = 0
        while slot + length < len(flags) and flags[slot + length]:
            length += 1
        if length:
            found.append((slot, length))
        slot += length + 1
    return found


def replace_reads(day: Day, before: Day | None, after: Day | None, t: dict[str, float]) -> None:
    reads = day.reads
    for first, length in runs([read is not None and read < 0 for read in reads]):
        day.findings.append(("negative", first, length, min(read or 0 for read in reads[first : first + length]), 0.0))
        day.done[first : first + length] = ["gap"] * length
    catch_ups(day, before, t)
    limit = (t["limit_kw"] if math.isnan(day.limit_kw) else day.limit_kw) * t["limit_margin"]
    above = [
        done == "keep" and kw(day, read or 0) > limit * (1 + 1e-12) for done, read in zip(day.done, reads, strict=True)
    ]
    for first, length in runs(above):
        worst = max(read or 0 for read in reads[first : first + length])
        day.findings.append(("above_limit", first, length, kw(day, worst), limit))
        day.done[first : first + length] = ["gap"] * length
    if day.nature != DEMAND:
        day.not_run.add("spike")
        return
    if sum(read is not None for read in reads) < 8:
        return
    beside = (before.reads[-2:] if before else []) + (after.reads[:2] if after else [])
    own = [read for read, done in zip(reads, day.done, strict=True) if done == "keep"]
    highest = sorted((max(read or 0, 0) for read in [*own, *beside, None, None, None]), reverse=True)
    again = [read for other in (before, after) if other for read in other.reads if read is not None]
    bound = max(kw(day, t["spike_ratio"] * highest[2]), t["spike_min_kw"], kw(day, 1.5 * max([0, *again])))
    for slot, read in enumerate(reads):
        if day.done[slot] == "keep" and kw(day, read or 0) > bound * (1 + 1e-12):
            day.findings.append(("spike", slot, 1, kw(day, read or 0), bound))
            day.done[slot] = "gap"


def catch_ups(day: Day, before: Day | None, t: dict[str, float]) -> None:
    """A read that about equals what the gap or zero run before it lacked is spread over both."""
    shift = len(before.reads) if before else 0
    line = (before.reads if before else []) + day.reads
    for at in range(max(shift, 1), len(line)):
        read = line[at]
        first = at
        while first > 0 and (line[first - 1] is None or (day.nature == DEMAND and line[first - 1] == 0)):
            first -= 1
        run = at - first
        if read is None or read <= 0 or run == 0 or run * minutes_of(day) < t["catch_up_minutes"]:
            continue
        hour = 60 // minutes_of(day)
        other = {n: r for n, r in enumerate(line) if r is not None and r >= 0 and not first <= n <= at}
        beside = [r for n, r in other.items() if first - hour <= n <= at + hour]
        if len(other) < 8:
            continue
        over, lacked = max(other.values()), mean(other.values()) * (run + 1)
        never_zero = 0 not in other.values() and None not in line[first:at]
        if beside and (never_zero or not any(read == 0 for read in line[first:at])):
            over = max(beside)
            nearby = mean(beside) * (run + 1)
            lacked = nearby if about(read, nearby, t["catch_up_range"]) else lacked
        if read <= t["catch_up_ratio"] * over or not about(read, lacked, t["catch_up_range"]):
            continue
        share, left = divmod(read, run + 1)
        for n in range(first, at + 1):
            target, slot = (before, n) if before and n < shift else (day, n - shift)
            target.values[slot] = share + (n - first < left)
            target.quality[slot] = q.ESTIMATED_SPREAD
            target.done[slot] = "spread"
        day.findings.append(("catch_up", first - shift, run + 1, read, lacked))


def about(value: float, other: float, factor: float) -> bool:
    return other <= value * factor and value <= other * factor


def flag_reads(day: Day, earlier: list[Day], t: dict[str, float]) -> None:
    n, minutes = len(day.reads), minutes_of(day)
    kept = [read if done == "keep" else None for read, done in zip(day.reads, day.done, strict=True)]
    present = [read for read in kept if read is not None]

    def suspect(rule: str, first: int, slots: int, measured: float, threshold: float, raw: bool = False) -> None:
        day.findings.append((rule, first, slots, measured, threshold))
        for slot in range(first, first + slots):
            if kept[slot] is not None and day.quality[slot] in (q.VALID, q.SUSPECT):
                day.quality[slot] = q.SUSPECT_RAW if raw else (day.quality[slot] or q.SUSPECT)

    for first, length in runs([read is None and done == "gap" for read, done in zip(day.reads, day.done, strict=True)]):
        day.findings.append(("missing", first, length, length * minutes, 0.0))

    first = 0
    if day.nature == REACTIVE:
        day.not_run.add("flat_run")
        first = n
    while first < n:
        length = 1
        while first + length < n and day.reads[first + length] == day.reads[first]:
            length += 1
        value = kept[first]
        if (
            value is not None
            and value >= 1
            and kw(day, value) >= t["flat_min_kw"]
            and length * minutes >= t["flat_minutes"]
            and length > 1
        ):
            suspect("flat_run", first, length, length * minutes, t["flat_minutes"], raw=True)
        first += length

    week = [mean_kw(one) for one in earlier if one.day >= day.day - 14 and not math.isnan(mean_kw(one))]
    zero_day = False
    if day.nature != DEMAND:
        day.not_run.add("zero_day")
    elif t["zero_day"]:
        if len(week) < 7:
            day.not_run.add("zero_day")
        else:
            all_zero = 2 * len(present) >= n and not any(present) and not any(week)
            zero_day = all_zero and any(day.live)
    if zero_day:
        suspect("zero_day", 0, n, len(present) * minutes, 720)

    if day.nature != DEMAND or len(week) < 7 or median(week) < t["level_min_kw"]:
        day.not_run.add("level_change")
    else:
        came = [r for r, done in zip(day.reads, day.done, strict=True) if r is not None and r >= 0 and done != "spread"]
        now, middle = kw(day, mean(came or [0])), median(week)
        if 2 * len(came) >= n and now > 0:
            spread = 1.4826 * median(abs(math.log(max(one, 1e-9) / middle)) for one in week)
            ratio = t["level_rise_ratio"] if now > middle else t["level_fall_ratio"]
            bound = max(ratio, math.exp(min(t["level_deviations"] * spread, 50.0)))
            rises = sum(kw(day, read) > middle * bound for read in came) * minutes >= 60
            if (now > middle * bound and rises) or now < middle / bound:
                suspect("level_change", 0, n, now, middle * bound if now > middle else middle / bound)

    if math.isnan(day.register):
        day.not_run.add("register_difference")
    else:
        bound, difference = t["register_share"] * abs(day.register) + n / 2, sum(present) - day.register
        if difference > bound or (len(present) == n and -difference > bound):
            suspect("register_difference", 0, n, difference, bound)

    if day.usual is None or day.short or day.nature != DEMAND:
        day.not_run |= {"high", "low", "clock_drift", "zero_run"}
        return
    least, most = (kw(day, total / n) for total in day.usual_day)
    quiet_known = False
    if len(present) == n and 2 * present.count(0) < n:
        now = kw(day, mean(present))
        typical = [one[0] for one in day.usual]
        quiet_known = quiet(typical) >= 4
        if most >= t["level_min_kw"] and now > most * t["high_day_ratio"] * (1 + 1e-12):
            day.not_run |= {"zero_run", "clock_drift"}
            return suspect("high", 0, n, now, most * t["high_day_ratio"])
        if least >= t["low_min_kw"] and 0 < now < least * t["low_day_ratio"] * (1 - 1e-12):
            day.not_run |= {"zero_run", "clock_drift"}
            return suspect("low", 0, n, now, least * t["low_day_ratio"])
        bound = t["high_quiet_ratio"] * quiet(typical)
        if quiet_known and sum(present) > sum(typical) and quiet(present) > bound:
            day.not_run |= {"zero_run", "clock_drift"}
            return suspect("high", 0, n, kw(day, quiet(present)), kw(day, bound))
    if most < t["level_min_kw"] and not quiet_known:
        day.not_run.add("high")
    high = max(t["high_ratio"] * max(one[2] for one in day.usual), 1.0) if most >= t["level_min_kw"] else math.inf
    lowest = min(one[1] for one in day.usual)
    low = t["low_ratio"] * lowest if kw(day, lowest) >= t["low_min_kw"] else 0.0
    for first, length in runs([read is not None and read > high for read in kept]):
        suspect("high", first, length, kw(day, max(r or 0 for r in kept[first : first + length])), kw(day, high))
    for first, length in runs([read is not None and 0 < read < low for read in kept]):
        suspect("low", first, length, kw(day, min(r or 0 for r in kept[first : first + length])), kw(day, low))
    odd_zero = [
        read == 0 and one[1] > 0 and day.live[slot * minutes // 15] and not zero_day
        for slot, (read, one) in enumerate(zip(kept, day.usual, strict=True))
    ]
    for first, length in runs(odd_zero):
        if length * minutes >= t["zero_minutes"]:
            suspect("zero_run", first, length, length * minutes, t["zero_minutes"])
    typical = [one[0] for one in day.usual]
    width = math.sqrt(mean((one[2] - one[1]) ** 2 for one in day.usual))
    if len(present) < n or t["drift_correlation"] >= 1 or pstdev(typical) <= t["drift_course"] * width * (1 + 1e-12):
        day.not_run.add("clock_drift")
    else:
        clock_drift(day, suspect, t)


def quiet(reads: list[int]) -> int:
    """The read that one in twenty lies below."""
    return sorted(reads)[len(reads) // 20]


def clock_drift(day: Day, suspect: object, t: dict[str, float]) -> None:
    reads = [read or 0 for read in day.reads]
    usual = [one[0] for one in day.usual or []]

    def fit(shift: int) -> float:
        pairs = [(reads[s], usual[s - shift]) for s in range(len(reads)) if 0 <= s - shift < len(reads)]
        mx, my = mean(x for x, _ in pairs), mean(y for _, y in pairs)
        sxx, syy = sum((x - mx) ** 2 for x, _ in pairs), sum((y - my) ** 2 for _, y in pairs)
        return sum((x - mx) * (y - my) for x, y in pairs) / math.sqrt(sxx * syy) if sxx > 1e-9 and syy > 1e-9 else 0.0

    most = 180 // minutes_of(day)
    best = max([0, *range(-most, most + 1)], key=fit)
    better = 1 - fit(0) >= t["drift_factor"] * (1 - fit(best))
    if abs(best) * minutes_of(day) >= 30 and fit(best) >= t["drift_correlation"] and better:
        suspect("clock_drift", 0, len(reads), best * minutes_of(day), 0.0)  # type: ignore[operator]


def mean_kw(day: Day) -> float:
    """Mean of what the day received; NaN below 80 % of it."""
    present = [read for read in day.reads if read is not None]
    return kw(day, mean(present)) if len(present) >= 0.8 * len(day.reads) else math.nan


def estimate(day: Day, before: Day | None, after: Day | None, linear_minutes: float) -> None:
    n, shift = len(day.reads), len(before.reads) if before else 0
    parts = [part for part in (before, day, after) if part]
    line = [read for part in parts for read in part.reads]
    done = [one for part in parts for one in part.done]
    for first, length in runs([one == "gap" for one in done]):
        left, right = first - 1, first + length
        linear = (
            length * minutes_of(day) <= linear_minutes
            and left >= 0 and right < len(line) and done[left] == "keep" and done[right] == "keep"
        )  # fmt: skip
        for at in range(max(first, shift), min(first + length, shift + n)):
            slot = at - shift
            day.values[slot], day.quality[slot] = 0, q.MISSING
            if linear:
                start, end = line[left] or 0, line[right] or 0
                day.values[slot] = round(start + (end - start) * (at - left) / (right - left))
                day.quality[slot] = q.ESTIMATED_LINEAR
            elif day.usual is not None:
                day.values[slot] = min(round(day.usual[slot][0] * like_day(day)), 2**31 - 1)
                day.quality[slot] = q.ESTIMATED_LIKE_DAY


def like_day(day: Day) -> float:
    assert day.usual is not None
    gap = sum(one[0] for one, done in zip(day.usual, day.done, strict=True) if done == "gap")
    kept = [slot for slot, done in enumerate(day.done) if done == "keep"]
    spread = sum(value for value, done in zip(day.values, day.done, strict=True) if done == "spread")
    rest = day.register - spread - sum(day.reads[slot] or 0 for slot in kept)
    if rest >= 0 and gap > 0:
        return rest / gap
    usual = sum(day.usual[slot][0] for slot in kept)
    if 4 * len(kept) >= len(day.reads) and usual > 0:
        return sum(day.reads[slot] or 0 for slot in kept) / usual
    return 1.0
