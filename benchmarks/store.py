"""Store: 100 vehicles x 17,520 half-hours = 1.75 million rows of `t_charge_demand`, written and read back.

Run with ``python benchmarks/store.py [--days N] [--postgres URL]``. SQLite always; PostgreSQL at
``--postgres``, ``SPAREWATT_TEST_POSTGRES``, or on a throwaway server where its binaries are found.

Targets: written within 5 s (SQLite) and 3 s (PostgreSQL), read back within 1 s, one vehicle-year
within 0.1 s.

What was tried before, on 2 shared cores (SQLite 3.40, PostgreSQL 15, fsync off), seconds for one big write:

=====================================================  ======  ==========================================
SQLite                                                  write  remark
=====================================================  ======  ==========================================
executemany, rowid table, index (scenario, vehicle)      3.9   128 MB, vehicle-year 17 ms
executemany, rowid table, unique index with datetime     4.3   180 MB
executemany, WITHOUT ROWID                               3.3   101 MB, vehicle-year 16 ms
the same, pages of 8 or 16 KiB                           2.9   no smaller, slower day by day
32 rows per statement, WITHOUT ROWID (chosen)            2.3   101 MB
ADBC                                                     2.0   a second SQLite in the process: two copies
                                                               break each other's POSIX file locks
reading the rows: fetchall / ADBC / packed days       2 / 0.9 / 0.2
=====================================================  ======  ==========================================

=====================================================  ======  ==========================================
PostgreSQL                                              write  remark
=====================================================  ======  ==========================================
COPY CSV by pyarrow, index (scenario, vehicle)           5.6   175 MB
COPY binary by NumPy, unique index with datetime         2.9   234-290 MB
COPY binary by NumPy, index (scenario, vehicle)          2.2   175 MB (chosen)
the same from a thread of its own (queued writer)        2.2   no gain
COLLATE "C" on the vehicle                               2.2   no gain
ADBC, index (scenario, vehicle)                          3.4   a connection, so a transaction, of its own
reading the rows: ADBC / packed days                  1.2 / 0.2
=====================================================  ======  ==========================================
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from sqlalchemy import create_engine, text

from sparewatt.model.horizon import Horizon
from sparewatt.model.schedule import DayReport
from sparewatt.results.store import SUMMARY_COLUMNS, NewScenario, Store, current_owner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VEHICLES = 100


def demand(days: int, seed: int = 1) -> tuple[list[pa.Table], pa.Table]:
    """Plausible demand of a fleet: away by day, charged at night; day by day, and whole."""
    horizon = Horizon.of_days(date(2025, 1, 1), days, step=timedelta(minutes=30), timezone="Europe/London")
    rng = np.random.default_rng(seed)
    shape = (VEHICLES, horizon.periods)
    charging = rng.random(shape) < np.where(horizon.period_in_day < 14, 0.45, 0.05)
    power = np.where(charging, np.where(rng.random(shape) < 0.7, 7.4, rng.random(shape) * 7.4), 0.0)
    soc = np.where(rng.random(shape) < 0.4, 1.0, rng.random(shape))
    charger = np.where(power > 0, np.where(rng.random(shape) < 0.1, 2, 1), 0)
    ids = pa.array([f"van-{v:03d}" for v in range(VEHICLES)])

    def table(first: int, end: int) -> pa.Table:
        width = end - first
        stamps = np.tile(horizon.boundaries_s[first:end] * 1_000_000, VEHICLES)
        return pa.table(
            {
                "allocated_vehicle_id": ids.take(pa.array(np.repeat(np.arange(VEHICLES), width))),
                "datetime": pa.array(stamps).cast(pa.timestamp("us", horizon.timezone)),
                "power_kw": power[:, first:end].ravel(),
                "energy_kwh": power[:, first:end].ravel() / 2,
                "soc": soc[:, first:end].ravel(),
                "charger": pa.array(["", "AC", "DC"]).take(pa.array(charger[:, first:end].ravel())),
                "unserved_kwh": np.zeros(VEHICLES * width),
            }
        )

    edges = horizon.day_edges
    return [table(edges[d], edges[d + 1]) for d in range(days)], table(0, horizon.periods)


@contextmanager
def timed(name: str, target_s: float | None = None) -> Iterator[None]:
    """Print how long the body took, against its target."""
    start, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    verdict = (
        "" if target_s is None else f"  target {target_s:g} s: {'reached' if wall <= target_s else 'MISSED'}"
    )
    print(f"  {name:<44}{wall:8.3f} s  ({cpu:.2f} s CPU){verdict}", flush=True)


def measure(url: str, name: str, days: int, write_s: float) -> None:
    """All figures of one database."""
    per_day, whole = demand(days)
    print(f"{name}: {whole.num_rows:,} rows")
    owner = current_owner()
    summary = dict.fromkeys(SUMMARY_COLUMNS, 0)
    with Store.open(url) as store:
        run = store.create_run(study="depot", name="benchmark", state="running")
        what = [NewScenario("1", str(i), "opt", 7.4, 50.0, 100, 4) for i in range(2)]
        first, second = store.create_scenarios(run.id, what)
        store.claim_scenario(run.id, owner)
        store.claim_scenario(run.id, owner)
        with timed("write, all at once", write_s):
            store.commit_day(first.scenario_id, owner, 0, whole, report(0), b"")
        store.finish_scenario(first.scenario_id, owner, summary)
    size = size_mb(url)
    print(f"  {'size':<44}{size:8.1f} MB  ({size * 1e6 / whole.num_rows:.0f} bytes a row)")
    with Store.open(url) as store:
        with timed(f"write, {days} days one by one"):
            for day, table in enumerate(per_day):
                store.commit_day(second.scenario_id, owner, day, table, report(day), b"x" * 2_000)
        store.finish_scenario(second.scenario_id, owner, summary)
        with timed("read all back", 1.0):
            back = store.read_demand(second.scenario_id)
        assert back.drop_columns(["scenario_id"]).equals(whole), "not what was written"
        with timed("read one vehicle-year", 0.1):
            one = store.read_demand(second.scenario_id, "van-050")
        assert one.equals(back.slice(50 * one.num_rows, one.num_rows)), "not what was written"
        with timed("list of days (resume)"):
            assert len(store.committed_days(second.scenario_id)) == days
        store.rerun_scenarios([second.scenario_id], run.id)
        store.claim_scenario(run.id, owner)
        with timed(f"re-run, {days} days beside the old result"):
            for day, table in enumerate(per_day):
                store.commit_day(second.scenario_id, owner, day, table, report(day), b"x" * 2_000)
        with timed("re-run, swap in one transaction"):
            store.finish_scenario(second.scenario_id, owner, summary)


def report(day: int) -> DayReport:
    """A day as the planner would report it."""
    return DayReport(day, "normal", "optimal", 0.0, 0.0, 1.0, 1.0, 0.0, 0.1)


def size_mb(url: str) -> float:
    """Size of a database [MB]."""
    if "://" not in url:
        return Path(url).stat().st_size / 1e6
    engine = create_engine(url)
    with engine.connect() as connection:
        size = connection.execute(text("SELECT pg_database_size(current_database()) / 1e6")).scalar_one()
    engine.dispose()
    return float(size)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of SQLite and, where there is one, of PostgreSQL."""
    parser = argparse.ArgumentParser(description="Write and read 1.75 million rows.")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--postgres", default=os.environ.get("SPAREWATT_TEST_POSTGRES", ""))
    wanted = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sparewatt-bench-") as folder:
        measure(str(Path(folder, "sparewatt.db")), "SQLite", wanted.days, 5.0)
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
    from support.postgres import find_binaries, new_cluster, new_database  # noqa: PLC0415 - found just above

    with ExitStack() as stack:
        server = wanted.postgres
        if not server and find_binaries() is not None:
            server = stack.enter_context(new_cluster()).url()
        if server:
            measure(stack.enter_context(new_database(server)), "PostgreSQL", wanted.days, 3.0)
        else:
            print("PostgreSQL: skipped, no server binaries found and no --postgres URL given")


if __name__ == "__main__":
    main()
