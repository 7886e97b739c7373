# The loop of kernels/baseline.py, which checks, allocates and documents.
from libc.math cimport ceil, floor, rint
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

cdef enum:
    MOST_DAYS = 128  # a window's days of one type; its callers' windows have 84
    DAY_TYPES = 3
    MINUTES_A_DAY = 1440


def baselines(
    const int32_t[::1] reading,
    const uint8_t[::1] usable,
    const int64_t[::1] offset,
    const int32_t[::1] day,
    const int32_t[::1] interval,
    const int32_t[::1] date_index,
    const int32_t[:, ::1] local,
    const int64_t[::1] key_start,
    const int32_t[::1] window_first,
    const int32_t[::1] window_end,
    double quantile,
    int32_t[:, :, ::1] interval_out,
    int32_t[:, :, ::1] days_out,
    int32_t[:, :, :, ::1] usual_out,
    int32_t[:, :, :, ::1] total_out,
):
    """Fill the usual day of each key, window and day type; days 0 where a local slot has no read.

    Return the first row that is no day of its interval, reaches beyond the reads or names no row of `local`, or -1:
    what follows writes where such a row says, and no bounds check sees it.
    """
    cdef Py_ssize_t key, window, row, kind, local_slot, most = usual_out.shape[3], at
    cdef int32_t minutes, slots, slot, here, minute, value, used
    cdef int64_t total, place, n
    for row in range(day.shape[0]):
        n = offset[row + 1] - offset[row]
        if (
            n < 0 or offset[row] < 0 or offset[row + 1] > reading.shape[0]
            or (n > 0 and (interval[row] < 1 or n * interval[row] != MINUTES_A_DAY))
            or date_index[row] < 0 or date_index[row] >= local.shape[0]
        ):
            return row
    cdef int32_t* sorted_reads = <int32_t*>malloc(DAY_TYPES * most * MOST_DAYS * sizeof(int32_t))
    cdef int32_t* count = <int32_t*>malloc(DAY_TYPES * most * sizeof(int32_t))
    if sorted_reads == NULL or count == NULL:
        free(sorted_reads)
        free(count)
        raise MemoryError("no room for the reads of one key")
    with nogil:
        for key in range(key_start.shape[0] - 1):
            for window in range(window_first.shape[0]):
                minutes = 0  # the latest block's: a channel's interval may have changed
                for row in range(key_start[key], key_start[key + 1]):
                    if window_first[window] <= day[row] < window_end[window] and offset[row + 1] > offset[row]:
                        minutes = interval[row]
                if minutes == 0:
                    continue
                slots = MINUTES_A_DAY // minutes
                for at in range(DAY_TYPES * most):
                    count[at] = 0
                for kind in range(DAY_TYPES):
                    total_out[key, window, kind, 0] = 2147483647
                    total_out[key, window, kind, 1] = -2147483647
                for row in range(key_start[key], key_start[key + 1]):
                    if not window_first[window] <= day[row] < window_end[window] or interval[row] != minutes:
                        continue
                    total = used = 0
                    for slot in range(<int32_t>(offset[row + 1] - offset[row])):
                        if not usable[offset[row] + slot]:
                            continue
                        value = reading[offset[row] + slot]
                        total += value
                        used += 1
                        minute = slot * minutes
                        here = local[date_index[row], minute // 15]
                        kind = here // 96
                        at = kind * most + ((here - kind * 96) * 15 + minute % 15) // minutes
                        place = count[at]
                        if place == MOST_DAYS:
                            continue
                        count[at] += 1
                        at = at * MOST_DAYS
                        while place > 0 and sorted_reads[at + place - 1] > value:
                            sorted_reads[at + place] = sorted_reads[at + place - 1]
                            place -= 1
                        sorted_reads[at + place] = value
                    if used == slots:
                        kind = local[date_index[row], 48] // 96
                        value = <int32_t>min(max(total, <int64_t>-2147483647), <int64_t>2147483647)
                        total_out[key, window, kind, 0] = min(total_out[key, window, kind, 0], value)
                        total_out[key, window, kind, 1] = max(total_out[key, window, kind, 1], value)
                for kind in range(DAY_TYPES):
                    interval_out[key, window, kind] = minutes
                    used = count[kind * most]
                    for local_slot in range(slots):
                        n = count[kind * most + local_slot]
                        if n == 0:
                            used = 0
                            break
                        used = max(used, <int32_t>n)
                        at = (kind * most + local_slot) * MOST_DAYS
                        total = 0
                        for place in range(n):
                            total += sorted_reads[at + place]
                        usual_out[key, window, kind * 3, local_slot] = <int32_t>rint(<double>total / n)
                        usual_out[key, window, kind * 3 + 1, local_slot] = sorted_reads[at + <int64_t>floor(quantile * (n - 1))]
                        usual_out[key, window, kind * 3 + 2, local_slot] = sorted_reads[
                            at + <int64_t>ceil((1.0 - quantile) * (n - 1))
                        ]
                    days_out[key, window, kind] = used
    free(sorted_reads)
    free(count)
    return -1
