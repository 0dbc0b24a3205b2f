"""Neighbourhoods of the store: kept, read, written out as folders, their scores carried from run to run."""

from __future__ import annotations

import tempfile
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import InputError
from sparewatt.finding import sorted_findings
from sparewatt.inputs.community.folder_files import FolderFiles
from sparewatt.inputs.community.folder_texts import FILES, FOLDERS, folder_texts
from sparewatt.inputs.community.kept_mark import KEPT_AS, KeptMark
from sparewatt.inputs.community.own_files import SCORES, read_scores
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.scores import write_producer_scores
from sparewatt.inputs.community.tariff import TARIFF, read_tariff_steps
from sparewatt.inputs.community.write import write_neighbourhood
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.model.market_rules import START_SCORE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.inputs.community.tariff import TariffSteps
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.results.store import Store, StoredNeighbourhood


def keep_neighbourhood(
    store: Store, neighbourhood: Neighbourhood, *, steps: TariffSteps | None = None, number: int | None = None
) -> StoredNeighbourhood:
    """Keep a neighbourhood in the store, with its scores.

    Parameters
    ----------
    store
        Where to.
    neighbourhood
        What to keep.
    steps
        Its prices; left out: none.
    number
        The one whose place it takes; left out: it is a new one.

    Raises
    ------
    StoreError
        There is no neighbourhood of that number, or the store is away.
    """
    files = {name: text for name, text in folder_texts(neighbourhood, steps) if name != SCORES}
    pairs = zip(neighbourhood.producers.ids, neighbourhood.scores.tolist(), strict=True)
    scores = {producer: score for producer, score in pairs if score != START_SCORE}
    if number is None:
        return store.create_neighbourhood(neighbourhood.name, files, scores)
    store.replace_neighbourhood(number, neighbourhood.name, files)
    store.write_scores(number, scores)
    return store.find_neighbourhood(number)


def read_kept_neighbourhood(
    store: Store, number: int
) -> tuple[Neighbourhood | None, TariffSteps | None, tuple[Finding, ...]]:
    """A neighbourhood of the store with its scores.

    Returns
    -------
    The neighbourhood, or ``None`` where any finding is an error; its prices, where it has some; and all
    findings, errors first.

    Raises
    ------
    StoreError
        There is no neighbourhood of that number, or it is damaged.
    """
    kept, files = store.find_neighbourhood(number), store.read_neighbourhood_files(number)
    log = FindingLog()
    for name in files:
        if not _is_ours(name):
            remedy = "throw the neighbourhood away and keep it anew"
            log.add("community.store.file", "error", f"neighbourhood {number}", _NO_FILE, name[:80], remedy)
    if log.errors:
        return None, None, log.findings()
    with tempfile.TemporaryDirectory(prefix="sparewatt-neighbourhood-") as inside:
        folder = Path(inside) / "neighbourhood"
        _write_texts(files, folder)
        if kept.scores:
            write_producer_scores(folder, list(kept.scores), _array(kept.scores))
        neighbourhood, findings = read_neighbourhood(folder)
    steps = None
    if TARIFF in files:
        steps = read_tariff_steps(TARIFF, files[TARIFF], log)
        findings = sorted_findings([*findings, *log.findings()])
    return (None if log.errors else neighbourhood), steps, findings


def write_out_neighbourhood(store: Store, number: int, folder: Path) -> tuple[Path, ...]:
    """Write a neighbourhood of the store out as a folder, with its scores and prices; the files.

    Raises
    ------
    StoreError
        As of `read_kept_neighbourhood`.
    InputError
        What is kept breaks rules, or the folder holds other things; nothing was written.
    """
    neighbourhood, steps, findings = read_kept_neighbourhood(store, number)
    if neighbourhood is None:
        raise InputError(findings)
    mark = mark_of(store.find_neighbourhood(number))
    return write_neighbourhood(neighbourhood, folder, steps=steps, mark=mark)


def mark_of(kept: StoredNeighbourhood) -> KeptMark:
    """What a folder says of the neighbourhood that it was taken out of."""
    return KeptMark(kept.id, kept.created.astimezone(UTC).isoformat())


def take_scores(store: Store, number: int, folder: Path) -> tuple[Finding, ...]:
    """Keep the scores that runs left in a neighbourhood's folder for the neighbourhood of the store.

    Returns
    -------
    Findings of the scores; those with an error were not kept.
    """
    log = FindingLog()
    neighbourhood, _, findings = read_kept_neighbourhood(store, number)
    if neighbourhood is None:
        return findings
    scores = read_scores(FolderFiles(folder, log), neighbourhood.producers.ids, log)
    if not log.errors:
        store.write_scores(number, scores)
    return log.findings()


_NO_FILE = "is no file of a neighbourhood"


def _is_ours(name: str) -> bool:
    """Whether a path is one that a neighbourhood's folder may have, and stays inside it."""
    parts = PurePosixPath(name).parts
    if "\\" in name or "\0" in name or name != "/".join(parts) or ".." in parts:
        return False
    if len(parts) == 1:
        return name in FILES and name != KEPT_AS
    return len(parts) == 2 and parts[0] in FOLDERS  # noqa: PLR2004 - folder, file


def _write_texts(files: Mapping[str, str], folder: Path) -> None:
    folder.mkdir()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))


def _array(scores: Mapping[str, float]) -> NDArray[np.float64]:
    return np.array(list(scores.values()), np.float64)
