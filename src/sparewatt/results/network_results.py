"""Results of the network study, as :class:`~sparewatt.results.study_results.StudyResults` wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.network_cards import network_cards
from sparewatt.results.network_kpis import network_kpis, zone_kpis
from sparewatt.results.network_reading import read_network_view
from sparewatt.results.network_series import limit_file
from sparewatt.results.network_state import write_network_series
from sparewatt.results.network_words import network_sentences
from sparewatt.results.overview import KpiTable
from sparewatt.results.part_results import check_parts, outcome_of_parts, work_seconds, write_folder
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.model.schedule import Level
    from sparewatt.results.export import TableFormat
    from sparewatt.results.kpis import Kpi
    from sparewatt.results.network_view import NetworkView
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.page import Card
    from sparewatt.results.run_folder import RunFolder

ZONE = "zone"
"""Kind of the parts of the outcome."""
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
    name, seed, input_hash, findings, versions
        As of `outcome_of_parts`.
    """
    kpis = network_kpis(view)
    return outcome_of_parts(
        "network",
        level_of(kpis, view.setting.headroom.quantile),
        kpis,
        ((ZONE, i, k) for i, k in zip(view.zone_ids, zone_kpis(view), strict=True)),
        name=name,
        seed=seed,
        input_hash=input_hash,
        findings=findings,
        versions=versions,
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
    """Write what a network came to; ``simulate_s`` is processor time [s], else as of `write_folder`."""
    from sparewatt.results.network_export import write_network_tables  # noqa: PLC0415 - brings pyarrow's CSV

    return write_folder(
        directory,
        outcome,
        write_series=lambda folder: write_network_series(view, folder),
        write_tables=lambda folder: write_network_tables(outcome, view, folder),
        work_s=simulate_s,
    )


def network_limit_files(view: NetworkView) -> tuple[tuple[str, str], ...]:
    """Zone and path, from the run's folder, of every limit that the run offers to other studies."""
    return tuple(
        (zone_id, f"{SERIES}/{limit_file(row)}")
        for row, (zone_id, _) in enumerate(zip(view.zone_ids, view.offers, strict=True))
    )


def sentences(outcome: Outcome) -> tuple[str, ...]:
    """What the run found."""
    return network_sentences(outcome)


def cards(outcome: Outcome) -> list[Card]:
    """The numbers to see first."""
    return network_cards(outcome)


def overview(outcome: Outcome) -> KpiTable:
    """KPIs of the network and of its first zones."""
    return KpiTable.of_outcome(outcome, "network", SHOWN_ZONES)


def render_run(folder: RunFolder, outcome: Outcome) -> str:
    """The report."""
    from sparewatt.results.network_report import render_report  # noqa: PLC0415 - brings matplotlib

    return render_report(outcome, _view(folder), work_seconds(folder))


def export_tables(folder: RunFolder, to: TableFormat, target: Path) -> tuple[Path, ...]:
    """Write the tables and series of the run."""
    from sparewatt.results.network_export import export_network  # noqa: PLC0415 - brings openpyxl

    return export_network(folder.outcome(), _view(folder), to, target)


def check_series(folder: RunFolder, outcome: Outcome) -> list[Finding]:
    """The series must be readable and those of the zones of the outcome."""
    return check_parts(lambda: _view(folder).zone_ids, outcome, "zones")


def _view(folder: RunFolder) -> NetworkView:
    return read_network_view(folder.path / SERIES)
