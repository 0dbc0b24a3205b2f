"""The report of a network run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparewatt.results.figures.network_pictures import network_pictures
from sparewatt.results.figures.time_axis import period_words
from sparewatt.results.kpis import number_text, unit_text
from sparewatt.results.network_cards import network_cards
from sparewatt.results.network_tables import zone_table
from sparewatt.results.network_view import CHARGING_WORDS, LIMIT_WORDS
from sparewatt.results.network_violations import TOTAL, find_violations
from sparewatt.results.network_words import capacity_text, count_words, network_sentences
from sparewatt.results.page import figure_markup, finding_context, page_environment

if TYPE_CHECKING:
    from sparewatt.results.kpis import Kpi
    from sparewatt.results.network_view import Charging, NetworkView
    from sparewatt.results.network_violations import Violations
    from sparewatt.results.outcome import Outcome

SHOWN_ZONES = 60
"""Zones in the tables of the page."""

BINDING_WORDS = {
    "none": "–",
    "cable": "cable",
    "undervoltage": "low voltage",
    "overvoltage": "high voltage",
    "transformer": "transformer",
}
LIMIT_FROM_WORDS = {
    "line": "line",
    "line_share": "line share",
    "largest_seen": "largest seen",
    "first_broken": "first broken",
    "nothing_seen": "nothing seen",
    "per_zone": "power flow",
    "shared": "power flow, shared",
}
Cells = tuple[tuple[str, str], ...]
"""Text of each cell, and a verdict or nothing."""


class _Rows(NamedTuple):
    """A table of the page."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, Cells], ...]
    hidden: int


def render_report(outcome: Outcome, view: NetworkView, simulate_s: float = 0.0) -> str:
    """The page.

    Parameters
    ----------
    outcome
        What the run came to.
    view
        What was found.
    simulate_s
        Processor time of the main process [s]; not shown where it is 0.
    """
    sentences = network_sentences(outcome)
    return (
        page_environment()
        .get_template("network.html.j2")
        .render(
            outcome=outcome,
            span=_span(view),
            headline=sentences[0],
            sentences=sentences[1:],
            note="",
            cards=network_cards(outcome),
            facts=_facts(view),
            figures=[figure_markup(p) for p in network_pictures(view)],
            zones=_zones(view),
            violations=_violations(view),
            broken_zones=_broken_zones(view),
            charged=_charged(view),
            kpis=[(k.label, _capacity(outcome, k) or _shown(k)) for k in outcome.kpis],
            **finding_context(outcome),
            all_well="Inputs and results were checked; nothing to report.",
            took="The run took",
            solve=f"{number_text(simulate_s)} s of processor time in its main process"
            if simulate_s > 0
            else "",
        )
    )


def _took(simulate_s: float) -> str:
    """Processor time in words; workers that ran beside are not in it."""
    return f"{number_text(simulate_s)} s of processor time in its main process" if simulate_s > 0 else ""


def _span(view: NetworkView) -> str:
    """The network and the time of the run in words."""
    h = view.horizon
    step = number_text(h.step_s / 60) if h.step_s % 60 else f"{h.step_s // 60}"
    return f"{period_words(h, 0, h.periods)}, {h.timezone}, steps of {step} min"


def _facts(view: NetworkView) -> str:
    """What was looked at, in a few sentences."""
    net, s = view.network, view.setting
    where = (
        f"{net.name}: {count_words(len(view.customers), 'customer')} on "
        f"{count_words(len(view.feeders), 'feeder')}, {count_words(len(net.nodes), 'node')}, a transformer "
        f"of {number_text(net.transformer.rating_kva)} kVA."
    )
    cases = ", ".join(c.case.name for c in view.cases)
    base = net.base_v
    bounds = (
        f"Limits keep {number_text(s.headroom.voltage_floor_pu * base)} to "
        f"{number_text(s.headroom.voltage_ceiling_pu * base)} V; replays are judged by "
        f"{number_text(s.judged_floor_pu * base)} to {number_text(s.judged_ceiling_pu * base)} V."
    )
    return (
        f"{where} Cases of PV and heat pumps: {cases}. Flow limits: {LIMIT_WORDS[s.limit_method]}. {bounds} "
        f"Headroom of a day is what a zone has at each time of day but on "
        f"{number_text(s.headroom.quantile, 'share')} of the days."
    )


def _shown(kpi: Kpi) -> str:
    """A KPI as text with its unit."""
    text = number_text(kpi.value, kpi.unit)
    return text if kpi.value is None else f"{text} {unit_text(kpi.unit)}".strip()


def _capacity(outcome: Outcome, kpi: Kpi) -> str:
    """A hosting capacity that is below all that was tried; nothing for other KPIs."""
    ways: tuple[Charging, ...] = ("optimised", "unmanaged")
    own = next((c for c in ways if kpi.name == f"hosting_capacity_{c}"), None)
    return capacity_text(outcome, own) if own and kpi.value is None else ""


