"""Every category through the one path: consequences as the R package publishes them, findings and places by hand."""

from __future__ import annotations

import pytest

from jobs.errors import SettingsError
from tests.unit.health_units import judged, method

HV, EHV, GRID = "6.6/11kV Transformer (GM)", "33kV Transformer (GM)", "132kV Transformer (GM)"
TOWER = {"foundation": "grillage", "paintwork": "galvanising"}
CABLE = {"unit": "lead_sheath_copper"}
MADE_OF = {"Conductor": {"unit": "aaac"}, "Tower": TOWER, "Pole": {"unit": "wood"}, "UG Cable": CABLE}


def made_of(category: str) -> dict[str, str]:
    return next((made for part, made in MADE_OF.items() if part in category), {})


@pytest.mark.parametrize("category", method().categories)
def test_a_typical_unit_costs_what_the_tables_say_and_only_grows_older(category: str) -> None:
    young, old = (judged(category, {"age_years": age}, made_of=made_of(category)).iloc[0] for age in (5, 70))
    one = method().group_of(category).categories[category]
    costs = [young[f"{kind}_cost"] for kind in ("financial", "safety", "environmental", "network")]
    factors = [1.0, 1.0, one.environmental_size * method().group_of(category).insulation.get("unknown", 1.0), 1.0]
    assert costs == pytest.approx([cost * factor for cost, factor in zip(one.costs, factors, strict=True)])
    assert young["current_score"] < old["current_score"] <= 5.5
    assert young["failure_probability"] <= old["failure_probability"]
    assert old["risk_cost"] == pytest.approx(old["failure_probability"] * sum(costs))
    assert all(a <= b for a, b in zip(old["future_scores"], old["future_scores"][1:], strict=False))


def test_the_cost_of_a_distribution_transformers_failure() -> None:
    """CNAIM, test-cof_transformer_11kv.R: 18,594 + 7,716.80 + 5,713.50 + 10,857.50."""
    row = judged(
        HV,
        {"rating_kva": 500.0, "customers": 500, "position_peak_kva": 500.0},
        type_risk="high",
        surroundings={"access": "underground", "place_risk": "high", "water_m": 50, "bunded": False},
    ).iloc[0]
    assert row["consequence_cost"] == pytest.approx(42_881.8)
    assert row["network_cost"] == pytest.approx(10_857.5)


def test_customers_of_high_demand_count_several_times() -> None:
    """CNAIM, test-n_cof_excl_ehv_132kv_tf.R: 750 customers of 51 kVA each; each counts 25 times."""
    row = judged(HV, {"customers": 750, "position_peak_kva": 750 * 51.0}).iloc[0]
    assert row["network_cost"] == pytest.approx(407_156.25)


@pytest.mark.parametrize(
    ("category", "kind", "unit", "of_class", "cost"),
    [  # CNAIM, test-cof_transformers.R, test-cof_poles.R, test-cof_towers.R, test-cof_sub_cables.R
        (EHV, "environmental", {"rating_kva": 20e3, "low_voltage_kv": 20.0}, {"water_m": 95, "bunded": True}, 13_638.4),
        (GRID, "environmental", {"rating_kva": 2e4, "low_voltage_kv": 33.0}, {"water_m": 95, "bunded": True}, 14_038.0),
        ("20kV Transformer (GM)", "environmental", {"rating_kva": 20.0}, {"water_m": 95, "bunded": True}, 1_142.7),
        ("20kV Transformer (GM)", "financial", {"rating_kva": 20.0}, {}, 8_997.25),
        (GRID, "network", {"peak_kva": 75e3}, {}, 288_051.25),
        ("33kV Tower", "network", {"peak_kva": 15e3}, {}, 725.0),
        ("132kV Tower", "network", {"peak_kva": 15e3}, {}, 1_039.25),
        ("EHV Sub Cable", "network", {"peak_kva": 15e3}, {}, 4_412.5),
        ("HV Sub Cable", "network", {"customers": 750, "position_peak_kva": 750 * 51.0}, {}, 4_461_187.5),
        ("20kV Poles", "network", {"customers": 750, "position_peak_kva": 750 * 51.0}, {}, 45_234.375),
    ],
)  # fmt: skip
def test_costs_that_the_r_package_publishes(
    category: str, kind: str, unit: dict[str, float], of_class: dict[str, object], cost: float
) -> None:
    row = judged(category, unit, surroundings=of_class, made_of=made_of(category)).iloc[0]
    assert row[f"{kind}_cost"] == pytest.approx(cost)


