"""Plotly's script without the wrapper that makes browsers read it twice."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

if TYPE_CHECKING:
    from fastapi import FastAPI

PATH = "/_dash-component-suites/plotly/package_data/plotly.min.js"
"""Where Dash's pages ask for it."""
_HEAD, _TAIL = '"use strict";var Plotly=(()=>{', "window.Plotly = Plotly;\nreturn Plotly;\n}));"


def unwrap_plotly(script: str) -> str:
    """The script that sets ``window.Plotly`` at its top level; unchanged where it is not wrapped as known.

    Its loader hands all of it (5 MB) to a function as an argument: a browser reads it once to see where that
    function ends, and again when it is called. At the top level it is read once, beside what the page does
    meanwhile, which halves the time that it takes to start. Licences and code stay as they are.
    """
    head, tail = script.find(_HEAD), script.rfind(_TAIL)
    if head < 0 or tail < head or script[tail + len(_TAIL) :].strip():
        return script
    licence = script[: script.find("*/") + 2]
    body = script[head:tail].replace("var Plotly=", "window.Plotly=", 1)
    return f"{licence}\n{body}"


def add_plotly(server: FastAPI) -> None:
    """Answer for Plotly's script; to be added before Dash, which answers for all others."""
    raw = resources.files("plotly") / "package_data" / "plotly.min.js"
    content = unwrap_plotly(raw.read_text(encoding="utf-8")).encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}  # kept, and asked each time whether it changed

    @server.get(PATH, include_in_schema=False)
    async def show(request: Request) -> Response:
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="text/javascript; charset=utf-8", headers=headers)
