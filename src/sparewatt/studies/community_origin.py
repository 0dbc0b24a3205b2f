"""Which neighbourhood of the store a run's inputs were taken out of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.inputs.community.folder_files import FolderFiles
from sparewatt.inputs.community.kept_mark import read_kept_mark
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.studies.community_inputs import COPY_FOLDER
from sparewatt.studies.community_store import mark_of

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.results.store import Store, StoredNeighbourhood


def find_origin(store: Store, directory: Path) -> StoredNeighbourhood | None:
    """The neighbourhood that the inputs of a run came from; ``None`` where they came from elsewhere.

    Parameters
    ----------
    store
        The store.
    directory
        Folder of the run.
    """
    log = FindingLog()
    mark = read_kept_mark(FolderFiles(directory / COPY_FOLDER, log), log)
    if mark is None:
        return None
    return next((kept for kept in store.find_neighbourhoods() if mark_of(kept) == mark), None)
