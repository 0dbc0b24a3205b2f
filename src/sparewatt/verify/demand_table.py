"""The judge of `t_charge_demand`: what was written is what was decided, whole, once, and adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from sparewatt.finding import Finding
from sparewatt.verify.demand_rows import COLUMNS, NUMBERS, DemandRows, check_rows
from sparewatt.verify.depot_facts import DepotFacts
from sparewatt.verify.tally import Tally, worst_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from sparewatt.model.depot import Depot
    from sparewatt.model.schedule import DepotSchedule

_NAMES = ("", "AC", "DC")


def check_demand_table(
    table: pa.Table,
    schedule: DepotSchedule,
    *,
    summary: Mapping[str, float] | None = None,
    tolerance_kwh: float = 1e-6,
) -> tuple[Finding, ...]:
    """Check the rows of one scenario in `t_charge_demand` against its schedule and summary.

    Rules: ``depot.demand.`` + ``columns``, ``finite``, ``stamp``, ``vehicle``, ``duplicate``,
    ``rows_per_day``, ``energy`` (per vehicle and period, and power·step), ``soc``, ``unserved``
    (per vehicle, since ``magic_fill`` spreads it), ``charger``, ``sum``.

    Parameters
    ----------
    table
        Columns as in the spec; ``datetime`` as a stamp with a zone or text with an offset.
    schedule
        What was decided, for the whole horizon.
    summary
        What the scenario's summary says, any of ``delivered_kwh``, ``unserved_kwh``, ``cost``;
        compared with the sums over the rows.
    tolerance_kwh
        By how much a row may miss [kWh]; sums may miss that or 1e-9 of themselves.

    Returns
    -------
    tuple of Finding
        Empty when every rule holds.
    """
    depot = schedule.depot
    absent = [c for c in COLUMNS if c not in table.column_names]
    if absent:
        message = f"columns missing: {', '.join(absent)}"
        return (Finding("depot.demand.columns", "error", "t_charge_demand", message),)
    facts = DepotFacts(depot)
    findings = list(_check_numbers(table))
    rows = DemandRows.of_table(table, depot)
    findings += check_rows(table, rows, depot, facts)
    if findings:
        return tuple(findings)

    shape = (len(depot.vehicles.ids), depot.horizon.periods)
    grid: dict[str, NDArray[np.float64]] = {}
    for name in NUMBERS:
        grid[name] = np.empty(shape)
        grid[name][rows.vehicle, rows.period] = table[name].to_numpy()
    findings += _check_energy(grid, schedule, facts, tolerance_kwh)
    findings += _check_unserved(grid, schedule, tolerance_kwh)
    findings += _check_chargers(table, rows, schedule, facts)
    findings += _check_sums(grid, depot, summary or {}, tolerance_kwh)
    return tuple(findings)


def _check_numbers(table: pa.Table) -> Iterator[Finding]:
    for name in NUMBERS:
        values = pc.fill_null(table[name], float("nan")).to_numpy()
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            where = f"t_charge_demand record {bad[0] + 1}, column {name}"
            message = f"{len(bad)} values are empty or no finite numbers"
            yield Finding("depot.demand.finite", "error", where, message, str(values[bad[0]]))


def _check_energy(
    grid: Mapping[str, NDArray[np.float64]], schedule: DepotSchedule, facts: DepotFacts, tolerance: float
) -> Iterator[Finding]:
    d, s = schedule.depot, schedule.depot.sessions
    decided, booked = np.zeros_like(grid["energy_kwh"]), np.zeros_like(grid["energy_kwh"])
    np.add.at(decided, (facts.vehicle, facts.period), schedule.energy_kwh)
    np.add.at(
        booked,
        (s.vehicle, np.minimum(s.first, d.horizon.periods - 1)),
        schedule.unserved_kwh - s.use_kwh,
    )
    battery = d.vehicles.battery_kwh[:, None]
    before = np.column_stack([np.full(len(battery), d.initial_soc), grid["soc"][:, :-1]])
    rise = (grid["soc"] - before) * battery
    for rule, remedy, off in (
        ("depot.demand.energy", "the energy that was decided", grid["energy_kwh"] - decided),
        ("depot.demand.energy", "power × step", grid["energy_kwh"] - grid["power_kw"] * facts.step_h),
        (
            "depot.demand.soc",
            "soc[t] = soc[t-1] + (η·energy − use + unserved) / battery",
            rise - d.efficiency * grid["energy_kwh"] - booked,
        ),
    ):
        found = Tally(rule, remedy)
        for cell in worst_first(np.abs(off).ravel(), tolerance):
            n, t = divmod(cell, d.horizon.periods)
            where = f"vehicle {d.vehicles.ids[n]}, {facts.stamp(t)}"
            message = f"differs by {off[n, t]:.9g} kWh"
            found.add(where, message, abs(float(off[n, t])), ids=(d.allocation_id, d.vehicles.ids[n]))
        yield from found.findings()


def _check_unserved(
    grid: Mapping[str, NDArray[np.float64]], schedule: DepotSchedule, tolerance: float
) -> Iterator[Finding]:
    d = schedule.depot
    decided = np.zeros(len(d.vehicles.ids))
    np.add.at(decided, d.sessions.vehicle, schedule.unserved_kwh)
    off = grid["unserved_kwh"].sum(axis=1) - decided
    found = Tally("depot.demand.unserved", "the unserved energy of the vehicle, booked or spread")
    for n in worst_first(np.abs(off) - 1e-9 * decided, tolerance):
        ids = (d.allocation_id, d.vehicles.ids[n])
        message = f"differs by {off[n]:.9g} kWh"
        found.add(f"vehicle {d.vehicles.ids[n]}", message, abs(float(off[n])), ids=ids)
    yield from found.findings()


def _check_chargers(
    table: pa.Table, rows: DemandRows, schedule: DepotSchedule, facts: DepotFacts
) -> Iterator[Finding]:
    """A row names the charger of a stay of its vehicle in that period, or none where there is no stay."""
    d = schedule.depot
    allowed = np.zeros((len(_NAMES), len(d.vehicles.ids), d.horizon.periods), dtype=bool)
    allowed[schedule.charger[facts.session], facts.vehicle, facts.period] = True
    allowed[0] |= ~allowed.any(axis=0)
    written = pc.fill_null(table["charger"], "").to_pylist()
    kinds = np.array([_NAMES.index(name) if name in _NAMES else -1 for name in written], dtype=np.int64)
    wrong = np.flatnonzero((kinds < 0) | ~allowed[kinds, rows.vehicle, rows.period])
    found = Tally("depot.demand.charger", "AC, DC or empty, as the session there was given")
    for row in wrong:
        n, t = int(rows.vehicle[row]), int(rows.period[row])
        where = f"vehicle {d.vehicles.ids[n]}, {facts.stamp(t)}"
        message = "is not the charger of its session"
        ids = (d.allocation_id, d.vehicles.ids[n])
        found.add(where, message, 1.0, value=str(written[row]), ids=ids)
    yield from found.findings()


def _check_sums(
    grid: Mapping[str, NDArray[np.float64]], depot: Depot, summary: Mapping[str, float], tolerance: float
) -> Iterator[Finding]:
    sums = {
        "delivered_kwh": float(grid["energy_kwh"].sum()),
        "unserved_kwh": float(grid["unserved_kwh"].sum()),
        "cost": float((grid["energy_kwh"] @ depot.price_per_kwh).sum()),
    }
    for name, total in sums.items():
        if name not in summary:
            continue
        off = abs(float(summary[name]) - total)
        if not off <= max(tolerance, 1e-9 * abs(total)):
            yield Finding(
                "depot.demand.sum",
                "error",
                f"summary of allocation {depot.allocation_id}, {name}",
                f"the summary says {float(summary[name]):.9g}, the rows add up to {total:.9g}",
                f"{float(summary[name]):.9g}",
                f"{total:.9g}",
                (depot.allocation_id,),
                off,
            )
