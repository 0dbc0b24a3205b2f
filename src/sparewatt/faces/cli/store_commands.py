"""`runs`, `show`, `compare`, `export`, `import`, `db`: what is in the store."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparewatt.errors import InputError, StoreError
from sparewatt.faces.cli.console import OUT, count_text, print_findings, print_table
from sparewatt.faces.cli.places import folder_of, run_directory, store_url
from sparewatt.faces.cli.run_commands import Db, Json  # noqa: TC001 - typer reads the annotations
from sparewatt.results.bundle import read_bundle, write_bundle
from sparewatt.results.compare import compare_modes, compare_outcomes
from sparewatt.results.export import export_run
from sparewatt.results.report import write_report
from sparewatt.results.run_folder import REPORT_FILE, RunFolder
from sparewatt.results.store import Store
from sparewatt.results.whole_file import write_whole_text
from sparewatt.results.words import outcome_sentences

if TYPE_CHECKING:
    from sparewatt.results.store import StoredRun

Ref = Annotated[str, typer.Argument(metavar="RUN", help="Number, name, latest, or latest:NAME.")]
db_app = typer.Typer(no_args_is_help=True, help="The store itself.")


class To(StrEnum):
    """Forms of an export."""

    csv = "csv"
    xlsx = "xlsx"
    parquet = "parquet"
    html = "html"
    bundle = "bundle"


def _open(db: str | None) -> Store:
    return Store.open(store_url(db), create=False)


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
                    "state": r.state,
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
                    r.state + (f": {r.error[:80]}" if r.error else ""),
                    r.created.strftime("%Y-%m-%d %H:%M UTC"),
                    ", ".join(
                        f"{s.scenario_id}={s.what.allocation_id} {s.what.mode} {s.status}"
                        for s in store.find_scenarios(r.id)
                    ),
                )
                for r in found
            ],
        )


def _folder(store: Store, ref: str) -> tuple[StoredRun, RunFolder]:
    run = store.find_run(ref)
    folder = RunFolder(folder_of(run))
    if run.state != "done":
        raise StoreError(
            f"Run {run.id} of {run.name!r} is {run.state}, so there is no result to show yet; "
            "finish it with `sparewatt run … --resume`."
        )
    return run, folder


def show(ref: Ref, db: Db = None, json_out: Json = False) -> None:  # noqa: FBT002 - typer's form
    """Show one run: what it found in words, and every KPI by allocation."""
    with _open(db) as store:
        run, folder = _folder(store, ref)
    outcome = folder.outcome()
    comparison = compare_modes(outcome.scenarios)
    if json_out:
        typer.echo(comparison.json_text(), nl=False)
        return
    OUT.print(f"[bold]run {run.id}[/] of {outcome.name}: {run.state}, level {outcome.level}")
    for sentence in outcome_sentences(outcome):
        OUT.print(f"• {sentence}", markup=False)
    print_table(comparison.header(), comparison.text_rows())
    print_findings([f for f in outcome.findings if f.severity != "info"], OUT)
    OUT.print(
        f"seed {outcome.seed}, inputs {outcome.input_hash[:12]}, files in {folder.path}", soft_wrap=True
    )


def compare(
    refs: Annotated[
        list[str], typer.Argument(metavar="RUN…", help="One run: smart against BAU. More: side by side.")
    ],
    db: Db = None,
    json_out: Json = False,  # noqa: FBT002 - typer's form
    html: Annotated[Path | None, typer.Option(help="Write the table as HTML as well.")] = None,
) -> None:
    """Compare runs KPI by KPI with differences; a single run compares its two modes."""
    with _open(db) as store:
        folders = [_folder(store, ref) for ref in refs]
    outcomes = [folder.outcome() for _, folder in folders]
    if len(outcomes) == 1:
        comparison = compare_modes(outcomes[0].scenarios)
    else:
        names = [f"{run.id} {outcome.name}" for (run, _), outcome in zip(folders, outcomes, strict=True)]
        comparison = compare_outcomes(outcomes, names)
    if html is not None:
        write_whole_text(html, comparison.html_text())
    if json_out:
        typer.echo(comparison.json_text(), nl=False)
    else:
        print_table(comparison.header(), comparison.text_rows())


def export(
    ref: Ref,
    to: Annotated[To, typer.Option(help="Form.")],
    out: Annotated[
        Path | None, typer.Option(help="File (xlsx, html, bundle) or folder (csv, parquet).")
    ] = None,
    db: Db = None,
) -> None:
    """Export a run; a bundle holds scenario, outcome and series in one zip for a colleague."""
    with _open(db) as store:
        run, folder = _folder(store, ref)
    stem = f"sparewatt-run-{run.id}"
    if to is To.bundle:
        target = out or Path(f"{stem}.zip")
        scenario = folder.path / "scenario.json"
        write_whole_text(scenario, run.scenario + "\n")
        write_bundle(folder, target, scenario=scenario)
        files: tuple[Path, ...] = (target,)
    else:
        name = f"{stem}-{to.value}" if to in {To.csv, To.parquet} else f"{stem}.{to.value}"
        target = out or Path(name)
        files = export_run(folder, to.value, target)  # type: ignore[arg-type]  # bundle is told apart above
    for file in files:
        OUT.print(f"wrote {file}", soft_wrap=True)


def import_(
    bundle: Annotated[Path, typer.Argument(help="A bundle of `sparewatt export --to bundle`.")],
    db: Db = None,
) -> None:
    """Take in a bundle: checked like any input, never executed."""
    with Store.open(store_url(db)) as store:
        staging = run_directory(0, f"import-{bundle.stem}")
        folder, findings = read_bundle(bundle, staging)
        if folder is None:
            raise InputError(findings)
        outcome = folder.outcome()
        run = store.create_run(
            study=outcome.study,
            name=outcome.name,
            input_hash=outcome.input_hash,
            seed=outcome.seed,
            versions=outcome.versions,
        )
        target = run_directory(run.id, outcome.name).resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        staging.rename(target)
        folder = RunFolder(target)
        write_report(folder)
        store.write_kpis(run.id, outcome.kpis)
        store.write_findings(run.id, outcome.findings)
        store.set_run_state(run.id, "done", directory=str(target))
    print_findings(findings)
    OUT.print(f"run {run.id} of {outcome.name}: imported; report: {target / REPORT_FILE}", soft_wrap=True)


@db_app.command("upgrade")
def db_upgrade(db: Db = None) -> None:
    """Bring the tables of the store to this version; an empty database gets them."""
    OUT.print(Store.upgrade(store_url(db)), markup=False)


@db_app.command("check")
def db_check(db: Db = None) -> None:
    """Check the store; nothing is changed."""
    findings = Store.check(store_url(db))
    print_findings(findings, OUT)
    OUT.print(count_text(findings))
    raise typer.Exit(1 if findings else 0)
