"""A trace as JSON, and its values as both renderers print them."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from jobs.trace.structure import AssetTrace, UsagePointTrace


def as_json(trace: UsagePointTrace | AssetTrace) -> str:
    """One JSON object: instants end in Z, days are ISO dates, what is no number is null."""
    return json.dumps(plain(asdict(trace)), ensure_ascii=False, indent=1)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
