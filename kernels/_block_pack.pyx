# The loop of kernels/block_pack.py, which checks, allocates and documents.
from libc.math cimport fabs
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from kernels._quality cimport ESTIMATED_BY_SOURCE as BY_SOURCE, MISSING, VALID

cdef enum:
    ACCEPTED = 0  # kernels.block_pack.OUTCOMES
    DUPLICATE = 1
    SUPERSEDED = 2
    CONFLICT = 3
    OVERFLOW = 4
    REFUSED = 5
    MINUTES = 1440

cdef double LIMIT = 2147483647.5  # what rounds to an int32 is below
cdef double SHIFT = 6755399441055744.0  # 1.5 * 2**52: adding and taking it away rounds half to even


def pack(
    const double[::1] value,
    const int64_t[::1] offset,
    const uint8_t[::1] estimated,
    const int64_t[::1] estimated_offset,
    const int32_t[::1] first_minute,
    const int32_t[::1] interval,
    const double[::1] factor,
    const int64_t[::1] version,
    const uint8_t[::1] refused,
    const int64_t[::1] key_start,
    const int32_t[::1] key_interval,
    const int64_t[::1] out_offset,
    int32_t[::1] reading,
    int8_t[::1] quality,
    double[::1] rounding,
    int64_t[::1] key_version,
    int32_t[::1] received,
    int64_t[:, ::1] active,
    int32_t[:, ::1] outcome,
):
    """Fill the blocks of all keys; return the first piece that does not lie within its day, or -1."""
    cdef Py_ssize_t key, piece, bad = -1
    cdef int64_t i, count, at, base
    cdef int32_t length, minute, grid, slot, start, first, parts, owned, part, quarter
    cdef int64_t whole, share, left
    cdef double x, r
    cdef bint clash, ahead
    # For each slot of the key being packed: the read of the highest version so far, and whether another
    # read of that version disagrees with it.
    cdef Py_ssize_t owner_piece[MINUTES]
    cdef int64_t owner_read[MINUTES]
    cdef double owner_value[MINUTES]
    cdef bint disputed[MINUTES]
    cdef bint nonzero[MINUTES]
    with nogil:
        for key in range(key_interval.shape[0]):
            grid = key_interval[key]
            base = out_offset[key]
            for slot in range(MINUTES // grid):
                owner_piece[slot] = -1
                disputed[slot] = False
                nonzero[slot] = False
                reading[base + slot] = 0
                quality[base + slot] = MISSING
            rounding[key] = 0.0
            key_version[key] = -1
            received[key] = 0
            active[key, 0] = 0
            active[key, 1] = 0
            for piece in range(key_start[key], key_start[key + 1]):
                count = offset[piece + 1] - offset[piece]
                length = interval[piece]
                if refused[piece]:
                    for at in range(offset[piece], offset[piece + 1]):
                        if value[at] == value[at]:
                            outcome[piece, REFUSED] += 1
                    continue
                if count == 0:
                    continue
                minute = first_minute[piece]
                if (
                    length <= 0 or MINUTES % length or minute < 0 or minute % length
                    or minute + count * length > MINUTES
                ):
                    bad = piece
                    break
                parts = length // grid
                start = minute // grid
                for i in range(count):
                    x = value[offset[piece] + i]
                    if x != x:
                        continue
                    x = x * factor[piece]
                    if not fabs(x) < LIMIT:
                        outcome[piece, OVERFLOW] += 1
                        continue
                    first = start + <int32_t>i * parts
                    for slot in range(first, first + parts):
                        if owner_piece[slot] < 0 or version[piece] > version[owner_piece[slot]]:
                            owner_piece[slot] = piece
                            owner_read[slot] = i
                            owner_value[slot] = x
                            disputed[slot] = False
                        elif version[piece] == version[owner_piece[slot]] and (
                            x != owner_value[slot] or length != interval[owner_piece[slot]]
                        ):
                            disputed[slot] = True
            if bad >= 0:
                break
            for piece in range(key_start[key], key_start[key + 1]):
                if refused[piece]:
                    continue
                length = interval[piece]
                minute = first_minute[piece]
                parts = length // grid
                start = minute // grid
                for i in range(offset[piece + 1] - offset[piece]):
                    x = value[offset[piece] + i] * factor[piece]
                    if not fabs(x) < LIMIT:  # nor is NaN
                        continue
                    r = (x + SHIFT) - SHIFT
                    first = start + <int32_t>i * parts
                    owned = 0
                    clash = False
                    ahead = False
                    for slot in range(first, first + parts):
                        if version[piece] == version[owner_piece[slot]]:
                            ahead = True
                            clash = clash or disputed[slot]
                            owned += owner_piece[slot] == piece and owner_read[slot] == i
                    if clash:
                        outcome[piece, CONFLICT] += 1
                        continue
                    if not owned:
                        outcome[piece, DUPLICATE if ahead else SUPERSEDED] += 1
                        # Two identical reads of which one is marked as estimated are a measured read.
                        if ahead and not estimated_at(estimated, estimated_offset, piece, i):
                            for slot in range(first, first + parts):
                                if quality[base + slot] == BY_SOURCE and version[owner_piece[slot]] == version[piece]:
                                    quality[base + slot] = VALID
                        continue
                    outcome[piece, ACCEPTED] += 1
                    rounding[key] += (r - x) * owned / parts
                    key_version[key] = max(key_version[key], version[piece])
                    whole = <int64_t>r
                    share = whole if parts == 1 else whole // parts
                    left = whole - share * parts
                    if left < 0:  # C division truncates; the remainder is handed out upwards
                        share -= 1
                        left += parts
                    for part in range(parts):
                        slot = first + part
                        if owner_piece[slot] != piece or owner_read[slot] != i:
                            continue
                        reading[base + slot] = <int32_t>(share + (part < left))
                        if quality[base + slot] == MISSING:
                            quality[base + slot] = BY_SOURCE if estimated_at(estimated, estimated_offset, piece, i) else VALID
                        received[key] += 1
                        if whole != 0:
                            nonzero[slot] = True
            for slot in range(MINUTES // grid):
                if nonzero[slot]:
                    for quarter in range(slot * grid // 15, ((slot + 1) * grid - 1) // 15 + 1):
                        active[key, quarter >= 48] |= <int64_t>1 << (quarter - 48 * (quarter >= 48))
    return bad


cdef inline bint estimated_at(
    const uint8_t[::1] estimated, const int64_t[::1] estimated_offset, Py_ssize_t piece, int64_t i
) noexcept nogil:
    return estimated_offset[piece + 1] > estimated_offset[piece] and estimated[estimated_offset[piece] + i] != 0
