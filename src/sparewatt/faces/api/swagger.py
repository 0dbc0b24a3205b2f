"""Swagger UI: operations to look at and to try, with nothing asked of another machine."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, Response

from sparewatt.faces.api.problems import ProblemError

router = APIRouter(include_in_schema=False)

_KINDS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "start.js": "text/javascript",
}
_OURS = "start.js"
"""The one file that is not Swagger UI's own."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sparewatt API to try</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="swagger/swagger-ui.css">
</head>
<body>
<p>The same as a page to read, without scripts: <a href="docs">docs</a></p>
<div id="swagger-ui"></div>
<script src="swagger/swagger-ui-bundle.js"></script>
<script src="swagger/start.js"></script>
</body>
</html>
"""


@router.get("/swagger")
def show_swagger() -> HTMLResponse:
    """All operations, to be tried."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@router.get("/swagger/{name}")
def show_file(name: Annotated[str, Path(max_length=100)]) -> Response:
    """A file of Swagger UI."""
    if name not in _KINDS:
        raise ProblemError(404, "Swagger UI has no such file.")
    if name == _OURS:
        source = files("sparewatt.faces.api") / "swagger_start.js"
    else:
        source = files("fastapi_swagger") / "resources" / name
    content = source.read_bytes()
    return Response(content, media_type=_KINDS[name], headers={"Cache-Control": "private, max-age=86400"})
