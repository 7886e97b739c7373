"""Work orders in a source's own words: its code map says what each was for, and what it does not know is refused."""

from __future__ import annotations

from pathlib import Path

from jobs.settings import read_settings
from jobs.sources.declaration import Source, read_source
from jobs.sources.delivery import Identities, Rejects
from jobs.sources.entity import read_entity_file
from tests.unit.delivered import KEY, delivery

HEADER = "order;equipment;functional_location;order_type;activity;start;booked;hours;costs;currency"


def test_a_source_in_any_language_maps_its_words_and_one_that_nobody_declared_is_refused(tmp_path: Path) -> None:
    declared = read_source(read_settings().sources_folder / "work_orders.yaml")
    words = {"Entstörung": "corrective", "Wartung": "preventive", "repair shop built": "construction"}
    columns = {name: how.model_dump(exclude_defaults=True) for name, how in declared.columns.items()}
    columns |= {"work_kind": {"column": "activity", "codes": words}, "category": {"column": "activity"}}
    source = Source.model_validate({**declared.model_dump(exclude_defaults=True), "columns": columns})
    path = tmp_path / "orders.csv"
    causes = [*words, "Entstoerung", "repair"]
    orders = [
        f"W{n};U1;T1;PM01;{cause};01.03.2015 08:00:00;02.03.2015 02:00:00;3,5;120,00;EUR"
        for n, cause in enumerate(causes)
    ]
    path.write_text("\n".join([HEADER, *orders, ""]), encoding="utf-8")
    rejects = Rejects()
    rows = read_entity_file(delivery(source, path), Identities(KEY), rejects).rows.to_pylist()
    assert {row["category"]: row["work_kind"] for row in rows} == words
    refused = {row["line"]: (row["rule_id"], row["reason"]) for row in rejects.table().to_pylist()}
    shown = ("B23", "'work_kind' holds a code that is not declared")
    assert refused == {5: shown, 6: shown}
