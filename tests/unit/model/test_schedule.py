"""Views of a schedule: what is booked where, and what people are shown."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from sparewatt.model.schedule import AC, DC, NO_CHARGER, DepotSchedule
from support.depots import make_depot


def schedule_of(depot, energy=None, charger=None, unserved=None) -> DepotSchedule:
    full = np.zeros(len(depot.sessions.fraction))
    for entry, value in (energy or {}).items():
        full[entry] = value
    count = len(depot.sessions)
    return DepotSchedule(
        depot, full, np.array(charger or [AC] * count, dtype=np.int8), np.array(unserved or [0.0] * count)
    )


def test_state_of_charge_by_hand():
    # 40 kWh; 10 kWh used, booked in 10:00-10:30 where 4 kWh at the meter bring 3.2 back.
    depot = make_depot([(0, 0, 6, 0), (0, 10, 15, 10)], initial_soc=0.9)
    soc = schedule_of(depot, {12: 4.0, 13: 2.0}).soc[0]
    assert len(soc) == 49
    assert soc[:21] == pytest.approx(np.full(21, 0.9))
    assert soc[21] == pytest.approx((36 - 10 + 3.2) / 40)
    assert soc[22:] == pytest.approx(np.full(27, (36 - 10 + 3.2 + 1.6) / 40))


def test_unserved_is_booked_with_the_route():
    depot = make_depot([(0, 0, 6, 0), (0, 10.2, 15, 45)])
    schedule = schedule_of(depot, unserved=[0.0, 5.0])
    assert schedule.booking_period.tolist() == [0, 20]
    assert schedule.vehicle_use_kwh[0, 20] == 45
    assert schedule.vehicle_unserved_kwh[0, 20] == 5
    assert schedule.soc[0, 20:22] == pytest.approx([1, 0])


def test_a_vehicle_away_at_the_end_books_in_the_last_period():
    depot = make_depot([(0, 0, 6, 0), (0, 24, 24, 10)])
    schedule = schedule_of(depot)
    assert schedule.booking_period.tolist() == [0, 47]
    assert schedule.soc[0, -2:] == pytest.approx([1, 0.75])


def test_a_stay_without_a_period_still_takes_its_energy():
    # Home for ten minutes that count for nothing ("whole"), then out again.
    depot = make_depot([(0, 0, 6, 0), (0, 10.1, 10.3, 10), (0, 15, 24, 5)], availability="whole")
    assert depot.sessions.end[1] == depot.sessions.first[1]
    assert schedule_of(depot).soc[0, [20, 21, 22, 30, 31]] == pytest.approx([1, 1, 0.75, 0.75, 0.625])


def test_energy_of_two_stays_in_one_period_adds_up():
    depot = make_depot([(0, 0, 6.1, 0), (0, 6.3, 9, 10)])
    schedule = schedule_of(depot, {12: 0.5, 13: 1.25}, charger=[AC, DC])
    assert schedule.vehicle_energy_kwh[0, 12] == 1.75
    assert schedule.power_kw[0, 12] == 3.5
    assert schedule.vehicle_charger[0, [0, 12, 13, 20]].tolist() == [AC, DC, DC, NO_CHARGER]


def test_site_power_and_breach():
    # Limit 0.9·10 kW; load 4 kW leaves 5 kW; 4 kWh in half an hour are 8 kW.
    depot = make_depot([(0, 10, 15, 20)], asc_kw=10.0, load_kw=4.0)
    schedule = schedule_of(depot, {0: 4.0, 1: 2.5})
    assert schedule.charging_kw[20:23].tolist() == [8, 5, 0]
    assert schedule.breach_kw[20:23] == pytest.approx([3, 0, 0])
    assert schedule.site_kw[20:23].tolist() == [12, 9, 4]
    assert depot.site_limit.upper_kw[20] == 5
    assert "site_1" in depot.site_limit.reason


def test_nothing_is_free_where_the_load_is_above_the_limit():
    depot = make_depot([(0, 10, 15, 20)], asc_kw=10.0, load_kw=40.0)
    assert depot.free_kw.max() == 0


def test_rates_are_the_lesser_of_vehicle_and_charger():
    depot = make_depot([(0, 1, 2, 0), (1, 1, 2, 0)], vehicles=[(40.0, 3.7, 50.0), (40.0, 22.0, 11.0)])
    assert depot.session_ac_kw.tolist() == [3.7, 8]
    assert depot.session_dc_kw.tolist() == [20, 11]


def test_nouns_are_frozen():
    depot = make_depot([(0, 1, 2, 0)])
    for noun in (depot, depot.sessions, depot.vehicles, depot.horizon, depot.chargers):
        field = next(iter(noun.__dataclass_fields__))
        with pytest.raises(FrozenInstanceError):
            setattr(noun, field, None)
