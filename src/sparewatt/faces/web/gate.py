"""What stands before the pages: session, origin, size of the body; and the headers behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from sparewatt.faces.api.headers import HEADERS
from sparewatt.faces.api.safety import SAFE_METHODS, count_body, is_local_name, is_same_origin
from sparewatt.faces.web.session import is_session, login_address, session_cookie

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN_PATHS = ("/login", "/login.css")
_BODY_BYTES = 64_000_000
_LOGIN_BYTES = 10_000
_KEPT = ("/assets/", "/_dash-component-suites/")


def web_headers(script_hashes: Iterable[str]) -> dict[str, str]:
    """Headers of pages; scripts are our own files and the few inside the page whose hashes are given."""
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",  # Mantine and AG Grid write their rules into the page
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    words = "; ".join(f"{name} {value}" for name, value in policy.items())
    # With no referrer at all a form of our own would come from the origin "null".
    return {**HEADERS, "Content-Security-Policy": words, "Referrer-Policy": "same-origin"}


class Gate:
    """Session, origin, size and headers, in front of pages and API.

    A browser that is logged in is known to the API as well; other callers of the API send its token.

    Parameters
    ----------
    app
        The application behind it.
    token
        What people log in with; ``None``: nobody has to, and only calls by a local name are answered.
    headers
        Of every answer that has no others.
    """

    def __init__(self, app: ASGIApp, *, token: str | None, headers: Mapping[str, str]) -> None:
        self._app, self._token, self._headers = app, token, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing here speaks anything else
            return
        headers, path = Headers(scope=scope), scope["path"]
        known = self._token is None or is_session(self._token, session_cookie(headers))
        if path.startswith("/api/"):
            if self._token is not None and known and "authorization" not in headers:
                bearer = (b"authorization", f"Bearer {self._token}".encode())
                scope = {**scope, "headers": [*scope["headers"], bearer]}
            await self._app(scope, receive, send)
            return

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    if name != "Cache-Control" or not path.startswith(_KEPT):
                        added.setdefault(name, value)
            await send(message)

        most = _LOGIN_BYTES if path in OPEN_PATHS else _BODY_BYTES
        query = scope["query_string"].decode("latin-1")
        refusal = self._refusal(scope["method"], path, query, headers, most, known=known)
        if refusal is not None:
            await refusal(scope, receive, send_safe)
            return
        await self._app(scope, count_body(receive, most), send_safe)

    def _refusal(
        self, method: str, path: str, query: str, headers: Headers, most: int, *, known: bool
    ) -> Response | None:
        if self._token is None and not is_local_name(headers):
            words = "Without a token this server answers by the names localhost and 127.0.0.1 only."
            return PlainTextResponse(words, 403)
        if method not in SAFE_METHODS and not is_same_origin(headers):
            return PlainTextResponse("A page of another origin may not change anything here.", 403)
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > most:
            return PlainTextResponse("The request is too large.", 413, headers={"Connection": "close"})
        if known or path in OPEN_PATHS:
            return None
        if method == "GET" and "text/html" in headers.get("accept", ""):
            return RedirectResponse(login_address(path, query), 303)
        return PlainTextResponse("Log in first.", 401)
