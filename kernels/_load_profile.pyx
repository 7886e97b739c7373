"""The loops of load_profile.py, which documents every argument.

Each loop stops at the first bad row and returns it, or -1.
"""

from libc.stdint cimport INT32_MIN, int8_t, int32_t, int64_t, uint8_t
from libc.string cimport memset

from kernels._quality cimport FIRST_ESTIMATED, LAST as LAST_QUALITY, MISSING

cdef enum:
    MINUTES_A_DAY = 1440
    # Planes of a group's sums, one value for each interval, and then its totals: load_profile.PLANES and TOTALS.
    DELIVERED = 0
    RECEIVED = 1
    REACTIVE = 2
    METERED_NET = 3
    ESTIMATED_ENERGY = 4
    SEEN = 5
    ESTIMATED = 6
    RESAMPLED_DELIVERED = 7
    RESAMPLED_RECEIVED = 8
    PROFILED = 9
    UNMETERED = 10
    PLANES = 11
    EXPECTED = 0
    SEEN_ALL_DAY = 1
    BLOCKS = 2
    RESAMPLED_BLOCKS = 3
    NEGATIVE_ENERGY = 4


cdef inline int32_t greatest_common_divisor(int32_t a, int32_t b) noexcept nogil:
    while b:
        a, b = b, a % b
    return a


def add_blocks(
    const int32_t[::1] group,
    const int8_t[::1] channel,
    const int32_t[::1] interval_minutes,
    const int32_t[::1] start,
    const int32_t[::1] reading,
    const int8_t[::1] quality,
    const uint8_t[::1] counts_as_meter,
    const uint8_t[::1] reactive_metered,
    int32_t profile_minutes,
    int64_t[:, ::1] sums,
):
    cdef Py_ssize_t row, first, i, slot, part, bad = -1
    cdef Py_ssize_t groups = sums.shape[0]
    cdef int32_t slots = MINUTES_A_DAY // profile_minutes
    cdef int32_t n, minutes, common, parts, per_slot, filled
    cdef int64_t value, share, rest, sign
    cdef int32_t signs
    cdef int8_t code, found
    cdef bint active, resampled
    cdef int8_t marks[MINUTES_A_DAY]
    cdef int64_t* into
    cdef int64_t* metered
    cdef int64_t* moved
    cdef int64_t* energy
    cdef int64_t* total
    cdef const int32_t* energies
    cdef const int8_t* codes
    with nogil:
        for row in range(group.shape[0]):
            if group[row] == -1:
                continue
            first = start[row]
            n = start[row + 1] - start[row]
            minutes = interval_minutes[row]
            if (
                group[row] < -1 or group[row] >= groups or channel[row] < 0 or channel[row] > 3
                or n < 0 or minutes < 1 or <int64_t> n * minutes != MINUTES_A_DAY
            ):
                bad = row
                break
            energy = &sums[group[row], 0]
            total = energy + PLANES * slots
            active = channel[row] <= 1
            sign = 1 if channel[row] % 2 == 0 else -1
            resampled = minutes != profile_minutes
            total[EXPECTED] += counts_as_meter[row]
            total[BLOCKS] += 1
            total[RESAMPLED_BLOCKS] += resampled
            into = energy + slots * (channel[row] if active else REACTIVE)
            metered = energy + slots * METERED_NET
            moved = energy + slots * (RESAMPLED_DELIVERED + (channel[row] & 1))  # of active channels only
            energies = &reading[first]
            codes = &quality[first]
            found = 0
            signs = 0
            for i in range(n):
                found |= codes[i]
            for i in range(n):
                signs |= energies[i]
            if found == 0 and signs >= 0 and not resampled:  # the usual day: loops that the compiler vectorises
                total[SEEN_ALL_DAY] += counts_as_meter[row]
                if active or sign > 0:
                    for i in range(n):
                        into[i] += energies[i]
                else:
                    for i in range(n):
                        into[i] -= energies[i]
                if active and reactive_metered[row]:
                    for i in range(n):
                        metered[i] += sign * energies[i]
                continue
            common = greatest_common_divisor(minutes, profile_minutes)
            parts = minutes // common
            per_slot = profile_minutes // common
            slot = 0
            filled = 0
            memset(marks, 0, slots)
            for i in range(n):
                code = codes[i]
                if code < 0 or code > LAST_QUALITY:
                    bad = row
                    break
                share = energies[i]
                rest = 0
                if parts > 1:
                    rest = (share % parts + parts) % parts  # never negative, as C's own remainder may be
                    share = (share - rest) // parts
                for part in range(parts):
                    if filled == per_slot:
                        slot += 1
                        filled = 0
                    filled += 1
                    if code == MISSING:
                        marks[slot] |= 1
                        continue
                    value = share + (part < rest)
                    if code >= FIRST_ESTIMATED:
                        marks[slot] |= 2
                    if not active:
                        into[slot] += sign * value
                        continue
                    into[slot] += value
                    if resampled:
                        moved[slot] += value
                    if reactive_metered[row]:
                        metered[slot] += sign * value
                    if value < 0:
                        value = -value
                        total[NEGATIVE_ENERGY] += value
                    if code >= FIRST_ESTIMATED:
                        energy[slots * ESTIMATED_ENERGY + slot] += value
            if bad >= 0:
                break
            if counts_as_meter[row]:
                for slot in range(slots):
                    energy[slots * SEEN + slot] += marks[slot] == 0
                    energy[slots * ESTIMATED + slot] += marks[slot] == 2
    return bad


def summarise_blocks(
    const int32_t[::1] start,
    const int32_t[::1] reading,
    const int8_t[::1] quality,
    const int32_t[::1] mask_of_row,
    const uint8_t[:, ::1] masks,
    int64_t[::1] energy,
    int32_t[::1] peak,
    int32_t[::1] peak_slot,
    int32_t[:, ::1] by_quality,
):
    cdef Py_ssize_t row, first, i, n, bad = -1
    cdef int64_t total
    cdef int32_t highest, at
    cdef int8_t code
    cdef const int32_t* energies
    cdef const int8_t* codes
    cdef const uint8_t* mask
    with nogil:
        for row in range(mask_of_row.shape[0]):
            first = start[row]
            n = start[row + 1] - start[row]
            if n < 1 or n > masks.shape[1] or mask_of_row[row] < 0 or mask_of_row[row] >= masks.shape[0]:
                bad = row
                break
            mask = &masks[mask_of_row[row], 0]
            energies = &reading[first]
            codes = &quality[first]
            total = 0
            highest = INT32_MIN
            at = -1
            for i in range(n):
                code = codes[i]
                if code < 0 or code > LAST_QUALITY:
                    bad = row
                    break
                if not mask[i]:
                    continue
                by_quality[row, code] += 1
                if code == MISSING:
                    continue
                total += energies[i]
                if energies[i] > highest or at < 0:
                    highest = energies[i]
                    at = <int32_t> i
            if bad >= 0:
                break
            energy[row] = total
            peak[row] = highest if at >= 0 else 0
            peak_slot[row] = at
    return bad
