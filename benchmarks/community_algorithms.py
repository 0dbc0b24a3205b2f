"""Algorithms of the community study: time and covered energy, beside the one who knew everything."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import scipy.optimize  # noqa: F401 - imported by searches when they begin, which is not measured

from sparewatt.decide.market.markets import market_of
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.generate.neighbourhood import generate_neighbourhood
from sparewatt.model.market_rules import Algorithm, MarketRules, Sharing, Tariff
from sparewatt.model.minute_grid import find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_forecasts import find_production
from sparewatt.simulate.community_market import simulate_neighbourhood
from sparewatt.simulate.settlement import settle_market
from sparewatt.simulate.sharing import find_bills
from sparewatt.verify.community_market import check_market

if TYPE_CHECKING:
    from sparewatt.model.neighbourhood import Neighbourhood

NAME = "community_algorithms"
SUMMARY = "Who covers how much of a neighbourhood's load with its sun, and how fast"

ROOT = Path(__file__).resolve().parents[1]
SEED = 1
SCARCE = 0.5
SOLVE_S = 20.0
TARGET_S = {Algorithm.GREEDY: 0.1, Algorithm.SLSQP: 1.0}
"""CPU seconds on the sample neighbourhood `test`."""
SEARCHED = (Algorithm.L_BFGS_B, Algorithm.SLSQP, Algorithm.TNC)
LEAST_WH = {Algorithm.MILP: 22_100.0} | dict.fromkeys(SEARCHED, 21_000.0)
QUICK = (Algorithm.GREEDY, Algorithm.FIFTY_FIFTY, Algorithm.SLSQP)


@dataclass(frozen=True)
class Subject:
    """A neighbourhood and the algorithms that it is given to."""

    name: str
    neighbourhood: Neighbourhood
    algorithms: tuple[Algorithm, ...]


@dataclass(frozen=True)
class Measured:
    """What one run took and gave: CPU seconds to trade and to settle and judge, energy covered [kWh]."""

    market_s: float
    settle_s: float
    covered_kwh: float
    findings: int


def run_once(neighbourhood: Neighbourhood, algorithm: Algorithm) -> Measured:
    """Trade, settle, bill and judge once."""
    grid, _ = find_grid(neighbourhood)
    rules = MarketRules(algorithm=algorithm, solve_s=SOLVE_S)
    tariff = Tariff(np.full(grid.minutes, 0.3), np.full(grid.minutes, 0.08))
    starts = find_starts(neighbourhood.jobs, rules.start_step_s)
    production_kw = find_production(neighbourhood, grid)
    market = market_of(rules, neighbourhood.jobs, starts, production_kw, np.random.default_rng(SEED))
    began = time.process_time()
    trace = simulate_neighbourhood(neighbourhood, grid, rules, tariff, market, starts=starts)
    traded = time.process_time()
    settlement = settle_market(neighbourhood, grid, trace)
    bills = find_bills(settlement, tariff, Sharing.MID_MARKET_RATE)
    found = check_market(
        neighbourhood,
        grid,
        rules,
        trace,
        settlement,
        bills,
        tariff=tariff,
        sharing=Sharing.MID_MARKET_RATE,
    )
    ended = time.process_time()
    return Measured(traded - began, ended - traded, settlement.covered_kwh, len(found))


def find_subjects(*, quick: bool) -> list[Subject]:
    """Sample neighbourhoods where the shared folder is there, and generated ones where sun is scarce."""
    every = tuple(Algorithm)
    subjects = []
    shared = ROOT / os.environ.get("SPAREWATT_SHARED", "../shared") / "data" / "community"
    for name in ("small_test", "test"):
        if (shared / name).is_dir():
            made, _ = read_neighbourhood(shared / name)
            if made is not None:
                subjects.append(Subject(name, made, QUICK if quick else every))
    sizes = {
        10: every,
        100: every,
        1000: (Algorithm.GREEDY, Algorithm.FIFTY_FIFTY, *SEARCHED, Algorithm.MILP),
    }
    for houses in (10,) if quick else sizes:
        made = generate_neighbourhood(SEED, houses, 1, sun_per_load=SCARCE)
        subjects.append(Subject(f"{houses} houses", made, QUICK if quick else sizes[houses]))
    return subjects


def print_subject(subject: Subject) -> None:
    """One line for each algorithm; shares are of what perfect foresight covers where it is asked."""
    n = subject.neighbourhood
    print(
        f"{subject.name}: {len(n.jobs):,} jobs of {n.jobs.energy_kwh.sum():,.1f} kWh, "
        f"{len(n.producers)} producers"
    )
    print(f"{'':20}{'covered kWh':>14}{'of the best':>13}{'market s':>11}{'settle, judge s':>17}")
    told = {algorithm: run_once(n, algorithm) for algorithm in subject.algorithms}
    best = told.get(Algorithm.PERFECT_FORESIGHT)
    for algorithm, m in told.items():
        share = f"{m.covered_kwh / best.covered_kwh:.1%}" if best and best.covered_kwh else ""
        print(
            f"{algorithm:20}{m.covered_kwh:>14,.3f}{share:>13}{m.market_s:>11.3f}{m.settle_s:>17.3f}"
            f"{_verdict(subject.name, algorithm, m)}"
        )
    print()


def _verdict(name: str, algorithm: Algorithm, m: Measured) -> str:
    """Targets, which are of `test`; and what the judge found."""
    words = [] if m.findings == 0 else [f"{m.findings} FINDINGS"]
    if name == "test" and algorithm in TARGET_S:
        words.append(f"{TARGET_S[algorithm]:g} s {_reached(m.market_s <= TARGET_S[algorithm])}")
    if name == "test" and algorithm in LEAST_WH:
        words.append(f"{LEAST_WH[algorithm]:,.0f} Wh {_reached(m.covered_kwh * 1000 >= LEAST_WH[algorithm])}")
    return f"  {', '.join(words)}" if words else ""


def _reached(is_reached: bool) -> str:  # noqa: FBT001 - a word for it
    return "reached" if is_reached else "MISSED"


def main(quick: bool = False) -> None:  # noqa: FBT001, FBT002 - the common face of benchmarks
    """Print the tables.

    Parameters
    ----------
    quick
        The samples and 10 houses with three algorithms.
    """
    # Kernels are compiled before anything is measured.
    small = generate_neighbourhood(SEED, 3, 1, sun_per_load=SCARCE)
    for algorithm in QUICK if quick else Algorithm:
        run_once(small, algorithm)
    print("CPU seconds of one day, one thread; sun is half of what all jobs ask for in generated ones\n")
    for subject in find_subjects(quick=quick):
        print_subject(subject)


if __name__ == "__main__":
    main()
