"""A rolling central MILP: steps of a hub whose vehicles come and go, ours against the plain MILP.

Rules: ``central``; ``own``, each cluster for itself; ``forced``, central, where clusters have to give
back now and then. The sequence is closed: what ours decides moves the batteries, limits change,
vehicles leave and others take their place. The plain MILP (all binaries, cold) solves a sample of the
very same windows.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.cluster_deciders import CentralMilp, ClusterMilp, window_of
from sparewatt.decide.optimise.cluster_rescheduling import plan_rescheduling
from sparewatt.model.control_view import ControlView
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.model.power_table import PowerTable

if TYPE_CHECKING:
    from sparewatt.model.control_view import Setpoints

NAME = "cluster_milp"
SUMMARY = "a central MILP step over a rolling horizon; ours against the plain MILP on the same windows"

STEP_H = 1 / 12
TARGET_S = 0.2
TARGET_SIZE = (60, 5, 12)
EFFICIENCY = 0.95
PLAIN_LIMIT_S = 20.0
FORCED_SHARE = 0.3


@dataclass
class Hub:
    """Vehicles at the units of several clusters; each leaves when its time is over and is replaced."""

    rng: np.random.Generator
    clusters: int
    window: int
    forced: bool = False
    """Whether clusters must give back now and then (an upper limit below 0)."""

    def fill(self, vehicles: int) -> None:
        """Connect all at period 0, somewhere in their stay."""
        self.period = 0
        self.cluster = np.sort(np.arange(vehicles) % self.clusters)
        self.battery = self.rng.choice([40.0, 55.0, 75.0], vehicles)
        self.soc, self.target = np.zeros(vehicles), np.zeros(vehicles)
        self.v2g, self.end = np.zeros(vehicles), np.zeros(vehicles, dtype=np.int64)
        self.contract: list[np.ndarray] = [np.zeros(1)] * vehicles
        self.since, self.name = np.zeros(vehicles, dtype=np.int64), np.arange(vehicles)
        for v in range(vehicles):
            self._connect(v)
        self.end[:] = self.rng.integers(3, 60, vehicles)
        size = int(np.ceil(vehicles / self.clusters))
        steps = 400
        low = self.rng.uniform(0.25, 0.6, (self.clusters, steps // 6 + 1)) * 11.0 * size
        self.upper = np.repeat(low, 6, axis=1)[:, :steps]
        if self.forced:
            self.upper[np.repeat(self.rng.random(low.shape) < FORCED_SHARE, 6, axis=1)[:, :steps]] = -20.0
        self.system = np.full(steps, 0.38 * 11.0 * vehicles)

    def _connect(self, v: int) -> None:
        self.soc[v] = self.rng.uniform(0.15, 0.6)
        self.target[v] = self.rng.uniform(0.7, 1.0)
        self.v2g[v] = float(self.rng.choice([0.0, 5.0, 10.0]))
        self.since[v], self.end[v] = self.period, self.period + int(self.rng.integers(12, 60))
        self.name[v] = self.name.max() + 1
        # A contract that charges evenly over the stay.
        self.contract[v] = np.linspace(self.soc[v], self.target[v], int(self.end[v] - self.period) + 1)

    def view(self) -> ControlView:
        """What a rule may know now."""
        n, ahead = len(self.soc), np.arange(self.window + 1)
        contract = np.array(
            [
                c[np.minimum(self.period - s + ahead, len(c) - 1)]
                for c, s in zip(self.contract, self.since, strict=True)
            ]
        )
        here = slice(self.period, self.period + self.window)
        powers = np.full(n, 11.0)
        return ControlView(
            period=self.period,
            step_h=STEP_H,
            vehicle=self.name.copy(),
            evse=np.arange(n),
            cluster=self.cluster,
            since=self.since.copy(),
            soc=self.soc.copy(),
            target_soc=self.target.copy(),
            min_soc=np.full(n, 0.1),
            max_soc=np.ones(n),
            battery_kwh=self.battery,
            charge_kw=powers,
            max_charge_kw=powers,
            discharge_kw=powers,
            efficiency=np.full(n, EFFICIENCY),
            lead_h=(self.end - self.period) * STEP_H,
            v2g_left_kwh=self.v2g.copy(),
            contract_soc=contract,
            power_table=PowerTable.empty(n),
            lower_kw=np.full((self.clusters, self.window), -50.0),
            upper_kw=self.upper[:, here],
            tolerance_kw=np.full(self.clusters, 2.0),
            system_lower_kw=np.full(self.window, -np.inf),
            system_upper_kw=self.system[here],
            imbalance_limits=(),
        )

    def apply(self, chosen: Setpoints) -> None:
        """Move the batteries, then the clock; whose time is over is replaced."""
        self.soc = np.clip(self.soc + chosen.battery_kw * STEP_H / self.battery, 0.0, 1.0)
        self.v2g = np.maximum(0.0, self.v2g + np.minimum(chosen.battery_kw, 0.0) * STEP_H)
        self.period += 1
        for v in np.flatnonzero(self.end <= self.period):
            self._connect(int(v))


def measure(
    vehicles: int,
    clusters: int,
    window: int,
    steps: int,
    *,
    central: bool,
    plain_every: int,
    forced: bool = False,
) -> tuple[list[float], list[float], float, int]:
    """CPU times of ours and of the plain MILP [s], their greatest difference in objective, notes."""
    rules = OperatingRules(horizon_periods=window, excess_per_kw=0.5)
    decider = CentralMilp(rules) if central else ClusterMilp(rules)
    hub = Hub(np.random.default_rng(3), clusters, window, forced)
    hub.fill(vehicles)
    ours: list[float] = []
    plain: list[float] = []
    apart, notes = 0.0, 0
    for step in range(steps):
        view = hub.view()
        started = time.process_time()
        chosen = decider.decide(view)
        ours.append(time.process_time() - started)
        notes += bool(chosen.note or chosen.timed_out)
        if central and plain_every and step % plain_every == 0:
            started = time.process_time()
            full = plan_rescheduling(window_of(view, rules), binaries=True, gap=1e-4, seconds=PLAIN_LIMIT_S)
            plain.append(time.process_time() - started)
            quick = plan_rescheduling(window_of(view, rules))
            apart = max(apart, (quick.objective - full.objective) / max(1.0, abs(full.objective)))
        hub.apply(chosen)
    return ours, plain, apart, notes


def main(*, quick: bool = False) -> None:
    """Print CPU time per step, sizes swept."""
    sizes = [(12, 2, 12)] if quick else [(20, 2, 12), (60, 1, 12), TARGET_SIZE, (60, 5, 24), (200, 10, 12)]
    steps, every = (6, 3) if quick else (60, 15)
    print("vehicles clusters window   rule     median  p95    worst  [CPU s]  plain MILP  ratio  worse")
    for vehicles, clusters, window in sizes:
        for rule in ("central", "own", "forced"):
            plain_every = every if vehicles <= 60 else 0
            ours, plain, apart, notes = measure(
                vehicles,
                clusters,
                window,
                steps,
                central=rule != "own",
                plain_every=plain_every,
                forced=rule == "forced",
            )
            middle = float(np.median(ours))
            beside = (
                f"{np.median(plain):11.3f} {np.median(plain) / middle:6.1f}x {apart:10.1e}" if plain else ""
            )
            print(
                f"{vehicles:8d} {clusters:8d} {window:6d}   {rule:8s} {middle:6.4f} "
                f"{np.quantile(ours, 0.95):6.4f} {max(ours):6.4f}          {beside}"
                + (f"  {notes} steps with a note" if notes else ""),
                flush=True,
            )
            if rule != "own" and (vehicles, clusters, window) == TARGET_SIZE:
                verdict = "reached" if middle <= TARGET_S else "MISSED"
                print(f"         target: median <= {TARGET_S} s: {verdict}")
