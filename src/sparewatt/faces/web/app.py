"""The web application: Dash on its FastAPI backend, with the API mounted in it."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import dash
from fastapi import FastAPI

from sparewatt.faces.web.desk import Desk
from sparewatt.faces.web.gate import Gate, web_headers
from sparewatt.faces.web.login import add_login
from sparewatt.faces.web.pages import PAGES
from sparewatt.faces.web.plotly_script import add_plotly
from sparewatt.faces.web.routing import register_routing
from sparewatt.faces.web.shell import make_shell

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_FILES = ("/api", "/assets/", "/_dash-", "/_favicon", "/login", "/logout")
"""Addresses that are no pages begin so."""
_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="/assets/icons/bolt.svg">
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


def make_web(api: FastAPI, *, token: str | None) -> ASGIApp:
    """The pages at ``/`` and the API at ``/api``.

    Parameters
    ----------
    api
        As of `sparewatt.faces.api.make_api`; pages use its place.
    token
        What people have to know to log in; ``None``: nobody has to.
    """
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    server.mount("/api", api)
    add_login(server, token)
    add_plotly(server)
    app = dash.Dash(
        __name__,
        server=server,
        backend="fastapi",
        assets_folder=str(resources.files("sparewatt.faces.web") / "assets"),
        assets_ignore=r"login\.css",
        title="Sparewatt",
        update_title="",
        index_string=_INDEX,
        suppress_callback_exceptions=True,
        serve_locally=True,
        add_log_handler=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.backend.websocket_capability = (
        False  # else browsers try again and again for a socket that is not used
    )
    app.layout = make_shell(PAGES, can_leave=token is not None)
    desk = Desk(app, api.state.place)
    register_routing(desk, PAGES)
    for page in PAGES:
        if page.register is not None:
            page.register(desk)
    headers = web_headers(app.csp_hashes())
    return Gate(_OnePage(server), token=token, headers=headers)


class _OnePage:
    """Every address of a page is answered with the one page of the application; the browser does the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["path"].startswith(_FILES):
            scope = {**scope, "path": "/", "raw_path": b"/"}
        await self._app(scope, receive, send)
