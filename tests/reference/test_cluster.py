"""Worked examples of hubs (README beside them): every folder ``tutorial*`` found is reproduced per vehicle.

The results lie outside the repository, in ``$SPAREWATT_SHARED/reference/cluster`` (default ``../shared``),
the workbooks in ``data/cluster``: ``tutorial2`` belongs to ``example_02.xlsx``. A name that goes on
(``tutorial1_other_tie``) is another right outcome of the same workbook; a workbook beside the results
comes before that of ``data/cluster``. How a further one is run stands in a ``cluster.toml`` beside its
results, with the keys of the scenario file; where that is missing, every control rule that a worked example
can have been made with is tried, and one has to give its numbers.
"""

from __future__ import annotations

import csv
import os
import re
import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sparewatt.finding import has_errors
from sparewatt.inputs.cluster.read import ClusterSources, read_cluster
from sparewatt.inputs.cluster.settings import ClusterSettings
from sparewatt.model.trace import NONE, Fate, Trace
from sparewatt.simulate.hub import simulate_hub
from sparewatt.verify.cluster_trace import check_trace

ROOT = Path(__file__).parents[2]
SHARED = (ROOT / os.environ.get("SPAREWATT_SHARED", "../shared")).resolve()
FOLDER = SHARED / "reference" / "cluster"
DATA = SHARED / "data" / "cluster"
RUN = {
    "1": {"reservation": "none", "control": "first_come_first_served"},
    "2": {"reservation": "simple", "control": "least_laxity_first"},
}
RULES = (
    "first_come_first_served",
    "least_laxity_first",
    "earliest_deadline_first",
    "equal_share",
    "uncontrolled",
)
NEAR_KWH, NEAR_KW, NEAR_SOC = 1e-6, 1e-6, 1e-8


def _number(folder: Path) -> str:
    found = re.match(r"tutorial(\d+)", folder.name)
    return found[1] if found else ""


OUTCOMES: dict[str, list[Path]] = {}
for _folder in sorted(FOLDER.glob("tutorial*")):
    OUTCOMES.setdefault(_number(_folder), []).append(_folder)

each_tutorial = pytest.mark.parametrize("number", sorted(OUTCOMES) or ["none"])
needs_references = pytest.mark.skipif(
    not OUTCOMES, reason="no worked examples in $SPAREWATT_SHARED/reference/cluster"
)
needs_example_03 = pytest.mark.skipif(
    not (DATA / "example_03.xlsx").is_file(), reason="no data/cluster/example_03.xlsx in $SPAREWATT_SHARED"
)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def runs_of(number: str) -> list[dict[str, object]]:
    """How the example can be run, over the periods of its results; the last row of them is the end."""
    folder = OUTCOMES[number][0]
    times = [datetime.fromisoformat(r["time"]) for r in rows_of(folder / "cluster_consumption.csv")]
    periods = {"start": times[0], "end": times[-1], "step": times[1] - times[0]}
    told = folder / "cluster.toml"
    if told.is_file():
        return [periods | tomllib.loads(told.read_text())]
    if number in RUN:
        return [periods | RUN[number]]
    books = any(r["Reserved At"] < r["From"] for r in rows_of(folder / "re_dataset.csv"))
    reservation = "simple" if books else "none"
    return [periods | {"reservation": reservation, "control": control} for control in RULES]


def workbook_of(number: str) -> Path:
    """The workbook beside the results, else that of ``data/cluster``."""
    beside = sorted(OUTCOMES[number][0].glob("*.xlsx"))
    return beside[0] if beside else DATA / f"example_{int(number):02d}.xlsx"


def simulate(workbook: Path, **settings: object) -> Trace:
    sources = ClusterSources(workbook=workbook.name)
    inputs, findings = read_cluster(sources, ClusterSettings(**settings), workbook.parent)
    assert inputs is not None, findings
    return simulate_hub(inputs.system, inputs.fleet, inputs.rules)


@cache
def tutorials(number: str) -> list[Trace]:
    return [simulate(workbook_of(number), **settings) for settings in runs_of(number)]


def differences(trace: Trace, folder: Path) -> list[str]:
    """Where the trace is not what the folder says."""
    return vehicle_differences(trace, folder) + cluster_differences(trace, folder)


