"""Small tables of a network run: zones, limits, violations, hosting, customers, forecasts."""

from __future__ import annotations

from dataclasses import astuple, fields
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.customers import Case  # noqa: TC001 - told to mypy, cheap
from sparewatt.model.headroom import Binding, LimitFrom, LineFault
from sparewatt.results.network_tomorrow import zones_tomorrow
from sparewatt.results.network_violations import Violations, find_violations
from sparewatt.results.tables import Table, finding_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparewatt.model.headroom import FittedLimit
    from sparewatt.results.network_view import NetworkView
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.tables import Cell

BINDING_NAMES = tuple(b.name.lower() for b in Binding)
"""Constraints by their number."""
LIMIT_NAMES = tuple(s.name.lower() for s in LimitFrom)
FAULT_NAMES = tuple(f.name.lower() for f in LineFault)
ALL_PHASES_WORD = "all"
NO_CASE_WORD = "none"
"""Case of a zone whose headroom is negative at some time of day in every case."""

ZONE_COLUMNS = (
    "zone_id",
    "feeder_id",
    "phase",
    "customers",
    "limit_kva",
    "limit_from",
    "headroom_kwh_per_day",
    "evs_without_shifting",
    "evs_realised",
    "hp_case",
    "v2g_zone",
    "binding",
)


def network_tables(outcome: Outcome, view: NetworkView) -> Iterator[Table]:
    """All of them, in the order of the documentation."""
    yield zone_table(view)
    yield limit_table(view)
    if view.replays:
        yield violation_table(view)
    if view.hosting is not None:
        yield hosting_table(view)
    yield customer_table(view)
    if view.forecasts is not None:
        yield forecast_table(view)
    if view.tomorrow is not None:
        yield forecast_zone_table(view)
    yield finding_table(outcome.findings)


def zone_table(view: NetworkView) -> Table:
    """What every zone can take."""
    finds, limits = view.finds, view.limits
    rows: list[tuple[Cell, ...]] = []
    for z, zone_id in enumerate(view.zone_ids):
        rows.append(
            (
                zone_id,
                view.feeders.ids[view.zones.feeder[z]],
                int(view.zones.phase[z]) + 1,
                int(view.zone_customers[z]),
                float(limits.import_kva[z]),
                limit_from(view, z),
                float(finds.energy_kwh[z]),
                int(finds.evs_without_shifting[z]),
                int(finds.evs_realised[z]),
                case_name(view, int(finds.heat_pumps.case[z])),
                int(finds.heat_pumps.v2g_zone[z]),
                BINDING_NAMES[finds.binding[z]],
            )
        )
    return Table("zones", ZONE_COLUMNS, tuple(rows))


def limit_from(view: NetworkView, zone: int) -> str:
    """Which rule gave the limit of a zone: a `LimitFrom` in lower case, or the method by power flow."""
    method = view.setting.limit_method
    return LIMIT_NAMES[view.limits.fitted_import.source[zone]] if method == "fit" else method


def case_name(view: NetworkView, row: int) -> str:
    """Name of a case; a word of its own for none, as a case without heat pumps is one too."""
    return view.cases[row].case.name if row >= 0 else NO_CASE_WORD


def limit_table(view: NetworkView) -> Table:
    """The lines through voltage over flow: how limits were read, and how sure they are."""
    columns = (
        *("zone_id", "side", "limit_kva", "limit_from", "line_fault", "slope_pu_per_kva", "intercept_pu"),
        *("points", "violating_share", "line_violating_share", "held_out_share"),
    )
    sides = (("import", view.limits.fitted_import), ("export", view.limits.fitted_export))
    rows = [row for side, fit in sides for row in _limit_rows(view.zone_ids, side, fit)]
    return Table("limits", columns, tuple(rows))


def _limit_rows(zone_ids: tuple[str, ...], side: str, fit: FittedLimit) -> Iterator[tuple[Cell, ...]]:
    for z, zone_id in enumerate(zone_ids):
        yield (
            zone_id,
            side,
            float(fit.limit.kva[z, 0]),
            LIMIT_NAMES[fit.source[z]],
            FAULT_NAMES[fit.fault[z]],
            float(fit.slope[z]),
            float(fit.intercept[z]),
            int(fit.points[z]),
            float(fit.violating_share[z]),
            float(fit.line_violating_share[z]),
            float(fit.held_out_share[z]),
        )


