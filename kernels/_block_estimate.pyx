# The loop of kernels/block_rules.py, which checks, allocates and documents: estimates.
from libc.math cimport rint
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from kernels._quality cimport ESTIMATED_LIKE_DAY, ESTIMATED_LINEAR, MISSING
from kernels._rules cimport GAP, KEEP, MOST_SLOTS, follows, usual_slots

cdef enum:
    LARGEST = 2147483647


def estimate_reads(
    blocks,
    baseline,
    const int8_t[::1] done,
    double linear_minutes,
    int32_t[::1] reading,
    int8_t[::1] quality,
):
    """Fill each gap: a straight line where it is short, else the channel's own like days, else missing."""
    cdef const int32_t[::1] raw = blocks.reading
    cdef const int64_t[::1] offset = blocks.offset
    cdef const int64_t[::1] key = blocks.key
    cdef const int32_t[::1] day = blocks.day
    cdef const int32_t[::1] interval = blocks.interval_minutes
    cdef const uint8_t[::1] judged = blocks.judged
    cdef const double[::1] register = blocks.register
    cdef const int32_t[:, ::1] base_row = baseline.row
    cdef const int64_t[::1] base_offset = baseline.offset
    cdef const int32_t[::1] typical = baseline.typical
    cdef const int32_t[::1] date_index = baseline.date_index
    cdef const int32_t[:, ::1] local = baseline.local
    cdef Py_ssize_t row
    cdef int64_t at, base, n, first, last, left, right, low, high, slot
    cdef double scale, x
    cdef bint ready, known = False
    cdef int64_t usual[MOST_SLOTS]
    with nogil:
        for row in range(judged.shape[0]):
            if not judged[row]:
                continue
            base = offset[row]
            n = offset[row + 1] - base
            # A gap may reach into, and its line may rest on, the blocks of the days beside this one.
            low = offset[row - 1] if follows(key, day, interval, offset, row) else base
            high = base + n
            if row + 1 < judged.shape[0] and follows(key, day, interval, offset, row + 1):
                high = offset[row + 2]
            ready = False
            at = base
            while at < base + n:
                if done[at] != GAP:
                    at += 1
                    continue
                first = at
                while at < base + n and done[at] == GAP:
                    at += 1
                left = first - 1
                while left >= low and done[left] == GAP:
                    left -= 1
                right = at
                while right < high and done[right] == GAP:
                    right += 1
                if (
                    (right - left - 1) * interval[row] <= linear_minutes
                    and left >= low and done[left] == KEEP and right < high and done[right] == KEEP
                ):
                    for slot in range(first, at):
                        x = raw[left] + (<double>raw[right] - raw[left]) * (slot - left) / (right - left)
                        reading[slot] = <int32_t>rint(x)
                        quality[slot] = ESTIMATED_LINEAR
                    continue
                if not ready:
                    known = usual_slots(base_row, base_offset, local, date_index[row], interval[row], row, n, usual)
                    scale = like_day(raw, reading, done, typical, usual, base, n, register[row]) if known else 0.0
                    ready = True
                for slot in range(first, at):
                    reading[slot] = 0
                    quality[slot] = MISSING
                    if known:
                        reading[slot] = <int32_t>min(rint(typical[usual[slot - base]] * scale), <double>LARGEST)
                        quality[slot] = ESTIMATED_LIKE_DAY


cdef double like_day(
    const int32_t[::1] raw, const int32_t[::1] reading, const int8_t[::1] done, const int32_t[::1] typical,
    int64_t* usual, int64_t base, int64_t n, double register,
) noexcept nogil:
    """What brings the usual day to this one: by the register where there is one, else by the reads kept."""
    cdef double kept = 0.0, usual_kept = 0.0, usual_gap = 0.0, rest = register
    cdef int64_t slot, reads = 0
    for slot in range(n):
        if done[base + slot] == GAP:
            usual_gap += typical[usual[slot]]
        else:
            rest -= reading[base + slot]
            if done[base + slot] == KEEP:
                reads += 1
                kept += raw[base + slot]
                usual_kept += typical[usual[slot]]
    if rest >= 0.0 and usual_gap > 0.0:  # false without a register, which is NaN
        return rest / usual_gap
    if 4 * reads >= n and usual_kept > 0.0:
        return kept / usual_kept
    return 1.0
