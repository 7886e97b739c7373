"""Every figure of ``conf/cnaim`` against a published transcription of the method's tables.

The workbook is that of the R package CNAIM (MIT). Where its cells contradict each other, a test here says which, and
why ours hold; nothing else may differ.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.gold.health.method import UNKNOWN, Category, Component, Group, Method, read_method
from tests.real.cnaim_words import STATES, SUBDIVISIONS
from tests.real.workbook import sheets_of

FILE = Path("cnaim") / "table_data.xlsx"
CONF = Path(__file__).resolve().parents[2] / "conf" / "cnaim"
Sheet = list[list[str | float | None]]


@pytest.fixture(scope="module")
def published(real_data: Path) -> dict[str, Sheet]:
    return {name.strip(): rows for name, rows in sheets_of(real_data / FILE).items()}


@pytest.fixture(scope="module")
def method() -> Method:
    return read_method(CONF)


def name_of(text: object) -> str:
    """A category's name without what only its spelling differs by."""
    return str(text).replace(" ", "").replace("_x000D_", "")


def by_name(rows: Sheet, method: Method) -> dict[str, list[str | float | None]]:
    """Rows of a table by our categories; some tables leave out (GM) or (Tower Line), or put two into one row."""
    spelt = {name_of(name): name for name in method.categories}
    for name in method.categories:
        spelt.setdefault(name_of(name.removesuffix(" (GM)")), name)
        spelt.setdefault(name_of(name.replace(" (Tower Line)", "")), name)
    found = {}
    for row in rows[1:]:
        names = {"LV UGB & LV Pillars (OD not at Substation)": ("LV UGB", "LV Pillar (OD not at a Substation)")}
        for text in names.get(str(row[0]), (row[0],)):
            found[spelt[name_of(text)]] = row
    return found


def parts(method: Method) -> list[tuple[str, Category, Group]]:
    return [(name, one, group) for group in method.groups.values() for name, one in group.categories.items()]


def index_of(method: Method, category: str) -> str:
    name, group = next((name, group) for name, group in method.groups.items() if category in group.categories)
    return group.index or name


def lives(one: Category, part: Component) -> dict[str | None, float]:
    if one.life is not None:
        return {None: one.life}
    return {None: part.life} if isinstance(part.life, float) else dict(part.life)


def test_categories_and_their_indices_are_those_of_table_1(published: dict[str, Sheet], method: Method) -> None:
    assert {name: index_of(method, name) for name in method.categories} == {r[1]: r[0] for r in published["1"][1:]}


def test_lives(published: dict[str, Sheet], method: Method) -> None:
    told: dict[str, dict[tuple[str, str | None], float]] = {}
    spelt = {name_of(name): name for name in method.categories}
    for category, subdivision, years in published["20"][1:]:
        place = SUBDIVISIONS.get(str(subdivision)) if subdivision else ("unit", None)
        key = ("unit", place) if isinstance(place, str) else place
        told.setdefault(spelt[name_of(category)], {})[key] = years
    ours = {
        name: {(p, made): years for p, part in group.components.items() for made, years in lives(one, part).items()}
        for name, one, group in parts(method)
    }
    assert ours == told


def test_curves_of_failures(published: dict[str, Sheet], method: Method) -> None:
    ours = [(curve.k_percent, curve.c, curve.level_to) for curve in method.curves.values()]
    told = {str(row[0]): tuple(row[1:]) for row in published["21"][1:]}
    outdoors = told.pop("LV Pillar (OD at Substation) / LV Pillar (OD not at a Substation)")
    assert outdoors == told["LV Pillar (ID)"]
    assert ours == list(told.values())


def test_places(published: dict[str, Sheet], method: Method) -> None:
    kinds = list(method.places.kinds.values())
    assert [row[1] for row in published["22"][1:-2]] == list(method.places.coast_km)
    assert [row[1] for row in published["23"][1:-2]] == list(method.places.altitude_m)
    for sheet, ours, skip in (("22", "coast", 3), ("23", "altitude", 3), ("24", "corrosion", 1)):
        told = list(zip(*(row[skip:] for row in published[sheet][1:-1]), strict=True))
        assert [getattr(kind, ours) for kind in kinds] == told
        assert published[sheet][-1][skip:] == [1] * len(kinds)  # what is not known changes nothing
    switchgear, transformer, submarine, *others = published["25"][1][1:]
    assert [kind.increment for kind in kinds] == [switchgear, transformer, *others]
    assert method.submarine.increment == submarine