def violation_table(view: NetworkView) -> Table:
    """What the replays broke, the whole network before its zones; columns are the fields of `Violations`."""
    renamed = {"energy_kwh": "headroom_kwh_per_day"}
    columns = tuple(renamed.get(f.name, f.name) for f in fields(Violations))
    return Table("violations", columns, tuple(astuple(v) for v in find_violations(view)))


def hosting_table(view: NetworkView) -> Table:
    """Every case without EVs, then every point of the hosting curves."""
    columns = (
        *("charging", "penetration", "samples", "violating", "probability", "risk", "within_risk"),
        *("pv_share", "hp_share"),
    )
    rows: list[tuple[Cell, ...]] = []
    found = view.hosting
    if found is not None:
        risk, own = found.risk, found.own
        shares = (own.pv_share, own.hp_share) if own is not None else (None, None)
        rows += [
            (
                *("none", 0.0, c.samples, c.violating, c.probability, risk, int(c.probability <= risk)),
                *(c.pv_share, c.hp_share),
            )
            for c in found.without_evs
        ]
        for curve in found.curves:
            chance = curve.probability
            rows += [
                (
                    curve.charging,
                    float(curve.penetration[k]),
                    int(curve.samples[k]),
                    int(curve.violating[k]),
                    float(chance[k]),
                    risk,
                    int(chance[k] <= risk),
                    *shares,
                )
                for k in range(len(chance))
            ]
    return Table("hosting", columns, tuple(rows))


def customer_table(view: NetworkView) -> Table:
    """Who lives where, and what they have in the case that their zone takes."""
    columns = (
        *("customer_id", "zone_id", "feeder_id", "phase", "node", "demand_class", "pv_kwp", "has_pv"),
        *("has_hp", "evs"),
    )
    c, net = view.customers, view.network
    evs = np.zeros(len(c), dtype=np.int64)
    for zone in view.evs:
        np.add.at(evs, zone.customer, 1)
    rows: list[tuple[Cell, ...]] = []
    for row, name in enumerate(c.ids):
        load, zone_row = int(c.load[row]), int(c.zone[row])
        feeder, phase = int(view.feeders.load_feeder[load]), int(net.loads.phase[load])
        case = taken_case(view, zone_row)
        has_pv = case is not None and bool(case.has_pv[row])
        rows.append(
            (
                name,
                view.zone_ids[zone_row] if zone_row >= 0 else "",
                view.feeders.ids[feeder] if feeder >= 0 else "",
                str(phase + 1) if phase >= 0 else ALL_PHASES_WORD,
                net.nodes.ids[net.loads.node[load]],
                int(c.demand_class[row]),
                float(c.pv_kwp[row]) if has_pv else 0.0,
                int(has_pv),
                int(case is not None and bool(case.has_hp[row])),
                int(evs[row]),
            )
        )
    return Table("customers", columns, tuple(rows))


def taken_case(view: NetworkView, zone: int) -> Case | None:
    """The case that was replayed in a zone; the first for customers of no zone."""
    row = int(view.finds.case[zone]) if zone >= 0 else 0
    return view.cases[row].case if view.cases else None


def forecast_table(view: NetworkView) -> Table:
    """Scores of the forecasts on held-out days, one row per rule."""
    scores = view.forecasts
    if scores is None:
        return Table("forecasts", ("rule",), ())
    levels = [f"{q:g}" for q in scores.quantiles]
    columns = (
        *("rule", "days", "mean_pinball_kva", "skill"),
        *(f"pinball_kva_{q}" for q in levels),
        *(f"share_below_{q}" for q in levels),
    )
    rows: list[tuple[Cell, ...]] = []
    for r, name in enumerate(scores.names):
        numbers = (scores.mean_kva[r], scores.skill[r], *scores.pinball_kva[r], *scores.share_below[r])
        rows.append((name, scores.days, *(float(x) for x in numbers)))
    return Table("forecasts", columns, tuple(rows))


def forecast_zone_table(view: NetworkView) -> Table:
    """The best rule of every zone, and the tightest moment of the day after the run by it."""
    columns = ("zone_id", "rule", "mean_pinball_kva", "skill", "date", "time_of_day", "least_kva", "sure_kva")
    day = "" if view.tomorrow is None else view.tomorrow.date.isoformat()
    rows: list[tuple[Cell, ...]] = [
        (zone_id, t.rule, t.pinball_kva, t.skill, day, t.at, t.least_kva, t.sure_kva)
        for zone_id, t in zip(view.zone_ids, zones_tomorrow(view), strict=False)
    ]
    return Table("forecast_zones", columns, tuple(rows))
