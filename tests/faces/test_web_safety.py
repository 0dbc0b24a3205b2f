"""Who is let in to the pages, and what stands around every answer."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import httpx
import pytest

from sparewatt.faces.web.session import LASTS_S, is_session, new_session
from support.web_pages import arrive, look, serious_findings, web_server

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    assert (page.status_code, page.headers["location"]) == (303, "/login")
    assert httpx.post(guarded + CALLBACK, json={}).status_code == 401
    assert httpx.get(f"{guarded}/api/runs").status_code == 401
    assert httpx.get(f"{guarded}/login").status_code == 200


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
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_log_in_look_around_and_leave(chromium: Browser, guarded: str, scheme: str) -> None:
    with look(chromium, guarded, color_scheme=scheme, viewport={"width": 390, "height": 800}) as page:
        page.goto("/runs")
        page.get_by_role("heading", name="Sparewatt").wait_for()
        assert serious_findings(page) == []
        page.get_by_label("Token").fill(TOKEN)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("heading", name="Find the spare watts").wait_for()
        page.get_by_role("button", name="Log out").click()
        page.get_by_label("Token").wait_for()
        arrive(page, "/", "Sparewatt")
