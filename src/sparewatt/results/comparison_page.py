"""A comparison of runs as one self-contained page: the table, and pictures where all are of one study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.compare import compare_outcomes
from sparewatt.results.page import figure_markup, page_environment
from sparewatt.results.run_folder import SERIES
from sparewatt.results.whole_file import write_whole_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sparewatt.results.compare import Comparison
    from sparewatt.results.figures.picture import Picture
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder


def write_comparison_page(folders: Sequence[RunFolder], names: Sequence[str], path: Path) -> Path:
    """Write runs side by side as one page, the first as the base.

    Parameters
    ----------
    folders, names
        The runs and what to call them.
    path
        The file, written whole or not at all.
    """
    outcomes = [f.outcome() for f in folders]
    comparison = compare_outcomes(outcomes, names)
    pictures = _pictures(folders, outcomes, comparison.columns)
    write_whole_text(path, render_comparison(comparison, outcomes, pictures))
    return path


def render_comparison(
    comparison: Comparison, outcomes: Sequence[Outcome], pictures: Sequence[Picture] = ()
) -> str:
    """The page of a comparison."""
    runs = zip(comparison.columns, outcomes, strict=True)
    return (
        page_environment()
        .get_template("comparison.html.j2")
        .render(
            title=f"{len(outcomes)} runs side by side",
            runs=[(c, o.study, o.level, o.seed, o.input_hash[:12]) for c, o in runs],
            figures=[figure_markup(p) for p in pictures],
            header=comparison.header()[1:],
            subjects=[
                (s, [cells[1:] for cells in comparison.text_rows() if cells[0] == s])
                for s in comparison.subjects()
            ],
        )
    )


def _pictures(
    folders: Sequence[RunFolder], outcomes: Sequence[Outcome], names: Sequence[str]
) -> list[Picture]:
    """Pictures of several hubs, networks or neighbourhoods; none where studies are mixed."""
    studies = {o.study for o in outcomes}
    if studies == {"network"}:
        return _network_pictures(folders, outcomes, names)
    if studies == {"community"}:
        return _community_pictures(folders, outcomes, names)
    if studies != {"cluster"}:
        return []
    from sparewatt.results.cluster_reading import read_cluster_view  # noqa: PLC0415 - brings pyarrow
    from sparewatt.results.figures.compared_runs import MOST_RUNS  # noqa: PLC0415 - brings matplotlib
    from sparewatt.results.figures.rules_compared import (  # noqa: PLC0415 - as the others
        can_overlay,
        rules_kpis_picture,
        rules_load_picture,
    )

    pictures = [rules_kpis_picture(outcomes, names, "kpis")]
    views = [read_cluster_view(f.path / SERIES) for f in folders[:MOST_RUNS]]
    if can_overlay(views):
        pictures.insert(0, rules_load_picture(views, names, "loads"))
    return pictures


def _network_pictures(
    folders: Sequence[RunFolder], outcomes: Sequence[Outcome], names: Sequence[str]
) -> list[Picture]:
    """Pictures of several networks."""
    from sparewatt.results.figures.compared_runs import MOST_RUNS  # noqa: PLC0415 - brings matplotlib
    from sparewatt.results.figures.network_compared import (  # noqa: PLC0415 - as the others
        compared_pictures,
    )
    from sparewatt.results.network_reading import read_network_view  # noqa: PLC0415 - brings pyarrow

    views = [read_network_view(f.path / SERIES) for f in folders[:MOST_RUNS]]
    return list(compared_pictures(outcomes, views, names))


def _community_pictures(
    folders: Sequence[RunFolder], outcomes: Sequence[Outcome], names: Sequence[str]
) -> list[Picture]:
    """Pictures of several neighbourhoods."""
    from sparewatt.results.community_reading import read_community_run  # noqa: PLC0415 - brings pyarrow
    from sparewatt.results.figures.community_compared import (  # noqa: PLC0415 - as the others
        compared_pictures,
    )
    from sparewatt.results.figures.compared_runs import MOST_RUNS  # noqa: PLC0415 - brings matplotlib
    from sparewatt.results.part_results import work_seconds  # noqa: PLC0415 - as the others

    runs = [read_community_run(f.path / SERIES) for f in folders[:MOST_RUNS]]
    return list(compared_pictures(outcomes, runs, names, [work_seconds(f) for f in folders]))
