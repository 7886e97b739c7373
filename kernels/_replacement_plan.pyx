"""The loop of replacement_plan.py: take options one by one while their year's budget lasts."""

from libc.stdint cimport int32_t, int64_t


def take_in_order(
    const int64_t[::1] option,
    const double[::1] cost,
    double[::1] left,
    int32_t[::1] year,
):
    """`option` is asset x years + year, best first; `left` is what is left of each year's budget, `year` -1 at first."""
    cdef Py_ssize_t number
    cdef int64_t asset, of_year, years = left.shape[0]
    with nogil:
        for number in range(option.shape[0]):
            asset, of_year = option[number] // years, option[number] % years
            if year[asset] < 0 and cost[asset] <= left[of_year]:
                year[asset] = <int32_t> of_year
                left[of_year] = left[of_year] - cost[asset]
