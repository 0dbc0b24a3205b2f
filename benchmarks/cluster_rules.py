"""One call of each control rule: a hundred thousand vehicles at once, and clusters as they really are."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.cluster_kernels import decide_cluster
from sparewatt.decide.rules.least_laxity import plan_least_laxity
from sparewatt.model.operating_rules import KERNEL_CONTROLS
from sparewatt.model.power_table import PowerTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

NAME = "cluster_rules"
SUMMARY = "Control rules of a cluster: 100,000 vehicles ranked and served in one call; small clusters"

MANY = 100_000
SIZES = (10, 50, 200, 2000)
REPEATS = 15
ASKED_S = 0.020
AIM_S = 0.010
RANGES = (np.array([0.5, 0.7, 1.0]), np.array([50.0, 40.0, 30.0]))
STEP_H = 1 / 12
# Share of what is asked for that the limit allows; V2G: share of it that must be given back.
LIMITS = {"free": np.inf, "90 %": 0.9, "half": 0.5, "10 %": 0.1, "V2G": -0.1}


def draw_vehicles(n: int, *, table: bool, seed: int = 7) -> dict[str, NDArray[np.generic]]:
    """Columns of the kernel in its order, without limits."""
    rng = np.random.default_rng(seed)
    soc = rng.uniform(0.1, 0.9, n)
    ranges = len(RANGES[0]) if table else 0
    first = np.arange(n, dtype=np.int64) * ranges
    at = np.searchsorted(RANGES[0], soc, side="right")
    unit_kw = rng.choice([11.0, 22.0, 50.0], n)
    return {
        "soc": soc,
        "target_soc": rng.uniform(0.6, 1.0, n),
        "min_soc": np.full(n, 0.1),
        "max_soc": np.ones(n),
        "battery_kwh": rng.uniform(30.0, 90.0, n),
        "charge_kw": np.minimum(unit_kw, RANGES[1][at]) if table else unit_kw,
        "max_charge_kw": unit_kw,
        "discharge_kw": np.full(n, 10.0),
        "efficiency": np.full(n, 0.95),
        "lead_h": rng.uniform(-0.2, 8.0, n),
        "v2g_left_kwh": np.full(n, 5.0),
        "table_first": first,
        "table_end": first + ranges,
        "table_soc_to": np.tile(RANGES[0], n),
        "table_max_kw": np.tile(RANGES[1], n),
    }


def measure(call: Callable[[], object], least_s: float = 0.002) -> float:
    """Median CPU time of a call [s]; short ones are repeated inside a measurement."""
    call()
    started = time.process_time()
    call()
    inner = max(1, int(least_s / max(time.process_time() - started, 1e-6)))
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        for _ in range(inner):
            call()
        times.append((time.process_time() - started) / inner)
    return float(np.median(times))


def rule_call(control: int, columns: dict[str, NDArray[np.generic]], share: float) -> Callable[[], object]:
    """A call of the kernel under a limit that is a share of what is asked for."""
    out = np.zeros(len(columns["soc"]))
    decide_cluster(control, *columns.values(), -np.inf, np.inf, STEP_H, out)
    upper = share * float((out / columns["efficiency"]).sum())
    return lambda: decide_cluster(control, *columns.values(), -np.inf, upper, STEP_H, out)


def print_many(n: int) -> None:
    """Every rule on ``n`` vehicles, by how scarce power is."""
    print(f"{n:,} vehicles in one call, CPU ms" + "".join(f"{name:>10}" for name in LIMITS))
    worst = 0.0
    for table in (False, True):
        columns = draw_vehicles(n, table=table)
        for code, control in enumerate(KERNEL_CONTROLS):
            times = [measure(rule_call(code, columns, share)) for share in LIMITS.values()]
            worst = max(worst, *times) if control == "least_laxity_first" else worst
            label = f"{control}{', SoC table' if table else ''}"
            print(f"{label:<39}" + "".join(f"{t * 1e3:>10.2f}" for t in times))
    print(f"\nleast laxity first at worst {worst * 1e3:.1f} ms, {_verdict(worst)}")


def print_plain(n: int) -> None:
    """The public function, arrays checked and copied."""
    for table in (False, True):
        c = draw_vehicles(n, table=table)
        offset = np.append(c["table_first"], c["table_end"][-1:])
        ranges = PowerTable(offset, c["table_soc_to"], c["table_max_kw"]) if table else None
        names = ("soc", "target_soc", "battery_kwh", "efficiency", "charge_kw", "max_charge_kw", "lead_h")
        arguments = [c[name] for name in names]
        upper = 0.5 * float((c["charge_kw"] / c["efficiency"]).sum())
        cpu = measure(lambda a=arguments, u=upper, r=ranges: plan_least_laxity(*a, u, r))
        name = f"plan_least_laxity, half of {n:,}{', SoC table' if table else ''}"
        print(f"{name:<50}{cpu * 1e3:>6.1f} ms, {_verdict(cpu)}")


def _verdict(cpu_s: float) -> str:
    asked = "reached" if cpu_s <= ASKED_S else "MISSED"
    aim = "reached" if cpu_s <= AIM_S else "missed"
    return f"target {ASKED_S * 1e3:.0f} ms: {asked}, aim {AIM_S * 1e3:.0f} ms: {aim}"


def print_sizes() -> None:
    """Small clusters; the call from Python is in it, which a simulation does not make."""
    print("\nns of CPU per vehicle, half of what is asked for, by size of the cluster (called from Python)")
    print(f"{'':<30}" + "".join(f"{n:>10}" for n in SIZES))
    for code, control in enumerate(KERNEL_CONTROLS):
        times = [measure(rule_call(code, draw_vehicles(n, table=True), 0.5)) / n for n in SIZES]
        print(f"{control:<30}" + "".join(f"{t * 1e9:>10.0f}" for t in times))


def main(quick: bool = False) -> None:  # noqa: FBT001, FBT002 - the common face of benchmarks
    """Print the tables.

    Parameters
    ----------
    quick
        2,000 vehicles instead of 100,000.
    """
    many = 2000 if quick else MANY
    print_many(many)
    print_plain(many)
    print_sizes()


if __name__ == "__main__":
    main()
