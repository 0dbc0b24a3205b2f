"""The judge of simulated hubs. It shares no code with loop and rules and takes nobody's word for a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.finding import sorted_findings
from sparewatt.verify.cluster_bookings import check_booked, check_booking_states
from sparewatt.verify.cluster_contract_limits import check_contract_limits
from sparewatt.verify.cluster_contracts import check_contracts
from sparewatt.verify.cluster_energy import check_energy
from sparewatt.verify.cluster_facts import TraceFacts
from sparewatt.verify.cluster_limits import check_limits
from sparewatt.verify.cluster_power import check_cluster_power, check_power, cluster_power
from sparewatt.verify.cluster_rules import check_promises
from sparewatt.verify.cluster_shape import check_finite, check_shapes
from sparewatt.verify.cluster_units import check_bookings_apart, check_occupation
from sparewatt.verify.cluster_visits import check_fates, check_stays, check_waiting

if TYPE_CHECKING:
    from sparewatt.finding import Finding
    from sparewatt.model.trace import Trace


def check_trace(
    trace: Trace, *, tolerance_kwh: float = 1e-6, tolerance_kw: float = 1e-6
) -> tuple[Finding, ...]:
    """Check a trace against every rule that must hold, whoever decided and simulated it.

    Rules, all ``cluster.trace.``: ``shape``, ``finite``; ``soc_change``, ``energy``, ``soc_bounds``,
    ``v2g_allowance``; ``power``, ``power_by_soc``, ``cluster_power``; ``beyond_target``,
    ``v2g_unasked``; ``one_vehicle``, ``one_unit``, ``booking_overlap``; ``stay``, ``soc_arrival``,
    ``fate``, ``waiting``; ``booking``, ``booking_state``; ``contract_booking``, ``contract_soc``,
    ``contract_target``, ``contract_power``, ``contract_v2g``, ``contract_payment``,
    ``contract_limit``; and as warnings ``limit``, ``system_limit``, ``imbalance_limit``.

    Parameters
    ----------
    trace
        What happened.
    tolerance_kwh
        By how much an energy may miss a rule [kWh].
    tolerance_kw
        By how much a power may miss a rule [kW].

    Returns
    -------
    tuple of Finding
        Errors first; none when every rule holds. Powers beyond a limit and its tolerance are
        recorded as warnings, one per cluster, system or pair.
    """
    broken = (*check_shapes(trace),)
    broken = broken or (*check_finite(trace),)
    if broken:
        return broken
    facts = TraceFacts(trace)
    grid_kw = cluster_power(facts)
    return sorted_findings(
        (
            *check_energy(facts, tolerance_kwh),
            *check_power(facts, tolerance_kw),
            *check_cluster_power(facts, grid_kw, tolerance_kw),
            *check_promises(facts, tolerance_kwh),
            *check_occupation(facts),
            *check_bookings_apart(facts),
            *check_stays(facts, tolerance_kwh),
            *check_fates(facts),
            *check_waiting(facts),
            *check_booked(facts),
            *check_booking_states(facts),
            *check_contracts(facts, tolerance_kwh, tolerance_kw),
            *check_contract_limits(facts, tolerance_kw),
            *check_limits(facts, grid_kw, tolerance_kw),
        )
    )
