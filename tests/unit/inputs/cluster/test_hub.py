"""A hub as people write it becomes the model's nouns; workbook and CSV files mean the same."""

# ruff: noqa: DTZ001 - sheets hold readings of a clock

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sparewatt.inputs.cluster.held import Held, on_periods
from sparewatt.inputs.cluster.input_hash import hash_cluster_inputs
from sparewatt.inputs.cluster.read import with_cluster_limits
from sparewatt.model.fleet import NO_SOC, NO_TIME, NOWHERE
from sparewatt.model.horizon import Horizon
from sparewatt.model.limit import Limit


def seconds(hour, minute=0):
    return int(datetime(2026, 3, 2, hour, minute, tzinfo=UTC).timestamp())


def test_what_stands_in_the_sheets(hub):
    inputs, findings = hub.read()
    assert findings == ()
    system, fleet = inputs.system, inputs.fleet
    assert system.cluster_ids == ("cluster1", "cluster2")
    assert system.evses.ids == ("n1", "n2", "s1")
    assert system.evses.cluster.tolist() == [0, 0, 1]
    assert system.evses.max_charge_kw.tolist() == [11, 22, 11]
    assert system.evses.max_discharge_kw.tolist() == [11, 0, 0]
    assert system.evses.efficiency.tolist() == [0.9, 1, 0.95]
    assert fleet.ids == ("a", "b")
    assert fleet.battery_kwh.tolist() == [50, 40.5]
    assert fleet.reservation_s.tolist() == [seconds(7), NO_TIME]
    assert fleet.declared_arrival_s.tolist() == [seconds(8), NO_TIME]
    assert fleet.declared_departure_s.tolist() == [seconds(12), seconds(11)]
    assert fleet.declared_soc.tolist() == [0.5, NO_SOC]
    assert fleet.real_arrival_s.tolist() == [seconds(8, 5), seconds(8, 30)]
    assert fleet.real_soc.tolist() == [0.45, 0.6]
    assert fleet.v2g_allowance_kwh.tolist() == [4, 0]
    assert (fleet.min_soc.tolist(), fleet.max_soc.tolist()) == ([0, 0], [1, 1])
    assert fleet.target_cluster.tolist() == [1, NOWHERE]


def test_the_run_covers_the_full_hours_of_the_fleet(hub):
    horizon = hub.read()[0].system.horizon
    assert (horizon.start, horizon.end) == (
        datetime(2026, 3, 2, 7, tzinfo=UTC),
        datetime(2026, 3, 2, 13, tzinfo=UTC),
    )
    assert (horizon.periods, horizon.step) == (72, timedelta(minutes=5))


def test_values_hold_until_the_next_stamp(hub):
    system = hub.read()[0].system
    assert system.limits[0].lower_kw.tolist() == [-10] * 24 + [0] * 48
    assert system.limits[0].upper_kw.tolist() == [20] * 24 + [15] * 48
    assert system.price_per_kwh.tolist() == [0.2] * 36 + [0.4] * 36
    assert system.limits[1].upper_kw.tolist() == [11] * 72
    assert system.limits[1].upper_kw.strides == (0,)  # a constant takes no memory


def test_stamps_are_rounded_to_the_second(hub):
    hub.set("Capacity1", 3, "TimeStep", datetime(2026, 3, 2, 8, 59, 59, 960000))
    assert hub.read()[0].system.limits[0].upper_kw.tolist() == [20] * 24 + [15] * 48


def test_a_stamp_off_the_grid_binds_in_the_whole_period():
    """Limits: the tightest of the period. Prices: the time-weighted mean, here (120·0.2 + 180·0.7)/300."""
    horizon = Horizon(datetime(2026, 3, 2, tzinfo=UTC), timedelta(seconds=300), 3, "UTC", (0, 3))
    held = Held(horizon.start_s + np.array([-50, 420, 2000]), np.array([0.2, 0.7, 9.0]))
    assert on_periods(held, horizon, "max").tolist() == [0.2, 0.7, 0.7]
    assert on_periods(held, horizon, "min").tolist() == [0.2, 0.2, 0.7]
    assert on_periods(held, horizon, "mean") == pytest.approx([0.2, 0.5, 0.7], rel=1e-12)


