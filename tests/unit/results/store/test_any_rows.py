"""Whatever the ids and numbers are, both ways of reading give back what was committed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparewatt.results.store import Store
from support.store_rows import OWNER, new_run, report

ids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def demands(draw: st.DrawFn) -> pa.Table:
    vehicles = draw(st.lists(ids, min_size=1, max_size=5, unique=True))
    periods = draw(st.integers(1, 40))
    start = draw(st.integers(0, 80_000)) * 1_800
    rows = len(vehicles) * periods
    stamps = (start + 1_800 * np.arange(periods)) * 1_000_000 + 50 * 365 * 86_400_000_000
    kinds = draw(st.lists(st.sampled_from(["", "AC", "DC"]), min_size=rows, max_size=rows))
    values = {
        name: pa.array(draw(st.lists(numbers, min_size=rows, max_size=rows)), pa.float64())
        for name in ("power_kw", "energy_kwh", "soc", "unserved_kwh")
    }
    return pa.table(
        {
            "allocated_vehicle_id": pa.array([v for v in vehicles for _ in range(periods)], pa.string()),
            "datetime": pa.array(np.tile(stamps, len(vehicles))).cast(pa.timestamp("us", "Europe/London")),
            **{name: values[name] for name in ("power_kw", "energy_kwh", "soc")},
            "charger": pa.array(kinds, pa.string()),
            "unserved_kwh": values["unserved_kwh"],
        }
    )


@pytest.fixture
def store(store_url):
    with Store.open(store_url) as opened:
        yield opened


@given(table=demands())
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
def test_rows_of_any_kind_survive(store, table):
    run_id, (scenario,) = new_run(store)
    store.claim_scenario(run_id, OWNER)
    store.commit_day(scenario.scenario_id, OWNER, 0, table, report(0), b"")
    assert store.read_demand(scenario.scenario_id).drop_columns(["scenario_id"]).equals(table)
    for vehicle in set(table["allocated_vehicle_id"].to_pylist()):
        one = store.read_demand(scenario.scenario_id, vehicle).drop_columns(["scenario_id"])
        assert one.equals(table.filter(pc.equal(table["allocated_vehicle_id"], vehicle)))
