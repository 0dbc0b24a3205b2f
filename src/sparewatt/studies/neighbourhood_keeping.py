"""Drafts of neighbourhoods in the store: begun, opened, saved if nobody else did meanwhile, judged."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import InputError, SparewattError
from sparewatt.inputs.community.cell_values import is_plain
from sparewatt.inputs.community.read import read_folder
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.studies.neighbourhood_draft import Draft, draft_files, read_draft
from sparewatt.studies.neighbourhood_sight import Sight

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sparewatt.finding import Finding
    from sparewatt.results.store import Store, StoredNeighbourhood
    from sparewatt.results.store.neighbourhood_changes import NeighbourhoodFiles

NOTHING = "community.nothing"
"""Rule of a neighbourhood without a job or a forecast; one that is begun breaks it."""
MOST_NAME = 200


@dataclass(frozen=True)
class OpenDraft:
    """A draft as somebody sees it.

    Parameters
    ----------
    kept
        What the store says of it.
    sight
        The neighbourhood, and what is seen of it.
    version
        By which saving knows whether somebody else changed it meanwhile.
    """

    kept: StoredNeighbourhood
    sight: Sight
    version: str

    @property
    def draft(self) -> Draft:
        """The neighbourhood."""
        return self.sight.draft


def open_draft(store: Store, number: int) -> OpenDraft:
    """A neighbourhood of the store to look at and to change.

    Raises
    ------
    StoreError
        There is no such neighbourhood, or it is damaged.
    InputError
        A file of it has not the form of its kind.
    """
    opened = store.open_neighbourhood(number)
    kept = store.find_neighbourhood(number)
    return OpenDraft(kept, _sight(opened), opened.version)


@lru_cache(maxsize=4)
def _sight(opened: NeighbourhoodFiles) -> Sight:
    """What is seen of a version; kept, because a street of a thousand houses takes a second to read."""
    return Sight(read_draft(opened.name, opened.files))


def save_draft(store: Store, opened: OpenDraft, draft: Draft) -> str | None:
    """Keep what a draft was changed to; its new version, or ``None`` where somebody else was first."""
    producers = {line.producer for line in draft.forecasts}
    files = draft_files(draft)
    return store.change_neighbourhood(opened.kept.id, opened.version, draft.name, files, producers)


def begin_neighbourhood(store: Store, name: str) -> StoredNeighbourhood:
    """Keep a new neighbourhood that nothing is in yet."""
    draft = Draft(name=plain_name(name))
    return store.create_neighbourhood(draft.name, draft_files(draft))


def duplicate_neighbourhood(store: Store, number: int, name: str) -> StoredNeighbourhood:
    """Keep another neighbourhood that is the same, with the same scores; errors as of `open_draft`."""
    opened = store.open_neighbourhood(number)
    copy = replace(read_draft(opened.name, opened.files), name=plain_name(name))
    return store.create_neighbourhood(copy.name, draft_files(copy), store.find_neighbourhood(number).scores)


def plain_name(name: str) -> str:
    """A name on one line; a SparewattError where none is left."""
    name = " ".join("".join(c if is_plain(c) else " " for c in name).split())[:MOST_NAME]
    if not name:
        raise SparewattError("The neighbourhood has no name; give it one.")
    return name


def check_files(files: Mapping[str, str]) -> tuple[Finding, ...]:
    """All findings of the files of a neighbourhood, errors first."""
    log = FindingLog()
    with tempfile.TemporaryDirectory(prefix="sparewatt-neighbourhood-") as inside:
        folder = Path(inside) / "neighbourhood"
        folder.mkdir()
        write_files(files, folder)
        read_folder(folder, log)
    return log.findings()


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """Write texts by their paths into a folder that is there."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))


def refuse_errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What there is to say of a draft; an InputError where an error is more than that nothing is in it."""
    told = tuple(f for f in findings if f.rule != NOTHING)
    if any(f.severity == "error" for f in told):
        raise InputError(told)
    return told
