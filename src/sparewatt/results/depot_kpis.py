"""KPIs of the depot study: per scenario, per run, smart beside unmanaged."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.results.depot_view import MODE_WORDS
from sparewatt.results.kpis import Better, Kpi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sparewatt.model.depot import Mode
    from sparewatt.results.depot_view import DepotView

Summary = dict[str, float | int | None]


class _Meaning(NamedTuple):
    """What a column of the summary means, and how scenarios of one mode add up."""

    label: str
    unit: str
    better: Better | None
    over_scenarios: Callable[[list[float]], float]


DEPOT_KPIS: dict[str, _Meaning] = {
    "energy_delivered_kwh": _Meaning("Energy delivered", "kWh", None, sum),
    "energy_unserved_kwh": _Meaning("Energy unserved", "kWh", "lower", sum),
    "cost": _Meaning("Electricity cost", "currency", "lower", sum),
    "excess_capacity_cost": _Meaning("Excess-capacity cost", "currency", "lower", sum),
    "num_breach_days": _Meaning("Days above the planned limit", "days", "lower", sum),
    "num_magic_days": _Meaning("Days with unserved energy", "days", "lower", sum),
    "num_timed_out_days": _Meaning("Days at the deadline", "days", "lower", sum),
    "breach_kwh": _Meaning("Energy above the planned limit", "kWh", "lower", sum),
    "max_breach_kw": _Meaning("Highest power above the planned limit", "kW", "lower", max),
    "peak_site_kw": _Meaning("Peak site demand", "kW", "lower", max),
    "lowest_soc": _Meaning("Lowest state of charge", "share", "higher", min),
    "highest_soc": _Meaning("Highest state of charge", "share", None, max),
    "gap_median": _Meaning("Proven gap, median day", "share", "lower", max),
    "gap_worst": _Meaning("Proven gap, worst day", "share", "lower", max),
    "solve_seconds": _Meaning("Time to plan", "s", "lower", sum),
}
"""The summary columns of `t_charging_scenarios`, in order."""

TIMING_KPIS = frozenset({"solve_seconds"})
"""Measured times: no two runs agree on them, so they stay out of what must be the same bytes."""


def depot_summary(view: DepotView) -> Summary:
    """The summary of one scenario: exactly the names in ``DEPOT_KPIS``.

    ``num_breach_days`` counts the days with breach energy and ``num_magic_days`` those with unserved
    energy; a day with both counts in both. ``excess_capacity_cost`` is the sum over days of the highest
    half-hour above ``asc_kw`` times the price. Gaps are ``None`` for a rule, which proves none.
    """
    over_asc = np.maximum(0.0, view.day_peak_kw - view.asc_kw)
    gaps = [d.gap for d in view.days if d.status != "rule"]
    return {
        "energy_delivered_kwh": float(view.energy_kwh.sum()),
        "energy_unserved_kwh": float(view.unserved_kwh.sum()),
        "cost": float((view.energy_kwh.sum(axis=0) * view.price_per_kwh).sum()),
        "excess_capacity_cost": float(over_asc.sum() * view.excess_capacity_price),
        "num_breach_days": int(np.count_nonzero(view.day_breach_kwh)),
        "num_magic_days": int(np.count_nonzero(view.day_unserved_kwh)),
        "num_timed_out_days": sum(d.status == "timed_out" for d in view.days),
        "breach_kwh": float(view.breach_kw.sum() * view.horizon.step_h),
        "max_breach_kw": float(view.breach_kw.max(initial=0.0)),
        "peak_site_kw": float(view.site_kw.max(initial=0.0)),
        "lowest_soc": float(view.soc.min()),
        "highest_soc": float(view.soc.max()),
        "gap_median": float(median(gaps)) if gaps else None,
        "gap_worst": float(max(gaps)) if gaps else None,
        "solve_seconds": float(sum(d.solve_s for d in view.days)),
    }


def depot_kpis(summary: Mapping[str, float | int | None]) -> tuple[Kpi, ...]:
    """A summary with labels, units and directions."""
    return tuple(
        Kpi(name, meaning.label, meaning.unit, summary[name], meaning.better)
        for name, meaning in DEPOT_KPIS.items()
        if name in summary
    )


def depot_run_kpis(
    summaries: Iterable[tuple[str, Mode, Mapping[str, float | int | None]]],
) -> tuple[Kpi, ...]:
    """KPIs of a whole run: each mode over its allocations, then smart against unmanaged.

    Parameters
    ----------
    summaries
        Allocation, mode and summary of every scenario.

    Returns
    -------
    tuple of Kpi
        ``<name>_BAU`` and ``<name>_opt`` (energies, costs and days summed, peaks as the highest of any
        site, the lowest SoC of any vehicle), and ``saving`` and ``saving_share`` of cost with
        excess-capacity cost. Where both modes are there, only allocations that have both count,
        so that like is compared with like.
    """
    by_mode: dict[Mode, dict[str, Mapping[str, float | int | None]]] = {}
    for allocation, mode, summary in summaries:
        by_mode.setdefault(mode, {})[allocation] = summary
    shared = set.intersection(*(set(of) for of in by_mode.values())) if by_mode else set()
    kpis = []
    totals: dict[Mode, float] = {}
    for mode, of in sorted(by_mode.items()):
        chosen = [of[allocation] for allocation in sorted(shared)]
        for name, meaning in DEPOT_KPIS.items():
            total = _total(name, chosen)
            kpis.append(
                Kpi(
                    f"{name}_{mode}",
                    f"{meaning.label}, {MODE_WORDS[mode]}",
                    meaning.unit,
                    total,
                    meaning.better,
                )
            )
        totals[mode] = sum((s["cost"] or 0.0) + (s["excess_capacity_cost"] or 0.0) for s in chosen)
    if shared and {"BAU", "opt"} <= set(totals):
        saving = totals["BAU"] - totals["opt"]
        share = saving / totals["BAU"] if totals["BAU"] > 0 else None
        kpis.append(Kpi("saving", "Saved by smart charging", "currency", saving, "higher"))
        kpis.append(Kpi("saving_share", "Share saved by smart charging", "share", share, "higher"))
    return tuple(kpis)


def _total(name: str, summaries: Sequence[Mapping[str, float | int | None]]) -> float | int | None:
    """One column over scenarios; ``None`` where none of them has it."""
    values = [v for s in summaries if (v := s.get(name)) is not None]
    return DEPOT_KPIS[name].over_scenarios(values) if values else None
