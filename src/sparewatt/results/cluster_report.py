"""The report of a simulated hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparewatt.results.cluster_cards import cluster_cards
from sparewatt.results.cluster_kpis import REASON_KPIS
from sparewatt.results.cluster_view import FATE_WORDS
from sparewatt.results.cluster_words import cluster_sentences, count_words, duration_words
from sparewatt.results.control_words import CONTROL_WORDS
from sparewatt.results.figures.cluster_pictures import cluster_pictures
from sparewatt.results.figures.time_axis import clock_changes, day_name
from sparewatt.results.kpis import number_text, unit_text
from sparewatt.results.page import figure_markup, finding_context, page_environment

if TYPE_CHECKING:
    from sparewatt.results.cluster_view import ClusterView
    from sparewatt.results.kpis import Kpi
    from sparewatt.results.outcome import Outcome, PartOutcome

SHOWN_CLUSTERS = 40
"""Clusters in the table of the page."""

RESERVATION_WORDS = {
    "none": "nobody books",
    "simple": "vehicles book a unit",
    "smart": "vehicles book a schedule",
}

_COLUMNS = (
    "net_kwh",
    "v2g_kwh",
    "peak_kw",
    "over_limit_kwh",
    "under_limit_kwh",
    "admitted",
    "turned_away",
    "short_of_target_kwh",
    "occupancy",
    "energy_cost",
)
_HEADS = {
    "net_kwh": "Net [kWh]",
    "v2g_kwh": "V2G [kWh]",
    "peak_kw": "Peak [kW]",
    "over_limit_kwh": "Above limit [kWh]",
    "under_limit_kwh": "Below limit [kWh]",
    "admitted": "Connected",
    "turned_away": "Turned away",
    "short_of_target_kwh": "Short of target [kWh]",
    "occupancy": "Occupied",
    "energy_cost": "Cost",
}
_JUDGED = ("over_limit_kwh", "under_limit_kwh")


class _ClusterRows(NamedTuple):
    """The table of clusters."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    hidden: int


class _AwayRows(NamedTuple):
    """The table of visits without a connection."""

    rows: tuple[tuple[str, str, str], ...]
    nobody: str


def render_report(outcome: Outcome, view: ClusterView, simulate_s: float = 0.0) -> str:
    """The page.

    Parameters
    ----------
    outcome
        What the run came to.
    view
        What happened.
    simulate_s
        Processor time of the simulation [s]; not shown where it is 0.
    """
    sentences = cluster_sentences(outcome)
    why, pictures = cluster_pictures(view)
    return (
        page_environment()
        .get_template("cluster.html.j2")
        .render(
            outcome=outcome,
            span=_span(view),
            headline=sentences[0],
            sentences=sentences[1:],
            note="",
            cards=cluster_cards(outcome),
            facts=_facts(view),
            why=why,
            figures=[figure_markup(p) for p in pictures],
            clusters=_clusters(outcome),
            away=_away(outcome),
            kpis=[(k.label, _shown(k)) for k in outcome.kpis],
            **finding_context(outcome),
            all_well="Inputs and the simulated run were checked; nothing to report.",
            took="Simulating took",
            solve=f"{number_text(simulate_s)} s of processor time" if simulate_s > 0 else "",
        )
    )


def _span(view: ClusterView) -> str:
    """The time of the run in words."""
    h = view.horizon
    first, last = h.local(0), h.local(h.periods)
    step = duration_words(h.step_h)
    changes = "".join(f", {words}" for _, words in clock_changes(h, 0, h.periods))
    return (
        f"{day_name(first.date())} {first.year} {first:%H:%M} – {day_name(last.date())} {last.year} "
        f"{last:%H:%M} ({count_words(h.periods, 'step')} of {step}, {h.timezone}{changes})"
    )


def _facts(view: ClusterView) -> str:
    """What the hub is and how it is run."""
    t = view.trace
    rules = t.rules
    more = [w for w, on in (("a queue", rules.queue), ("rerouting", rules.reroute)) if on]
    extras = f", with {' and '.join(more)}" if more else ""
    clusters = count_words(len(view.cluster_ids), "cluster")
    return (
        f"{clusters} with {count_words(len(t.system.evses), 'charging unit')} and "
        f"{count_words(len(t.fleet), 'visit')}. Control: {CONTROL_WORDS[rules.control].label}; "
        f"reservations: {RESERVATION_WORDS[rules.reservation]}{extras}."
    )


def _shown(kpi: Kpi) -> str:
    """A value with its unit."""
    if kpi.value is not None and kpi.unit == "h":
        return duration_words(float(kpi.value))
    return (
        f"{number_text(kpi.value, kpi.unit)} {unit_text(kpi.unit) if kpi.value is not None else ''}".strip()
    )


def _clusters(outcome: Outcome) -> _ClusterRows:
    """The clusters with the highest peak in the order of the input, and all together."""
    ranked = sorted(
        range(len(outcome.parts)), key=lambda i: (-float(outcome.parts[i].value("peak_kw") or 0.0), i)
    )
    chosen = sorted(ranked[:SHOWN_CLUSTERS])
    rows = [(outcome.parts[i].id, _cells(outcome.parts[i])) for i in chosen]
    rows.append(("all", _cells(outcome)))
    head = ("Cluster", *(_HEADS[name] for name in _COLUMNS))
    return _ClusterRows(head, tuple(rows), len(outcome.parts) - len(chosen))


def _cells(told: Outcome | PartOutcome) -> tuple[tuple[str, str], ...]:
    """Cells of one row: text, and a verdict for broken limits."""
    kpis = {k.name: k for k in told.kpis}
    return tuple(
        (
            number_text(kpis[name].value, kpis[name].unit),
            "worse" if name in _JUDGED and kpis[name].value else "",
        )
        for name in _COLUMNS
    )


def _away(outcome: Outcome) -> _AwayRows:
    """Visits without a connection by reason, most first."""
    visits = outcome.value("visits") or 0
    found = [(FATE_WORDS[fate], int(outcome.value(name) or 0)) for fate, name in REASON_KPIS.items()]
    return _AwayRows(
        tuple(
            (words[0].upper() + words[1:], f"{count:,}", number_text(count / visits, "share"))
            for words, count in sorted(found, key=lambda f: -f[1])
            if count
        ),
        "Nobody: every visit was connected." if visits else "Nobody came.",
    )
