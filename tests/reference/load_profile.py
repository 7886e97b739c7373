"""Load profiles as the definition reads: one reading at a time, with Python's own whole numbers and fractions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

MISSING, FIRST_ESTIMATED = 3, 4


@dataclass(frozen=True)
class Block:
    channel: str
    interval_minutes: int
    reading: Sequence[int]
    quality: Sequence[int]
    counts_as_meter: bool
    reactive_metered: bool


@dataclass
class Profile:
    delivered_wh: list[int]
    received_wh: list[int]
    estimated_wh: list[int]
    reactive_varh: list[int]
    apparent_va: list[float]
    resampled_delivered_wh: list[int]
    resampled_received_wh: list[int]
    meters_seen: list[int]
    meters_estimated: list[int]
    meters_expected: int
    estimated_share: float
    resampled_share: float
    reactive_assumed_share: float


def equal_parts(energy: int, parts: int) -> list[int]:
    """Whole parts by largest remainder: each gets the whole below its share, the earliest one more each."""
    below = math.floor(Fraction(energy, parts))
    left = energy - below * parts
    return [below + 1 if part < left else below for part in range(parts)]


def resampled(
    reading: Sequence[int], quality: Sequence[int], minutes: int, profile_minutes: int
) -> list[list[tuple[int, int]]]:
    """For each interval of the profile, the (energy, quality) pieces that fall into it."""
    step = math.gcd(minutes, profile_minutes)
    pieces = [
        (part, code)
        for energy, code in zip(reading, quality, strict=True)
        for part in equal_parts(energy, minutes // step)
    ]
    per_slot = profile_minutes // step
    return [pieces[at : at + per_slot] for at in range(0, len(pieces), per_slot)]


def profile(blocks: Sequence[Block], profile_minutes: int, power_factor: float) -> Profile:
    """The profile of one group."""
    slots = 1440 // profile_minutes
    energy = {channel: [0] * slots for channel in ("delivered", "received", "reactive_delivered", "reactive_received")}
    moved = {channel: [0] * slots for channel in energy}
    net_without_reactive, estimated, seen, meters_estimated = [0] * slots, [0] * slots, [0] * slots, [0] * slots
    absolute = 0
    for block in blocks:
        cut = resampled(block.reading, block.quality, block.interval_minutes, profile_minutes)
        for slot, pieces in enumerate(cut):
            there = [(value, code) for value, code in pieces if code != MISSING]
            total = sum(value for value, _ in there)
            energy[block.channel][slot] += total
            if block.interval_minutes != profile_minutes:
                moved[block.channel][slot] += total
            if block.channel in ("delivered", "received"):
                absolute += sum(abs(value) for value, _ in there)
                estimated[slot] += sum(abs(value) for value, code in there if code >= FIRST_ESTIMATED)
                if not block.reactive_metered:
                    net_without_reactive[slot] += total if block.channel == "delivered" else -total
            if block.counts_as_meter and len(there) == len(pieces):
                from_reads = all(code < FIRST_ESTIMATED for _, code in there)
                seen[slot] += from_reads
                meters_estimated[slot] += not from_reads
    expected = sum(block.counts_as_meter for block in blocks)
    net = [d - r for d, r in zip(energy["delivered"], energy["received"], strict=True)]
    reactive = [d - r for d, r in zip(energy["reactive_delivered"], energy["reactive_received"], strict=True)]
    tangent = math.tan(math.acos(power_factor))
    assumed = sum(map(abs, net_without_reactive))
    metered = sum(abs(p - a) for p, a in zip(net, net_without_reactive, strict=True))
    if absolute:
        estimated_share = sum(estimated) / absolute
    else:
        estimated_share = sum(meters_estimated) / (expected * slots) if expected else 0.0
    return Profile(
        delivered_wh=energy["delivered"],
        received_wh=energy["received"],
        estimated_wh=estimated,
        reactive_varh=reactive,
        apparent_va=[
            math.hypot(p, q + abs(a) * tangent) * 60 / profile_minutes
            for p, q, a in zip(net, reactive, net_without_reactive, strict=True)
        ],
        resampled_delivered_wh=moved["delivered"],
        resampled_received_wh=moved["received"],
        meters_seen=seen,
        meters_estimated=meters_estimated,
        meters_expected=expected,
        estimated_share=estimated_share,
        resampled_share=sum(b.interval_minutes != profile_minutes for b in blocks) / len(blocks) if blocks else 0.0,
        reactive_assumed_share=assumed / (assumed + metered) if assumed + metered else 0.0,
    )