def test_environments(published: dict[str, Sheet], method: Method) -> None:
    told = {name: row[1] for name, row in by_name(published["26"], method).items()}
    ours = {
        name: "n/a"
        if (group.place in (None, "submarine") and not any(part.places for part in group.components.values()))
        else ("Indoor" if one.indoors else "Outdoor")
        for name, one, group in parts(method)
    }
    assert ours == told


def test_submarine_cables(published: dict[str, Sheet], method: Method) -> None:
    ours = method.submarine
    assert list(ours.topography.values()) == [tuple(row[1:]) for row in published["27"][1:]]
    assert list(ours.situation.values()) == [(row[1], row[1]) for row in published["28"][1:]]
    assert list(ours.wind_wave.values()) == [(row[-1], row[-1]) for row in published["29"][1:]]
    assert list(ours.current.values()) == [tuple(row[1:]) for row in published["30"][1:]]


def test_duties(published: dict[str, Sheet], method: Method) -> None:
    def told(rows: Sheet, lower: int, factor: int, per: float) -> tuple[tuple[object, ...], tuple[object, ...]]:
        assert rows[-1][lower] == "Default"
        assert rows[-1][factor] == 1
        return tuple(row[lower] / per for row in rows[1:-1]), tuple(row[factor] for row in rows[:-1])

    duties = {name: (one.upper, one.factor) for name, one in method.duties.items()}
    grid = published["34"][1:]
    assert duties == {
        "distribution_transformer": told(published["33"][1:], 0, 3, 100),
        "primary_transformer": told(grid[:5], 0, 3, 100),
        "tap_changer": told(grid[5:], 0, 3, 1),
        "hv_cable": told(published["31A"][1:], 1, 4, 100),
        "ehv_cable": told(published["31A"][1:], 1, 5, 100),
        "cable_voltage": told(published["31B"][1:], 1, 4, 100),
        "operations": ((0.5,), tuple(row[1] for row in published["32"][1:3])),
    }


def test_every_condition_table_is_there_once_with_all_its_states(published: dict[str, Sheet], method: Method) -> None:
    tables = {
        table: scale for *_, group in parts(method) for p in group.components.values() for _, table, scale in p.points()
    }
    assert sorted(tables) == list(range(35, 203))
    for table, scale in tables.items():
        *rows, default = published[str(table)][1:]
        states = [name for name in method.scales[scale] if name != UNKNOWN]
        assert len(states) == len(rows), table
        for state, row in zip(states, rows, strict=True):
            assert str(row[0]).lower().startswith(STATES[state]), (table, state, row[0])
            assert list(method.finding(scale, state)) == row[-3:], (table, state)
        assert default[0] == "Default"
        assert list(method.finding(scale, None)) == default[-3:], table


COMBINED = {
    "LV Circuit Breaker": "LV Circuit Breaker",
    "LV Board": "LV Board (WM)",
    "LV Pillar": "LV Pillars",
    "132kV CBs": "132kV Switchgear (GM)",
    "EHV Transformer": "EHV Transformer (GM)",
    "132kV Transformer": "132kV Transformer (GM)",
    "HV Sub Cable": "Submarine Cable",
    "EHV and 132kV Sub Cable": "Submarine Cable",
    "LV OHL Support": "LV Poles",
    "HV OHL Support - Poles": "HV Poles",
    "EHV OHL Support - Poles": "EHV Poles",
    "EHV OHL Support - Towers": "EHV Towers",
    "132kV OHL Support - Tower": "132kV Towers",
    "EHV OHL Fittings": "EHV Fittings",
    "132kV OHL Fittings": "132kV Fittings",
    "EHV OHL Conductor (Tower Lines)": "EHV Tower Line Conductor",
    "132kV OHL Conductor (Tower Lines)": "132kV Tower Line Conductor",
}
PARTS = {"main": "Main Transformer", "tap_changer": "Tapchanger", "steelwork": "Tower Steelwork"} | {
    "paintwork": "Tower Paintwork", "foundation": "Foundations", "unit": "N/A"
}  # fmt: skip


