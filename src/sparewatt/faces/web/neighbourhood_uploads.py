"""What uploaded files become: curves, forecasts, prices, houses of XML, whole neighbourhoods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparewatt.errors import InputError
from sparewatt.faces.api.clean import clean_finding
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.faces.web.neighbourhood_ask import LIST, Done
from sparewatt.inputs.community.read import PREDICTIONS
from sparewatt.studies.neighbourhood_curves import put_curve, put_tariff
from sparewatt.studies.neighbourhood_edits import merge_xml
from sparewatt.studies.neighbourhood_transfer import keep_import, read_import

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sparewatt.faces.web.neighbourhood_ask import Ask
    from sparewatt.finding import Finding
    from sparewatt.studies.neighbourhood_draft import Draft


@dataclass(frozen=True)
class Taken:
    """What came of an upload.

    Parameters
    ----------
    done
        What is changed.
    field, files
        Field of the form that asked for the files, and what they are called now; empty where none did.
    words
        What was done, for people.
    """

    done: Done
    field: str = ""
    files: tuple[str, ...] = ()
    words: str = ""


def take_upload(ask: Ask, told: Mapping[str, Any]) -> Taken:
    """What an upload becomes, by its purpose.

    That is ``import``, ``field:NAME:FOLDER``, ``curve:FOLDER``, ``tariff`` or ``houses``.

    Raises
    ------
    InputError
        The files break rules; nothing is changed.
    """
    folder = upload_folder(ask.place, str(told["upload"]))
    purpose, *more = str(told["purpose"]).split(":")
    try:
        if purpose == "import":
            return _import(ask, folder, str(told.get("stem", "")))
        if purpose in {"field", "curve"}:
            return _curves(ask, folder, more[-1], more[0] if purpose == "field" else "")
        file = min(path for path in folder.rglob("*") if path.is_file())
        if purpose == "tariff":
            draft = put_tariff(ask.draft, file.read_text(encoding="utf-8", errors="replace"), file.name)
            return Taken(Done(draft), words=f"Prices taken from {file.name}.")
        draft, findings = ask.place.reading.call(merge_xml, ask.draft, file.read_bytes(), file.name)
        return Taken(Done(draft, findings=findings), words=_gained(ask.draft, draft, file.name))
    except InputError as error:
        raise InputError([clean_finding(one, (folder,)) for one in error.findings]) from None


def _curves(ask: Ask, folder: Path, kind: str, field: str) -> Taken:
    draft, names, findings = ask.draft, [], list[Any]()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            draft, name = put_curve(draft, kind, path.name, path.read_bytes())
            names.append(name)
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    what = "forecast" if kind == PREDICTIONS else "file"
    words = f"{', '.join(names)} saved." if len(names) < 4 else f"{len(names)} {what}s saved."  # noqa: PLR2004 - names
    return Taken(Done(draft), field, tuple(names), words)


def _import(ask: Ask, folder: Path, stem: str) -> Taken:
    imported = ask.place.reading.call(read_import, folder, "")
    if imported.draft.name == "Neighbourhood" and stem:
        imported = ask.place.reading.call(read_import, folder, stem)
    kept = keep_import(ask.place.store, imported)
    findings: tuple[Finding, ...] = imported.findings
    return Taken(Done(path=f"{LIST}/{kept.id}", findings=findings), words=f"{kept.name} imported.")


def _gained(before: Draft, after: Draft, name: str) -> str:
    """What a file brought, in words."""
    pairs = (
        (len(after.houses) - len(before.houses), "house"),
        (len(after.devices) - len(before.devices), "device"),
    )
    parts = [f"{n} {what}{'s' if n != 1 else ''}" for n, what in pairs if n]
    return f"{name} brought {' and '.join(parts) if parts else 'nothing that was not there'}."
