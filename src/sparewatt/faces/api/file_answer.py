"""Files as answers: whole, under their own name."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from fastapi.responses import FileResponse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

KINDS = {
    ".csv": "text/csv",
    ".toml": "application/toml",
    ".json": "application/json",
    ".xml": "application/xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
    ".zip": "application/zip",
    ".html": "text/html",
}
"""Content types by the end of a name; any other is text."""
TEXT = "text/plain"
_RANGES = frozenset({b"range", b"if-range"})


class WholeFile(FileResponse):
    """A file, whole: parts are not asked for here, and a server may leave such a wish unheard (RFC 9110)."""

    def __init__(self, path: Path, status_code: int = 200, **given: Any) -> None:  # noqa: ANN401 - of FileResponse
        kind = KINDS.get(PurePath(path.name).suffix.lower(), TEXT)
        super().__init__(path, status_code, **{"media_type": kind, **given})
        del self.headers["accept-ranges"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        asked = [(name, value) for name, value in scope["headers"] if name not in _RANGES]
        await super().__call__({**scope, "headers": asked}, receive, send)


def binary(kinds: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """What the documentation says of files of these content types."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in dict.fromkeys(kinds)}
    return {200: {"description": "The file, as an attachment", "content": content}}
