"""Days of a clock change from end to end: 46 and 50 half-hours in plan, store, tables and report."""

from __future__ import annotations

import csv
import html
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sparewatt.decide.optimise.depot_days import DepotPlanner
from sparewatt.inputs.depot.run import read_depot_run
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.results.store import Store
from sparewatt.studies.depot_scenario import DepotTask, _committed
from sparewatt.verify.demand_table import check_demand_table
from sparewatt.verify.depot_schedule import check_depot_schedule
from support.command_line import query, write_fleet


@pytest.fixture(
    params=[
        (date(2026, 3, 28), 46, ("00:00+00:00", "02:00+01:00"), "+01:00", "clocks go forward", "Sun 29 Mar"),
        (date(2026, 10, 24), 50, ("00:00+01:00", "01:00+00:00"), "+00:00", "clocks go back", "Sun 25 Oct"),
    ],
    ids=["46 half-hours", "50 half-hours"],
)
def change(request, here):
    """Three days around a clock change, day after day from midnight, run and stored."""
    write_fleet(
        here.folder, kinds=("vans",), vehicles=2, days=3, first_day=request.param[0], day_start_hours=0
    )
    here("run", ".", "--out", "out", "--quiet")
    return request.param


def test_a_day_of_a_clock_change(change):
    first, periods, (midnight, after), offset, words, name = change
    day = first + timedelta(days=1)
    total = 2 * 48 + periods

    # the table of the database: rows per vehicle, no stamp twice, offsets as the clock had them
    counts = query(
        Path("sparewatt.db"),
        "SELECT scenario_id, allocated_vehicle_id, count(*), count(DISTINCT datetime) FROM t_charge_demand "
        "GROUP BY 1, 2",
    )
    assert [(n, different) for *_, n, different in counts] == [(total, total)] * 4
    stamps = [s for (s,) in query(Path("sparewatt.db"), "SELECT DISTINCT datetime FROM t_charge_demand")]
    of_day = sorted(datetime.fromisoformat(s) for s in stamps if s.startswith(day.isoformat()))
    assert len(of_day) == periods
    assert of_day[0].isoformat()[11:16] + of_day[0].isoformat()[19:] == midnight
    assert after in {s.isoformat()[11:16] + s.isoformat()[19:] for s in of_day}
    assert of_day[-1].isoformat().endswith(f"23:30:00{offset}")
    instants = sorted(datetime.fromisoformat(s).astimezone(UTC) for s in stamps)
    assert {b - a for a, b in pairwise(instants)} == {timedelta(minutes=30)}
    twice = [n for n in Counter(s.replace(tzinfo=None) for s in of_day).values() if n > 1]
    assert twice == ([2, 2] if periods == 50 else [])

    # days, series and report
    with Path("out/tables/days.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["date"] for r in rows] == [(first + timedelta(days=d)).isoformat() for d in range(3)] * 2
    site = pq.read_table("out/series/scenario_2_site.parquet")
    assert site.num_rows == total
    text = html.unescape(re.sub(r"<[^>]+>", " ", Path("out/report.html").read_text(encoding="utf-8")))
    assert f"{words} on {name}" in " ".join(text.split())


def test_what_the_database_holds_passes_the_judge(change, here):
    scenario = read_scenario(here.folder / "scenario.toml")
    run, _ = read_depot_run("tables/", scenario.depot, here.folder)
    (depot,) = run.depots
    assert np.diff(depot.horizon.day_edges).tolist() == [48, change[1], 48]
    with Store.open("sparewatt.db") as store:
        for stored in store.find_scenarios(1):
            task = DepotTask(
                *("sparewatt.db", 1, stored.scenario_id, here.folder, depot),
                *(stored.what.mode, DepotPlanner(), False),
            )
            schedule = _committed(task, store, shown=True).schedule
            assert check_depot_schedule(schedule, mode=stored.what.mode) == ()
            rows = store.read_demand(stored.scenario_id)
            summary = {
                "delivered_kwh": stored.summary["energy_delivered_kwh"],
                "unserved_kwh": stored.summary["energy_unserved_kwh"],
                "cost": stored.summary["cost"],
            }
            assert check_demand_table(rows, schedule, summary=summary) == ()
            broken = rows.slice(1)
            assert check_demand_table(broken, schedule, summary=summary) != ()
            days = store.committed_days(stored.scenario_id)
            assert [d.rows for d in days] == [96, 2 * change[1], 96]
