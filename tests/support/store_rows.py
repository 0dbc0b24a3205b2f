"""Days of demand with known numbers for the tests of the store."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from sparewatt.model.horizon import Horizon
from sparewatt.model.schedule import DayReport
from sparewatt.results.store import SUMMARY_COLUMNS, NewScenario, Store, StoredScenario, current_owner

OWNER = current_owner()


def report(day: int, level: str = "normal") -> DayReport:
    return DayReport(day, level, "optimal", 0.0, 0.5, 10.0 + day, 1.25, 1e-4, 0.02)


def demand(day: int, *, vehicles: int = 3, first: date = date(2025, 10, 24), scale: float = 1.0) -> pa.Table:
    """Day ``day`` from ``first`` in London; the value of every cell tells vehicle, day and period."""
    horizon = Horizon.of_days(
        first + timedelta(days=day), 1, step=timedelta(minutes=30), timezone="Europe/London"
    )
    periods = horizon.periods
    cell = np.arange(vehicles)[:, None] * 1000.0 + day * 100.0 + np.arange(periods)[None, :]
    stamps = pa.array(np.tile(horizon.boundaries_s[:-1] * 1_000_000, vehicles))
    ids = np.repeat([f"van {v}" if v else "071" for v in range(vehicles)], periods)
    return pa.table(
        {
            "allocated_vehicle_id": pa.array(ids.tolist(), pa.string()),
            "datetime": stamps.cast(pa.timestamp("us", "Europe/London")),
            "power_kw": scale * cell.ravel(),
            "energy_kwh": scale * cell.ravel() / 2,
            "soc": np.full(periods * vehicles, 0.1 + 0.2),  # 0.30000000000000004: no digit may get lost
            "charger": pa.array(["", "AC", "DC"]).take(pa.array(np.arange(periods * vehicles) % 3)),
            "unserved_kwh": np.zeros(periods * vehicles),
        }
    )


def summary(**values: float | None) -> dict[str, float | int | None]:
    return dict.fromkeys(SUMMARY_COLUMNS, 0) | values


def new_scenarios(count: int) -> list[NewScenario]:
    return [
        NewScenario("071", f"site {i // 2}", "opt" if i % 2 else "BAU", 7.4, 50.0, 10, 2)
        for i in range(count)
    ]


def new_run(store: Store, scenarios: int = 1) -> tuple[int, tuple[StoredScenario, ...]]:
    """A running run with scenarios."""
    run = store.create_run(study="depot", name="vans", state="running", seed=7)
    return run.id, store.create_scenarios(run.id, new_scenarios(scenarios))


def expected(days: range, scenario_id: int, **kind: float) -> pa.Table:
    """What `read_demand` must give for committed days: by vehicle, then by time."""
    if not days:
        return demand(0).slice(0, 0).add_column(0, "scenario_id", pa.array([], pa.int64()))
    table = pa.concat_tables([demand(day, **kind) for day in days])
    order = {"071": 0, "van 1": 1, "van 2": 2}
    keys = [order[v] for v in table["allocated_vehicle_id"].to_pylist()]
    table = table.append_column("key", pa.array(keys)).sort_by(
        [("key", "ascending"), ("datetime", "ascending")]
    )
    return table.drop_columns(["key"]).add_column(
        0, "scenario_id", pa.array([scenario_id] * table.num_rows, pa.int64())
    )
