"""The judge of depot schedules. It shares no code with the planners and takes nobody's word for a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.verify.depot_battery import check_battery
from sparewatt.verify.depot_chargers import check_counts, check_least_power, check_rates
from sparewatt.verify.depot_facts import DepotFacts
from sparewatt.verify.depot_site import check_site
from sparewatt.verify.depot_stays import check_finite, check_shapes, check_stays

if TYPE_CHECKING:
    from sparewatt.finding import Finding
    from sparewatt.model.depot import Mode
    from sparewatt.model.schedule import DepotSchedule


def check_depot_schedule(
    schedule: DepotSchedule, *, mode: Mode, tolerance_kwh: float = 1e-6
) -> tuple[Finding, ...]:
    """Check a schedule against every rule that must hold, whoever decided it.

    Everything is worked out anew from the depot's raw arrays and the four arrays of the schedule.
    The views ``soc`` and ``breach_kw``, which people are shown, are compared with that.

    Rules: ``depot.schedule.`` + ``shape``, ``finite``, ``negative_energy``, ``away``, ``one_stay``,
    ``balance``, ``reserve``, ``full``, ``unserved``, ``no_charger``, ``rate``, ``dc_count``,
    ``ac_count``, ``min_power``, ``site_limit``, ``margin``.

    Parameters
    ----------
    schedule
        What was decided.
    mode
        ``"BAU"``: least power and the breach margin do not bind unmanaged charging.
    tolerance_kwh
        By how much an energy may miss a rule [kWh].

    Returns
    -------
    tuple of Finding
        Empty when every rule holds; all of severity error, with ``margin`` in kWh (counts: number).
    """
    broken = (*check_shapes(schedule),)
    broken = broken or (*check_finite(schedule),)
    if broken:
        return broken
    facts = DepotFacts(schedule.depot)
    return (
        *check_stays(schedule, facts, tolerance_kwh),
        *check_battery(schedule, facts, tolerance_kwh),
        *check_rates(schedule, facts, tolerance_kwh),
        *check_counts(schedule, facts),
        *check_least_power(schedule, facts, mode, tolerance_kwh),
        *check_site(schedule, facts, mode, tolerance_kwh),
    )
