"""The report of a depot run: smart beside unmanaged charging, per run and per allocation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sparewatt.results.compare import change_text, compare_modes, share_text
from sparewatt.results.depot_cards import depot_cards
from sparewatt.results.depot_view import MODE_WORDS
from sparewatt.results.depot_words import comparison_note, depot_sentences
from sparewatt.results.figures.bau_opt import bau_opt_picture
from sparewatt.results.figures.gantt import gantt_picture
from sparewatt.results.figures.heat_map import heat_map_picture
from sparewatt.results.figures.site_load import daily_peak_picture, site_load_picture
from sparewatt.results.figures.soc_fan import soc_days_picture, soc_fan_picture
from sparewatt.results.figures.time_axis import clock_changes, day_name
from sparewatt.results.figures.window import find_detail_day
from sparewatt.results.kpis import number_text
from sparewatt.results.page import figure_markup, finding_context, page_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

    from sparewatt.results.compare import Difference
    from sparewatt.results.depot_view import DepotView
    from sparewatt.results.outcome import Outcome

DETAIL_DAYS, WEEK_DAYS = 3, 7
MOST_TROUBLE_DAYS = 40

_LEVEL_WORDS = {"normal": "normal", "breach": "above limit", "magic": "unserved"}


@dataclass(frozen=True)
class Section:
    """One allocation on the page.

    Parameters
    ----------
    title, facts
        Heading and a line of facts under it.
    why
        Why the days shown in detail were chosen.
    figures
        Pictures as safe markup, with title and caption.
    modes
        Modes shown, as words.
    trouble
        Rows of the table of days: date and, per mode, level, unserved, breach, peak, note.
    hidden_days
        Days of trouble left out of the table.
    """

    title: str
    facts: str
    why: str
    figures: tuple[tuple[str, str, Markup], ...]
    modes: tuple[str, ...]
    trouble: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    hidden_days: int


def render_report(outcome: Outcome, pairs: Iterable[Sequence[DepotView]]) -> str:
    """The page.

    Parameters
    ----------
    outcome
        What the run came to.
    pairs
        The scenarios of each allocation together, unmanaged first; may be a generator.
    """
    sections, asc_kw, solve_s, span = [], {}, 0.0, ""
    for number, views in enumerate(pairs):
        sections.append(_section(views, f"a{number}"))
        asc_kw[views[0].allocation_id] = views[0].asc_kw
        solve_s += sum(d.solve_s for v in views for d in v.days)
        span = span or _span(views[0])
    overview = bau_opt_picture(outcome.scenarios, asc_kw, "overview") if outcome.scenarios else None
    sentences = depot_sentences(outcome)
    comparison = compare_modes(outcome.scenarios)
    return (
        page_environment()
        .get_template("depot.html.j2")
        .render(
            outcome=outcome,
            span=span,
            headline=sentences[0],
            sentences=sentences[1:],
            note=comparison_note(outcome),
            cards=depot_cards(outcome),
            overview=figure_markup(overview) if overview else None,
            comparison=[
                (
                    s,
                    [
                        _row(r)
                        for r in comparison.rows
                        if r.subject == s and any(v is not None for v in r.values)
                    ],
                )
                for s in comparison.subjects()
            ],
            sections=sections,
            **finding_context(outcome),
            all_well="Inputs and schedules were checked; nothing to report.",
            took="Planning took",
            solve=f"{number_text(solve_s)} s of processor time" if solve_s > 0 else "",
        )
    )


def _span(view: DepotView) -> str:
    """The days of the run in words."""
    h = view.horizon
    first, last = h.day_date(0), h.day_date(h.days - 1)
    days = f"{h.days} planning day{'' if h.days == 1 else 's'} from {h.local(0):%H:%M}"
    changes = "".join(f", {words}" for _, words in clock_changes(h, 0, h.periods))
    return f"{day_name(first)} {first.year} – {day_name(last)} {last.year} ({days}, {h.timezone}{changes})"


def _row(row: Difference) -> dict[str, str]:
    """One line of smart against unmanaged."""
    unit = row.kpi.unit
    return {
        "label": row.kpi.label,
        "unit": {"currency": "", "share": "", "days": ""}.get(unit, unit),
        "bau": number_text(row.values[0], unit),
        "opt": number_text(row.values[1], unit),
        "change": change_text(row.change(1), unit),
        "relative": share_text(row.relative(1)) if unit != "share" else "",
        "verdict": row.verdict(1),
    }


def _section(views: Sequence[DepotView], name: str) -> Section:
    """Everything about one allocation."""
    first = views[0]
    detail = find_detail_day(views)
    close, week = detail.around(first.horizon, DETAIL_DAYS), detail.around(first.horizon, WEEK_DAYS)
    pictures = [site_load_picture(views, *close, f"{name}-load")]
    if first.horizon.days > DETAIL_DAYS:
        pictures.append(daily_peak_picture(views, f"{name}-peaks"))
    pictures.append(heat_map_picture(views, *week, f"{name}-heat"))
    pictures += [gantt_picture(v, *close, f"{name}-gantt-{v.mode}") for v in reversed(views)]
    pictures.append(soc_fan_picture(views, *week, f"{name}-soc"))
    if first.horizon.days > WEEK_DAYS:
        pictures.append(soc_days_picture(views, f"{name}-soc-days"))
    trouble, hidden = _trouble(views)
    facts = (
        f"Site {first.site_id}: {len(first.vehicle_ids)} vehicles, agreed supply capacity "
        f"{first.asc_kw:,.6g} kW, planned limit {first.asc_kw * first.utilisation:,.6g} kW"
        f"{'' if first.limit_kw is None else ', and less where a limit taken from another run says so'}."
    )
    return Section(
        title=f"Allocation {first.allocation_id}",
        facts=facts,
        why=detail.reason,
        figures=tuple(figure_markup(p) for p in pictures),
        modes=tuple(MODE_WORDS[v.mode] for v in views),
        trouble=trouble,
        hidden_days=hidden,
    )


def _trouble(
    views: Sequence[DepotView],
) -> tuple[tuple[tuple[str, tuple[tuple[str, str], ...]], ...], int]:
    """Days with breach, unserved energy or a deadline in any mode; the worst ones, in order of time."""
    first = views[0]
    reports = [{d.day: d for d in v.days} for v in views]
    late = [{d.day for d in v.days if d.status == "timed_out"} for v in views]
    ranked = sorted(
        (
            tuple(
                x
                for v, missed in zip(reversed(views), reversed(late), strict=True)
                for x in (v.day_unserved_kwh[d], v.day_breach_kwh[d], d in missed)
            ),
            -d,
        )
        for d in range(first.horizon.days)
    )
    days = sorted(-d for worst, d in ranked[::-1][:MOST_TROUBLE_DAYS] if any(worst))
    hidden = sum(any(worst) for worst, _ in ranked) - len(days)
    rows = []
    for d in days:
        cells = []
        for view, report in zip(views, reports, strict=True):
            cells.append(_day_cell(view, d, report[d].status == "timed_out" if d in report else False))
        date = first.horizon.day_date(d)
        rows.append((f"{day_name(date)} {date.year}{_odd_day(first, d)}", tuple(cells)))
    return tuple(rows), hidden


def _odd_day(view: DepotView, day: int) -> str:
    """The length of a clock-change day in words, empty for others."""
    edges = view.horizon.day_edges
    length = (edges[day + 1] - edges[day]) * view.horizon.step
    return "" if length == timedelta(days=1) else f" ({length // timedelta(hours=1)} h day)"


def _day_cell(view: DepotView, day: int, late: bool) -> tuple[str, str]:  # noqa: FBT001 - one private use
    """Level and facts of one day in one mode."""
    unserved, breach = float(view.day_unserved_kwh[day]), float(view.day_breach_kwh[day])
    facts = []
    if unserved:
        facts.append(f"{number_text(unserved)} kWh unserved")
    if breach:
        facts.append(f"{number_text(breach)} kWh above the limit")
    if late:
        facts.append("at the deadline")
    level = "magic" if unserved else "breach" if breach else "normal"
    return level, ", ".join(facts) or _LEVEL_WORDS[level]