def test_several_stamps_in_one_period(hub):
    hub.settings = {"step": "1h"}
    hub.sheets["Capacity1"] = [
        ["TimeStep", "LB (kW)", "UB (kW)"],
        [datetime(2026, 3, 2, 6), -5, 20],
        [datetime(2026, 3, 2, 7, 10), -1, 12],
        [datetime(2026, 3, 2, 7, 20), -3, 25],
        [datetime(2026, 3, 2, 13), -3, 25],
    ]
    limit = hub.read()[0].system.limits[0]
    assert limit.lower_kw.tolist() == [-1, -3, -3, -3, -3, -3]
    assert limit.upper_kw.tolist() == [12, 25, 25, 25, 25, 25]


def test_csv_files_mean_the_same(hub):
    book = hub.read()[0]
    for separator in (",", ";", "\t"):
        tables, findings = hub.read_csv(separator)
        assert findings == ()
        assert hash_cluster_inputs(tables) == hash_cluster_inputs(book)


def test_order_of_rows_sheets_and_columns_has_no_meaning(hub):
    before = hash_cluster_inputs(hub.read()[0])
    hub.sheets = dict(reversed(hub.sheets.items()))
    hub.sheets["Fleet"][1:] = hub.sheets["Fleet"][:0:-1]
    hub.sheets["Capacity1"][1:] = hub.sheets["Capacity1"][:0:-1]
    hub.sheets["Fleet"] = [row[::-1] for row in hub.sheets["Fleet"]]
    hub.sheets["Notes"] = [["anything"]]
    after, findings = hub.read()
    assert [f.rule for f in findings] == ["cluster.sheet.unknown"]
    assert hash_cluster_inputs(after) == before


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value"),
    [
        ("Fleet", 2, "Real Arrival SOC", 0.46),
        ("Fleet", 3, "Target Cluster", "cluster1"),
        ("Fleet", 3, "ev_id", "c"),
        ("Cluster1", 2, "cu_eff", 0.91),
        ("Cluster2", 2, "cu_id", "s2"),
        ("Capacity1", 2, "UB (kW)", 21),
        ("Price", 2, "Price (per/kWh)", 0.21),
    ],
)
def test_every_value_counts_in_the_hash(hub, sheet, row, column, value):
    before = hash_cluster_inputs(hub.read()[0])
    hub.set(sheet, row, column, value)
    assert hash_cluster_inputs(hub.read()[0]) != before


def test_settings_count_in_the_hash_but_not_the_number_of_workers(hub):
    before = hash_cluster_inputs(hub.read()[0])
    for settings in ({"control": "equal_share"}, {"limit_tolerance_kw": 1}, {"grace": "5min"}):
        hub.settings = settings
        assert hash_cluster_inputs(hub.read()[0]) != before
    hub.settings = {"workers": 4}
    assert hash_cluster_inputs(hub.read()[0]) == before


def test_clusters_come_in_the_order_of_their_numbers(hub):
    for n in (10, 3):
        hub.sheets[f"Cluster{n}"] = [hub.sheets["Cluster2"][0], [f"u{n}", 7, 0, 1]]
        hub.sheets[f"capacity{n}"] = hub.sheets["Capacity2"]
    for inputs, _ in (hub.read(), hub.read_csv()):
        assert inputs.system.cluster_ids == ("cluster1", "cluster2", "cluster3", "cluster10")
        assert inputs.system.evses.ids == ("n1", "n2", "s1", "u3", "u10")


def test_target_clusters_are_told_without_regard_to_case(hub):
    hub.set("Fleet", 2, "Target Cluster", " CLUSTER1 ")
    assert hub.read()[0].fleet.target_cluster.tolist() == [0, NOWHERE]


def test_local_times(hub):
    """Berlin in March is an hour before UTC."""
    hub.settings = {"timezone": "Europe/Berlin"}
    inputs, findings = hub.read()
    assert findings == ()
    assert inputs.fleet.real_arrival_s.tolist() == [seconds(7, 5), seconds(7, 30)]
    assert inputs.system.horizon.start == datetime(2026, 3, 2, 6, tzinfo=UTC)


def test_a_no_show(hub):
    for column in ("Real Arrival Time", "Real Arrival SOC", "Real Departure Time"):
        hub.set("Fleet", 2, column, None)
    inputs, findings = hub.read()
    assert findings == ()
    fleet = inputs.fleet
    assert (fleet.real_arrival_s[0], fleet.real_departure_s[0], fleet.real_soc[0]) == (
        NO_TIME,
        NO_TIME,
        NO_SOC,
    )


