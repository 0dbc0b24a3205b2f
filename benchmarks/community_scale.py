"""A thousand houses for a week, from the generator to the settlement; repetitions on a pool of processes."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.markets import market_of
from sparewatt.errors import RunCancelled, SparewattError
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.write import write_neighbourhood
from sparewatt.inputs.generate.neighbourhood import generate_neighbourhood
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.model.market_rules import Algorithm, MarketRules, Sharing, Tariff
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production
from sparewatt.simulate.community_market import simulate_neighbourhood
from sparewatt.simulate.settlement import settle_market
from sparewatt.simulate.sharing import find_bills
from sparewatt.studies.community import run_community
from sparewatt.studies.run_place import RunPlace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparewatt.model.contract import MarketTrace
    from sparewatt.model.neighbourhood import Neighbourhood

NAME = "community_scale"
SUMMARY = "1,000 houses for a week with greedy and milp, file by file and whole; repetitions on a pool"

TARGET_S = {Algorithm.GREEDY: 60.0, Algorithm.MILP: 600.0}
PATIENCE = 2.0
"""A market that is not through after so many times its target is stopped."""
JOBS_A_DAY = 3.0
SUNS = (None, 0.5)
"""Roofs of usual sizes on every second house, and sun for half of the load."""
WORKERS = 2


@dataclass(frozen=True)
class Size:
    """How big a neighbourhood is; ``sun`` as ``sun_per_load`` of the generator."""

    houses: int
    days: int
    sun: float | None = None

    def make(self) -> Neighbourhood:
        """The neighbourhood."""
        return generate_neighbourhood(1, self.houses, self.days, JOBS_A_DAY, sun_per_load=self.sun)

    @property
    def words(self) -> str:
        """As it is printed."""
        sun = "" if self.sun is None else f", sun for {self.sun:.0%} of the load"
        return f"{self.houses:,} houses x {self.days} days{sun}"


def peak_mb() -> float:
    """The most memory that this process has held [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


@contextmanager
def told(name: str, target_s: float | None = None) -> Iterator[None]:
    """Print how long the body took, and the most memory that this process has held."""
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield
    finally:
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        verdict = "" if target_s is None else f"   target {target_s:g} s: "
        verdict += "" if target_s is None else "reached" if cpu <= target_s else "MISSED"
        print(f"  {name:<34}{wall:9.2f} s wall {cpu:9.2f} s CPU {peak_mb():7.0f} MB{verdict}", flush=True)


def alone(function: object, *given: object) -> None:
    """Call a function in a fresh process, so that its peak of memory is its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        pool.submit(function, *given).result()  # type: ignore[arg-type]


def warm() -> None:
    """Load kernels, so that no figure holds their loading."""
    trade(Size(4, 1).make(), Algorithm.GREEDY, np.inf)


def measure_files(size: Size) -> None:
    """Generate, write and read a neighbourhood."""
    with tempfile.TemporaryDirectory(prefix="sparewatt-bench-") as base:
        with told("generate"):
            made = size.make()
        with told("write (read back and compared)"):
            files = write_neighbourhood(made, Path(base, "n"))
        with told("read"):
            read, findings = read_neighbourhood(Path(base, "n"))
        same = np.array_equal(read.jobs.latest_s, made.jobs.latest_s)
        print(f"    {len(files):,} files, {len(findings)} findings, {len(read.jobs):,} jobs, same: {same}")


def trade(made: Neighbourhood, algorithm: Algorithm, patience_s: float) -> MarketTrace:
    """One repetition of the market.

    Raises
    ------
    RunCancelled
        It was not through in time; CPU seconds count.
    """
    grid, _ = find_grid(made)
    rules = MarketRules(algorithm=algorithm)
    starts = find_starts(made.jobs, rules.start_step_s)
    tariff = Tariff(np.full(grid.minutes, 0.3), np.full(grid.minutes, 0.08))
    rng = np.random.default_rng(1)
    market = market_of(rules, made.jobs, starts, find_production(made, grid), rng)
    until = time.process_time() + patience_s
    shares = [0.0]
    try:
        return simulate_neighbourhood(
            made,
            grid,
            rules,
            tariff,
            market,
            starts=starts,
            on_progress=shares.append,
            is_stopped=lambda: time.process_time() > until,
        )
    except RunCancelled:
        print(f"    stopped after {shares[-1]:.0%} of the events", flush=True)
        raise


def measure_market(size: Size, algorithm: Algorithm, target_s: float | None) -> None:
    """Trade, settle, bill; what was covered of the sun and of the jobs."""
    warm()
    made = size.make()
    patience_s = np.inf if target_s is None else PATIENCE * target_s
    try:
        with told(f"market, {algorithm.value}", target_s):
            trace = trade(made, algorithm, patience_s)
    except SparewattError as error:
        print(f"    {algorithm.value}: {error}", flush=True)
        return
    grid, _ = find_grid(made)
    tariff = Tariff(np.full(grid.minutes, 0.3), np.full(grid.minutes, 0.08))
    with told("settlement"):
        settlement = settle_market(made, grid, trace)
    with told("bills, mid-market rate"):
        find_bills(settlement, tariff, Sharing.MID_MARKET_RATE)
    sun_kwh, load_kwh = trace.production_kw.sum() / 60.0, made.jobs.energy_kwh.sum()
    print(
        f"    {len(made.jobs):,} jobs, {len(made.producers):,} producers, {len(trace.decisions):,} answers, "
        f"{settlement.covered_kwh:,.0f} of {load_kwh:,.0f} kWh covered, {sun_kwh:,.0f} kWh of sun",
        flush=True,
    )


def measure_study(size: Size, settings: dict[str, object], workers: int, at: str) -> tuple[float, str]:
    """A whole run from the folder to the report: wall time [s] and a digest of its results."""
    folder = Path(at)
    write_neighbourhood(size.make(), folder / "n")
    lines = [f"{key} = {_toml(value)}" for key, value in {**settings, "workers": workers}.items()]
    head = (
        'version = 1\nstudy = "community"\nname = "bench"\nseed = 7\n[inputs]\nfolder = "n/"\n[community]\n'
    )
    (folder / "scenario.toml").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    place = RunPlace(str(folder / "bench.db"), lambda _: folder / "out", workers, named=True)
    began = time.perf_counter()
    run_community(read_scenario(folder / "scenario.toml"), place)
    wall = time.perf_counter() - began
    digest = hashlib.sha256()
    out = folder / "out"
    for path in [out / "outcome.json", *sorted(out.glob("tables/*")), *sorted(out.glob("series/*"))]:
        digest.update(path.read_bytes())
    return wall, digest.hexdigest()


def measure_whole(size: Size, settings: dict[str, object]) -> None:
    """A whole run in this process."""
    with tempfile.TemporaryDirectory(prefix="sparewatt-bench-") as base:
        warm()
        with told(f"whole run, {settings['algorithm']}, with report"):
            measure_study(size, settings, 1, base)


def measure_repetitions(size: Size, count: int) -> None:
    """The same repetitions in process and on a pool: wall times, their ratio, whether bytes are the same."""
    settings: dict[str, object] = {"algorithm": "SLSQP", "repetitions": count, "bound": False}
    results = []
    for workers in (1, WORKERS):
        with tempfile.TemporaryDirectory(prefix="sparewatt-bench-") as base:
            wall, digest = measure_study(size, settings, workers, base)
        results.append((wall, digest))
        where = "in process" if workers == 1 else f"{workers} processes"
        print(f"  {count} repetitions of SLSQP, {where:<14}{wall:9.2f} s wall", flush=True)
    (first_s, first), (second_s, second) = results
    same = "the same bytes" if first == second else "OTHER BYTES"
    print(
        f"  ratio {first_s / second_s:.2f}, {same}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )


def main(*, quick: bool = False) -> None:
    """All figures; quick: a hundred houses for two days and a tenth of the repetitions."""
    houses, days = (100, 2) if quick else (1000, 7)
    print(f"{Size(houses, days).words}, {JOBS_A_DAY:g} jobs a day; files")
    alone(measure_files, Size(houses, days))
    for sun in SUNS:
        print(f"{Size(houses, days, sun).words}; market and settlement")
        for algorithm, target_s in TARGET_S.items():
            alone(measure_market, Size(houses, days, sun), algorithm, target_s)
    if not quick:
        for fewer in (10, 100):
            print(f"{Size(fewer, days).words}")
            alone(measure_market, Size(fewer, days), Algorithm.GREEDY, None)
    print("whole runs")
    alone(measure_whole, Size(houses, days), {"algorithm": "greedy", "bound": False})
    measure_repetitions(Size(10, 1), 3 if quick else 30)


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
