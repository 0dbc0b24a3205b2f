"""KPIs of the network study: of the whole network, and of every zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.results.kpis import Better, Kpi
from sparewatt.results.network_tomorrow import zones_tomorrow
from sparewatt.results.network_view import CHARGING_WORDS
from sparewatt.results.network_violations import TOTAL, find_violations

if TYPE_CHECKING:
    from sparewatt.results.network_view import Charging, NetworkView
    from sparewatt.results.network_violations import Violations

PER_DAY = "kWh/day"
LOSS = "forecast_pinball_kva_"
"""Names of the losses of all rules begin with it; the rule follows."""
VOLT = "V"


class _Meaning(NamedTuple):
    """What a KPI means; ``{}`` in a label is replaced by the way of charging."""

    label: str
    unit: str
    better: Better | None = None


ZONE_KPIS: dict[str, _Meaning] = {
    "customers": _Meaning("Customers", "customers"),
    "headroom_kwh_per_day": _Meaning("Headroom at the chosen risk", PER_DAY, "higher"),
    "evs_without_shifting": _Meaning("EVs by energy alone", "EVs", "higher"),
    "evs_realised": _Meaning("EVs placed and planned", "EVs", "higher"),
    "heat_pumps": _Meaning("Heat pumps", "heat pumps", "higher"),
}
"""KPIs of a zone and, summed, of the run."""

RUN_KPIS: dict[str, _Meaning] = {
    "v2g_zones": _Meaning("Zones that rely on V2G", "zones", "lower"),
    "evs_per_customer": _Meaning("EVs placed per customer", "share", "higher"),
    "limit_violating_share": _Meaning(
        "Snapshots within the fitted limits, yet below the floor", "share", "lower"
    ),
}

CHARGING_KPIS: dict[str, _Meaning] = {
    "violating_steps": _Meaning("Steps with any violation, {}", "share", "lower"),
    "overload_steps": _Meaning("Steps with an overloaded cable, {}", "share", "lower"),
    "undervoltage_steps": _Meaning("Steps with undervoltage, {}", "share", "lower"),
    "overvoltage_steps": _Meaning("Steps with overvoltage, {}", "share", "lower"),
    "below_floor_steps": _Meaning("Steps below the planning floor, {}", "share", "lower"),
    "transformer_steps": _Meaning("Steps with an overloaded transformer, {}", "share", "lower"),
    "unsolved_steps": _Meaning("Steps without a power-flow solution, {}", "share", "lower"),
    "lowest_voltage_v": _Meaning("Lowest voltage, {}", VOLT, "higher"),
    "highest_voltage_v": _Meaning("Highest voltage, {}", VOLT, "lower"),
    "transformer_peak": _Meaning("Highest load of the transformer, {}", "share", "lower"),
    "ev_peak_kw": _Meaning("Highest power of the EVs, {}", "kW", "lower"),
    "unserved_kwh": _Meaning("Energy missing at departure, {}", "kWh", "lower"),
    "headroom_left_kwh_per_day": _Meaning("Headroom left, {}", PER_DAY, "higher"),
}
"""KPIs of a replay: ``<name>_<charging>``, e.g. ``violating_steps_optimised``."""

ZONE_CHARGING_KPIS = (
    "violating_steps",
    "overload_steps",
    "undervoltage_steps",
    "overvoltage_steps",
    "below_floor_steps",
    "lowest_voltage_v",
    "highest_voltage_v",
    "ev_peak_kw",
    "unserved_kwh",
    "headroom_left_kwh_per_day",
)
"""Those that a zone has too."""

V2G_KPIS: dict[str, _Meaning] = {
    "v2g_asked_kwh": _Meaning("V2G asked for", "kWh"),
    "v2g_delivered_kwh": _Meaning("V2G delivered of that", "kWh", "higher"),
}
HOSTING_KPIS: dict[str, _Meaning] = {
    "hosting_capacity": _Meaning("Hosting capacity, {} charging", "share", "higher"),
    "hosting_capacity_sure": _Meaning("Hosting capacity that is 95 % sure, {} charging", "share", "higher"),
}
"""KPIs of a hosting curve: ``<name>_<charging>``."""
FORECAST_KPIS: dict[str, _Meaning] = {
    "forecast_pinball_kva": _Meaning("Pinball loss of the best forecast", "kVA", "lower"),
    "forecast_skill": _Meaning("Loss that it saves against persistence", "share", "higher"),
    "forecast_least_kva": _Meaning(
        "Least headroom of the day after the run, median forecast", "kVA", "higher"
    ),
    "forecast_sure_kva": _Meaning("Headroom that is left then with 90 %", "kVA", "higher"),
}
"""KPIs of forecasts, of the run and of every zone."""
_OF_EVS = ("ev_peak_kw", "unserved_kwh")

Values = dict[str, float | int | None]


def network_kpis(view: NetworkView) -> tuple[Kpi, ...]:
    """KPIs of the run: zones summed, then replays, V2G, hosting and forecasts where there are any."""
    finds = view.finds
    values: Values = {name: int(column.sum()) for name, column in _columns(view).items()}
    values["customers"] = len(view.customers)
    values["headroom_kwh_per_day"] = float(finds.energy_kwh.sum())
    values["v2g_zones"] = int(finds.heat_pumps.v2g_zone.sum())
    values["evs_per_customer"] = int(finds.evs_realised.sum()) / max(len(view.customers), 1)
    fitted = view.setting.limit_method == "fit"
    share = float(view.limits.fitted_import.violating_share.max(initial=0.0))
    values["limit_violating_share"] = share if fitted else None
    kpis = _named(ZONE_KPIS | RUN_KPIS, values)
    total = {v.charging: v for v in find_violations(view) if v.zone_id == TOTAL}
    for charging, row in total.items():
        kpis += _charging_kpis(view, charging, row, tuple(CHARGING_KPIS))
    if view.evs and "optimised" in total:
        kpis += _v2g(total["optimised"])
    return kpis + _hosting(view) + _forecasts(view)


def zone_kpis(view: NetworkView) -> tuple[tuple[Kpi, ...], ...]:
    """KPIs of every zone."""
    columns = _columns(view) | {"headroom_kwh_per_day": view.finds.energy_kwh}
    rows = [v for v in find_violations(view) if v.zone_id != TOTAL]
    count = len(view.zones)
    told = _zone_forecasts(view)
    out = []
    for z in range(count):
        kpis = _named(ZONE_KPIS, {name: columns[name][z].item() for name in ZONE_KPIS})
        own = [rows[r * count + z] for r in range(len(view.replays))]
        for row in own:
            kpis += _charging_kpis(view, row.charging, row, ZONE_CHARGING_KPIS)
        kpis += tuple(k for row in own if row.charging == "optimised" and row.evs for k in _v2g(row))
        out.append(kpis + told[z])
    return tuple(out)


def heat_pumps_per_zone(view: NetworkView) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Customers with a heat pump in the case that their zone takes, shape (zones,)."""
    zone = view.customers.zone
    known = zone >= 0
    has = np.stack([c.case.has_hp for c in view.cases])
    taken = view.finds.heat_pumps.case[np.where(known, zone, 0)]
    own = has[np.maximum(taken, 0), np.arange(len(zone))] & (taken >= 0) & known
    return np.bincount(zone[own], minlength=len(view.zones)).astype(np.int64)


