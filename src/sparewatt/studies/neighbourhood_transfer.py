"""Neighbourhoods into the store from folders and XML, and out of it as a zip of their folder."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import InputError
from sparewatt.inputs.community.events import CONSUMERS, PRODUCERS
from sparewatt.inputs.community.folder_files import FolderFiles
from sparewatt.inputs.community.folder_texts import FILES, FOLDERS
from sparewatt.inputs.community.kept_mark import KEPT_AS, mark_text
from sparewatt.inputs.community.neighbourhood_xml import HOUSES, house_list
from sparewatt.inputs.community.own_files import SCORES, read_scores
from sparewatt.inputs.community.scores import scores_text
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.model.market_rules import START_SCORE
from sparewatt.studies.community_store import mark_of
from sparewatt.studies.neighbourhood_draft import draft_files, read_draft
from sparewatt.studies.neighbourhood_keeping import check_files, open_draft, plain_name, refuse_errors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.results.store import Store, StoredNeighbourhood
    from sparewatt.studies.neighbourhood_draft import Draft

_TIME = (1980, 1, 1, 0, 0, 0)
"""Of files in a zip, so that the same neighbourhood gives the same bytes."""


@dataclass(frozen=True)
class Imported:
    """What a folder or an XML holds.

    Parameters
    ----------
    draft
        The neighbourhood; names of files stay, unused curves too.
    scores
        Of its producers, where they are not those of new ones.
    findings
        What there is to say of it.
    """

    draft: Draft
    scores: Mapping[str, float]
    findings: tuple[Finding, ...]


def read_import(folder: Path, name: str = "") -> Imported:
    """The neighbourhood of a folder as it stands there.

    Parameters
    ----------
    folder
        A neighbourhood's folder, whole or begun; or one that holds it, or only a neighbourhood XML.
    name
        What to call it; empty: as its XML does, or its folder.

    Raises
    ------
    InputError
        It breaks rules, other than that nothing is in it yet.
    """
    log = FindingLog()
    source = _find_source(folder)
    if source is None:
        message = "there is no neighbourhood among the files"
        remedy = "a folder with consumer_event.csv and producer_event.csv, or a neighbourhood XML"
        log.add("community.source.path", "error", "the upload", message, "", remedy)
        raise InputError(log.findings())
    files = _read_texts(source, log)
    refuse_errors(log.findings())
    findings = refuse_errors(check_files(files))
    draft = read_draft("", files)
    producers = list(dict.fromkeys(line.producer for line in draft.forecasts))
    scores = read_scores(FolderFiles(source, log), producers, log)
    findings = (*findings, *refuse_errors(log.findings()))
    called = house_list(files[HOUSES].encode(), HOUSES, FindingLog()) if HOUSES in files else None
    stem = "Neighbourhood" if source == folder else source.name
    draft = replace(draft, name=plain_name(name or (called.name if called else "") or stem))
    return Imported(draft, _unlike_new(scores), findings)


def keep_import(store: Store, imported: Imported) -> StoredNeighbourhood:
    """Keep what was imported as a new neighbourhood of the store."""
    draft = imported.draft
    return store.create_neighbourhood(draft.name, draft_files(draft), imported.scores)


def folder_zip(store: Store, number: int) -> tuple[str, bytes]:
    """Name and bytes of a zip of a neighbourhood's folder, finished or not, with prices and scores.

    Raises
    ------
    StoreError
        There is no such neighbourhood, or it is damaged.
    """
    opened = open_draft(store, number)
    files = draft_files(opened.draft) | {KEPT_AS: mark_text(mark_of(opened.kept))}
    producers = list(dict.fromkeys(line.producer for line in opened.draft.forecasts))
    scores = [opened.kept.scores.get(producer, START_SCORE) for producer in producers]
    if any(score != START_SCORE for score in scores):
        files[SCORES] = scores_text(producers, np.array(scores, np.float64))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name in sorted(files):
            content = files[name].encode("utf-8", "surrogatepass")
            zipped.writestr(zipfile.ZipInfo(f"neighbourhood/{name}", _TIME), content, zipfile.ZIP_DEFLATED)
    stem = "".join(c if c.isascii() and c.isalnum() else " " for c in opened.draft.name.lower())
    return f"{'-'.join(stem.split()) or 'neighbourhood'}.zip", out.getvalue()


def _find_source(folder: Path) -> Path | None:
    """The neighbourhood's folder at or below a folder, the nearest first."""
    marks = {CONSUMERS, PRODUCERS, HOUSES}
    places = {path.parent for path in folder.rglob("*") if path.name in marks and path.is_file()}
    if not places and len([p for p in folder.glob("*.xml") if p.is_file()]) == 1:
        return folder
    return min(places, key=lambda p: (len(p.parts), str(p)), default=None)


def _read_texts(source: Path, log: FindingLog) -> dict[str, str]:
    """Texts of all files that belong to a neighbourhood; a lone XML is its list of houses."""
    reader = FolderFiles(source, log)
    files = {CONSUMERS: "", PRODUCERS: ""}
    names = [name for name in FILES if name not in {SCORES, KEPT_AS} and reader.has(name)]
    for folder in FOLDERS:
        names += sorted(f"{folder}/{path.name}" for path in (source / folder).glob("*.csv") if path.is_file())
    for name in names:
        files[name] = reader.read(name) or ""
    lone = [path.name for path in source.glob("*.xml") if path.name != HOUSES]
    if HOUSES not in files and not names and len(lone) == 1:
        files[HOUSES] = reader.read(lone[0]) or ""
        house_list(files[HOUSES].encode(), lone[0], log)
    return files


def _unlike_new(scores: dict[str, float]) -> dict[str, float]:
    """Scores that are not those of new producers."""
    return {producer: score for producer, score in scores.items() if score != START_SCORE}
