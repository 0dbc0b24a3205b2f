"""KPIs of a hub against numbers reckoned by hand (see conftest), and the laws between them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparewatt.model.trace import NONE
from sparewatt.results.cluster_kpis import (
    CLUSTER_KPIS,
    IMBALANCE_KPIS,
    SOLVE_KPIS,
    SYSTEM_KPIS,
    cluster_kpis,
    hub_kpis,
)
from sparewatt.results.cluster_results import cluster_outcome
from sparewatt.results.cluster_view import ClusterView

HUB = {
    "net_kwh": 42.4,
    "g2v_kwh": 42,
    "v2g_kwh": 2,
    "short_of_target_kwh": 6,
    "short_of_target": 1,
    "contracted_kwh": 12,
    "short_of_contract_kwh": 3,
    "peak_kw": 20,
    "min_kw": 10,
    "over_limit_steps": 1,
    "over_limit_kwh": 1.5,
    "over_limit_kw": 3,
    "under_limit_steps": 3,
    "under_limit_kwh": 6,
    "under_limit_kw": 4,
    "visits": 7,
    "admitted": 3,
    "turned_away": 2,
    "no_free_evse": 1,
    "reservation_refused": 1,
    "no_offer": 0,
    "left_queue": 0,
    "too_short": 0,
    "no_show": 1,
    "not_yet": 1,
    "still_connected": 1,
    "utilisation": 42 / (44 * 3),
    "occupancy": 12 / 18,
    "energy_cost": 6.18,
    "contract_revenue": 3,
    "waited": 1,
    "waiting_mean_h": 0.5,
    "waiting_worst_h": 0.5,
    "system_over_limit_steps": 1,
    "system_over_limit_kwh": 2,
    "system_over_limit_kw": 4,
    "system_under_limit_steps": 0,
    "system_under_limit_kwh": 0,
    "system_under_limit_kw": 0,
    "imbalance_steps": 1,
    "imbalance_kwh": 4,
    "imbalance_kw": 8,
    "timed_out_steps": 1,
    "infeasible_steps": 1,
    "gap_worst": 0.02,
}
A = {
    "net_kwh": 33.4,
    "g2v_kwh": 33,
    "v2g_kwh": 2,
    "short_of_target_kwh": 6,
    "contracted_kwh": 0,
    "peak_kw": 20,
    "min_kw": 6.8,
    "over_limit_steps": 1,
    "under_limit_steps": 0,
    "visits": 3,
    "admitted": 2,
    "turned_away": 1,
    "no_free_evse": 1,
    "still_connected": 1,
    "utilisation": 33 / (33 * 3),
    "occupancy": 9 / 12,
    "energy_cost": 4.68,
    "waited": 1,
}
B = {
    "net_kwh": 9,
    "g2v_kwh": 9,
    "short_of_target_kwh": 0,
    "contracted_kwh": 12,
    "short_of_contract_kwh": 3,
    "peak_kw": 6,
    "min_kw": 0,
    "under_limit_steps": 3,
    "under_limit_kw": 4,
    "visits": 3,
    "admitted": 1,
    "turned_away": 0,
    "no_show": 1,
    "not_yet": 1,
    "occupancy": 3 / 6,
    "energy_cost": 1.5,
    "contract_revenue": 3,
    "waiting_mean_h": None,
}


def values(kpis):
    return {k.name: k.value for k in kpis}


def test_kpis_of_the_hub(hub_view):
    found = values(hub_kpis(hub_view))
    assert list(found) == list(HUB)
    assert found == pytest.approx(HUB)


def test_kpis_of_each_cluster(hub_view):
    for kpis, expected in zip(cluster_kpis(hub_view), (A, B), strict=True):
        found = values(kpis)
        assert list(found) == list(CLUSTER_KPIS)
        assert {n: found[n] for n in expected} == pytest.approx(expected)


def test_counts_and_energies_of_clusters_add_up(hub_view):
    whole, parts = values(hub_kpis(hub_view)), [values(k) for k in cluster_kpis(hub_view)]
    nowhere = 1  # the visit that drives to no cluster
    for name in ("net_kwh", "g2v_kwh", "v2g_kwh", "energy_cost", "short_of_target_kwh", "over_limit_kwh"):
        assert sum(p[name] for p in parts) == pytest.approx(whole[name]), name
    assert sum(p["visits"] for p in parts) + nowhere == whole["visits"]
    assert sum(p["reservation_refused"] for p in parts) + nowhere == whole["reservation_refused"]


def test_every_kpi_is_on_the_page_of_outputs():
    page = (Path(__file__).parents[3] / "docs" / "outputs.md").read_text()
    names = [*CLUSTER_KPIS, *SYSTEM_KPIS, *IMBALANCE_KPIS, *SOLVE_KPIS]
    assert [n for n in names if f"`{n}`" not in page] == []


def test_level_is_breach_where_a_limit_was_left(hub_view, hub_outcome):
    assert hub_outcome.level == "breach"
    kept = [
        replace(x, lower_kw=np.full(6, -99.0), upper_kw=np.full(6, 99.0))
        for x in hub_view.trace.system.limits
    ]
    system = replace(hub_view.trace.system, limits=tuple(kept), system_limit=None, imbalance_limits=())
    view = ClusterView(replace(hub_view.trace, system=system))
    assert cluster_outcome(view, name="n", seed=0, input_hash="").level == "normal"
    assert "system_over_limit_steps" not in values(hub_kpis(view))
    assert "imbalance_steps" not in values(hub_kpis(view))


def test_a_tolerance_is_an_excess_that_counts_as_kept(hub_view):
    over, under = hub_view.beyond_kw(0)
    assert over.tolist() == [0, 3, 0, 0, 0, 0]
    assert not under.any()
    assert hub_view.beyond_kw(1)[1].tolist() == [4, 4, 0, 0, 0, 4]


def test_a_vehicle_that_is_turned_away_misses_all_of_its_contract(hub_view):
    t = hub_view.trace
    held = replace(t.bookings, contract=np.array([0, NONE, NONE, 0]), vehicle=np.array([3, 0, 1, 2]))
    view = ClusterView(replace(t, bookings=held))
    assert view.short_of_contract_kwh[3] == 12
    assert values(hub_kpis(view))["short_of_contract_kwh"] == 15
    assert values(hub_kpis(view))["contract_revenue"] == 3, "only those who came pay"


def test_no_targets_are_missed_by_those_who_are_not_due(hub_view):
    short = hub_view.short_of_target_kwh
    assert short[0] == pytest.approx(6)
    assert np.isnan(short[1])
    assert short[2] == 0
    due = replace(hub_view.trace.fleet, declared_departure_s=np.full(7, hub_view.horizon.end_s))
    assert ClusterView(replace(hub_view.trace, fleet=due)).short_of_target_kwh[1] == pytest.approx(10)


def test_spells_and_flows_are_those_of_the_trace(hub_view):
    t = hub_view.trace
    for lo, hi in ((0, 6), (1, 4), (3, 4), (5, 6)):
        expected = t.evse_kw(lo, hi)
        own = np.zeros_like(expected)
        s = hub_view.spells(lo, hi)
        for k, first, end, kw in zip(s.connection, s.first, s.end, hub_view.grid_kw(s), strict=True):
            own[t.connections.evse[k], first - lo : end - lo] += kw
        assert own == pytest.approx(expected)
        for cluster in range(2):
            charge, v2g = hub_view.flows_kw(cluster, lo, hi)
            assert charge - v2g == pytest.approx(t.cluster_kw[cluster, lo:hi])
    assert hub_view.flows_kw(0, 0, 6)[1].tolist() == pytest.approx([0, 0, 0, 3.2, 0, 0])
    assert hub_view.contracted_kw(1, 0, 6).tolist() == [0, 0, 8, 8, 8, 0]


def test_soc_knots_lie_on_the_soc_of_the_trace(hub_view):
    connection, boundary, soc = hub_view.knots_of(np.arange(3))
    assert connection.tolist() == [0, 0, 0, 0, 1, 1, 2, 2]
    assert boundary.tolist() == [0, 2, 3, 4, 1, 6, 2, 5]
    for k, b, s in zip(connection, boundary, soc, strict=True):
        first = hub_view.trace.connections.first[k]
        assert s == pytest.approx(hub_view.trace.soc(int(k))[b - first])
