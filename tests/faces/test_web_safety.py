"""Who is let in to the pages, and what stands around every answer."""

from __future__ import annotations

import http.client
import re
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from sparewatt.faces.server import make_server
from sparewatt.faces.web.session import COOKIE, LASTS_S, is_session, new_session
from support.web_pages import arrive, look, serious_findings, web_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

TOKEN = "a-secret-of-many-signs"
CALLBACK = "/_dash-update-component"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("guarded")
    with web_server(str(folder / "store.db"), folder / "data", token=TOKEN) as address:
        yield address


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("local")
    with web_server(str(folder / "store.db"), folder / "data") as address:
        yield address


@pytest.mark.parametrize(
    "path", ["/", "/runs", "/runs/1", "/assets/sparewatt.js", "/_dash-layout", "/_dash-dependencies", "/x/y"]
)
def test_without_the_token_nothing_but_the_login_answers(guarded: str, path: str) -> None:
    asked = httpx.get(guarded + path)
    assert asked.status_code == 401
    assert asked.text == "Log in first."
    page = httpx.get(guarded + path, headers={"accept": "text/html"})
    back = f"?next={path}" if path in {"/runs", "/runs/1", "/x/y"} else ""
    assert (page.status_code, page.headers["location"]) == (303, f"/login{back}")
    assert httpx.post(guarded + CALLBACK, json={}).status_code == 401
    assert httpx.get(f"{guarded}/api/runs").status_code == 401
    assert httpx.get(f"{guarded}/login").status_code == 200


