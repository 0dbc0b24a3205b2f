"""The judge of `t_charge_demand`, on rows written here by a loop over the spec's columns."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from sparewatt.model.schedule import AC, DepotSchedule
from sparewatt.verify.demand_table import check_demand_table
from support.depots import make_depot, make_horizon


def schedule_of(first=date(2026, 10, 5), days=1) -> DepotSchedule:
    """V0: 10 kWh used, home at 10:00, 4 + 4 + 4 + 0.5 kWh; V1: 44 kWh of 40 used, 4 unserved, stays empty."""
    depot = make_depot(
        [(0, 0, 6, 0), (0, 10, 15, 10), (1, 0, 2, 0), (1, 12, 24, 44)],
        vehicles=[(40.0, 8.0, 20.0)] * 2,
        horizon=make_horizon(first, days),
        price=np.linspace(0.1, 0.2, make_horizon(first, days).periods),
    )
    energy = np.zeros(len(depot.sessions.fraction))
    energy[12:16] = [4, 4, 4, 0.5]
    return DepotSchedule(depot, energy, np.full(4, AC, dtype=np.int8), np.array([0, 0, 0, 4.0]))


def rows_of(schedule: DepotSchedule) -> list[dict[str, object]]:
    """Rows of hand-known content: soc by the story above, not by the model's views."""
    h = schedule.depot.horizon
    rows: list[dict[str, object]] = []
    for n in range(2):
        soc = 1.0
        for t in range(h.periods):
            energy = {20: 4.0, 21: 4.0, 22: 4.0, 23: 0.5}.get(t, 0.0) if n == 0 else 0.0
            soc += 0.8 * energy / 40
            if (n, t) == (0, 20):
                soc -= 10 / 40
            if (n, t) == (1, 24):
                soc = 0.0
            there = t < 12 or 20 <= t < 30 if n == 0 else t < 4 or 24 <= t < 48
            rows.append(
                {
                    "scenario_id": 1,
                    "allocated_vehicle_id": f"V{n}",
                    "datetime": h.local(t),
                    "power_kw": energy / 0.5,
                    "energy_kwh": energy,
                    "soc": soc,
                    "charger": "AC" if there else "",
                    "unserved_kwh": 4.0 if (n, t) == (1, 24) else 0.0,
                }
            )
    return rows


