"""Further columns of a register, which a model's settings name like any other column."""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.errors import first_keys
from jobs.models.failure.model import InputError


def with_attributes(feature: DataFrame, numbers: Iterable[str], texts: Iterable[str], *, whose: str) -> DataFrame:
    """Features with a column for each name of a model that is none of the table but an attribute of some unit.

    Parameters
    ----------
    feature : gold.asset_feature, perhaps with outcomes.
    numbers, texts : names that the model takes, of ``measures`` and of ``traits``.
    whose : who takes them, for the message.

    Raises
    ------
    InputError
        No unit has an attribute of that name.
    """
    wanted = [("measures", name) for name in numbers] + [("traits", name) for name in texts]
    further = {name: _of(group, name) for group, name in wanted if name not in feature.columns}
    if not further:
        return feature
    held = {"measures", "traits"} <= set(feature.columns)
    counts = feature.agg(*[F.count(value).alias(name) for name, value in further.items()]).first() if held else None
    lacking = [name for name in further if counts is None or not counts[name]]
    if lacking:
        raise InputError(
            f"{whose} takes {first_keys(lacking)}, which gold.asset_feature does not have, and no unit an attribute of "
            "that name: name another column, or declare it in `attributes` of the register's source"
        )
    return feature.withColumns(further)


def _of(group: str, name: str) -> Column:
    return F.col(group)[name]
