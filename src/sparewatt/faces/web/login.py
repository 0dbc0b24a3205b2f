"""The login page: the token once, a cookie from then on."""

from __future__ import annotations

import hmac
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import anyio
from fastapi import Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sparewatt.faces.web.session import COOKIE, LASTS_S, new_session, way_on

if TYPE_CHECKING:
    from fastapi import FastAPI

_WRONG_WAIT_S = 0.5
"""Time that a wrong token costs [s]."""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · Sparewatt</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/login.css">
</head>
<body>
<main>
<h1>Sparewatt</h1>
<p>This server asks for its token. Whoever started it has set it as <code>SPAREWATT_TOKEN</code>.</p>
<form method="post" action="/login">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<input type="hidden" name="next" value="{next}">
{wrong}<button type="submit">Log in</button>
</form>
</main>
</body>
</html>"""
_WRONG = '<p class="wrong" role="alert">That is not the token of this server.</p>\n'


def _page(wanted: str, wrong: str = "") -> str:
    return _PAGE.format(wrong=wrong, next=escape(way_on(wanted)))


def add_login(server: FastAPI, token: str | None) -> None:
    """Add the page to log in and the way out; without a token both lead home."""

    @server.get("/login", include_in_schema=False)
    def show(wanted: Annotated[str, Query(alias="next")] = "") -> Response:
        return RedirectResponse("/", 303) if token is None else HTMLResponse(_page(wanted))

    @server.post("/login", include_in_schema=False)
    async def enter(
        request: Request,
        token_given: Annotated[str, Form(alias="token")] = "",
        wanted: Annotated[str, Form(alias="next")] = "",
    ) -> Response:
        if token is None:
            return RedirectResponse("/", 303)
        if not hmac.compare_digest(token_given.strip().encode("utf-8", "replace"), token.encode()):
            await anyio.sleep(_WRONG_WAIT_S)
            return HTMLResponse(_page(wanted, _WRONG), 401)
        answer = RedirectResponse(quote(way_on(wanted), safe="/?&=%,:;+@"), 303)
        is_secure = request.url.scheme == "https"
        answer.set_cookie(
            COOKIE,
            new_session(token),
            max_age=LASTS_S,
            httponly=True,
            samesite="strict",
            secure=is_secure,
            path="/",
        )
        return answer

    @server.post("/logout", include_in_schema=False)
    def leave() -> Response:
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    @server.get("/login.css", include_in_schema=False)
    def style() -> Response:
        text = (resources.files("sparewatt.faces.web") / "assets" / "login.css").read_text(encoding="utf-8")
        return Response(text, media_type="text/css")
