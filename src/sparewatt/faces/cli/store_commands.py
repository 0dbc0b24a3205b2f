"""`runs`, `show`, `compare`, `export`, `import`, `db`: what is in the store."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparewatt.errors import SparewattError, StoreError
from sparewatt.faces.cli.console import OUT, count_text, local_text, print_findings, print_table
from sparewatt.faces.cli.places import STORE_FILE, data_folder, run_directory, store_url
from sparewatt.faces.cli.run_commands import Db, Json  # noqa: TC001 - typer reads the annotations
from sparewatt.studies.study import STUDIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.results.outcome import Outcome
    from sparewatt.results.overview import Overview
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import Store, StoredRun, StoredScenario

FEW = 12
MANY_PARTS = 50
"""Parts of runs above which a comparison shows the runs as a whole alone."""
STATUS_WORDS = {"n": "new", "p": "in progress", "d": "done", "f": "failed"}

Ref = Annotated[str, typer.Argument(metavar="RUN", help="Number, name, latest, or latest:NAME.")]
All = Annotated[bool, typer.Option("--all", help="Show KPIs that are zero everywhere as well.")]
db_app = typer.Typer(no_args_is_help=True, help="The store itself.")


class To(StrEnum):
    """Forms of an export."""

    csv = "csv"
    xlsx = "xlsx"
    parquet = "parquet"
    html = "html"
    bundle = "bundle"


def _open(db: str | None) -> Store:
    from sparewatt.results.store import Store  # noqa: PLC0415 - SQLAlchemy

    url = store_url(db)
    if url == STORE_FILE and not Path(url).exists():
        raise StoreError(
            f"There are no runs here yet: no {STORE_FILE} in this folder. Begin with `sparewatt demo`, go to "
            "the folder where you ran, or name the store with --db or SPAREWATT_DB."
        )
    return Store.open(url, create=False)


def runs(db: Db = None, json_out: Json = False) -> None:  # noqa: FBT002 - typer's form
    """List the runs, newest first, with their scenarios."""
    with _open(db) as store:
        found = store.find_runs()
        if json_out:
            rows = [
                {
                    "run": r.id,
                    "study": r.study,
                    "name": r.name,
                    "state": _state(r),
                    "seed": r.seed,
                    "input_hash": r.input_hash,
                    "error": r.error,
                    "directory": r.directory,
                    "scenarios": [
                        {"scenario_id": s.scenario_id, "allocation_id": s.what.allocation_id}
                        | {"mode": s.what.mode, "status": s.status}
                        for s in store.find_scenarios(r.id)
                    ],
                }
                for r in found
            ]
            typer.echo(json.dumps(rows, ensure_ascii=False))
            return
        if not found:
            OUT.print("There are no runs yet. Try: sparewatt demo")
            return
        print_table(
            ("run", "study", "name", "state", "begun", "scenarios"),
            [
                (
                    str(r.id),
                    r.study,
                    r.name,
                    _state(r) + (f": {r.error[:80]}" if r.error else ""),
                    r.created.strftime("%Y-%m-%d %H:%M UTC"),
                    _scenario_lines(store.find_scenarios(r.id)) or _progress(r),
                )
                for r in found
            ],
        )


def _scenario_lines(scenarios: Sequence[StoredScenario]) -> str:
    """Each scenario with its number and status; only the numbers where there are many."""
    if len(scenarios) <= FEW:
        return "\n".join(
            f"{s.scenario_id} {STATUS_WORDS[s.status]}: allocation {s.what.allocation_id} {s.what.mode}"
            for s in scenarios
        )
    counts = Counter(STATUS_WORDS[s.status] for s in scenarios)
    first, last = scenarios[0].scenario_id, scenarios[-1].scenario_id
    return f"{first} to {last}: {', '.join(f'{n} {word}' for word, n in counts.items())}"


def _progress(run: StoredRun) -> str:
    """How far a run without scenarios is."""
    return "" if run.state == "done" else f"{100 * run.progress:.0f} % done"


def _state(run: StoredRun) -> str:
    """The state, and that a run whose process died is not running any more."""
    from sparewatt.results.store import is_gone  # noqa: PLC0415 - loaded by now

    return "interrupted" if run.state == "running" and is_gone(run.owner) else run.state


def _finished(store: Store, ref: str) -> tuple[StoredRun, RunFolder, Outcome]:
    """A run that is done, its files, and what it came to.

    Raises
    ------
    StoreError
        It is not done, or its folder holds another run by now.
    """
    from sparewatt.results.run_folder import RunFolder  # noqa: PLC0415 - pyarrow

    run = store.find_run(ref)
    if run.state != "done":
        why = f" ({run.error})" if run.error else ""
        raise StoreError(
            f"Run {run.id} of {run.name!r} is {_state(run)}{why}, so there is no result to show yet; "
            "finish it with `sparewatt run … --resume`."
        )
    later = [r.id for r in store.find_runs() if r.id > run.id and r.directory == run.directory]
    folder = RunFolder(Path(run.directory))
    outcome = folder.outcome()
    if later or outcome.input_hash != run.input_hash:
        by = f"run {max(later)}" if later else "a run of another store"
        raise StoreError(
            f"The files of run {run.id} of {run.name!r} are gone: {by} wrote to the same folder. Run it "
            "again, with another --out or with none."
        )
    return run, folder, outcome


def show(
    ref: Ref,
    db: Db = None,
    json_out: Json = False,  # noqa: FBT002 - typer's form
    whole: All = False,  # noqa: FBT002 - typer's form
) -> None:
    """Show one run: what it found in words, and every KPI by allocation or cluster."""
    from sparewatt.results.overview import overview_table  # noqa: PLC0415 - heavy
    from sparewatt.results.words import outcome_sentences  # noqa: PLC0415 - heavy

    with _open(db) as store:
        run, folder, outcome = _finished(store, ref)
    overview = overview_table(outcome)
    if json_out:
        typer.echo(overview.json_text(), nl=False)
        return
    OUT.print(f"run {run.id} of {outcome.name}: {run.state}, level {outcome.level}", markup=False)
    for sentence in outcome_sentences(outcome):
        OUT.print(f"• {sentence}", markup=False)
    if overview.rows:
        _print_kpis(overview, whole=whole or not outcome.parts)
    print_findings([f for f in outcome.findings if f.severity != "info"], OUT)
    OUT.print(f"seed {outcome.seed}, inputs {outcome.input_hash[:12]}, files in", markup=False)
    OUT.print(local_text(str(folder.path)), markup=False, soft_wrap=True)


def compare(
    refs: Annotated[
        list[str],
        typer.Argument(metavar="RUN…", help="One depot run: smart against BAU. More runs: side by side."),
    ],
    db: Db = None,
    json_out: Json = False,  # noqa: FBT002 - typer's form
    html: Annotated[
        Path | None, typer.Option(help="Write a page as well; of hubs and networks with pictures.")
    ] = None,
    whole: All = False,  # noqa: FBT002 - typer's form
) -> None:
    """Compare runs KPI by KPI with differences, such as control rules; a depot run compares its modes."""
    from sparewatt.results.compare import WHOLE_RUN, compare_modes, compare_outcomes  # noqa: PLC0415 - heavy

    with _open(db) as store:
        found = [_finished(store, ref) for ref in refs]
    outcomes = [outcome for _, _, outcome in found]
    if len(outcomes) == 1:
        comparison = compare_modes(outcomes[0].scenarios)
    else:
        comparison = compare_outcomes(outcomes, _column_names(found))
    if not comparison.rows:
        of_modes = "A single run is compared mode by mode, and this one has one mode"
        alone = (
            of_modes if outcomes[0].scenarios else f"A run of a {outcomes[0].study} has no modes to compare"
        )
        raise SparewattError(f"{alone}; name more runs.")
    in_pictures = {outcome.study for outcome in outcomes} in ({"cluster"}, {"network"}, {"community"})
    if html is not None and len(found) > 1 and in_pictures:
        from sparewatt.results.comparison_page import write_comparison_page  # noqa: PLC0415 - only here

        write_comparison_page([folder for _, folder, _ in found], _column_names(found), html)
    elif html is not None:
        from sparewatt.results.whole_file import write_whole_text  # noqa: PLC0415 - only here

        write_whole_text(html, comparison.html_text())
    if json_out:
        typer.echo(comparison.json_text(), nl=False)
        return
    parts = max(len(outcome.parts) for outcome in outcomes)
    if parts > MANY_PARTS and not whole:
        comparison = replace(comparison, rows=tuple(r for r in comparison.rows if r.subject == WHOLE_RUN))
        OUT.print(f"The runs as a whole; --all shows each of their {parts} parts as well.")
    _print_kpis(comparison, whole=whole or not any(outcome.parts for outcome in outcomes))


def _print_kpis(table: Overview, *, whole: bool) -> None:
    """A table of KPIs; those that are zero everywhere only where the whole table is asked for."""
    from sparewatt.results.compare import Difference  # noqa: PLC0415 - loaded by now
    from sparewatt.results.overview import KpiRow  # noqa: PLC0415 - loaded by now

    empty = [isinstance(row, Difference | KpiRow) and not any(row.values) for row in table.rows]
    rows = [text for text, is_empty in zip(table.text_rows(), empty, strict=True) if whole or not is_empty]
    print_table(table.header(), rows)
    if len(rows) < len(empty):
        OUT.print(f"{len(empty) - len(rows)} KPIs that are zero everywhere are left out; --all shows them.")


def _column_names(found: Sequence[tuple[StoredRun, RunFolder, Outcome]]) -> list[str]:
    """Number and name of each run; where all have one name, what tells them apart."""
    names = [f"{run.id} {outcome.name}" for run, _, outcome in found]
    variants = [
        study.variant(folder.path) if (study := STUDIES.get(run.study)) else "" for run, folder, _ in found
    ]
    if len({outcome.name for _, _, outcome in found}) > 1 or len(set(variants)) < len(variants):
        return names
    return [f"{run.id} {v}" for (run, _, _), v in zip(found, variants, strict=True)]


def export(
    ref: Ref,
    to: Annotated[To, typer.Option(help="Form.")],
    out: Annotated[
        Path | None, typer.Option(help="File (xlsx, html, bundle) or folder (csv, parquet).")
    ] = None,
    db: Db = None,
) -> None:
    """Export a run; a bundle holds scenario, outcome and series in one zip for a colleague."""
    from sparewatt.results.bundle import write_bundle  # noqa: PLC0415 - heavy
    from sparewatt.results.export import export_run  # noqa: PLC0415 - heavy

    with _open(db) as store:
        run, folder, _ = _finished(store, ref)
    stem = f"sparewatt-run-{run.id}"
    if to is To.bundle:
        target = out or Path(f"{stem}.zip")
        scenario, inputs = folder.path / "scenario.toml", folder.path / "inputs"
        write_bundle(
            folder,
            target,
            scenario=scenario if scenario.is_file() else None,
            inputs=inputs if inputs.is_dir() else None,
        )
        files: tuple[Path, ...] = (target,)
    else:
        name = f"{stem}-{to.value}" if to in {To.csv, To.parquet} else f"{stem}.{to.value}"
        target = out or Path(name)
        files = export_run(folder, to.value, target)  # type: ignore[arg-type]  # bundle is told apart above
    for file in files:
        OUT.print(f"wrote {file}", markup=False, soft_wrap=True)


def import_(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="A bundle of `sparewatt export --to bundle`.")
    ],
    db: Db = None,
) -> None:
    """Take in a bundle: checked like any input, never executed."""
    from sparewatt.faces.bundle_runs import keep_unpacked, unpacked_bundle  # noqa: PLC0415 - heavy
    from sparewatt.results.run_folder import REPORT_FILE  # noqa: PLC0415 - heavy
    from sparewatt.results.store import Store  # noqa: PLC0415 - SQLAlchemy

    data = data_folder()
    is_new = not data.exists()
    try:
        with unpacked_bundle(bundle, data) as (folder, findings), Store.open(store_url(db)) as store:
            run = keep_unpacked(folder, store, lambda number, name: _free(run_directory(number, name)))
    finally:
        if is_new and data.is_dir() and not any(data.iterdir()):
            data.rmdir()
    print_findings(findings)
    OUT.print(f"run {run.id} of {run.name}: imported", markup=False)
    OUT.print(f"report: {local_text(str(Path(run.directory) / REPORT_FILE))}", markup=False, soft_wrap=True)


def _free(wanted: Path) -> Path:
    """A folder that is not there yet: that of a run in another store keeps its own."""
    number, folder = 1, wanted
    while folder.exists():
        number += 1
        folder = wanted.with_name(f"{wanted.name}-{number}")
    return folder


@db_app.command("upgrade")
def db_upgrade(db: Db = None) -> None:
    """Bring the tables of the store to this version; an empty database gets them."""
    from sparewatt.results.store import Store  # noqa: PLC0415 - SQLAlchemy

    OUT.print(local_text(Store.upgrade(store_url(db))), markup=False, soft_wrap=True)


@db_app.command("check")
def db_check(db: Db = None) -> None:
    """Check the store; nothing is changed."""
    from sparewatt.results.store import Store  # noqa: PLC0415 - SQLAlchemy

    findings = Store.check(store_url(db))
    print_findings(findings, OUT)
    OUT.print(count_text(findings))
    raise typer.Exit(1 if findings else 0)