def test_types_of_poles() -> None:
    """CNAIM, test-cof_poles.R."""
    assert judged("33kV Pole", made_of={"unit": "wood"}, type="small_mast")["financial_cost"][0] == 4932
    assert judged("LV Poles", made_of={"unit": "wood"}, type="steel")["financial_cost"][0] == 2674


def test_a_network_that_is_not_secure() -> None:
    assert judged(EHV, {"peak_kva": 15e3}, secure=False)["network_cost"][0] == pytest.approx(2.5 * 28_940)


def test_utilisation_shortens_a_life() -> None:
    """Table 33, indoors by default, 0.925: 60 / (0.9 x 0.925) up to half the rating, 60 / (1.4 x 0.925) above it."""
    rows = judged(HV, *({"utilisation": load} for load in (0.5, 0.7, 1.0, 1.01, None)))
    lives = [60 / (duty * 0.925) for duty in (0.9, 0.95, 1.0, 1.4, 1.0)]
    assert rows["expected_life_years"].tolist() == pytest.approx(lives)
    assert ["utilisation" in known for known in rows["known_inputs"]] == [True] * 4 + [False]
    assert "utilisation" in rows["default_inputs"][4]


OUTSIDE = {"column": "external_condition", "states": {
    "as_new": "none", "normal_wear": "minor", "some_deterioration": "some", "substantial_deterioration": "substantial"
}}  # fmt: skip
LEAK = {"column": "oil_leak", "states": {"none": None, "seeping": "slight", "dripping": "some"}}
TEMPERATURE = {
    "column": "oil_temperature_degc",
    "upper": [85, 100],
    "bands": ["normal", "moderately_high", "very_high"],
}


def test_findings_of_a_distribution_transformer() -> None:
    rows = judged(
        HV,
        {"external_condition": "as_new", "oil_leak": "none"},
        {"external_condition": "as_new", "oil_leak": "dripping"},
        {"external_condition": "substantial_deterioration", "oil_temperature_degc": 101.0},
        {"moisture_ppm": 45.0, "acidity_mg_koh_per_g": 0.4, "breakdown_voltage_kv": 25.0},
        {},
        conditions={"external": [OUTSIDE, LEAK], "temperature": [TEMPERATURE]},
    )
    # as new 0.9; dripping is `some`, 1.25, whatever else is seen; 1.4 and a hot 1.4: 1.4 + 0.4 / 1.5;
    # oil 80 x 8 + 125 x 8 + 80 x 10 = 2,440: 1.4 and not below 5.5
    assert rows["condition_factor"].tolist() == pytest.approx([0.9, 1.25, 1.4 + 0.4 / 1.5, 1.4, 1.0])
    assert rows["score_collar"].tolist() == [0.5, 3.0, 8.0, 5.5, 0.5]
    assert rows["current_score"].tolist()[1:4] == [3.0, 8.0, 5.5]
    assert "external" in rows["known_inputs"][0]
    assert "external" in rows["default_inputs"][4]


def test_oil_of_a_large_transformer() -> None:
    gases = {"hydrogen_ppm": 150.0, "methane_ppm": 60.0, "ethylene_ppm": 30.0, "ethane_ppm": 15.0, "acetylene_ppm": 2.0}
    rows = judged(
        EHV,
        {**gases, **{f"before_{name}": 0.0 for name in gases}, "before_hydrogen_ppm": 150.0},
        gases,
        {"furfural_ppm": 4.5},
    )
    # 50 x 10 + 30 x (10 + 4 + 2) + 120 x 2 = 1,220; before 500: + 144 %, the largest change: 1.5; collar 1,220 / 220
    assert rows["condition_factor"].tolist() == pytest.approx([1.5, 1.0, 1.1])
    assert rows["score_collar"].tolist() == pytest.approx([1220 / 220, 1220 / 220, 2.33 * 4.5**0.68])
    assert rows["component"].tolist() == ["main"] * 3
    assert "dissolved_gases_before" in rows["default_inputs"][1]