def test_power_by_soc(hub):
    header = ["ev_id", "SOC_LB", "SOC_UB", "P_UB (kW)"]
    hub.sheets["PowerSoC"] = [header, ["b", 0.5, 1, 4], ["b", 0, 0.5, 9]]
    inputs, findings = hub.read()
    assert findings == ()
    table = inputs.fleet.power_table
    assert table.offset.tolist() == [0, 0, 2]
    assert [table.max_kw_at(1, s) for s in (0.2, 0.5, 1.0)] == [9, 4, 4]
    assert table.max_kw_at(0, 0.2) == float("inf")


def test_min_and_max_soc(hub):
    hub.sheets["Fleet"][0] += ["Min SOC", "max soc"]
    hub.sheets["Fleet"][1] += [0.2, 0.9]
    hub.sheets["Fleet"][2] += [None, None]
    inputs, findings = hub.read()
    assert findings == ()
    assert (inputs.fleet.min_soc.tolist(), inputs.fleet.max_soc.tolist()) == ([0.2, 0], [0.9, 1])


def test_settings_become_limits_and_traffic(hub):
    hub.settings = {
        "limit_tolerance_kw": {"default": 1, "Cluster2": 2, "system": 3},
        "traffic": {"cluster2": {"arrival_delay": "5min", "soc_drop": 0.02}},
        "system_limits": [
            {"upper_kw": 30},
            {"time": "2026-03-02 10:00", "lower_kw": -5, "upper_kw": 20},
        ],
        "imbalance_limits": {"first": "cluster1", "second": "cluster2", "upper_kw": 8},
    }
    inputs, findings = hub.read()
    assert findings == ()
    system = inputs.system
    assert [limit.tolerance_kw for limit in system.limits] == [1, 2]
    assert system.system_limit.tolerance_kw == 3
    assert system.system_limit.upper_kw.tolist() == [30] * 36 + [20] * 36
    assert system.system_limit.lower_kw.tolist() == [-np.inf] * 36 + [-5] * 36
    assert system.traffic.arrival_delay_s.tolist() == [0, 300]
    assert system.traffic.soc_drop.tolist() == [0, 0.02]
    (pair,) = system.imbalance_limits
    assert (pair.first, pair.second, pair.upper_kw.tolist()) == (0, 1, [8] * 72)


def test_limits_of_another_run_are_intersected(hub):
    inputs = hub.read()[0]
    other = Limit(np.full(72, -4.0), np.full(72, 18.0), "run 7")
    limited, findings = with_cluster_limits(inputs, {"cluster1": other})
    assert findings == ()
    assert limited.system.limits[0].upper_kw.tolist() == [18] * 24 + [15] * 48
    assert limited.system.limits[0].lower_kw.tolist() == [-4] * 24 + [0] * 48
    assert limited.system.limits[1] is inputs.system.limits[1]
    assert "run 7" in limited.system.limits[0].reason


def test_limits_of_another_run_that_leave_nothing(hub):
    inputs = hub.read()[0]
    other = Limit(np.full(72, -20.0), np.full(72, -12.0), "run 7")
    limited, findings = with_cluster_limits(inputs, {"cluster1": other, "clutser2": other})
    assert limited is None
    assert {(f.rule, f.where) for f in findings} == {
        ("cluster.limit.crossed", "limits.cluster1"),
        ("cluster.limit.cluster", "limits.clutser2"),
    }
    assert "cluster2" in next(f.remedy for f in findings if f.rule == "cluster.limit.cluster")


def test_a_part_of_the_fleet_in_a_shorter_run(hub):
    hub.settings = {"start": "2026-03-02 08:30", "end": "2026-03-02 11:30"}
    hub.add("Fleet", "late", 40, 11, 0, None, None, datetime(2026, 3, 3, 9), None, 1, None)
    hub.sheets["Fleet"][3] += [datetime(2026, 3, 2, 12), 0.1, datetime(2026, 3, 3, 9), None]
    inputs, findings = hub.read()
    assert inputs.fleet.ids == ("a", "b")
    assert [(f.rule, f.severity, f.ids) for f in findings] == [
        ("cluster.fleet.outside", "warning", ("late",))
    ]
    assert findings[0].where == "Fleet row 4, column Real Arrival Time"


def test_days_begin_at_local_midnight(hub):
    hub.settings = {"start": "2026-03-02 20:00", "end": "2026-03-04 01:00", "timezone": "Asia/Kolkata"}
    hub.sheets["Capacity1"] = hub.sheets["Capacity2"]
    del hub.sheets["Price"]
    horizon = hub.read()[0].system.horizon
    assert horizon.day_edges == (0, 48, 336, 348)
