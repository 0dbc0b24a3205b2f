"""Rules on visits: order of times, states of charge, what is within reach, what the run sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.cluster.visits import first_event_s, last_event_s
from sparewatt.inputs.local_clock import local_text
from sparewatt.model.fleet import NO_SOC, NO_TIME, NOWHERE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.cluster.visits import Visits
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.model.evses import Evses
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.horizon import Horizon

_HOUR_S = 3600
_SOC_SLACK = 1e-9


def check_times(visits: Visits, timezone: str, log: FindingLog) -> None:
    """Departures come after arrivals, and bookings before them."""
    fleet = visits.fleet

    def before(
        first: str, second: str, rule: str, *, error: bool, equal: bool, words: str, remedy: str
    ) -> None:
        a, b = getattr(fleet, first), getattr(fleet, second)
        wrong = (a != NO_TIME) & (b != NO_TIME) & ((b <= a) if equal else (b < a))
        for n in np.flatnonzero(wrong).tolist():
            at = local_text(int(b[n]), timezone)
            message = (
                f"{visits.name(second)} {at} {words} {visits.name(first)} {local_text(int(a[n]), timezone)}"
            )
            margin = float(b[n] - a[n]) / _HOUR_S
            severity = "error" if error else "warning"
            visits.add(log, rule, severity, n, second, message, at, remedy, margin=margin)  # type: ignore[arg-type]

    for first, second in (
        ("declared_arrival_s", "declared_departure_s"),
        ("real_arrival_s", "real_departure_s"),
    ):
        before(
            first,
            second,
            "cluster.fleet.departure",
            error=True,
            equal=True,
            words="is not after",
            remedy="a departure after the arrival; a stay may last several days",
        )
    for second in ("declared_arrival_s", "real_arrival_s"):
        before(
            "reservation_s",
            second,
            "cluster.fleet.reservation",
            error=False,
            equal=False,
            words="is before",
            remedy="a vehicle books before it comes; without a Reservation Time it walks in",
        )


def check_socs(visits: Visits, log: FindingLog) -> None:
    """States of charge fit their bounds and each other."""
    fleet = visits.fleet
    crossed = fleet.min_soc > fleet.max_soc
    for n in np.flatnonzero(crossed).tolist():
        message = f"the bounds {fleet.min_soc[n]:g} and {fleet.max_soc[n]:g} leave no state of charge"
        remedy = "a Min SOC at most the Max SOC"
        visits.add(
            log, "cluster.fleet.soc_bounds", "error", n, "min_soc", message, f"{fleet.min_soc[n]:g}", remedy
        )
    for n in np.flatnonzero((fleet.target_soc > fleet.max_soc + _SOC_SLACK) & ~crossed).tolist():
        message = f"the target {fleet.target_soc[n]:g} is above the vehicle's greatest state of charge"
        remedy = f"at most {fleet.max_soc[n]:g}"
        value, margin = f"{fleet.target_soc[n]:g}", float(fleet.max_soc[n] - fleet.target_soc[n])
        visits.add(
            log,
            "cluster.fleet.target",
            "error",
            n,
            "target_soc",
            message,
            value,
            remedy,
            margin=margin,
        )
    for field in ("declared_soc", "real_soc"):
        soc = getattr(fleet, field)
        known = soc != NO_SOC
        for n in np.flatnonzero(known & (soc > fleet.target_soc + _SOC_SLACK)).tolist():
            target, named = f"{fleet.target_soc[n]:g}", f"{visits.name(field)} {soc[n]:g}"
            message = f"the target {target} is below {named}: nothing is charged"
            visits.add(
                log,
                "cluster.fleet.target_below",
                "warning",
                n,
                "target_soc",
                message,
                target,
                f"at least {soc[n]:g}",
                margin=float(fleet.target_soc[n] - soc[n]),
            )
        outside = known & ~crossed & ((soc < fleet.min_soc - _SOC_SLACK) | (soc > fleet.max_soc + _SOC_SLACK))
        for n in np.flatnonzero(outside).tolist():
            message = (
                f"{visits.name(field)} {soc[n]:g} is outside of the vehicle's bounds "
                f"{fleet.min_soc[n]:g} to {fleet.max_soc[n]:g}"
            )
            remedy = "inside of Min SOC and Max SOC"
            visits.add(log, "cluster.fleet.soc_outside", "warning", n, field, message, f"{soc[n]:g}", remedy)


def check_reach(visits: Visits, evses: Evses, clusters: int, log: FindingLog) -> None:
    """Warn where the target is out of reach in the declared stay at the best unit that may be chosen."""
    fleet = visits.fleet
    best = np.zeros(clusters)
    np.maximum.at(best, evses.cluster, evses.max_charge_kw)
    unit_kw = np.where(fleet.target_cluster == NOWHERE, best.max(initial=0.0), best[fleet.target_cluster])
    power = np.minimum(fleet.max_charge_kw, unit_kw)
    arrival = np.where(fleet.declared_arrival_s != NO_TIME, fleet.declared_arrival_s, fleet.real_arrival_s)
    soc = np.where(fleet.declared_soc != NO_SOC, fleet.declared_soc, fleet.real_soc)
    known = (arrival != NO_TIME) & (fleet.declared_departure_s != NO_TIME) & (soc != NO_SOC)
    hours = np.where(known, fleet.declared_departure_s - arrival, 0) / _HOUR_S
    known &= (hours > 0) & (soc < fleet.target_soc) & (fleet.target_soc <= fleet.max_soc)
    reach = _reachable(fleet, soc, power, hours)
    for n in np.flatnonzero(known & (reach < fleet.target_soc - 1e-6)).tolist():
        message = (
            f"the target {fleet.target_soc[n]:g} is out of reach: from {soc[n]:.3g} in {hours[n]:.3g} h at "
            f"{power[n]:g} kW at most {_rounded_down(reach[n])} is possible"
        )
        visits.add(
            log,
            "cluster.fleet.reach",
            "warning",
            n,
            "target_soc",
            message,
            f"{fleet.target_soc[n]:g}",
            f"at most {_rounded_down(reach[n])}, or a longer stay",
            margin=float(reach[n] - fleet.target_soc[n]),
        )


def _rounded_down(soc: float) -> str:
    return f"{np.floor(soc * 1e4) / 1e4:g}"


def _reachable(
    fleet: Fleet, soc: NDArray[np.float64], power: NDArray[np.float64], hours: NDArray[np.float64]
) -> NDArray[np.float64]:
    """State of charge after charging without pause, shape (visits,) [0-1]."""
    reach = np.minimum(soc + power * hours / fleet.battery_kwh, fleet.max_soc)
    table = fleet.power_table
    for v in np.flatnonzero(np.diff(table.offset)).tolist():
        at, left = float(soc[v]), float(hours[v])
        for r in range(int(table.offset[v]), int(table.offset[v + 1])):
            end = float(table.soc_to[r])
            if at >= end:
                continue
            rate = min(float(power[v]), float(table.max_kw[r])) / float(fleet.battery_kwh[v])
            gain = min(end - at, rate * left)
            at += gain
            left -= gain / rate if rate > 0 else left
            if left <= 0:
                break
        reach[v] = min(at, float(fleet.max_soc[v]))
    return reach


def seen_visits(visits: Visits, horizon: Horizon, log: FindingLog) -> Visits:
    """The visits that the run sees; those wholly outside of it are left out with a warning.

    A stay in which no whole period lies is kept and warned of: the vehicle is connected and not charged.
    """
    fleet, zone = visits.fleet, horizon.timezone
    first, last = first_event_s(fleet), last_event_s(fleet)
    outside = (last <= horizon.start_s) | (first >= horizon.end_s)
    for n in np.flatnonzero(outside).tolist():
        begins, ends = local_text(int(first[n]), zone), local_text(int(last[n]), zone)
        message = f"the visit, {begins} to {ends}, lies outside of the run and is left out"
        remedy = "start and end around it, if it belongs to the run"
        visits.add(log, "cluster.fleet.outside", "warning", n, "real_arrival_s", message, begins, remedy)
    step, start = horizon.step_s, horizon.start_s
    come = (fleet.real_arrival_s != NO_TIME) & (fleet.real_departure_s != NO_TIME) & ~outside
    connects = -((start - fleet.real_arrival_s) // step)  # up to the next boundary
    leaves = (fleet.real_departure_s - start) // step
    short = come & (leaves <= np.maximum(connects, 0)) & (fleet.real_departure_s > fleet.real_arrival_s)
    for n in np.flatnonzero(short).tolist():
        minutes = (fleet.real_departure_s[n] - fleet.real_arrival_s[n]) / 60
        message = (
            f"no whole period of {step / 60:g} min lies in the stay of {minutes:g} min: nothing is charged"
        )
        remedy = "a shorter step, if such stays matter"
        visits.add(
            log, "cluster.fleet.short", "warning", n, "real_departure_s", message, f"{minutes:g} min", remedy
        )
    return visits.take(np.flatnonzero(~outside)) if outside.any() else visits