def test_the_tap_changer_decides_where_it_is_worse() -> None:
    """Few taps and 60 years against a transformer of 1996 with 50: but many taps wear it out sooner."""
    few, many = (judged(EHV, daily_taps=taps).iloc[0] for taps in (5, 40))
    assert (few["component"], few["expected_life_years"]) == ("main", 50)
    assert (many["component"], many["expected_life_years"]) == ("tap_changer", pytest.approx(60 / 1.3))


def test_paintwork_alone_ends_no_tower() -> None:
    row = judged("33kV Tower", {"age_years": 60}, made_of={"foundation": "encased", "paintwork": "paint"}).iloc[0]
    assert (row["component"], row["current_score"]) == ("paintwork", 5.5)
    assert row["future_scores"][-1] <= 6.4


def test_cables_and_submarine_cables_by_hand() -> None:
    """33 kV oil: 80 years / (1.1 x 0.8) at 60 % and half the voltage. Submarine: 60 years / 1.3 by default."""
    cable = judged("33kV UG Cable (Oil)", {"utilisation": 0.6}, made_of=CABLE, voltage_ratio=0.5, length_km=2.5).iloc[0]
    assert cable["expected_life_years"] == pytest.approx(80 / (1.1 * 0.8))
    # level at a score of 4: x = 4.348, 1 + x + x^2 / 2 + x^3 / 6 = 28.5005; x 2.0944 % x 2.5 km
    assert cable["failure_probability"] == pytest.approx(28.5005 * 0.020944 * 2.5, rel=1e-5)
    assert judged("HV Sub Cable")["expected_life_years"][0] == pytest.approx(60 / 1.3)


def test_what_is_known_of_an_area_holds_over_the_class() -> None:
    areas = {
        "SHORE": {"coast_km": 0.5, "indoors": False},
        "HILL": {"altitude_m": 350, "indoors": False, "corrosion": 4},
    }
    rows = judged(HV, {"area_id": "SHORE"}, {"area_id": "HILL"}, {"area_id": None}, areas=areas)
    assert rows["location_factor"].tolist() == pytest.approx([1.35, 1.1 + 0.05, 0.925])
    assert [set(known) & {"coast_km", "altitude_m"} for known in rows["known_inputs"]] == [
        {"coast_km"}, {"altitude_m"}, set()
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("category", "of_class", "message"),
    [
        ("11kV Box", {}, r"1 fault\(s\):\n  classes.x: unknown category '11kV Box'; the methodology has \["),
        (HV, {"conditions": {"paint": [LEAK]}}, "classes.x.conditions: unknown point 'paint'; its categories have"),
        (
            HV,
            {"conditions": {"external": [{**LEAK, "states": {"none": None, "seeping": "wet", "dripping": "some"}}]}},
            r"classes.x.conditions.external: 1 unknown state\(s\) \['wet'\]; there are \['minor', 'none', 'slight',",
        ),
        (
            HV,
            {"conditions": {"external": [{"column": "oil_leak", "states": {"none": None}}]}},
            r"oil_leak: found states of \['none'\], needed are those of \['dripping', 'none', 'seeping'\]",
        ),
        (
            HV,
            {"conditions": {"external": [{**LEAK, "column": "smell"}]}},
            "silver.inspection has no column 'smell'; it has",
        ),
        ("33kV Pole", {}, r"classes.x \(33kV Pole\): made_of.unit: found None, needed is one of \['concrete',"),
        ("33kV Pole", {"made_of": {"unit": "wood"}, "type": "big"}, "type: found 'big', needed is one of"),
        (HV, {"surroundings": {"access": "by_boat"}}, "surroundings.access: found 'by_boat', needed is one of"),
        ("HV Sub Cable", {"surroundings": {"situation": "afloat"}}, "situation: found 'afloat', needed is one of"),
    ],
)  # fmt: skip
def test_a_mapping_that_the_method_does_not_know_says_where_and_what(
    category: str, of_class: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        judged(category, **of_class)
