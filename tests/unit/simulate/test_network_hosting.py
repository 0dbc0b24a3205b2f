"""Hosting capacity against counting: two feeders of five homes each, whose cables carry three cars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import comb

import numpy as np
import pytest
from tests.support.customers import make_horizon
from tests.support.ev_pools import make_sessions
from tests.support.networks import make_network

from sparewatt.errors import RunCancelled
from sparewatt.model.case_loads import PowerFactors
from sparewatt.model.customers import Customers
from sparewatt.model.zonal import ZonalSeries
from sparewatt.physics.topology import find_feeders, find_zones
from sparewatt.simulate.network_days import noon_days
from sparewatt.simulate.network_evs import ZoneRoom
from sparewatt.simulate.network_hosting import HostingTask, breaks_anything, run_samples

HOMES, EACH, FOUR, STEPS = 10, 5, 4, 24
# 7.4 kW at 0.98 and 7 kW at 0.95 are 31 A at 240 V, 7 kW of PV 29 A: three fit into 110 A, four do not
NETWORK = make_network(
    [("busbar", "a"), ("busbar", "b")], [("a", 0)] * EACH + [("b", 0)] * EACH, ampacity_a=110.0
)
FEEDERS = find_feeders(NETWORK)
ZONES = find_zones(NETWORK, FEEDERS)
CUSTOMERS = Customers(
    NETWORK.loads.ids,
    np.arange(HOMES),
    np.asarray(ZONES.load_zone),
    np.zeros(HOMES, dtype=np.int64),
    np.ones(HOMES),
)
DAYS = noon_days(make_horizon(date(2026, 1, 12), 2, 60), 0, 1)
NOTHING = np.zeros((HOMES, STEPS))
SAMPLES = 300


@dataclass(frozen=True)
class SameCars:
    """Cars that come at 18:00 with 20 kWh, want 27 kWh at 07:00 and charge at once from plug-in on."""

    count: int = HOMES

    def __len__(self):
        return self.count

    def on_day(self, _day):
        stays = [(car, 6, 19, 20.0, 27.0) for car in range(self.count)]
        return make_sessions(stays, battery_kwh=[60.0] * self.count, periods=STEPS, step_h=1.0)


TASK = HostingTask(
    network=NETWORK,
    feeders=FEEDERS,
    zones=ZONES,
    customers=CUSTOMERS,
    factors=PowerFactors(0.95, 0.98, 1.0),
    engine="sweep",
    demand_kw=NOTHING,
    heat_pump_kw=NOTHING,
    pv_kw_per_kwp=NOTHING,
    horizon=DAYS,
    pool=SameCars(),
    pv_share=0.0,
    hp_share=0.0,
    rooms=(),
    penetration=0.0,
    first=0,
    end=SAMPLES,
    floor_pu=0.9,
    ceiling_pu=1.05,
    seed=5,
)


@dataclass
class Told:
    """A control that keeps the last progress, and may say that the run was stopped."""

    stopped: bool = False
    progress: float = 0.0

    def cancelled(self):
        return self.stopped

    def check(self):
        if self.stopped:
            raise RunCancelled("stopped")

    def report(self, progress):
        self.progress = progress


def violating(**changes):
    told = Told()
    found = run_samples(replace(TASK, **changes), told)
    assert told.progress == 1.0
    return found


def four_on_one_feeder(drawn):
    """Probability that four or five of the ``drawn`` homes are on one feeder, by counting."""
    possible = range(max(0, drawn - EACH), min(drawn, EACH) + 1)
    ways = sum(comb(EACH, k) * comb(EACH, drawn - k) for k in possible if max(k, drawn - k) >= FOUR)
    return ways / comb(HOMES, drawn)


def spread(chance):
    """Three standard deviations of a share of the samples."""
    return 3 * np.sqrt(chance * (1 - chance) / SAMPLES) + 1e-12


@pytest.mark.parametrize("evs", [0, 3, 4, 5, 6, 8, 10])
def test_probability_of_evs_is_that_of_counting(evs):
    chance = four_on_one_feeder(evs)
    assert chance == {0: 0, 3: 0, 4: 10 / 210, 5: 52 / 252, 6: 110 / 210, 8: 1, 10: 1}[evs]
    assert violating(penetration=evs / HOMES).mean() == pytest.approx(chance, abs=spread(chance))


@pytest.mark.parametrize("what", ["heat pumps", "pv"])
@pytest.mark.parametrize("homes", [3, 5, 8])
def test_probability_of_heat_pumps_and_of_pv_is_that_of_counting(what, homes):
    seven = np.full((HOMES, STEPS), 7.0)
    share = homes / HOMES
    changes = {"heat_pump_kw": seven, "hp_share": share}
    if what == "pv":
        changes = {"pv_kw_per_kwp": seven, "pv_share": share}
    chance = four_on_one_feeder(homes)
    assert violating(**changes).mean() == pytest.approx(chance, abs=spread(chance))


def test_more_evs_are_those_of_fewer_and_more():
    few, more = violating(penetration=0.4), violating(penetration=0.6)
    assert few.any()
    assert np.all(more[few])


def test_chunks_are_the_samples_of_the_whole():
    whole = violating(penetration=0.5)
    parts = [violating(penetration=0.5, first=a, end=a + 100) for a in (0, 100, 200)]
    assert np.array_equal(np.concatenate(parts), whole)
    assert not np.array_equal(violating(penetration=0.5, seed=6), whole)


def test_planned_inside_three_cars_nothing_breaks_and_too_little_room_is_missing_energy():
    kva = 3 * 7.4 / 0.98

    def rooms(headroom_kva):
        slots = np.full(STEPS, headroom_kva)
        room = ZoneRoom(slots, np.zeros(STEPS), np.full(STEPS, 0.1), 0.98, 0.0, 0.7, "a zone")
        return (room,) * len(ZONES)

    assert violating(penetration=1.0, end=5).all()
    assert not violating(penetration=1.0, rooms=rooms(kva), end=5).any()
    # 13 hours of 2 kW on each feeder are not the 40 kWh that five cars take
    assert violating(penetration=1.0, rooms=rooms(2.0), end=5).all()


def test_a_stop_is_heard():
    with pytest.raises(RunCancelled):
        run_samples(TASK, Told(stopped=True))


QUIET = ZonalSeries(
    np.zeros((1, 2)),
    np.full((1, 2), 0.95),
    np.full((1, 2), 1.0),
    np.zeros((1, 2), dtype=np.int32),
    np.ones((3, 2)),
    np.full((3, 2), 100.0),  # 300 kVA of 500
    np.zeros(2),
    np.ones(2, dtype=np.bool_),
)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({}, False),
        ({"min_pu": np.array([[0.9, 0.95]])}, False),
        ({"min_pu": np.array([[0.8999, 0.95]])}, True),
        ({"max_pu": np.array([[1.0, 1.0501]])}, True),
        ({"overloads": np.array([[0, 1]], dtype=np.int32)}, True),
        ({"busbar_flow_kva": np.full((3, 2), -170.0)}, True),
        ({"converged": np.array([True, False])}, True),
    ],
)
def test_what_breaks_a_sample(change, broken):
    assert breaks_anything(replace(QUIET, **change), 0.9, 1.05, NETWORK) is broken