def _zones(view: NetworkView) -> _Rows:
    """The zones, those with least headroom first where not all are shown."""
    table = zone_table(view)
    at = {name: k for k, name in enumerate(table.columns)}
    head = (
        *("Zone", "Customers", "Limit [kVA]", "Limit from", "Headroom [kWh/day]", "EVs by energy"),
        *("EVs placed", "Heat-pump case", "Binds most"),
    )
    order = sorted(range(len(table.rows)), key=lambda z: (float(view.finds.energy_kwh[z]), z))
    chosen = sorted(order[:SHOWN_ZONES])
    rows = []
    for z in chosen:
        row = table.rows[z]
        case = str(row[at["hp_case"]])
        cells: Cells = (
            (number_text(int(view.zone_customers[z])), ""),
            (number_text(float(view.limits.import_kva[z])), ""),
            (LIMIT_FROM_WORDS[str(row[at["limit_from"]])], ""),
            (number_text(float(view.finds.energy_kwh[z])), "worse" if view.finds.energy_kwh[z] <= 0 else ""),
            (number_text(int(view.finds.evs_without_shifting[z])), ""),
            (number_text(int(view.finds.evs_realised[z])), ""),
            (f"{case} + V2G" if row[at["v2g_zone"]] else case, ""),
            (BINDING_WORDS[str(row[at["binding"]])], ""),
        )
        rows.append((view.zone_ids[z], cells))
    return _Rows(head, tuple(rows), len(table.rows) - len(chosen))


_VIOLATION_HEADS = (
    *("Charging", "Any", "Overload", "Undervoltage", "Overvoltage", "Transformer", "Below planning floor"),
    *("Lowest [V]", "Highest [V]"),
)


def _violations(view: NetworkView) -> _Rows:
    """The whole network by way of charging."""
    rows = [
        (CHARGING_WORDS[v.charging], _violation_cells(view, v))
        for v in find_violations(view)
        if v.zone_id == TOTAL
    ]
    return _Rows(_VIOLATION_HEADS, tuple(rows), 0)


def _violation_cells(view: NetworkView, v: Violations) -> Cells:
    shares = (v.any_share, v.overload_share, v.undervoltage_share, v.overvoltage_share, v.transformer_share)
    judged = tuple((number_text(s, "share"), "worse" if s else "") for s in shares)
    base = view.network.base_v
    return (
        *judged,
        (number_text(v.below_floor_share, "share"), ""),
        (_volts(v.lowest_pu, base), ""),
        (_volts(v.highest_pu, base), ""),
    )


def _charged(view: NetworkView) -> _Rows:
    """What EVs take and give and what headroom they leave: the whole network, then zones that have any."""
    found = {(v.zone_id, v.charging): v for v in find_violations(view)}
    with_evs = [view.zone_ids[z.zone] for z in view.evs]
    names = [TOTAL, *with_evs[:SHOWN_ZONES]] if with_evs else []
    rows = []
    for name in names:
        none, optimised, unmanaged = (found.get((name, c)) for c in CHARGING_WORDS)
        if none is None or optimised is None or unmanaged is None:
            continue
        asked, missing = optimised.v2g_asked_kwh, optimised.unserved_kwh
        cells: Cells = (
            (number_text(optimised.evs), ""),
            (number_text(optimised.ev_peak_kw), ""),
            (number_text(unmanaged.ev_peak_kw), ""),
            (number_text(missing), "worse" if missing else ""),
            (number_text(asked) if asked else "–", ""),
            (number_text(optimised.v2g_delivered_kwh) if asked else "–", ""),
            *((number_text(v.energy_kwh), "") for v in (none, optimised, unmanaged)),
        )
        rows.append(("all zones" if name == TOTAL else name, cells))
    head = (
        *("Zone", "EVs", "At most, optimised [kW]", "unmanaged [kW]", "Missing, optimised [kWh]"),
        *("V2G asked [kWh]", "delivered [kWh]", "Headroom without EVs [kWh/day]"),
        *("left, optimised", "left, unmanaged"),
    )
    return _Rows(head, tuple(rows), max(0, len(with_evs) - SHOWN_ZONES))


def _volts(pu: float | None, base_v: float) -> str:
    return "–" if pu is None else f"{pu * base_v:.1f}"


def _broken_zones(view: NetworkView) -> _Rows:
    """Share of steps with a violation, per zone by way of charging, zones that break anything."""
    ways = [r.charging for r in view.replays]
    found = {(v.zone_id, v.charging): v for v in find_violations(view)}
    broken = [z for z in view.zone_ids if any(found[z, c].any_share for c in ways)]
    broken.sort(key=lambda z: -max(found[z, c].any_share for c in ways))
    rows = []
    for z in broken[:SHOWN_ZONES]:
        cells: list[tuple[str, str]] = []
        for c in ways:
            v = found[z, c]
            cells += [
                (number_text(v.any_share, "share"), "worse" if v.any_share else ""),
                (_volts(v.lowest_pu, view.network.base_v), ""),
            ]
        rows.append((z, tuple(cells)))
    head = ["Zone"]
    for c in ways:
        head += [f"Steps, {CHARGING_WORDS[c]}", "Lowest [V]"]
    return _Rows(tuple(head), tuple(rows), len(broken) - len(rows))
