"""`demo`, `init`, `check`, `run`: from a scenario file to a report."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparewatt.errors import InputError, RunElsewhere, SparewattError
from sparewatt.faces.cli.console import ERR, OUT, Bars, count_text, log_to, print_findings
from sparewatt.faces.cli.places import run_directory, slug, store_url
from sparewatt.finding import has_errors
from sparewatt.inputs.depot.template import write_depot_template
from sparewatt.inputs.generate.fleet import write_demo_scenario
from sparewatt.inputs.scenario_file import SCENARIO_NAME, read_scenario
from sparewatt.results.run_folder import REPORT_FILE
from sparewatt.results.words import outcome_sentences
from sparewatt.studies.depot import FinishedRun, RunPlace, check_depot, run_depot

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.inputs.scenario import Scenario

LOG = logging.getLogger(__name__)
LOG_FILE = "run.log"

Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a key of the scenario file.")
]
Db = Annotated[
    str | None,
    typer.Option("--db", metavar="URL", help="Store for results; a path or URL. Default: sparewatt.db here."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, no words.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per run on stdout.")]


def demo(
    directory: Annotated[Path, typer.Argument(help="Where to build the example.")] = Path("sparewatt-demo"),
    workers: Annotated[int, typer.Option(min=1, help="Processes that plan side by side.")] = 2,
) -> None:
    """Build the example of each study, run it, and say in words what it found."""
    OUT.print(f"Building the depot example in {directory}/ …")
    path = write_demo_scenario(directory)
    scenario = read_scenario(path, [f"depot.workers={workers}"])
    place = RunPlace(str(directory / "sparewatt.db"), lambda _: directory / "results", workers)
    finished = _run_one(scenario, place, resume=False, quiet=False)
    _print_found(finished)


def init(
    study: Annotated[str, typer.Argument(help="depot")],
    directory: Annotated[Path, typer.Argument(help="Folder to write to.")],
) -> None:
    """Write a commented scenario file with runnable inputs."""
    if study != "depot":
        raise typer.BadParameter(f"{study!r} is no study that can be written; depot is", param_hint="STUDY")
    files = write_depot_template(directory)
    for file in files:
        OUT.print(f"wrote {file}")
    OUT.print(f"Next: sparewatt check {files[0]}, then sparewatt run {files[0]}")


def check(
    scenario: Annotated[Path, typer.Argument(help="Scenario file, or the folder that holds it.")],
    overrides: Set = None,
    json_out: Json = False,  # noqa: FBT002 - typer's form
) -> None:
    """Show all findings of a scenario and its inputs; nothing is run."""
    findings = check_depot(read_scenario(_scenario_path(scenario), overrides or ()))
    if json_out:
        typer.echo(json.dumps([f.to_dict() for f in findings], ensure_ascii=False))
    else:
        print_findings(findings, OUT)
        OUT.print(f"{scenario}: {count_text(findings)}")
    raise typer.Exit(1 if has_errors(findings) else 0)


def run(
    scenarios: Annotated[list[Path], typer.Argument(help="Scenario files, or folders that hold one.")],
    out: Annotated[Path | None, typer.Option(help="Folder for outcome, tables, series, report.")] = None,
    db: Db = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that plan side by side.")] = None,
    resume: Annotated[  # noqa: FBT002 - typer's form
        bool, typer.Option("--resume", help="Carry on an unfinished run of the same inputs.")
    ] = False,
    overrides: Set = None,
    quiet: Quiet = False,  # noqa: FBT002 - typer's form
    json_out: Json = False,  # noqa: FBT002 - typer's form
) -> None:
    """Run scenarios: a progress bar per scenario, one line of result each."""
    worst = 0
    for path in scenarios:
        try:
            scenario = read_scenario(_scenario_path(path), overrides or ())
            name = scenario.name or scenario.base_dir.name
            place = RunPlace(
                store_url(db, scenario),
                _directory(out, name, several=len(scenarios) > 1),
                workers or scenario.depot.workers,
            )
            finished = _run_one(scenario, place, resume=resume, quiet=quiet or json_out)
        except InputError as error:
            print_findings(error.findings)
            ERR.print(f"{path}: {count_text(error.findings)}; nothing was run, nothing was written.")
            worst = 1
            continue
        except RunElsewhere as state:
            ERR.print(str(state))
            continue
        if json_out:
            typer.echo(_json(finished))
        elif not quiet:
            _print_found(finished)
        worst = max(worst, int(has_errors(finished.outcome.findings)))
    raise typer.Exit(worst)


def _scenario_path(path: Path) -> Path:
    return path / SCENARIO_NAME if path.is_dir() else path


def _directory(out: Path | None, name: str, *, several: bool) -> Callable[[int], Path]:
    if out is None:
        return lambda run_id: run_directory(run_id, name)
    return lambda _: out / slug(name) if several else out


def _run_one(scenario: Scenario, place: RunPlace, *, resume: bool, quiet: bool) -> FinishedRun:
    handler = None
    with Bars(quiet=quiet) as bars:

        def start(run_id: int, names: tuple[str, ...]) -> None:
            nonlocal handler
            handler = log_to(place.directory(run_id) / LOG_FILE)
            LOG.info("run %d: %d scenarios, %d workers", run_id, len(names), place.workers)
            bars.start(run_id, names)

        try:
            finished = run_depot(scenario, place, resume=resume, on_start=start, on_progress=bars.update)
            LOG.info("run %d: done, level %s", finished.run_id, finished.outcome.level)
        except SparewattError as error:
            LOG.error("%s", error)  # noqa: TRY400 - an expected failure has no traceback
            raise
        finally:
            if handler is not None:
                logging.getLogger("sparewatt").removeHandler(handler)
                handler.close()
    return finished


def _print_found(finished: FinishedRun) -> None:
    for sentence in outcome_sentences(finished.outcome):
        OUT.print(f"• {sentence}", markup=False)
    shown = [f for f in finished.outcome.findings if f.severity != "info"]
    print_findings(shown)
    OUT.print(f"run {finished.run_id} of {finished.outcome.name}: done, level {finished.outcome.level}")
    OUT.print(f"report: {finished.folder.path / REPORT_FILE}", soft_wrap=True)


def _json(finished: FinishedRun) -> str:
    outcome = finished.outcome
    return json.dumps(
        {
            "run": finished.run_id,
            "study": outcome.study,
            "name": outcome.name,
            "seed": outcome.seed,
            "input_hash": outcome.input_hash,
            "level": outcome.level,
            "kpis": {k.name: k.value for k in outcome.kpis},
            "scenarios": [
                {
                    "scenario_id": s.scenario_id,
                    "allocation_id": s.allocation_id,
                    "mode": s.mode,
                    "level": s.level,
                }
                for s in outcome.scenarios
            ],
            "findings": [f.to_dict() for f in outcome.findings],
            "directory": str(finished.folder.path),
        },
        ensure_ascii=False,
        allow_nan=False,
        default=lambda value: value.item(),
    )
