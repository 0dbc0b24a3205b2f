"""What stands before every answer: token, origin, size of the body; and the headers behind it."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from sparewatt.faces.api.headers import HEADERS
from sparewatt.faces.api.problems import problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sparewatt.faces.api.place import UploadLimits

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_OPEN_PATHS = ("/health",)
_FILE_PATHS = ("/uploads", "/bundles")


class Safety:
    """Token, origin, size and headers, in front of an application.

    Parameters
    ----------
    app
        The application behind it.
    token
        What a caller has to know; ``None``: no token, and only calls by a local name are answered, so that
        no page of the web reaches this server by a name of its own.
    limits
        Of requests.
    """

    def __init__(self, app: ASGIApp, *, token: str | None, limits: UploadLimits) -> None:
        self._app, self._token, self._limits = app, token, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        most = self._limits.request_bytes if path in _FILE_PATHS else self._limits.body_bytes
        refusal = self._refusal(scope["method"], path, headers, most)
        if refusal is not None:
            status, detail = refusal
            extra = {"WWW-Authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004 - a status
            if status == 413:  # noqa: PLR2004 - what is sent on is not read
                extra["Connection"] = "close"
            await problem_response(status, detail, headers=extra)(scope, receive, send_safe)
            return
        await self._app(scope, count_body(receive, most), send_safe)

    def _refusal(self, method: str, path: str, headers: Headers, most: int) -> tuple[int, str] | None:
        if self._token is None:
            if not is_local_name(headers):
                return 403, "Without a token this server answers by the names localhost and 127.0.0.1 only."
        elif path not in _OPEN_PATHS and not self._is_known(headers.get("authorization", "")):
            return 401, "Send the token of this server: Authorization: Bearer …"
        if method not in SAFE_METHODS and not is_same_origin(headers):
            return 403, "A page of another origin may not change anything here."
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > most:
            return 413, _too_large(most)
        return None

    def _is_known(self, given: str) -> bool:
        """Whether a caller knows the token; takes as long for every wrong one."""
        scheme, _, token = given.partition(" ")
        known = hmac.compare_digest(token.strip().encode(), (self._token or "").encode())
        return known and scheme.lower() == "bearer"


def _too_large(most: int) -> str:
    return f"The request is too large: at most {most:,} bytes are taken."


def is_local_name(headers: Headers) -> bool:
    """Whether a caller used a name of this machine, and no page of the web a name of its own."""
    return _LOCAL.fullmatch(headers.get("host", "")) is not None


def count_body(receive: Receive, most: int) -> Receive:
    """Count the bytes of a body, whatever its headers say; an HTTPException when they are too many."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413, _too_large(most))
        return message

    return counted


def is_same_origin(headers: Headers) -> bool:
    """Whether a change comes from a page of this server, or from no page at all."""
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
