"""`init`, `check`, `run`: from a scenario file to a report."""

from __future__ import annotations

import json
import shlex
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from sparewatt.errors import InputError, RunCancelled, RunElsewhere, SparewattError
from sparewatt.faces.cli.console import ERR, OUT, count_text, print_error, print_findings, written_lines
from sparewatt.faces.cli.places import OutFolders, store_url
from sparewatt.faces.cli.running import BegunError, print_found, read_given, run_one
from sparewatt.finding import has_errors
from sparewatt.studies.study import STUDIES, study_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.studies.finished_run import FinishedRun

Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a key of the scenario file.")
]
Db = Annotated[
    str | None,
    typer.Option("--db", metavar="URL", help="Store for results; a path or URL. Default: sparewatt.db here."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, no words.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per run on stdout.")]


def init(
    study: Annotated[str, typer.Argument(metavar="STUDY", help=" or ".join(STUDIES) + ".")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")],
) -> None:
    """Write a commented scenario file with runnable inputs."""
    if study not in STUDIES:
        *others, last = STUDIES
        raise typer.BadParameter(
            f"{study!r} is no study that can be written; {', '.join(others)} and {last} are",
            param_hint="STUDY",
        )
    files = STUDIES[study].write_template(directory)
    for line in written_lines(files):
        OUT.print(line, markup=False, soft_wrap=True)
    OUT.print(
        f"Next: sparewatt check {directory}, then sparewatt run {directory}", markup=False, soft_wrap=True
    )


def check(
    scenario: Annotated[
        Path, typer.Argument(metavar="SCENARIO", help="Scenario file, or the folder that holds it.")
    ],
    db: Db = None,
    overrides: Set = None,
    json_out: Annotated[  # noqa: FBT002 - typer's form
        bool, typer.Option("--json", help="The findings as one JSON list on stdout.")
    ] = False,
) -> None:
    """Show all findings of a scenario and its inputs; nothing is run."""
    try:
        known = read_given(scenario, overrides or ())
        findings = study_of(known).check(known, store_url(db, known))
    except InputError as error:
        findings = error.findings
    if json_out:
        typer.echo(json.dumps([f.to_dict() for f in findings], ensure_ascii=False))
    else:
        print_findings(findings, OUT)
        OUT.print(f"{scenario}: {count_text(findings)}", markup=False)
    raise typer.Exit(1 if has_errors(findings) else 0)


def run(
    scenarios: Annotated[
        list[Path], typer.Argument(metavar="SCENARIO…", help="Scenario files, or folders that hold one.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for outcome, tables, series, report; replaces earlier ones.")
    ] = None,
    db: Db = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that plan side by side.")] = None,
    dask: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Dask scheduler whose workers plan instead: tcp://host:8786."),
    ] = "",
    resume: Annotated[  # noqa: FBT002 - typer's form
        bool, typer.Option("--resume", help="Carry on an unfinished run of the same inputs.")
    ] = False,
    overrides: Set = None,
    quiet: Quiet = False,  # noqa: FBT002 - typer's form
    json_out: Json = False,  # noqa: FBT002 - typer's form
) -> None:
    """Run scenarios: a progress bar per scenario, one line of result each."""
    from sparewatt.studies.run_place import RunPlace  # noqa: PLC0415 - heavy

    worst = 0
    folders = OutFolders(out, several=len(scenarios) > 1)
    for path in scenarios:
        resumable = _resuming(path, out, db, dask, overrides or ())
        try:
            scenario = read_given(path, overrides or ())
            place = RunPlace(
                store_url(db, scenario),
                folders.of(scenario.name),
                workers or study_of(scenario).workers(scenario),
                named=out is not None,
                cluster=dask,
            )
            finished = run_one(scenario, place, resume=resume, quiet=quiet or json_out)
        except InputError as error:
            print_findings(error.findings)
            ERR.print(
                f"{path}: {count_text(error.findings)}; nothing was run, nothing was written.", markup=False
            )
            worst = 1
        except RunCancelled as state:
            ERR.print(str(state), markup=False)
            ERR.print(f"Carry on with: {resumable}", markup=False, soft_wrap=True)
            raise typer.Exit(1) from None
        except RunElsewhere as state:
            ERR.print(str(state), markup=False)
        except BegunError as error:
            print_error(str(error))
            ERR.print(f"Carry on when the cause is gone with: {resumable}", markup=False, soft_wrap=True)
            worst = 1
        except SparewattError as error:
            print_error(str(error))
            worst = 1
        else:
            if json_out:
                typer.echo(_json(finished))
            elif not quiet:
                print_found(finished)
            worst = max(worst, int(has_errors(finished.outcome.findings)))
    raise typer.Exit(worst)


def _resuming(path: Path, out: Path | None, db: str | None, dask: str, overrides: Sequence[str]) -> str:
    """The command that carries a run on; the address of a server, which may hold a password, left out."""
    words = ["sparewatt", "run", str(path), *(["--out", str(out)] if out is not None else [])]
    words += [word for override in overrides for word in ("--set", override)]
    words += ["--dask", dask] if dask else []
    address = [] if db is None else ["--db", "…" if "@" in db else db]
    return f"{shlex.join(words)} {' '.join([*address, '--resume'])}"


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
            "parts": [
                {"kind": p.kind, "id": p.id, "kpis": {k.name: k.value for k in p.kpis}} for p in outcome.parts
            ],
            "findings": [f.to_dict() for f in outcome.findings],
            "directory": str(finished.folder.path),
        },
        ensure_ascii=False,
        allow_nan=False,
        default=lambda value: value.item(),
    )
