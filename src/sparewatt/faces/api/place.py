"""ApiPlace: the store and the data folder that an API works on, and what it takes at most."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - FastAPI reads the annotations
from typing import Annotated, cast

from fastapi import Depends, Request

from sparewatt.results.store import Store
from sparewatt.tasks import Apart


@dataclass(frozen=True)
class UploadLimits:
    """What an upload may hold.

    Parameters
    ----------
    request_bytes
        A whole request with files [bytes].
    body_bytes
        A request without files [bytes].
    file_bytes, total_bytes
        One file, and all files of an upload, unpacked [bytes].
    files
        Number of files.
    rows
        Lines of a text table, or rows of a Parquet file.
    ratio
        Unpacked to packed size of a file in a zip; files below ``ratio_from_bytes`` are not judged by it.
    """

    request_bytes: int = 150_000_000
    body_bytes: int = 4_000_000
    file_bytes: int = 100_000_000
    total_bytes: int = 1_000_000_000
    files: int = 50_000
    rows: int = 20_000_000
    ratio: float = 200.0
    ratio_from_bytes: int = 1_000_000


@dataclass
class ApiPlace:
    """Where the runs are.

    Parameters
    ----------
    store_url
        The store.
    data
        Folder of runs and uploads.
    limits
        Of uploads.
    reading
        Where inputs are read, which may crash or keep a parser busy.
    """

    store_url: str
    data: Path
    limits: UploadLimits = field(default_factory=UploadLimits)
    reading: Apart = field(default_factory=Apart)
    _opened: Store | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def store(self) -> Store:
        """The store, opened when it is first asked for and then kept; threads share it."""
        with self._lock:
            if self._opened is None:
                self._opened = Store.open(self.store_url)
            return self._opened

    @property
    def uploads(self) -> Path:
        """Folder of uploads."""
        return self.data / "uploads"

    def close(self) -> None:
        """Close the store and end the reading."""
        self.reading.close()
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None


def place_of(request: Request) -> ApiPlace:
    """The place of the API that was called."""
    return cast("ApiPlace", request.app.state.place)


Place = Annotated[ApiPlace, Depends(place_of)]
