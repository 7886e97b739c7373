"""Numbers that systems give to their records."""

from __future__ import annotations

import pandas as pd


def in_order(rows: pd.DataFrame, by: list[str], prefix: str, digits: int = 7) -> pd.DataFrame:
    """Rows sorted, each with its ``number``.

    >>> in_order(pd.DataFrame({"at": [9, 4]}), ["at"], "W", 3).to_dict("list")
    {'at': [4, 9], 'number': ['W001', 'W002']}
    """
    ordered = rows.sort_values(by, ignore_index=True)
    return ordered.assign(number=[f"{prefix}{number:0{digits}}" for number in range(1, len(rows) + 1)])