@pytest.mark.parametrize(("kind", "sheet"), [("observed", "13"), ("measured", "15")])
def test_how_many_factors_combine(kind: str, sheet: str, published: dict[str, Sheet], method: Method) -> None:
    told = {(str(r[0]), str(r[1])): r[2:] for r in published[sheet][1:]}
    ours = {}
    for name, group in method.groups.items():
        for part_name, part in group.components.items():
            points = getattr(part, kind)
            key = (COMBINED.get(name, name.replace("UG Cable", "Cable")), PARTS[part_name])
            ours[key] = ["N/A"] * 3 if points is None else [1.5, 1.5, points.most]
    assert ours == told
    for table, part_name in (("10", "main"), ("11", "tap_changer")):
        for group in ("EHV Transformer", "132kV Transformer"):
            assert published[table][1] == [1.5, 1.5, method.groups[group].components[part_name].most]


def test_oil_gases_and_furfural(published: dict[str, Sheet], method: Method) -> None:
    types = {"hv": "HV Transformer (GM)", "ehv": "EHV Transformer (GM)", "132kv": "132kV Transformer (GM)"}
    for key, of in types.items():
        ours = method.oil.scales[key]
        for sheet, bands, values in (
            ("203", ours.moisture_ppm, ours.moisture_ppm.score),
            ("204", ours.acidity_mg_koh_per_g, ours.acidity_mg_koh_per_g.score),
            ("205", ours.breakdown_kv, ours.breakdown_kv.score),
            ("206", ours.factor, ours.factor.factor),
            ("207", ours.factor, ours.factor.collar),
        ):
            rows = [r for r in published[sheet][1:] if str(r[-1]).replace("Trab", "Tran") == of]
            assert (bands.upper, values) == (tuple(r[1] for r in rows[:-1]), tuple(r[3] for r in rows)), (key, sheet)
    for sheet, gas in zip(("208", "209", "210", "211", "212"), method.gases.states.values(), strict=True):
        rows = published[sheet][1:]
        assert (gas.upper, gas.score) == (tuple(r[1] for r in rows[:-1]), tuple(r[3] for r in rows)), sheet
    change = method.gases.change_percent
    assert change.upper == tuple(r[1] for r in published["213"][1:-1])
    assert change.factor == tuple(r[1] for r in published["214"][1:])
    furfural = published["215"][1:]
    assert method.furfural.upper == tuple(r[1] for r in furfural[:-1])
    assert method.furfural.factor == tuple(r[3] for r in furfural)


FINANCIAL_OF_218 = {"33kV Transformer (GM)", "66kV Transformer (GM)", "132kV Transformer (GM)"}


def test_costs_of_one_failure(published: dict[str, Sheet], method: Method) -> None:
    told, by_mode = by_name(published["16"], method), by_name(published["218"], method)
    by_load = by_name(published["235"], method)
    for name, one, _ in parts(method):
        network = 17648 if name == "132kV UG Cable (Non Pressurised)" else told[name][4]  # table 16: 17684
        assert list(one.costs[1:]) == [*told[name][2:4], network], name
        if one.mva is not None:
            assert one.costs[3] == by_load[name][10], name
        assert one.costs[0] == (by_mode[name][7] if name in FINANCIAL_OF_218 else told[name][1]), name
        if name not in FINANCIAL_OF_218 | {"20kV CB (GM) Primary"}:
            assert by_mode[name][7] == told[name][1]


def test_costs_add_up_to_what_table_236_says_of_a_typical_asset(published: dict[str, Sheet], method: Method) -> None:
    """Which decides where table 16 is in two minds, as it is in three of its totals."""
    typical = by_name(published["236"], method)
    for name, one, _ in parts(method):
        assert sum(one.costs) == pytest.approx(typical[name][2], abs=2), name
    totals = {name: row[5] for name, row in by_name(published["16"], method).items()}
    assert [n for n, one, _ in parts(method) if abs(sum(one.costs) - totals[n]) > 2] == [
        "33kV Pole",
        "LV Pillar (ID)",
        "132kV CB (Air Insulated Busbars)(ID) (GM)",
    ]


