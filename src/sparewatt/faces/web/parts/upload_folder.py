"""The folder of an upload as pages work with it: begun from an example or a run, added to, guessed at."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import find_run
from sparewatt.faces.api.upload_files import list_files, new_upload
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.faces.web.parts.form_text import MOST_CHARACTERS, draft_of_text
from sparewatt.faces.web.parts.table_words import DEPOT_TITLES
from sparewatt.inputs.scenario_file import SCENARIO_NAME
from sparewatt.studies.study import STUDIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.api.place import ApiPlace

_TABULAR = (".csv", ".parquet")
_METERS = ("profile", "meter", "demand")


def begin_from_example(place: ApiPlace, study: str) -> str:
    """A new upload with the inputs of a study's example; its id."""
    return new_upload(place.uploads, STUDIES[study].write_template)


def begin_from_run(place: ApiPlace, run_id: int) -> tuple[str, str]:
    """A new upload with scenario and inputs of a run; its id, and the study."""
    run = find_run(place, run_id)
    source = Path(run.directory) if run.directory else None
    if source is None or not (source / SCENARIO_NAME).is_file():
        raise ProblemError(410, f"The inputs of run {run_id} are not kept any more.")

    def copy(folder: Path) -> None:
        shutil.copyfile(source / SCENARIO_NAME, folder / SCENARIO_NAME)
        for path in sorted((source / "inputs").rglob("*")):
            if path.is_file() and not path.is_symlink():
                target = folder / "inputs" / path.relative_to(source / "inputs")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)

    return new_upload(place.uploads, copy), run.study


def add_upload(place: ApiPlace, upload_id: str, added_id: str) -> None:
    """Move the files of one upload into another, over files of the same names; the other is gone then."""
    folder, added = upload_folder(place, upload_id), upload_folder(place, added_id)
    lift_folder(added)
    sizes = dict(list_files(folder)) | dict(list_files(added))
    if sum(sizes.values()) > place.limits.total_bytes or len(sizes) > place.limits.files:
        shutil.rmtree(added, ignore_errors=True)
        raise ProblemError(
            413, "These files and those already here are too much together; nothing was added."
        )
    for name, _ in list_files(added):
        target = folder / name
        if target.is_dir() or any(p.is_file() for p in target.parents if p != folder and folder in p.parents):
            raise ProblemError(409, f"{name} has the name of a folder, or lies in a file; remove that first.")
        target.parent.mkdir(parents=True, exist_ok=True)
        (added / name).replace(target)
    shutil.rmtree(added, ignore_errors=True)


def lift_folder(folder: Path) -> None:
    """Where all files lie in one folder with a scenario file, that folder is what was meant."""
    inside = [p for p in folder.iterdir() if not p.name.startswith(".")]
    if len(inside) != 1 or not (inside[0] / SCENARIO_NAME).is_file():
        return
    aside = folder / ".lifted"
    inside[0].rename(aside)
    for path in aside.iterdir():
        path.rename(folder / path.name)
    aside.rmdir()


def remove_file(place: ApiPlace, upload_id: str, name: str) -> None:
    """Take one file out of an upload."""
    upload_file(place, upload_id, name).unlink(missing_ok=True)


def upload_file(place: ApiPlace, upload_id: str, name: str) -> Path:
    """A file of an upload by its name as it is listed; a problem where there is none."""
    folder = upload_folder(place, upload_id)
    if name not in dict(list_files(folder)):
        raise ProblemError(404, "There is no such file in these inputs any more.")
    return folder / name


def upload_choices(folder: Path) -> list[str]:
    """Files, and the folders that hold some, as the keys of inputs name them."""
    names = [name for name, _ in list_files(folder) if name != SCENARIO_NAME]
    folders = {f"{parent}/" for name in names for parent in PurePosixPath(name).parents if str(parent) != "."}
    whole = ["./"] if any("/" not in name for name in names) else []
    return [*whole, *sorted(folders), *names]


def first_draft(folder: Path, study: str) -> dict[str, Any]:
    """The scenario of an upload: its scenario file, or else what its files look like."""
    if (folder / SCENARIO_NAME).is_file():
        try:
            return _read_scenario(folder)
        except ValueError:
            pass  # the form begins anew, and `scenario_problem` says why
    names = [name for name, _ in list_files(folder)]
    return {"version": 1, "study": study, "name": "", "inputs": guess_inputs(study, names)}


def scenario_problem(folder: Path) -> str:
    """Why the scenario file of an upload cannot be read; empty where it can, and where there is none."""
    try:
        if (folder / SCENARIO_NAME).is_file():
            _read_scenario(folder)
    except UnicodeDecodeError:
        return "It is not UTF-8 text."
    except ValueError as error:
        return str(error)
    return ""


def _read_scenario(folder: Path) -> dict[str, Any]:
    with (folder / SCENARIO_NAME).open("rb") as file:
        return draft_of_text(file.read(4 * MOST_CHARACTERS + 1).decode("utf-8-sig"))


def guess_inputs(study: str, names: Sequence[str]) -> dict[str, str]:
    """The inputs that files are by their names, for the keys of a scenario."""
    paths = [PurePosixPath(name) for name in names]

    def folder_of(*wanted: str) -> str:
        found = [p.parent for p in paths if p.name.lower() in wanted]
        return f"{found[0]}/" if found else ""

    def first(*ends: str) -> str:
        return next((str(p) for p in paths if p.name.lower().endswith(ends)), "")

    match study:
        case "depot":
            found = {"tables": folder_of(*(f"{name}.csv" for name in DEPOT_TITLES))}
        case "cluster":
            found = {"workbook": first(".xlsx")}
            if not found["workbook"]:
                found = {"tables": folder_of("fleet.csv", "cluster1.csv")}
        case "network":
            found = {"master": first("master.dss") or first(".dss")}
            if not found["master"]:
                found = {"network": first(".json")}
            beside = PurePosixPath(found.get("master", "") or "x/x").parent
            found["profiles"] = next(
                (
                    str(p)
                    for p in paths
                    if p.suffix.lower() in _TABULAR
                    and (p.parent != beside or str(beside) == ".")
                    and any(word in p.name.lower() for word in _METERS)
                ),
                "",
            )
        case _:
            found = {"folder": folder_of("neighbourhood.xml", "consumer_event.csv", "producer_event.csv")}
    return {key: value for key, value in found.items() if value}
