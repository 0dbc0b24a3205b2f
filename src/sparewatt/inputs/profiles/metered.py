"""Metered profiles: files of half-hourly energy or power → power of every customer on the study's steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.finding_log import MAX_REPEATS, FindingLog
from sparewatt.inputs.local_clock import local_text
from sparewatt.inputs.profiles.meter_file import read_meter_file
from sparewatt.inputs.profiles.meter_form import MeterForm, kw_per
from sparewatt.inputs.profiles.meter_grid import find_grid, note_gaps
from sparewatt.inputs.profiles.meter_stamps import read_stamps
from sparewatt.inputs.profiles.seeds import METER, stream_rng
from sparewatt.inputs.scenario_findings import nearest

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.inputs.profiles.meter_file import MeterTable
    from sparewatt.inputs.profiles.meter_form import Kind
    from sparewatt.inputs.profiles.meter_grid import MeterGrid
    from sparewatt.model.customers import Customers
    from sparewatt.model.horizon import Horizon

_LEAST_KW, _MOST_KW = 0.01, 10.0
_NAMED = 5
_FEW = 5000
_AS_IT_SAYS = MeterForm()


@dataclass(frozen=True)
class MeteredPower:
    """Power that was measured, at its own step, told at the step of a horizon with its energy kept.

    Parameters
    ----------
    horizon
        The periods.
    first_s, step_s
        Left edge of the first reading [s since the epoch], and length of one [s].
    meter_kw
        Mean power of each meter, shape (meters, readings) [kW].
    meter
        Meter of each customer, shape (customers,).
    """

    horizon: Horizon
    first_s: int
    step_s: int
    meter_kw: NDArray[np.float64]
    meter: NDArray[np.int64]

    def power_kw(self, first: int, end: int) -> NDArray[np.float64]:
        """Mean power of periods ``first..end-1``, shape (customers, end - first) [kW]."""
        edges_s = self.horizon.boundaries_s[first : end + 1]
        return mean_power(self.meter_kw, self.first_s, self.step_s, edges_s)[self.meter]


def mean_power(
    power: NDArray[np.float64], first_s: int, step_s: int, edges_s: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Mean of a power that is constant within its steps, between edges; energy is kept.

    p_n = Σ_i P_i · |step_i ∩ [e_n, e_n+1)| / (e_n+1 - e_n)

    Parameters
    ----------
    power
        Shape (rows, steps), of any unit.
    first_s, step_s
        Left edge of the first step [s since the epoch], and the length of one [s].
    edges_s
        Rising, within the steps, shape (n + 1,) [s since the epoch].

    Returns
    -------
    Shape (rows, n).
    """
    if len(edges_s) < 2:  # noqa: PLR2004 - two edges of a period
        return np.zeros((len(power), 0))
    begin, end = (int(edges_s[0]) - first_s) // step_s, -(-(int(edges_s[-1]) - first_s) // step_s)
    cuts = np.unique(np.concatenate([edges_s, first_s + np.arange(begin + 1, end) * step_s]))
    period = np.searchsorted(edges_s, cuts[:-1], side="right") - 1
    weight = np.diff(cuts) / np.diff(edges_s)[period]
    pieces = power[:, (cuts[:-1] - first_s) // step_s] * weight
    if len(pieces[0]) == len(edges_s) - 1:
        return np.asarray(pieces)
    return np.asarray(np.add.reduceat(pieces, np.searchsorted(period, np.arange(len(edges_s) - 1)), axis=1))


def read_metered(
    path: Path,
    customers: Customers,
    horizon: Horizon,
    *,
    kind: Kind = "demand",
    form: MeterForm = _AS_IT_SAYS,
    seed: int = 0,
) -> tuple[MeteredPower | None, tuple[Finding, ...]]:
    """Read metered power of customers.

    Parameters
    ----------
    path
        CSV or Parquet: wide (time, then a column per customer) or long (time, customer, value). For PV
        a single column is the yield per rated kW of everybody.
    customers, horizon
        Whose, and when; every value of the horizon must be there.
    kind
        Demand, heat pumps, or PV per rated kW.
    form
        What the file does not say: unit, time zone, whether stamps are starts.
    seed
        Of who gets which meter where they are drawn.

    Returns
    -------
    ``None`` where any finding is an error; and all findings.
    """
    log = FindingLog()
    power = _read(path, customers, horizon, kind, form, seed, log)
    findings = log.findings()
    return (None if log.errors else power), findings


def _read(
    path: Path,
    customers: Customers,
    horizon: Horizon,
    kind: Kind,
    form: MeterForm,
    seed: int,
    log: FindingLog,
) -> MeteredPower | None:
    table = read_meter_file(path, form, log)
    if table is None:
        return None
    unit = form.unit or table.unit
    if unit is None:
        message = "neither the settings nor the file say what the values are"
        remedy = 'a header such as kwh, or network.profile_unit = "kWh"; kW, W and Wh are read too'
        log.add("network.profiles.unit", "error", f"{table.name} row 1", message, "", remedy)
    elif table.unit is not None and table.unit != unit:
        message = f"the header says {table.unit}, the settings {unit}; they are read as {unit}"
        log.add("network.profiles.unit", "warning", table.name, message, unit, "the same in both")
    meter = _match(table, customers, kind, form, seed, log)
    stamps_s = read_stamps(table, form.timezone, log)
    if stamps_s is None:
        return None
    grid = find_grid(table, stamps_s, horizon, at_end=form.stamps == "end", log=log)
    if grid is None:
        return None
    used = np.setdiff1d(meter[meter >= 0], grid.other)
    note_gaps(table, grid, used, horizon, log)
    if unit is None:
        return None
    kw = grid.values * kw_per(unit, grid.step_s)
    _note_negative(table, grid, used, kind, horizon, log)
    _note_doubts(table, kw, used, kind, unit, log)
    return MeteredPower(horizon, grid.first_s, grid.step_s, kw, meter)


def _match(
    table: MeterTable, customers: Customers, kind: Kind, form: MeterForm, seed: int, log: FindingLog
) -> NDArray[np.int64]:
    """Meter of each customer, -1 for none, which is noted."""
    count, meters = len(customers), len(table.ids)
    if kind == "pv" and meters == 1:
        return np.zeros(count, dtype=np.int64)
    if form.match == "drawn":
        rng = stream_rng(seed, METER)
        rounds = -(-count // meters)
        if rounds > 1:
            message = (
                f"there are {meters} meters for {count} customers: each stands for up to {rounds} of them"
            )
            log.add("network.profiles.shared", "info", table.name, message, str(meters))
        return np.concatenate([rng.permutation(meters) for _ in range(rounds)])[:count].astype(np.int64)
    row = {name: n for n, name in enumerate(table.ids)}
    meter = np.array([row.get(name, -1) for name in customers.ids], dtype=np.int64)
    known = set(customers.ids)
    for name in table.ids:
        if name not in known:
            meant = nearest(name, customers.ids) if meters <= _FEW else None
            message = f"{name} is no customer of the network{f'; is {meant} meant?' if meant else ''}"
            remedy = 'a column per load, called like it; or network.profile_match = "drawn"'
            ids = (name,)
            log.add(
                "network.profiles.customer",
                "warning",
                table.name,
                message,
                name,
                remedy,
                ids=ids,
                table=table.name,
            )
    lacking = tuple(customers.ids[c] for c in np.flatnonzero(meter < 0).tolist())
    if lacking:
        some = ", ".join(lacking[:_NAMED]) + ("…" if len(lacking) > _NAMED else "")
        message = f"{len(lacking)} of {count} customers have no values: {some}"
        remedy = 'values of every customer; or network.profile_match = "drawn" deals the meters out'
        log.add("network.profiles.customer", "error", table.name, message, lacking[0], remedy, ids=lacking)
    return meter


def _note_negative(
    table: MeterTable,
    grid: MeterGrid,
    used: NDArray[np.int64],
    kind: Kind,
    horizon: Horizon,
    log: FindingLog,
) -> None:
    """Negative values: how many of a customer, and where the first stands."""
    rule, remedy = "network.profiles.negative", "at least 0; what is generated is given apart, as PV"
    for told, k in enumerate(used[(grid.values[used] < 0).any(axis=1)].tolist()):
        steps = np.flatnonzero(grid.values[k] < 0)
        first = local_text(grid.first_s + int(steps[0]) * grid.step_s, horizon.timezone)
        count = "1 value" if len(steps) == 1 else f"{len(steps)} values, the first"
        what = "generation" if kind == "pv" else "demand"
        message = f"the {what} of {table.ids[k]} is negative: {count} at {first}"
        place = grid.place(table, k, int(steps[0])) if told < MAX_REPEATS else table.name
        low, ids = f"{grid.values[k, steps].min():g}", (table.ids[k],)
        log.add(rule, "error", place, message, low, remedy, ids=ids, table=table.name)


def _note_doubts(
    table: MeterTable,
    kw: NDArray[np.float64],
    used: NDArray[np.int64],
    kind: Kind,
    unit: str,
    log: FindingLog,
) -> None:
    """Values of a size that speaks for another unit."""
    known = kw[used][~np.isnan(kw[used]).all(axis=1)]
    if kind == "pv" or not len(known):
        return
    middle = float(np.median(np.nanmean(known, axis=1)))
    if middle > _MOST_KW or 0 < middle < _LEAST_KW:
        other = {"kWh": "Wh", "kW": "W", "Wh": "kWh", "W": "kW"}[unit]
        message = f"half the customers draw {'more' if middle > 1 else 'less'} than {middle:g} kW on average"
        remedy = f"is the unit {other} rather than {unit}?"
        log.add("network.profiles.doubt", "warning", table.name, message, f"{middle:g}", remedy)