def test_references_of_network_costs(published: dict[str, Sheet], method: Method) -> None:
    customers = {row[0]: row[1] for row in published["233"][1:]}
    power = {name: row[1] for name, row in by_name(published["235"], method).items()}
    assert {name: one.mva for name, one, _ in parts(method) if one.mva} == power
    groups = {"LV Board": "LV Board (WM)"}
    for name, group in method.groups.items():
        for one in group.categories.values():
            if one.customers is not None:
                assert one.customers == customers[groups.get(name, name)], name
    demand = [(row[1], float(str(row[3]).split()[0])) for row in published["18"][1:]]
    assert method.high_demand.upper_kva == tuple(upper for upper, _ in demand[:-1])
    assert method.high_demand.times == tuple(times for _, times in demand)


def test_types_and_sizes(published: dict[str, Sheet], method: Method) -> None:
    told = [(r + [None] * 6)[:6] for r in published["219"][1:]]
    for name, one, _ in parts(method):
        rows = [r for r in told if r[0] == name]
        if one.sizes:
            continue
        assert list(one.types.values()) == [r[5] for r in rows], name
    ratios = {"33/20": 24, "33/11": 15, "66/20": 24, "66/11 or": 15, "66/33": 36, "132/66": 72.5, "132/33": 36}
    ratios |= {"132/20kV": 24, "132/11kV": 15}
    for sheet, kind in (("219", "financial"), ("230", "environmental")):
        for name, one, _ in parts(method):
            for size in one.sizes:
                rows = [r for r in published[sheet][1:] if r[0] == name]
                if sheet == "230":  # where the ratio is left out or written twice it is that of its neighbours
                    rows = _with_ratios(rows, name)
                if size.low_kv is not None:
                    rows = [r for r in rows if _ratio(str(r[1]), ratios) == size.low_kv]
                per = 1 if "20kV T" in name or "6.6/11kV" in name else 1000
                assert size.upper_kva == tuple(r[3] * per for r in rows[:-1]), (name, size)
                assert getattr(size, kind) == tuple(r[5] for r in rows), (name, size)


def _ratio(text: str, ratios: dict[str, float]) -> float | None:
    return next((kv for start, kv in ratios.items() if text.startswith(start)), None)


def _with_ratios(rows: Sheet, name: str) -> Sheet:
    """Table 230 names no ratio in two rows of 66/20 kV, and 132/33 kV twice, where table 219 has 132/66 kV first."""
    filled, last = [], None
    for row in rows:
        last = row[1] or last
        filled.append([row[0], last, *row[2:]])
    if name == "132kV Transformer (GM)":
        filled[0][1] = filled[1][1] = "132/66kV"
    return filled


def test_access_type_and_water(published: dict[str, Sheet], method: Method) -> None:
    lines = {
        str(r[0]).replace("Fittings (Tower Lines)", "Fittings").replace("Conductors", "Conductor"): r[1:]
        for r in published["220"][1:]
    }
    plant = {r[0]: r[1:] for r in published["221"][1:]}
    insulation = {r[0]: r[1:] for r in published["229"][1:]}
    water = {r[0]: r[1:] for r in published["231"][1:]}
    for name, group in method.groups.items():
        index = group.index or name
        told = lines.get(index) or plant.get("LV Switchgear" if index.startswith("LV Switchgear") else index) or []
        assert list(group.access.values()) == told, name
        assert list(group.insulation.values()) == insulation.get(index, []), name
        assert group.water == (index in water), name
    assert {tuple(row) for row in water.values()} == {
        (*reversed(method.water.factor), method.water.bunded, method.water.not_bunded)
    }
    gis = {name_of(r[1]): r[5] for r in published["230"][1:] if r[0] == "132kV Switchgear"}
    ours = {name_of(name): one.environmental_size for name, one, g in parts(method) if g.curve == "switchgear_132kv"}
    assert ours == gis
    assert {one.environmental_size for _, one, g in parts(method) if g.curve != "switchgear_132kv"} == {1}


def test_safety(published: dict[str, Sheet], method: Method) -> None:
    assert [list(by_type.values()) for by_type in method.safety.values()] == [r[2:] for r in published["225"][1:]]
    assert list(method.cable_safety.values()) == [r[1] for r in published["226"][1:]]
    assert [method.safety_blanket, 1, 1] == [r[1] for r in published["227"][1:]]
