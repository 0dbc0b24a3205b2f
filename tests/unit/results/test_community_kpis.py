"""KPIs of a neighbourhood against numbers reckoned by hand (see support.hand_community)."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from sparewatt.decide.optimise.community_bounds import Bound, Bounds
from sparewatt.results.community_house_kpis import house_kpis
from sparewatt.results.community_kpi_meanings import (
    BATTERY_KPIS,
    BOUND_KPIS,
    COMMUNITY_KPIS,
    HOUSE_KPIS,
    LIMIT_KPIS,
    RUN_KPIS,
    SD_KPIS,
)
from sparewatt.results.community_kpis import (
    community_kpis,
    deviation_of,
    is_limit_broken,
    is_worse_off,
    mean_of,
)
from sparewatt.results.community_par import interval_means, peak_to_average
from sparewatt.results.community_results import community_outcome
from support.hand_community import hand_run, quiet_run

FIRST = {
    "covered_kwh": 1.5,
    "whole_kwh": 0.5,
    "share_of_best_contract": 0.5 / 1.6,
    "share_of_best_pool": 0.75,
    "own_kwh": 0.7,
    "peer_kwh": 1.0,
    "grid_kwh": 1.5,
    "feed_in_kwh": 0.25,
    "production_kwh": 2.0,
    "load_kwh": 3.2,
    "asked_kwh": 3.0,
    "self_consumption": 0.875,
    "self_sufficiency": 1.7 / 3.2,
    "par_consumption": 3.0 / 1.6,
    "par_production": 2.0,
    "cost": 0.425,
    "tariff_cost": 0.625,
    "saved": 0.2,
    "houses_worse_off": 0,
    "import_peak_kw": 2.0,
    "jobs": 3,
    "jobs_not_asked": 1,
    "contracts_producer": 2,
    "contracts_grid": 1,
    "cancelled": 1,
    "renegotiated": 1,
    "handed_over": 0,
    "called_back": 0,
    "requests": 4,
    "charge_kwh": 0.25,
    "discharge_kwh": 0.2,
    "bound_contract_kwh": 1.6,
    "bound_pool_kwh": 2.0,
    "bound_gap_contract": 0.0,
    "bound_gap_pool": 0.1,
    "repetitions": 1,
}
BOTH = FIRST | {
    "covered_kwh": 1.0,
    "share_of_best_pool": 0.5,
    "peer_kwh": 0.5,
    "grid_kwh": 2.0,
    "feed_in_kwh": 0.75,
    "self_consumption": (0.875 + 0.375) / 2,
    "self_sufficiency": (1.7 + 0.7) / 6.4,
    "cost": 0.525,
    "saved": 0.1,
    "import_peak_kw": 2.5,
    "contracts_producer": 1.5,
    "contracts_grid": 1.5,
    "repetitions": 2,
}
DEVIATIONS = {
    "covered_kwh": 1 / sqrt(2),
    "share_of_best_contract": 0,
    "share_of_best_pool": 0.5 / sqrt(2),
    "own_kwh": 0,
    "peer_kwh": 1 / sqrt(2),
    "grid_kwh": 1 / sqrt(2),
    "feed_in_kwh": 1 / sqrt(2),
    "self_consumption": 0.5 / sqrt(2),
    "self_sufficiency": 1 / 3.2 / sqrt(2),
    "par_consumption": 0,
    "par_production": 0,
    "cost": 0.2 / sqrt(2),
    "saved": 0.2 / sqrt(2),
}
"""Of two values x and y: |x - y| / √2."""


def values_of(kpis):
    return {k.name: k.value for k in kpis}


def test_one_repetition():
    told = values_of(community_kpis(hand_run(1)))
    assert {n: v for n, v in told.items() if not n.endswith("_sd")} == pytest.approx(FIRST)
    assert {n: told[f"{n}_sd"] for n in SD_KPIS} == dict.fromkeys(SD_KPIS)


def test_means_and_deviations_of_two_repetitions():
    told = values_of(community_kpis(hand_run(2)))
    assert {n: v for n, v in told.items() if not n.endswith("_sd")} == pytest.approx(BOTH)
    assert {n.removesuffix("_sd"): v for n, v in told.items() if n.endswith("_sd")} == pytest.approx(
        DEVIATIONS
    )


def test_energy_of_the_run_balances():
    told = values_of(community_kpis(hand_run(1)))
    assert told["own_kwh"] + told["peer_kwh"] + told["grid_kwh"] == pytest.approx(told["load_kwh"])
    used = told["own_kwh"] - told["discharge_kwh"] + told["peer_kwh"] + told["charge_kwh"]
    assert used + told["feed_in_kwh"] == pytest.approx(told["production_kwh"])


def test_houses():
    first, second = (values_of(kpis) for kpis in house_kpis(hand_run(1)))
    assert first == pytest.approx(
        {
            "production_kwh": 2.0,
            "load_kwh": 0.7,
            "own_kwh": 0.7,
            "peer_kwh": 0.0,
            "grid_kwh": 0.0,
            "given_kwh": 1.0,
            "feed_in_kwh": 0.25,
            "charge_kwh": 0.25,
            "discharge_kwh": 0.2,
            "self_consumption": 0.875,
            "self_sufficiency": 1.0,
            "par_consumption": 1 / 0.35,
            "par_production": 2.0,
            "cost": -0.225,
            "tariff_cost": -0.125,
            "saved": 0.1,
            "jobs": 1,
        }
    )
    assert (second["self_consumption"], second["par_production"]) == (None, None), "it has no roof"
    assert (second["cost"], second["jobs"]) == (0.65, 2)
    assert not any(name.endswith("_sd") for name in second), "one repetition does not deviate"
    several = values_of(house_kpis(hand_run(2))[1])
    assert several["peer_kwh"] == 0.5
    assert several["peer_kwh_sd"] == pytest.approx(1 / sqrt(2))


def test_import_limit():
    run = hand_run(1, limit_kw=1.5)
    told = values_of(community_kpis(run))
    assert (told["over_import_limit_minutes"], told["over_import_limit_kwh"]) == (30, pytest.approx(0.25))
    assert is_limit_broken(run)
    assert community_outcome(run, name="n", seed=1, input_hash="").level == "breach"
    kept = hand_run(1, limit_kw=2.0)
    assert values_of(community_kpis(kept))["over_import_limit_minutes"] == 0
    assert community_outcome(kept, name="n", seed=1, input_hash="").level == "normal"
    assert "over_import_limit_minutes" not in values_of(community_kpis(hand_run(1)))


def test_who_pays_more_than_on_the_tariff():
    run = hand_run(1)
    houses = run.repetitions[0].houses
    assert not is_worse_off(houses).any()
    dearer = replace(houses, shared_cost=np.array([-0.12, 0.7500000001]))
    assert is_worse_off(dearer).tolist() == [True, False], "what the arithmetic rounds away is no loss"
    worse = replace(run, repetitions=(replace(run.repetitions[0], houses=dearer),))
    assert values_of(community_kpis(worse))["houses_worse_off"] == 1


def test_the_share_is_told_of_what_is_proven():
    bounds = Bounds(Bound(0.0, 0.0, 0.0, 1.0), Bound(1.5, 2.0, 0.0, 1.0))
    told = values_of(community_kpis(replace(hand_run(1), bounds=bounds)))
    assert (told["share_of_best_contract"], told["bound_gap_contract"]) == (0.25, 0.25)
    assert told["share_of_best_pool"] is None
    without = values_of(community_kpis(hand_run(1, bounds=False)))
    assert without["share_of_best_contract"] is None
    assert "bound_gap_pool" not in without


def test_parts_of_jobs_are_no_part_of_the_best_by_contracts():
    """Whole jobs of 0.5 kWh at most; roofs covered one of 0.5 kWh whole, and 1 of 1.5 kWh of another."""
    run = hand_run(1)
    assert run.repetitions[0].contracts.is_whole.tolist() == [True, False, False, False]
    bounds = Bounds(Bound(1.5, 1.5, 0.0, 1.0), Bound(0.5, 0.5, 0.0, 1.0))
    told = values_of(community_kpis(replace(run, bounds=bounds)))
    assert (told["covered_kwh"], told["whole_kwh"]) == (1.5, 0.5)
    assert (told["share_of_best_contract"], told["share_of_best_pool"]) == (1.0, 1.0)


def test_where_nothing_happens_nothing_is_made_up():
    told = values_of(community_kpis(quiet_run()))
    assert (told["jobs"], told["covered_kwh"], told["cost"]) == (0, 0, 0)
    assert [told[n] for n in ("self_consumption", "self_sufficiency", "par_consumption")] == [None] * 3


def test_peak_to_average():
    kw = np.array([0.0, 2.0, 4.0, 4.0, 2.0])
    assert interval_means(kw, 2).tolist() == [1, 4, 2]
    assert peak_to_average(kw, 2) == pytest.approx(4 / (7 / 3))
    assert peak_to_average(kw, 1) == pytest.approx(4 / 2.4)
    assert peak_to_average(np.zeros((2, 4)), 3).tolist() == [0, 0]
    assert peak_to_average(np.array([[1.0, 1.0], [0.0, 3.0]]), 1).tolist() == [1, 2]


def test_mean_and_deviation():
    assert mean_of([2, 2, None]) == 2
    assert isinstance(mean_of([2, 2]), int)
    assert mean_of([1, 2]) == 1.5
    assert mean_of([None]) is None
    assert deviation_of([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]) == pytest.approx(sqrt(32 / 7))
    assert deviation_of([3.0, None]) is None


def test_units_and_directions():
    kpis = {k.name: k for k in community_kpis(hand_run(2, limit_kw=1.0))}
    assert (kpis["covered_kwh"].unit, kpis["covered_kwh"].better) == ("kWh", "higher")
    assert (kpis["share_of_best_pool"].unit, kpis["cost"].unit) == ("share", "currency")
    assert (kpis["cost"].better, kpis["grid_kwh"].better) == ("lower", "lower")
    assert (kpis["cost_sd"].unit, kpis["cost_sd"].better) == ("currency", None)


def test_every_kpi_is_documented():
    page = (Path(__file__).parents[3] / "docs" / "outputs.md").read_text(encoding="utf-8")
    section = page[page.index("\n## Community study") :]
    names = {*COMMUNITY_KPIS, *LIMIT_KPIS, *BATTERY_KPIS, *BOUND_KPIS, *RUN_KPIS, *HOUSE_KPIS}
    assert [name for name in sorted(names) if f"`{name}`" not in section] == []
    assert "`_sd`" in section
