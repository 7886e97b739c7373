"""Arguments by asset and year: bring each to the shape a loop needs, and say which values are wrong.

"Per asset" is a number or has shape (assets,). "Per asset and year" is a number, or has shape (1, years), where
all assets share it without a copy, or (assets, years); column 0 is year 1. C-contiguous float64 is not copied.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def per_asset(assets: int, **arguments: ArrayLike) -> dict[str, Floats]:
    """Each named argument with shape (assets,)."""
    read = {}
    for name, argument in arguments.items():
        array = np.asarray(argument, dtype=np.float64)
        if array.shape not in ((), (assets,)):
            raise ValueError(f"{name}: found shape {array.shape}; needed a number or ({assets},)")
        read[name] = np.ascontiguousarray(np.broadcast_to(array, (assets,)))
    return read


def per_year(assets: int, years: int, **arguments: ArrayLike) -> dict[str, Floats]:
    """Each named argument with shape (assets, years), its rows contiguous."""
    read = {}
    for name, argument in arguments.items():
        array = np.asarray(argument, dtype=np.float64)
        if array.shape not in ((), (1, years), (assets, years)):
            raise ValueError(f"{name}: found shape {array.shape}; needed a number, (1, {years}) or ({assets}, {years})")
        row_wise = np.ascontiguousarray(array) if array.ndim else np.full((1, years), array)
        read[name] = np.broadcast_to(row_wise, (assets, years))
    return read


def hazard_table(hazard: ArrayLike) -> Floats:
    """The hazard as (assets, years): the argument that says how many of both there are."""
    table = np.ascontiguousarray(hazard, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] == 0:
        raise ValueError(f"hazard: found shape {table.shape}; needed (assets, years) with at least one year")
    return table


def flag_per_asset(name: str, flag: ArrayLike, assets: int) -> NDArray[np.bool_]:
    """A yes or no with shape (assets,); numbers are refused, for nobody can tell which way they were meant."""
    array = np.asarray(flag)
    if array.dtype != np.bool_ or array.shape not in ((), (assets,)):
        raise ValueError(f"{name}: found {array.dtype} of shape {array.shape}; needed one bool or bool ({assets},)")
    return np.ascontiguousarray(np.broadcast_to(array, (assets,)))


def failing_values(name: str, values: Floats, holds: NDArray[np.bool_], need: str, first_year: int = 1) -> list[str]:
    """One line on the values that fail `need`: how many, and the first with its place; none where all hold."""
    if holds.all():
        return []
    first = tuple(np.argwhere(~holds)[0])
    place = ", year ".join([f"asset row {first[0]}", *(str(column + first_year) for column in first[1:])])
    count = f"{np.count_nonzero(~holds):,} of {holds.size:,} values"
    return [f"{name}: {count} fail '{need}'; first at {place}: {values[first]}"]
