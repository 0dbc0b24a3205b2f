"""Sessions of people who have logged in: a cookie that only the server can make, and no state."""

from __future__ import annotations

import hashlib
import hmac
import time
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.datastructures import Headers

COOKIE = "sparewatt_session"
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


def session_cookie(headers: Headers) -> str:
    """The value of the cookie in a request; empty where there is none."""
    try:
        cookie = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookie[COOKIE].value if COOKIE in cookie else ""


def _seal(token: str, until: str) -> str:
    return hmac.new(token.encode(), f"sparewatt session {until}".encode(), hashlib.sha256).hexdigest()
