"""Sessions of people who have logged in: a cookie that only the server can make, and no state."""

from __future__ import annotations

import hashlib
import hmac
import time
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from starlette.datastructures import Headers

COOKIE = "sparewatt_session"
_NO_PAGES = ("/api", "/assets/", "/_dash-", "/_favicon", "/login", "/logout")
_LONGEST_WAY = 2000
LASTS_S = 14 * 24 * 3600
"""How long a login is good for [s]."""


def new_session(token: str, now_s: float | None = None) -> str:
    """The value of the cookie of somebody who knows the token: when it ends, and a seal of that."""
    until = str(int((time.time() if now_s is None else now_s) + LASTS_S))
    return f"{until}.{_seal(token, until)}"


def is_session(token: str, value: str, now_s: float | None = None) -> bool:
    """Whether a value was made by `new_session` with this token and has not ended."""
    until, _, seal = value.partition(".")
    known = hmac.compare_digest(_seal(token, until).encode(), seal.encode("utf-8", "replace"))
    return known and until.isdecimal() and (time.time() if now_s is None else now_s) < int(until)


def login_address(path: str, query: str = "") -> str:
    """Where somebody logs in who came to an address, and goes on to it afterwards."""
    wanted = f"{path}?{query}" if query else path
    return "/login" if way_on(wanted) == "/" else f"/login?next={quote(wanted, safe='/')}"


def way_on(wanted: str) -> str:
    """An address to go on to after the login; ``/`` where it is none of our pages."""
    is_ours = (
        wanted.startswith("/")
        and not wanted.startswith(("//", *_NO_PAGES))
        and "\\" not in wanted
        and wanted.isprintable()
        and len(wanted) <= _LONGEST_WAY
    )
    return wanted if is_ours else "/"


def session_cookie(headers: Headers) -> str:
    """The value of the cookie in a request; empty where there is none."""
    try:
        cookie = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookie[COOKIE].value if COOKIE in cookie else ""


def _seal(token: str, until: str) -> str:
    return hmac.new(token.encode(), f"sparewatt session {until}".encode(), hashlib.sha256).hexdigest()
