"""Results of the network study, as :class:`~sparewatt.results.study_results.StudyResults` wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.model.schedule import Level  # noqa: TC001 - told to mypy, cheap
from sparewatt.results.network_kpis import network_kpis, zone_kpis
from sparewatt.results.network_reading import read_network_view
from sparewatt.results.network_series import limit_file
from sparewatt.results.network_state import write_network_series
from sparewatt.results.network_words import network_sentences
from sparewatt.results.outcome import Outcome, PartOutcome, find_versions, timing_json, write_outcome
from sparewatt.results.overview import KpiTable
from sparewatt.results.run_folder import OUTCOME_FILE, SERIES, TABLES, TIMING_FILE, RunFolder
from sparewatt.results.whole_file import write_whole_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sparewatt.results.export import TableFormat
    from sparewatt.results.kpis import Kpi
    from sparewatt.results.network_view import NetworkView

ZONE = "zone"
"""Kind of the parts of the outcome."""
WHOLE_RUN = 0
"""Number under which ``timing.json`` keeps the time of the run."""
SHOWN_ZONES = 6


def network_outcome(
    view: NetworkView,
    *,
    name: str,
    seed: int,
    input_hash: str,
    findings: Sequence[Finding] = (),
    versions: Mapping[str, str] | None = None,
) -> Outcome:
    """The outcome of a network run.

    Parameters
    ----------
    view
        What was found.
    name, seed, input_hash
        Of the scenario and its inputs.
    findings
        Of inputs and checks.
    versions
        Of what decides on the numbers; found where not given.
    """
    kpis = network_kpis(view)
    return Outcome(
        study="network",
        name=name,
        seed=seed,
        versions=dict(versions) if versions is not None else find_versions(),
        input_hash=input_hash,
        level=level_of(kpis, view.setting.headroom.quantile),
        kpis=kpis,
        findings=tuple(findings),
        parts=tuple(PartOutcome(ZONE, i, k) for i, k in zip(view.zone_ids, zone_kpis(view), strict=True)),
    )


def level_of(kpis: Sequence[Kpi], risk: float) -> Level:
    """``breach`` where optimised EVs break limits in more steps than without EVs plus the risk.

    Parameters
    ----------
    kpis
        Of the run.
    risk
        Share of steps that headroom at its quantile allows [0-1].
    """
    value = {k.name: k.value for k in kpis}
    optimised = value.get("violating_steps_optimised")
    if optimised is None:
        return "normal"
    return "breach" if optimised > (value.get("violating_steps_none") or 0.0) + risk else "normal"


def write_network_folder(
    directory: Path, outcome: Outcome, view: NetworkView, *, simulate_s: float | None = None
) -> RunFolder:
    """Write series, tables and, last, the outcome; the report is made by ``report.write_report``.

    Parameters
    ----------
    directory
        The folder of the run.
    outcome
        From :func:`network_outcome`.
    view
        What was found.
    simulate_s
        Processor time of the run, kept in ``timing.json`` alone [s].
    """
    from sparewatt.results.network_export import write_network_tables  # noqa: PLC0415 - brings pyarrow's CSV

    write_network_series(view, directory / SERIES)
    write_network_tables(outcome, view, directory / TABLES)
    write_whole_text(
        directory / TIMING_FILE, timing_json([] if simulate_s is None else [(WHOLE_RUN, [simulate_s])])
    )
    write_outcome(outcome, directory / OUTCOME_FILE)
    return RunFolder(directory)


def network_limit_files(view: NetworkView) -> tuple[tuple[str, str], ...]:
    """Zone and path, from the run's folder, of every limit that the run offers to other studies."""
    return tuple(
        (zone_id, f"{SERIES}/{limit_file(row)}")
        for row, (zone_id, _) in enumerate(zip(view.zone_ids, view.offers, strict=True))
    )


def sentences(outcome: Outcome) -> tuple[str, ...]:
    """What the run found."""
    return network_sentences(outcome)


def overview(outcome: Outcome) -> KpiTable:
    """KPIs of the network and of its first zones."""
    return KpiTable.of_outcome(outcome, "network", SHOWN_ZONES)


def render_run(folder: RunFolder, outcome: Outcome) -> str:
    """The report."""
    from sparewatt.results.network_report import render_report  # noqa: PLC0415 - brings matplotlib

    simulate_s = sum(folder.timing().get(WHOLE_RUN, []))
    return render_report(outcome, read_network_view(folder.path / SERIES), simulate_s)


def export_tables(folder: RunFolder, to: TableFormat, target: Path) -> tuple[Path, ...]:
    """Write the tables and series of the run."""
    from sparewatt.results.network_export import export_network  # noqa: PLC0415 - brings openpyxl

    return export_network(folder.outcome(), read_network_view(folder.path / SERIES), to, target)


def check_series(folder: RunFolder, outcome: Outcome) -> list[Finding]:
    """The series must be readable and those of the zones of the outcome."""
    try:
        view = read_network_view(folder.path / SERIES)
    except InputError as error:
        return list(error.findings)
    if view.zone_ids == tuple(p.id for p in outcome.parts):
        return []
    message = "the series are those of other zones than the outcome's"
    return [Finding("results.bundle.match", "error", "bundle", message, remedy="export the run again")]
