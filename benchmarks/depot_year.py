"""A year of 100 vans in chained days on one core, with everything around it, and days of 500 vans."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.windows import read_fleet, warm_up

from sparewatt.decide.optimise.depot_days import DEFAULT_GAP, DepotPlanner
from sparewatt.decide.rules.unmanaged import plan_unmanaged
from sparewatt.inputs.depot.run import read_depot_run
from sparewatt.inputs.depot.settings import DepotSettings
from sparewatt.inputs.generate.fleet import generate_fleet
from sparewatt.model.depot_day import schedule_of_days
from sparewatt.verify.depot_schedule import check_depot_schedule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sparewatt.inputs.generate.fleet_kinds import Kind
    from sparewatt.model.depot import Depot
    from sparewatt.model.schedule import DayReport

NAME = "depot_year"
SUMMARY = "365 chained days of 100 vans on one core: planner, unmanaged, reading, checking; days of 500 vans"

YEAR_DAYS, YEAR_VANS = 365, 100
QUICK_DAYS = 14
TARGET_S, AIM_S = 60.0, 10.0
WORST_GAP = 0.01
BIG_VANS, BIG_DAYS, BIG_TARGET_S = 500, 7, 2.0
SLOWEST = 8


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print the CPU time of the body."""
    started, wall = time.process_time(), time.perf_counter()
    yield
    cpu_s, wall_s = time.process_time() - started, time.perf_counter() - wall
    print(f"  {name:<52}{cpu_s:9.2f} s CPU {wall_s:8.2f} s wall", flush=True)


def read_year(days: int) -> Depot:
    """Write the tables of the year's fleet and read them back, timed."""
    with tempfile.TemporaryDirectory(prefix="sparewatt-bench-") as folder:
        base = Path(folder)
        with timed("generate the tables"):
            generate_fleet(base / "tables", seed=1, kind="vans", vehicles=YEAR_VANS, allocations=1, days=days)
        with timed("read and judge the tables"):
            run, findings = read_depot_run("tables", DepotSettings(), base)
    if run is None:
        raise ValueError(f"the generated fleet reads with {len(findings)} findings")
    return run.depots[0]


def say(name: str, value: str, *, reached: bool | None = None) -> None:
    """One figure, with its verdict where there is a target."""
    words = "" if reached is None else f"   {'reached' if reached else 'MISSED'}"
    print(f"  {name:<52}{value}{words}", flush=True)


def print_reports(reports: Sequence[DayReport], planner_s: float, depot: Depot) -> None:
    """Gaps, levels and times of the chained days."""
    days = len(reports)
    gap, spent = np.array([r.gap for r in reports]), np.array([r.solve_s for r in reports])
    target = TARGET_S * days / YEAR_DAYS
    say(
        f"planner, {days} days (target {target:.1f} s)",
        f"{planner_s:9.2f} s CPU",
        reached=planner_s <= target,
    )
    aim = AIM_S * days / YEAR_DAYS
    say(f"  aim {aim:.1f} s", f"{planner_s:9.2f} s CPU", reached=planner_s <= aim)
    say("day: median", f"{1000 * np.median(spent):9.1f} ms")
    say("day: 95 %", f"{1000 * np.quantile(spent, 0.95):9.1f} ms")
    say("day: slowest", f"{1000 * spent.max():9.1f} ms")
    slow = spent > 1.0
    say(
        "days above 1 s, and their part of the time",
        f"{slow.sum():9d}    {spent[slow].sum() / spent.sum():.0%}",
    )
    say(
        f"gap: median (target {DEFAULT_GAP:g})",
        f"{np.median(gap):9.1e}",
        reached=bool(np.median(gap) <= DEFAULT_GAP),
    )
    say(f"gap: worst (target {WORST_GAP:g})", f"{gap.max():9.1e}", reached=bool(gap.max() <= WORST_GAP))
    say("days proven exactly", f"{int((gap <= 1e-9).sum()):9d}")
    say("levels", "    " + ", ".join(f"{n} {k}" for k, n in Counter(r.level for r in reports).items()))
    say("status", "    " + ", ".join(f"{n} {k}" for k, n in Counter(r.status for r in reports).items()))
    slot = np.diff(depot.horizon.day_edges)
    say(
        "days of 46, 48, 50 half-hours", "    " + ", ".join(f"{int((slot == n).sum())}" for n in (46, 48, 50))
    )
    print(f"\n  the {SLOWEST} slowest days")
    for d in np.argsort(-spent)[:SLOWEST]:
        r = reports[int(d)]
        print(f"    day {r.day:>3}{r.solve_s:8.3f} s   gap {r.gap:.1e}   {r.level}, {r.status}")
    print("  the 3 days with the widest gap")
    for d in np.argsort(-gap)[:3]:
        r = reports[int(d)]
        print(f"    day {r.day:>3}{r.solve_s:8.3f} s   gap {r.gap:.1e}   {r.level}, {r.status}")


def run_year(days: int) -> None:
    """The year, step by step."""
    print(f"{days} chained days of {YEAR_VANS} vans, gap {DEFAULT_GAP:g}, one day ahead")
    depot = read_year(days)
    started = time.process_time()
    planned = list(DepotPlanner().plan(depot))
    planner_s = time.process_time() - started
    reports = [day.report for day in planned if day.report is not None]
    print_reports(reports, planner_s, depot)
    print("\n  beside the planner")
    with timed("put the days together"):
        smart = schedule_of_days(depot, planned)
    with timed("unmanaged charging (BAU), whole horizon"):
        unmanaged = plan_unmanaged(depot)
    with timed("check the smart schedule"):
        broken = check_depot_schedule(smart, mode="opt")
    with timed("check the unmanaged schedule"):
        broken += check_depot_schedule(unmanaged, mode="BAU")
    say("findings of the checker", f"{len(broken):9d}", reached=not broken)
    cost = [float(s.charging_kw @ depot.price_per_kwh) * depot.horizon.step_h for s in (smart, unmanaged)]
    say("cost, smart against unmanaged", f"{cost[0]:12.2f} {cost[1]:12.2f}   {cost[0] / cost[1] - 1:+.1%}")


def run_big_days(kind: Kind, days: int) -> None:
    """Chained days of 500 vehicles."""
    depot = read_fleet(kind, BIG_VANS, days)
    spent = []
    print(f"\n{days} chained days of {BIG_VANS} {kind}")
    for day in DepotPlanner().plan(depot):
        r = day.report
        if r is not None:
            spent.append(r.solve_s)
            print(
                f"    day {r.day:>3}{r.solve_s:8.3f} s   gap {r.gap:.1e}   {r.level}, {r.status}", flush=True
            )
    say(
        f"slowest day (target {BIG_TARGET_S:g} s)",
        f"{max(spent):9.2f} s CPU",
        reached=max(spent) <= BIG_TARGET_S,
    )


def main(quick: bool = False) -> None:  # noqa: FBT001, FBT002 - the common face of benchmarks
    """Print the figures.

    Parameters
    ----------
    quick
        14 days in place of 365, and two big days.
    """
    print(f"{__doc__}\n\nCPU seconds of one thread; other work on the machine moves them by some 10-30 %.\n")
    with timed("warm up: imports and compiled kernels, not counted"):
        warm_up()
    run_year(QUICK_DAYS if quick else YEAR_DAYS)
    run_big_days("vans", 2 if quick else BIG_DAYS)


if __name__ == "__main__":
    main()