def _columns(view: NetworkView) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Whole numbers per zone."""
    return {
        "customers": view.zone_customers,
        "evs_without_shifting": view.finds.evs_without_shifting,
        "evs_realised": view.finds.evs_realised,
        "heat_pumps": heat_pumps_per_zone(view),
    }


def _named(meanings: dict[str, _Meaning], values: Values) -> tuple[Kpi, ...]:
    """Values with labels, units and directions."""
    return tuple(Kpi(n, m.label, m.unit, values[n], m.better) for n, m in meanings.items())


def _charging_kpis(
    view: NetworkView, charging: Charging, row: Violations, names: tuple[str, ...]
) -> tuple[Kpi, ...]:
    """KPIs of one row of violations."""
    base = view.network.base_v
    replay = view.replay(charging)
    peak = 0.0 if replay is None else float(replay.series.transformer_kva.max(initial=0.0))
    values: Values = {
        "violating_steps": row.any_share,
        "overload_steps": row.overload_share,
        "undervoltage_steps": row.undervoltage_share,
        "overvoltage_steps": row.overvoltage_share,
        "below_floor_steps": row.below_floor_share,
        "transformer_steps": row.transformer_share,
        "unsolved_steps": row.unsolved_share,
        "lowest_voltage_v": None if row.lowest_pu is None else row.lowest_pu * base,
        "highest_voltage_v": None if row.highest_pu is None else row.highest_pu * base,
        "transformer_peak": peak / view.network.transformer.rating_kva,
        "ev_peak_kw": row.ev_peak_kw,
        "unserved_kwh": row.unserved_kwh,
        "headroom_left_kwh_per_day": row.energy_kwh,
    }
    words = CHARGING_WORDS[charging]
    return tuple(
        Kpi(
            f"{n}_{charging}",
            CHARGING_KPIS[n].label.format(words),
            CHARGING_KPIS[n].unit,
            values[n],
            CHARGING_KPIS[n].better,
        )
        for n in names
        if charging != "none" or n not in _OF_EVS
    )


def _v2g(row: Violations) -> tuple[Kpi, ...]:
    """What was asked of V2G and what came."""
    return _named(V2G_KPIS, {"v2g_asked_kwh": row.v2g_asked_kwh, "v2g_delivered_kwh": row.v2g_delivered_kwh})


def _hosting(view: NetworkView) -> tuple[Kpi, ...]:
    """Hosting capacity by way of charging, how much of it is sure, and what the network breaks by itself."""
    found = view.hosting
    if found is None:
        return ()
    kpis: list[Kpi] = []
    for name, meaning in HOSTING_KPIS.items():
        for c in found.curves:
            value = c.capacity(found.risk) if name == "hosting_capacity" else c.sure_capacity(found.risk)
            label = meaning.label.format(CHARGING_WORDS[c.charging])
            kpis.append(Kpi(f"{name}_{c.charging}", label, meaning.unit, value, meaning.better))
    least = min(float(c.penetration[0]) for c in found.curves)
    kpis.append(Kpi("hosting_least_tried", "Least penetration of EVs that was tried", "share", least))
    own = found.own
    if own is not None:
        label = "Samples that break a limit without EVs"
        kpis.append(Kpi("hosting_violating_none", label, "share", own.probability, "lower"))
    return tuple(kpis)


def _forecasts(view: NetworkView) -> tuple[Kpi, ...]:
    """How well the best rule forecasts, how all of them do, and the tightest moment of tomorrow."""
    scores = view.forecasts
    if scores is None or not scores.days:
        return ()
    best = scores.best
    values: Values = {
        "forecast_pinball_kva": float(scores.mean_kva[best]),
        "forecast_skill": float(scores.skill[best]),
    }
    tightest = min(zones_tomorrow(view), key=lambda t: t.least_kva, default=None)
    if tightest is not None:
        values |= {"forecast_least_kva": tightest.least_kva, "forecast_sure_kva": tightest.sure_kva}
    losses = tuple(
        Kpi(
            f"{LOSS}{rule.replace(' ', '_')}",
            f"Pinball loss of forecasts by {rule}",
            "kVA",
            float(loss),
            "lower",
        )
        for rule, loss in zip(scores.names, scores.mean_kva, strict=True)
    )
    return _named({n: FORECAST_KPIS[n] for n in values}, values) + losses


def _zone_forecasts(view: NetworkView) -> list[tuple[Kpi, ...]]:
    """The same of every zone, by the rule that is best there."""
    rows = zones_tomorrow(view)
    return [
        _named(
            FORECAST_KPIS,
            {
                "forecast_pinball_kva": row.pinball_kva,
                "forecast_skill": row.skill,
                "forecast_least_kva": row.least_kva,
                "forecast_sure_kva": row.sure_kva,
            },
        )
        for row in rows
    ] or [()] * len(view.zones)