def table_of(rows, zone="Europe/London") -> pa.Table:
    schema = pa.schema(
        [
            ("scenario_id", pa.int64()),
            ("allocated_vehicle_id", pa.string()),
            ("datetime", pa.timestamp("us", zone)),
            ("power_kw", pa.float64()),
            ("energy_kwh", pa.float64()),
            ("soc", pa.float64()),
            ("charger", pa.string()),
            ("unserved_kwh", pa.float64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def rules(rows, schedule=None, **options) -> dict[str, float | None]:
    table = rows if isinstance(rows, pa.Table) else table_of(rows)
    found: dict[str, float | None] = {}
    for finding in check_demand_table(table, schedule or schedule_of(), **options):
        found.setdefault(finding.rule.removeprefix("depot.demand."), finding.margin)
    return found


PRICE = np.linspace(0.1, 0.2, 48)
RIGHT_SUMMARY = {
    "delivered_kwh": 12.5,
    "unserved_kwh": 4.0,
    "cost": 4 * PRICE[20] + 4 * PRICE[21] + 4 * PRICE[22] + 0.5 * PRICE[23],
}


@pytest.mark.parametrize(
    ("first", "days", "periods"),
    [(date(2026, 10, 5), 1, 48), (date(2026, 10, 25), 2, 98), (date(2027, 3, 28), 3, 142)],
)
def test_right_rows_pass(first, days, periods):
    schedule = schedule_of(first, days)
    rows = rows_of(schedule)
    assert len(rows) == 2 * periods
    assert rules(rows, schedule) == {}


def test_order_of_rows_and_chunks_mean_nothing():
    rows = rows_of(schedule_of())
    table = pa.concat_tables([table_of(rows[50:][::-1]), table_of(rows[:50])])
    assert rules(table) == {}


def test_stamps_may_be_text_with_offset():
    rows = rows_of(schedule_of())
    table = table_of(rows).set_column(
        2, "datetime", pa.array([r["datetime"].isoformat(sep=" ") for r in rows])
    )
    assert rules(table) == {}


def test_text_without_offset_or_sense_is_refused():
    rows = rows_of(schedule_of())
    for text in ("2026-10-05 00:00:00", "yesterday", None):
        stamps = [r["datetime"].isoformat() for r in rows]
        stamps[0] = text
        table = table_of(rows).set_column(2, "datetime", pa.array(stamps, pa.string()))
        assert set(rules(table)) == {"stamp", "rows_per_day"}


def test_stamps_without_a_zone_are_refused():
    rows = [r | {"datetime": r["datetime"].replace(tzinfo=None)} for r in rows_of(schedule_of())]
    assert "stamp" in rules(table_of(rows, zone=None))


def test_a_missing_column():
    assert list(rules(table_of(rows_of(schedule_of())).drop_columns(["soc"]))) == ["columns"]


def test_a_missing_row():
    rows = rows_of(schedule_of(date(2026, 10, 25), 2))
    del rows[98 + 60]  # V1, second day
    findings = check_demand_table(table_of(rows), schedule_of(date(2026, 10, 25), 2))
    assert [f.rule for f in findings] == ["depot.demand.rows_per_day"]
    assert findings[0].margin == 1.0
    assert findings[0].message == "47 of 48 periods have a row"
    assert "vehicle V1, day 1 from 2026-10-26 00:00+00:00" in findings[0].where


def test_48_rows_on_a_day_of_50():
    schedule = schedule_of(date(2026, 10, 25))
    rows = [
        r for r in rows_of(schedule)
        if r["datetime"].hour != 1 or r["datetime"].fold == 0
    ]  # fmt: skip
    assert len(rows) == 2 * 48
    assert rules(rows, schedule) == {"rows_per_day": 2.0}


def test_a_row_twice():
    rows = rows_of(schedule_of())
    assert rules([*rows, rows[5]]) == {"duplicate": 1.0}


def test_a_row_in_place_of_another():
    rows = rows_of(schedule_of())
    rows[7] = rows[6]
    assert rules(rows) == {"duplicate": 1.0, "rows_per_day": 1.0}


def test_a_row_beyond_the_horizon():
    rows = rows_of(schedule_of())
    extra = rows[-1] | {"datetime": rows[-1]["datetime"] + timedelta(minutes=30)}
    assert rules([*rows, extra]) == {"stamp": 1.0}


def test_a_row_off_the_half_hour():
    rows = rows_of(schedule_of())
    extra = rows[-1] | {"datetime": rows[-1]["datetime"] + timedelta(minutes=10)}
    assert rules([*rows, extra]) == {"stamp": 1.0}


def test_an_unknown_vehicle():
    rows = rows_of(schedule_of())
    assert rules([*rows, rows[0] | {"allocated_vehicle_id": "V7"}]) == {"vehicle": 1.0}


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
@pytest.mark.parametrize("column", ["power_kw", "energy_kwh", "soc", "unserved_kwh"])
def test_values_that_are_no_numbers(column, value):
    rows = rows_of(schedule_of())
    rows[3] = rows[3] | {column: value}
    assert rules(rows) == {"finite": None}


def test_energy_that_was_not_decided():
    rows = rows_of(schedule_of())
    rows[21] |= {"energy_kwh": 3.0, "power_kw": 6.0}
    found = rules(rows)
    assert found["energy"] == pytest.approx(1.0)
    assert found["soc"] == pytest.approx(0.8)


def test_power_that_is_not_energy_over_step():
    rows = rows_of(schedule_of())
    rows[21] |= {"power_kw": 4.0}
    assert rules(rows) == {"energy": pytest.approx(2.0)}


def test_state_of_charge_off_the_balance():
    rows = rows_of(schedule_of())
    rows[30] |= {"soc": 0.9}
    assert rules(rows) == {"soc": pytest.approx(4.0)}


def test_unserved_may_be_spread_but_not_lost():
    rows = rows_of(schedule_of())
    rows[48 + 24] |= {"unserved_kwh": 1.0}
    assert rules(rows) == {"unserved": pytest.approx(3.0)}
    for t in range(25, 28):
        rows[48 + t] |= {"unserved_kwh": 1.0}
    assert rules(rows) == {}


@pytest.mark.parametrize(("row", "name"), [(0, "DC"), (0, ""), (15, "AC"), (0, "fast")])
def test_another_charger_than_the_session_has(row, name):
    rows = rows_of(schedule_of())
    rows[row] |= {"charger": name}
    assert rules(rows) == {"charger": 1.0}


def test_no_charger_may_be_null():
    rows = [r | {"charger": r["charger"] or None} for r in rows_of(schedule_of())]
    assert rules(rows) == {}


def test_a_summary_that_adds_up():
    assert rules(rows_of(schedule_of()), summary=RIGHT_SUMMARY) == {}


@pytest.mark.parametrize("name", sorted(RIGHT_SUMMARY))
def test_a_summary_that_does_not(name):
    wrong = RIGHT_SUMMARY | {name: RIGHT_SUMMARY[name] + 0.01}
    assert rules(rows_of(schedule_of()), summary=wrong) == {"sum": pytest.approx(0.01)}
    assert rules(rows_of(schedule_of()), summary={name: float("nan")}).keys() == {"sum"}