def vehicle_differences(trace: Trace, folder: Path) -> list[str]:
    """Per vehicle: admission, times, SoC, energies."""
    c, fleet, horizon = trace.connections, trace.fleet, trace.system.horizon
    found = []
    rows = rows_of(folder / "ev_results.csv")
    assert sorted(r["ev"] for r in rows) == sorted(fleet.ids)
    for row in rows:
        v = fleet.ids.index(row["ev"])
        own = np.flatnonzero(c.vehicle == v)
        if (trace.fate[v] == Fate.ADMITTED, len(own)) != (
            row["admitted"] == "True",
            row["admitted"] == "True",
        ):
            found.append(f"{row['ev']}: {Fate(int(trace.fate[v])).name}, admitted is {row['admitted']}")
            continue
        if not len(own):
            continue
        k = int(own[0])
        net = c.g2v_kwh[k] - c.v2g_kwh[k]
        short = (fleet.target_soc[v] - c.soc_last[k]) * fleet.battery_kwh[v]
        numbers = {
            "soc_arr": (c.soc_first[k], NEAR_SOC),
            "soc_last": (c.soc_last[k], NEAR_SOC),
            "E_net_kWh": (net, NEAR_KWH),
            "short_of_target_kWh": (short, NEAR_KWH),
            "g2v_kWh": (c.g2v_kwh[k], NEAR_KWH),
            "v2g_kWh": (c.v2g_kwh[k], NEAR_KWH),
        }
        for name, (ours, near) in numbers.items():
            if abs(ours - float(row[name])) > near:
                found.append(f"{row['ev']}: {name} {ours:.9g}, theirs {row[name]}")
        for name, boundary in (("arr", c.first[k]), ("dep", c.end[k])):
            ours_at = horizon.local(int(boundary)).replace(tzinfo=None)
            if ours_at != datetime.fromisoformat(row[name]):
                found.append(f"{row['ev']}: {name} {ours_at}, theirs {row[name]}")
    return found


def cluster_differences(trace: Trace, folder: Path) -> list[str]:
    """Per cluster: power in each step, and totals."""
    c, horizon = trace.connections, trace.system.horizon
    found = []
    for t, row in enumerate(rows_of(folder / "cluster_consumption.csv")[: horizon.periods]):
        for n, name in enumerate(trace.system.cluster_ids):
            if abs(trace.cluster_kw[n, t] - float(row[name])) > NEAR_KW:
                found.append(f"{name} at {row['time']}: {trace.cluster_kw[n, t]:.9g} kW, theirs {row[name]}")
    for row in rows_of(folder / "overall.csv"):
        n = trace.system.cluster_ids.index(row["cluster"])
        admitted = int((trace.system.evses.cluster[c.evse] == n).sum())
        totals = {
            "Net Consumption [kWh]": trace.cluster_kw[n].sum() * horizon.step_h,
            "Peak [kW]": trace.cluster_kw[n].max(),
            "Min [kW]": trace.cluster_kw[n].min(),
            "max over UB [kW]": (trace.cluster_kw[n] - trace.system.limits[n].upper_kw).clip(0).max(),
            "admitted": admitted,
        }
        found.extend(
            f"{row['cluster']}: {name} {ours:.9g}, theirs {row[name]}"
            for name, ours in totals.items()
            if abs(ours - float(row[name])) > NEAR_KWH
        )
    return found


@needs_references
@each_tutorial
def test_worked_example(number):
    """One of its right outcomes, in every number."""
    found = [
        {folder.name: differences(trace, folder) for folder in OUTCOMES[number]}
        for trace in tutorials(number)
    ]
    assert any([] in by_folder.values() for by_folder in found), found


@needs_references
@each_tutorial
def test_worked_example_passes_the_judge(number):
    for trace in tutorials(number):
        assert not has_errors(check_trace(trace))
    assert any(check_trace(trace) == () for trace in tutorials(number))


@needs_example_03
@pytest.mark.parametrize("control", ["milp", "feasible_milp", "central_milp"])
def test_smart_reservations_with_rolling_optimisers(control):
    """Example 3 runs to the end; contracts keep the limits; what is beyond one is recorded."""
    trace = simulate(DATA / "example_03.xlsx", reservation="smart", control=control)
    c, fleet = trace.connections, trace.fleet
    assert len(trace.contracts) > 0
    assert not c.still_connected.any()
    assert len(c) == (trace.fate == Fate.ADMITTED).sum() > 0
    findings = check_trace(trace)
    assert not has_errors(findings), [str(f) for f in findings]

    booked = np.zeros_like(trace.cluster_kw)
    contracted = trace.bookings.contract != NONE
    for contract in trace.contracts:
        efficiency = trace.system.evses.efficiency[contract.evse]
        power = contract.battery_kw
        grid = np.where(power > 0, power / efficiency, power * efficiency)
        booked[contract.cluster, contract.first : contract.end] += grid
    # every vehicle comes as it said and keeps its contract, so that all of them are live together
    for row in np.flatnonzero(contracted):
        v = trace.bookings.vehicle[row]
        assert fleet.real_arrival_s[v] == fleet.declared_arrival_s[v]
    for n, limit in enumerate(trace.system.limits):
        assert (booked[n] <= np.maximum(limit.upper_kw, 0) + NEAR_KW).all()
        assert (booked[n] >= np.minimum(limit.lower_kw, 0) - NEAR_KW).all()

    recorded = {f.where.split(",")[0]: f.margin for f in findings}
    for n, limit in enumerate(trace.system.limits):
        over = np.maximum(trace.cluster_kw[n] - limit.upper_kw, limit.lower_kw - trace.cluster_kw[n])
        worst = over.max() - limit.tolerance_kw
        told = recorded.get(f"cluster {trace.system.cluster_ids[n]}", 0.0)
        assert told == pytest.approx(worst if worst > NEAR_KW else 0.0)
    assert timedelta(hours=trace.system.horizon.periods * trace.system.horizon.step_h) >= timedelta(hours=3)
