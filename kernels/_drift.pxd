# Whether a day is the usual one moved in time: for the loop of _block_usual.pyx.
from libc.math cimport sqrt
from libc.stdint cimport int8_t, int32_t, int64_t
from libc.stdlib cimport abs

from kernels._quality cimport SUSPECT
from kernels._rules cimport CLOCK_DRIFT, MOST_SLOTS, add, mark

cdef enum:
    DRIFT_LEAST_MINUTES = 30
    DRIFT_MINUTES = 180


cdef inline bint has_course(
    const int32_t[::1] typical, const int32_t[::1] low, const int32_t[::1] high, int64_t* usual, int64_t n, double least,
) noexcept nogil:
    """Whether the usual day's hours differ by more than its reads of one hour do: else no shift can be seen."""
    cdef double sum_ = 0.0, squares = 0.0, widths = 0.0, width
    cdef int64_t slot
    for slot in range(n):
        sum_ += typical[usual[slot]]
        squares += <double>typical[usual[slot]] * typical[usual[slot]]
        width = high[usual[slot]] - low[usual[slot]]
        widths += width * width
    return squares - sum_ * sum_ / n > least * least * widths


cdef inline Py_ssize_t clock_drift(
    const int32_t[::1] raw, const int32_t[::1] typical, int64_t* usual, int64_t base, int64_t n, int32_t minutes,
    double least_correlation, double least_factor, const int8_t[::1] done, int8_t[::1] quality,
    int64_t[::1] found_row, int32_t[:, ::1] found_at, double[:, ::1] found_value, Py_ssize_t found, Py_ssize_t row,
) noexcept nogil:
    """Whether the day fits the usual day better when moved in time, and by how many minutes."""
    cdef double expected[MOST_SLOTS]
    cdef double plain, highest, now
    cdef int64_t slot
    cdef int shift, best = 0, most = DRIFT_MINUTES // minutes
    for slot in range(n):
        expected[slot] = typical[usual[slot]]
    plain = highest = correlation(&raw[base], expected, n, 0)
    for shift in range(-most, most + 1):
        now = correlation(&raw[base], expected, n, shift)
        if now > highest:
            highest = now
            best = shift
    if (
        abs(best) * minutes >= DRIFT_LEAST_MINUTES and highest >= least_correlation
        and 1.0 - plain >= least_factor * (1.0 - highest)
    ):
        found = add(found_row, found_at, found_value, found, row, CLOCK_DRIFT, 0, n, best * minutes, 0.0)
        mark(done, quality, base, n, SUSPECT)
    return found


cdef inline double correlation(const int32_t* read, double* expected, int64_t n, int shift) noexcept nogil:
    """Correlation of the reads with what is expected `shift` slots earlier, over the slots that both have."""
    cdef double sx = 0.0, sy = 0.0, sxx = 0.0, syy = 0.0, sxy = 0.0, x, y
    cdef int64_t first = max(shift, 0), slot, count = n - (shift if shift > 0 else -shift)
    for slot in range(first, first + count):
        x = read[slot]
        y = expected[slot - shift]
        sx += x
        sy += y
        sxx += x * x
        syy += y * y
        sxy += x * y
    x = (sxx - sx * sx / count) * (syy - sy * sy / count)
    return (sxy - sx * sy / count) / sqrt(x) if x > 0.0 else 0.0
