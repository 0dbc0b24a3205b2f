"""What is written as `t_charge_demand` passes its judge, for the whole run and day by day."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from properties.strategies_depot import depots
from sparewatt.decide.rules.unmanaged import plan_unmanaged
from sparewatt.results.depot_demand import demand_table
from sparewatt.verify.demand_table import check_demand_table


@given(depots(), st.booleans())
def test_rows_of_the_whole_run(depot, magic_fill):
    schedule = plan_unmanaged(depot)
    table = demand_table(schedule, None, 1, magic_fill=magic_fill)
    summary = {
        "delivered_kwh": float(schedule.energy_kwh.sum()),
        "unserved_kwh": float(schedule.unserved_kwh.sum()),
        "cost": float(schedule.energy_kwh @ depot.price_per_kwh[depot.sessions.entry_period]),
    }
    assert check_demand_table(table, schedule, summary=summary) == ()


@given(depots())
def test_rows_day_by_day(depot):
    schedule = plan_unmanaged(depot)
    parts = [demand_table(schedule, day, 1) for day in range(depot.horizon.days)]
    assert check_demand_table(pa.concat_tables(parts), schedule) == ()


@given(depots(), st.data())
def test_a_lost_or_doubled_row_is_seen(depot, data):
    schedule = plan_unmanaged(depot)
    table = demand_table(schedule, None, 1)
    row = data.draw(st.integers(0, table.num_rows - 1))
    lost = pa.concat_tables([table.slice(0, row), table.slice(row + 1)])
    doubled = pa.concat_tables([table, table.slice(row, 1)])
    assert [f.rule for f in check_demand_table(lost, schedule)] == ["depot.demand.rows_per_day"]
    assert [f.rule for f in check_demand_table(doubled, schedule)] == ["depot.demand.duplicate"]
