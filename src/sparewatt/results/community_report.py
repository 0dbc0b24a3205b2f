"""The report of a neighbourhood."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from sparewatt.results.cluster_words import duration_words
from sparewatt.results.community_cards import community_cards, deviation_of
from sparewatt.results.community_device_rows import device_rows
from sparewatt.results.community_kpi_meanings import RATIO, SD_KPIS
from sparewatt.results.community_rows import (
    Rows,
    answer_rows,
    contract_rows,
    house_rows,
    repetition_rows,
)
from sparewatt.results.community_words import (
    community_sentences,
    count_words,
)
from sparewatt.results.figures.community_houses import SHARING_WORDS
from sparewatt.results.figures.community_pictures import community_pictures
from sparewatt.results.figures.community_window import horizon_of
from sparewatt.results.figures.time_axis import clock_changes, day_name
from sparewatt.results.kpis import number_text, unit_text
from sparewatt.results.page import figure_markup, finding_context, page_environment

if TYPE_CHECKING:
    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun
    from sparewatt.results.figures.picture import Picture
    from sparewatt.results.kpis import Kpi
    from sparewatt.results.outcome import Outcome

ALGORITHM_WORDS = {
    "fifty_fifty": "a coin decides whether a producer takes a job that its forecast covers (fifty_fifty)",
    "greedy": "each job gets the start with the most power left (greedy)",
    "L_BFGS_B": "local search of starts (L_BFGS_B)",
    "SLSQP": "local search of starts (SLSQP)",
    "TNC": "local search of starts (TNC)",
    "milp": "each producer chooses the best starts of all its waiting jobs (milp)",
    "community_milp": "one plan for all producers and known jobs (community_milp)",
    "perfect_foresight": "the plan of one who knew everything (perfect_foresight)",
}
"""Who decides, as people read it."""


_COUNTED = frozenset({RATIO, "jobs", "contracts", "houses", "answers", "repetitions"})
"""Units that the label says already."""


class _Shown(NamedTuple):
    """A picture on the page, with what to call it where it can be folded away, and rows below it."""

    title: str
    figure: tuple[str, str, Markup]
    rows: Rows | None = None


def render_report(
    outcome: Outcome, run: CommunityRun, simulate_s: float = 0.0, *, repetition: int | None = None
) -> str:
    """The page.

    Parameters
    ----------
    outcome
        What the run came to.
    run
        What happened.
    simulate_s
        Processor time of all repetitions [s]; not shown where it is 0.
    repetition
        Number of the repetition to show in detail, one of those in ``run.flows``; the first where missing.
    """
    chosen = next(
        (r for r in run.repetitions if r.number == repetition and r.number in run.flows), run.repetitions[0]
    )
    sentences = community_sentences(outcome)
    pictures = community_pictures(run, chosen)
    script = page_environment().get_template("community.js").render()
    return (
        page_environment()
        .get_template("community.html.j2")
        .render(
            outcome=outcome,
            span=_span(run),
            headline=sentences[0],
            sentences=sentences[1:],
            note="",
            cards=community_cards(outcome),
            facts=_facts(run),
            chosen=_chosen(run, chosen),
            energy=_markup(pictures.energy),
            houses=_markup(pictures.houses),
            house_rows=house_rows(outcome),
            households=[
                _Shown(f"House {run.house_ids[house]}", figure_markup(p)) for house, p in pictures.households
            ],
            device_rows=device_rows(run, chosen),
            contracts=_markup(pictures.contracts),
            contract_rows=contract_rows(run, chosen),
            answer_rows=answer_rows(run, chosen),
            repetitions=_markup(pictures.repetitions),
            repetition_rows=repetition_rows(run) if len(run.repetitions) > 1 else None,
            others=[_other(run, number, p) for number, p in pictures.others],
            bills=_markup(pictures.bills),
            kpis=_kpis(outcome),
            script=Markup(script),  # noqa: S704 - our own file
            script_hash=b64encode(sha256(script.encode()).digest()).decode(),
            **finding_context(outcome),
            all_well="Inputs and the simulated run were checked; nothing to report.",
            took="Simulating took",
            solve=f"{number_text(simulate_s)} s of processor time" if simulate_s > 0 else "",
        )
    )


def _markup(pictures: tuple[Picture, ...]) -> list[tuple[str, str, Markup]]:
    return [figure_markup(p) for p in pictures]


def _other(run: CommunityRun, number: int, picture: Picture) -> _Shown:
    """Another repetition, folded away."""
    r = next(r for r in run.repetitions if r.number == number)
    title = f"Repetition {number}: {number_text(r.covered_kwh)} kWh covered"
    return _Shown(title, figure_markup(picture), contract_rows(run, r, most=100))


def _span(run: CommunityRun) -> str:
    """The time of the run in words."""
    h = horizon_of(run)
    first, last = h.local(0), h.local(h.periods)
    changes = "".join(f", {words}" for _, words in clock_changes(h, 0, h.periods))
    days = count_words(round(h.periods / 1440, 1), "day")
    return (
        f"{day_name(first.date())} {first.year} {first:%H:%M} – {day_name(last.date())} {last.year} "
        f"{last:%H:%M} ({days}, minute by minute, {h.timezone}{changes})"
    )


def _facts(run: CommunityRun) -> str:
    """What the neighbourhood is and how it trades."""
    n, rules = run.neighbourhood, run.setting.rules
    jobs = len(n.jobs) - len(run.not_asked)
    has = [
        count_words(jobs, "job"),
        count_words(len(n.producers), "producer"),
        *(
            [f"{len(n.batteries)} home {'battery' if len(n.batteries) == 1 else 'batteries'}"]
            * bool(len(n.batteries))
        ),
    ]
    limit = rules.import_limit_kw
    more = [
        *([f"import limit {number_text(limit)} kW"] if limit != float("inf") else []),
        *(
            [f"up to {number_text(rules.allow_partial, 'share')} of a job may come from the grid"]
            * bool(rules.allow_partial)
        ),
        *(["forecasts before jobs of the same second"] * rules.predictions_first),
    ]
    extras = f"; {'; '.join(more)}" if more else ""
    return (
        f"{count_words(len(run.house_ids), 'house')} with {', '.join(has[:-1])} and {has[-1]}. "
        f"Algorithm: {ALGORITHM_WORDS[rules.algorithm]}. Prices: {SHARING_WORDS[run.setting.sharing]}. "
        f"Starts every {duration_words(rules.start_step_s / 3600)}{extras}."
    )


def _chosen(run: CommunityRun, chosen: Repetition) -> str:
    """Which repetition is shown, where there are several."""
    if len(run.repetitions) == 1:
        return ""
    return (
        f"KPIs are means of {len(run.repetitions):,} repetitions; pictures and contracts are those of "
        f"repetition {chosen.number} where they do not say otherwise."
    )


def _shown(kpi: Kpi, deviation: float | None = None) -> str:
    """A value with its deviation and unit."""
    text = number_text(kpi.value, kpi.unit)
    unit = unit_text(kpi.unit) if kpi.value is not None and kpi.unit not in _COUNTED else ""
    if deviation is not None and kpi.value is not None:
        text = f"{text} ± {number_text(deviation, kpi.unit)}"
    return f"{text} {unit}".strip()


def _kpis(outcome: Outcome) -> list[tuple[str, str]]:
    """Every KPI with its deviation."""
    return [
        (k.label, _shown(k, deviation_of(outcome, k.name)))
        for k in outcome.kpis
        if k.name.removesuffix("_sd") not in SD_KPIS or not k.name.endswith("_sd")
    ]
