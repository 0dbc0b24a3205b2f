"""DepotView and `t_charge_demand`, reckoned by hand (see conftest)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from sparewatt.model.horizon import Horizon
from sparewatt.model.schedule import AC, DC
from sparewatt.results.depot_demand import last_soc
from sparewatt.results.depot_view import DepotView, demand_table


def test_soc_is_that_of_the_hand_calculation(hand_view):
    assert hand_view.soc[0] == pytest.approx([1, 1, 1, 1, 0.68, 0.84, 1, 1, 1])
    assert hand_view.soc[1] == pytest.approx([1, 1, 1, 1, 1, 1, 1, 0.1, 0.3])


def test_soc_agrees_with_the_schedule(hand_schedule, hand_view):
    assert hand_view.soc == pytest.approx(hand_schedule.soc)


def test_site_is_that_of_the_hand_calculation(hand_view):
    assert hand_view.charging_kw == pytest.approx([0, 0, 0, 1, 2, 2, 0, 10 / 6])
    assert hand_view.free_kw == pytest.approx([1.9, 1.9, 1.9, 0, 1.9, 1.9, 1.9, 1.9])
    assert hand_view.breach_kw == pytest.approx([0, 0, 0, 1, 0.1, 0.1, 0, 0])
    assert hand_view.day_breach_kwh == pytest.approx([6, 1.2])
    assert hand_view.day_peak_kw == pytest.approx([12.5, 10])
    assert hand_view.level == "magic"


def test_magic_fill_spreads_over_plugged_in_periods_and_changes_nothing_else(hand_schedule, hand_view):
    assert hand_view.unserved_kwh[1].tolist() == [0, 0, 0, 0, 0, 0, 4, 0]
    assert hand_view.magic_fill_kwh[1].tolist() == [0, 0, 0, 0, 0, 0, 2, 2]
    plain, filled = (demand_table(hand_schedule, 1, 5, magic_fill=m) for m in (False, True))
    assert plain["unserved_kwh"].to_pylist() == [0, 0, 0, 0, 0, 0, 4, 0]
    assert filled["unserved_kwh"].to_pylist() == [0, 0, 0, 0, 0, 0, 2, 2]
    assert filled.drop_columns(["unserved_kwh"]) == plain.drop_columns(["unserved_kwh"])


def test_magic_fill_stays_put_where_the_vehicle_is_never_plugged_in(hand_schedule):
    depot = hand_schedule.depot
    away = depot.horizon.periods
    sessions = replace(
        depot.sessions,
        first=np.array([0, 3, 0, away]),
        end=np.array([2, 8, 4, away]),
        offset=np.array([0, 2, 7, 11, 11]),
        fraction=depot.sessions.fraction[:11],
    )
    schedule = replace(
        hand_schedule, depot=replace(depot, sessions=sessions), energy_kwh=hand_schedule.energy_kwh[:11]
    )
    table = demand_table(schedule, 1, 5, magic_fill=True)
    assert table["unserved_kwh"].to_pylist() == [0, 0, 0, 0, 0, 0, 0, 4]


def test_rows_of_a_day(hand_schedule):
    table = demand_table(hand_schedule, 1, 5)
    assert table.column_names == [
        "scenario_id",
        "allocated_vehicle_id",
        "datetime",
        "power_kw",
        "energy_kwh",
        "soc",
        "charger",
        "unserved_kwh",
    ]
    assert table["scenario_id"].to_pylist() == [5] * 8
    assert table["allocated_vehicle_id"].to_pylist() == ["A"] * 4 + ["B"] * 4
    assert table["energy_kwh"].to_pylist() == [12, 12, 0, 0, 0, 0, 0, 10]
    assert table["power_kw"].to_pylist() == pytest.approx([2, 2, 0, 0, 0, 0, 0, 10 / 6])
    assert table["soc"].to_pylist() == pytest.approx([0.84, 1, 1, 1, 1, 1, 0.1, 0.3])
    assert table["charger"].to_pylist() == ["AC"] * 4 + ["", "", "DC", "DC"]
    assert table.schema.field("datetime").type == pa.timestamp("us", "Europe/London")
    assert [t.isoformat() for t in table["datetime"].to_pylist()[:4]] == [
        f"2025-01-07T{h:02}:00:00+00:00" for h in (0, 6, 12, 18)
    ]


def test_days_handed_on_are_the_whole_horizon_byte_for_byte(clock_views):
    rng = np.random.default_rng(3)
    schedule = random_schedule(rng, days=6)
    whole = demand_table(schedule, None, 1, magic_fill=True)
    soc, parts = None, []
    for d in range(6):
        parts.append(demand_table(schedule, d, 1, magic_fill=True, start_soc=soc))
        soc = last_soc(parts[-1], 2)
        alone = demand_table(schedule, d, 1, magic_fill=True)
        assert alone["soc"].to_numpy() == pytest.approx(parts[-1]["soc"].to_numpy(), abs=1e-12)
    joined = pa.concat_tables(parts).sort_by(
        [("allocated_vehicle_id", "ascending"), ("datetime", "ascending")]
    )
    assert joined.combine_chunks().equals(whole)


def random_schedule(rng, days):
    """Random stays with gaps, a zero-length one and one still away at the end."""
    from sparewatt.model.depot import Depot, DepotChargers  # noqa: PLC0415 - used here only
    from sparewatt.model.schedule import DepotSchedule  # noqa: PLC0415 - used here only
    from sparewatt.model.sessions import Sessions  # noqa: PLC0415 - used here only
    from sparewatt.model.vehicles import Vehicles  # noqa: PLC0415 - used here only

    h = Horizon.of_days(date(2025, 3, 28), days, step=timedelta(minutes=30), timezone="Europe/London")
    v, a, b = [], [], []
    for n in range(2):
        cuts = np.sort(rng.choice(h.periods * 1800, size=20, replace=False)) + h.start_s
        for x, y in cuts.reshape(-1, 2):
            v.append(n)
            a.append(x)
            b.append(y)
        b[-2] = a[-2]
        a[-1] = b[-1] = h.end_s
    s = Sessions.from_stays(h, np.array(v), np.array(a), np.array(b), rng.uniform(0, 9, len(v)))
    depot = Depot(
        "1",
        "1",
        h,
        Vehicles(("A", "B"), ("v", "v"), np.array([60.0, 40.0]), np.array([7.0, 7.0]), np.array([9.0, 9.0])),
        s,
        DepotChargers(7.0, 9.0, 2, 1),
        11.0,
        0.2,
        0.9,
        np.zeros(h.periods),
        np.ones(h.periods),
    )
    kinds = rng.integers(0, 3, len(v)).astype(np.int8)
    return DepotSchedule(depot, rng.uniform(0, 3, len(s.fraction)), kinds, rng.uniform(0, 2, len(v)))


def test_arrays_are_those_of_the_schedule():
    schedule = random_schedule(np.random.default_rng(8), days=3)
    view = DepotView.from_schedule(schedule, scenario_id=1, mode="opt")
    assert view.energy_kwh == pytest.approx(schedule.vehicle_energy_kwh)
    assert view.unserved_kwh == pytest.approx(schedule.vehicle_unserved_kwh)
    assert view.soc == pytest.approx(schedule.soc)
    assert (view.charger == schedule.vehicle_charger).all()
    assert view.breach_kw == pytest.approx(schedule.breach_kw)
    assert view.sessions.energy_kwh.sum() == pytest.approx(view.energy_kwh.sum())


@pytest.mark.parametrize(
    ("first", "rows", "stamps"),
    [
        (date(2025, 10, 26), 50, ["00:30+01:00", "01:00+01:00", "01:30+01:00", "01:00+00:00", "01:30+00:00"]),
        (date(2025, 3, 30), 46, ["00:30+00:00", "02:00+01:00", "02:30+01:00"]),
    ],
)
def test_a_clock_change_day_has_its_own_number_of_rows(hand_schedule, first, rows, stamps):
    horizon = Horizon.of_days(first, 1, step=timedelta(minutes=30), timezone="Europe/London")
    depot = replace(hand_schedule.depot, horizon=horizon)
    table = demand_table(replace(hand_schedule, depot=depot), 0, 1)
    assert table.num_rows == 2 * rows
    times = [t.isoformat()[11:16] + t.isoformat()[19:] for t in table["datetime"].to_pylist()]
    assert times[1 : 1 + len(stamps)] == stamps
    assert times[rows:] == times[:rows]


def test_rule_days_are_told_from_the_schedule(bau_view):
    # charging 5 kW in period 3 with none free, 25/6 kW in period 6 with 1.9 free
    first, second = bau_view.days
    assert (first.level, first.status, second.level) == ("breach", "rule", "breach")
    assert first.breach_kwh == pytest.approx(30)
    assert second.breach_kwh == pytest.approx(25 - 6 * 1.9)
    assert (first.delivered_kwh, second.delivered_kwh) == (30, 25)
    assert (first.cost, second.cost) == pytest.approx((3, 5))


def test_peak_of_a_day_is_a_half_hour_mean(hand_schedule):
    horizon = Horizon.of_days(date(2025, 1, 6), 1, step=timedelta(minutes=15), timezone="Europe/London")
    load = np.zeros(96)
    load[[4, 5]] = 4.0, 8.0  # one half-hour: mean 6
    load[[7, 8]] = 7.0, 7.0  # the end of one and the begin of the next: 3.5 each
    depot = replace(hand_schedule.depot, horizon=horizon, site_load_kw=load, price_per_kwh=load)
    still = replace(hand_schedule, depot=depot, energy_kwh=np.zeros(13))
    view = DepotView.from_schedule(still, scenario_id=1, mode="opt")
    assert view.day_peak_kw.tolist() == [6.0]


def test_charger_kinds(hand_view):
    assert hand_view.charger[0].tolist() == [AC, AC, 0, AC, AC, AC, AC, AC]
    assert hand_view.charger[1].tolist() == [AC, AC, AC, AC, 0, 0, DC, DC]