def routes_of(app: object, base: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of every route of an application, of those mounted in it as well."""
    while hasattr(app, "_app"):
        app = app._app  # what stands before it
    if isinstance(app, StaticFiles):
        yield "GET", f"{base}/sparewatt.js"
    for route in getattr(app, "routes", ()):
        if hasattr(route, "original_router"):
            yield from routes_of(route.original_router, base)
        elif isinstance(route, Mount):
            yield from routes_of(route.app, base + route.path)
        else:
            yield from ((method, base + route.path) for method in getattr(route, "methods", None) or ["GET"])


def test_no_route_answers_without_the_token(guarded: str, tmp_path: Path) -> None:
    routes = sorted(set(routes_of(make_server(str(tmp_path / "s.db"), tmp_path / "data", token=TOKEN))))
    said = " ".join(path for _, path in routes)
    for known in ("/api/uploads/{upload_id}/files", "/api/swagger/{name}", "/_dash-update-component"):
        assert known in said
    assert len(routes) > 50
    is_open = {"/login", "/login.css", "/api/health"}
    forged = {"cookie": f"{COOKIE}=9999999999.{'0' * 64}", "authorization": "Bearer x"}
    with httpx.Client(base_url=guarded, headers=forged) as client:
        for method, path in routes:
            given = re.sub(r"\{[^}]*\}", "1", path)
            answer = client.request(method, given, headers={"accept": "application/json"})
            assert (answer.status_code == 401) is (path not in is_open or method == "POST"), (method, path)
            _is_safe(answer)
        for path in ("/api", "/api/", "/API/runs", "//api/runs", "/login/", "/login.css/x", "/api/health/"):
            assert client.get(path).status_code == 401, path


def test_answers_with_the_token_are_as_safe(guarded: str) -> None:
    with httpx.Client(base_url=guarded) as client:
        client.post("/login", data={"token": TOKEN})
        for method, path, status in (
            *(("GET", "/", 200), ("GET", "/no/such/page", 200), ("GET", "/assets/no.js", 404)),
            *(("POST", "/", 405), ("PUT", "/runs", 404), ("POST", CALLBACK, 0), ("GET", CALLBACK, 405)),
            *(("GET", "/_dash-component-suites/os/x.py", 0), ("GET", "/api/runs/77", 404)),
            *(
                ("GET", "/api/", 303),
                ("GET", "/api/swagger", 200),
                ("GET", "/api/swagger/LICENSE", 404),
                ("PUT", "/api/runs", 405),
            ),
        ):
            answer = client.request(method, path)
            assert answer.status_code == status or not status, (method, path)  # 0: what Dash says to nonsense
            assert "Traceback" not in answer.text
            assert "site-packages" not in answer.text
            _is_safe(answer)


def _is_safe(answer: httpx.Response) -> None:
    """The headers that stand on every answer."""
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}


def test_the_cookie_is_of_the_server_alone(guarded: str) -> None:
    wrong = httpx.post(f"{guarded}/login", data={"token": "another-secret-of-signs"})
    assert wrong.status_code == 401
    assert "set-cookie" not in wrong.headers
    assert "not the token" in wrong.text
    right = httpx.post(f"{guarded}/login", data={"token": TOKEN})
    assert (right.status_code, right.headers["location"]) == (303, "/")
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in right.headers["set-cookie"]
    kept = dict(right.cookies)
    assert httpx.get(f"{guarded}/_dash-layout", cookies=kept).status_code == 200
    assert httpx.get(f"{guarded}/api/runs", cookies=kept).status_code == 200
    name, value = next(iter(kept.items()))
    forged = {name: value[:-1] + ("0" if value[-1] != "0" else "1")}
    assert httpx.get(f"{guarded}/_dash-layout", cookies=forged).status_code == 401
    assert httpx.get(f"{guarded}/api/runs", cookies=forged).status_code == 401


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/runs/7?tab=tables&table=days", "/runs/7?tab=tables&table=days"),
        ("/new/depot?upload=a%20b", "/new/depot?upload=a%20b"),
        ("//elsewhere.example/x", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("/api/runs", "/"),
        ("/logout", "/"),
        ("/runs\r\nset-cookie: a=b", "/"),
        ('/x"><script>', "/x%22%3E%3Cscript%3E"),
        ("/" + 3000 * "x", "/"),
    ],
)
def test_after_the_login_one_goes_on_to_our_own_pages_only(guarded: str, wanted: str, led: str) -> None:
    asked = httpx.get(f"{guarded}/login", params={"next": wanted})
    assert '"><script>' not in asked.text
    entered = httpx.post(f"{guarded}/login", data={"token": TOKEN, "next": wanted})
    assert (entered.status_code, entered.headers["location"]) == (303, led)


def test_a_session_ends_and_is_of_one_token() -> None:
    value = new_session(TOKEN, now_s=1000.0)
    assert is_session(TOKEN, value, now_s=1000.0 + LASTS_S - 1)
    assert not is_session(TOKEN, value, now_s=1000.0 + LASTS_S)
    assert not is_session("another-secret-of-signs", value, now_s=1001.0)
    until, _, seal = value.partition(".")
    for broken in ("", ".", "x", f"{int(until) + 9}.{seal}", f"{until}.", f".{seal}", f"{until}.\udce9"):
        assert not is_session(TOKEN, broken, now_s=1001.0)


def test_pages_of_other_origins_change_nothing(local: str, guarded: str) -> None:
    strange = {"origin": "http://elsewhere.example", "sec-fetch-site": "cross-site"}
    for address in (local, guarded):
        for path in (CALLBACK, "/login", "/logout", "/api/runs"):
            assert httpx.post(address + path, json={}, headers=strange).status_code in {401, 403}
    assert httpx.post(local + CALLBACK, json={}, headers=strange).status_code == 403
    assert httpx.get(local, headers={"host": "rebound.example"}).status_code == 403


def test_every_answer_says_what_may_be_loaded(local: str, guarded: str) -> None:
    for answer in (
        httpx.get(local),
        httpx.get(f"{guarded}/login"),
        httpx.get(f"{local}/assets/sparewatt.css"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "unsafe-inline" not in policy.replace("style-src 'self' 'unsafe-inline'", "")
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_too_much_is_refused_before_it_is_read(local: str, guarded: str) -> None:
    connection = http.client.HTTPConnection(local.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", CALLBACK)
    connection.putheader("content-length", "900000000")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    form = b"token=" + b"x" * 20_000
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert httpx.post(f"{guarded}/login", content=form, headers=kind).status_code == 413


def test_files_of_the_machine_are_no_assets(local: str) -> None:
    for path in ("/assets/../app.py", "/assets/..%2fapp.py", "/assets/%2e%2e/app.py", "/assets//etc/passwd"):
        answer = httpx.get(local + path)
        assert answer.status_code in {200, 404}
        assert "import" not in answer.text
        assert "root:" not in answer.text


@pytest.mark.browser
def test_the_api_is_tried_and_read_without_leaving(chromium: Browser, local: str) -> None:
    with look(chromium, local, color_scheme="dark") as page:
        page.goto("/api/")
        page.get_by_role("heading", name="Sparewatt API").wait_for()
        assert serious_findings(page) == []
        page.locator("summary", has_text="/checks").click()
        page.get_by_label("Example of a body").first.get_by_text('"overrides"').wait_for()
        page.get_by_role("link", name="Swagger").click()
        health = page.locator("#operations-server-health_health_get")
        health.get_by_role("button").first.click()
        health.get_by_role("button", name="Execute").click()
        health.locator(".live-responses-table").get_by_text('"ok"').wait_for()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_log_in_look_around_and_leave(chromium: Browser, guarded: str, scheme: str) -> None:
    with look(chromium, guarded, color_scheme=scheme, viewport={"width": 390, "height": 800}) as page:
        page.goto("/runs?text=van")
        page.get_by_role("heading", name="Sparewatt").wait_for()
        assert serious_findings(page) == []
        page.get_by_label("Token").fill(TOKEN)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("heading", name="Runs", level=1).wait_for()
        assert page.url.endswith("/runs?text=van")
        page.get_by_role("button", name="Log out").click()
        page.get_by_label("Token").wait_for()
        arrive(page, "/", "Sparewatt")
