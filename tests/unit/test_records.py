"""What a file that lacks a column is refused with, and what of it may be told."""

from pathlib import Path
from typing import Any

import pytest

from jobs.identity import IdentityKey
from jobs.sources.declaration import Source
from jobs.sources.delivery import Delivery, Identities, Rejects, UnreadableError
from jobs.sources.entity import read_entity_file
from tests.integration.drop import COMMON, SOURCES


def refusal(name: str, path: Path, **changed: Any) -> str:
    """Why a file of the source cannot be read."""
    source = Source.model_validate({"name": name, **COMMON, **SOURCES[name], **changed})
    with pytest.raises(UnreadableError) as fault:
        read_entity_file(Delivery(source, str(path), "f1", 0, 0), Identities(IdentityKey(b"key")), Rejects())
    return str(fault.value)


def test_a_first_record_in_place_of_the_header_is_told_only_where_nothing_is_protected(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("p1,c1,2016-01-01,,H,Ada Example,0123\n" * 2)
    personal = refusal("customers", path)
    assert personal.startswith("7 column(s) missing: ['class', ")
    assert personal.endswith("; found are 7 columns")
    assert "Ada" not in personal
    path.write_text("rating,booked,recorded\n0.4,31.12.2015,2016-01-05T00:00Z\n")
    found = "1 column(s) missing: ['amount']; found are"
    assert refusal("asset_prices", path) == f"{found} ['rating', 'booked', 'recorded']"
    assert refusal("asset_prices", path, personal=["recorded"]) == f"{found} 3 columns"
