"""Token, origin, names, headers, and `sparewatt serve` at its door (spec/faces.md section 7)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sparewatt.faces.api.clean import clean_text
from sparewatt.results.store import Store
from support.api_server import api_client, is_problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from support.command_line import Here

TOKEN = "a-secret-of-many-signs"
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    data = tmp_path_factory.mktemp("guarded")
    with api_client(str(data / "store.db"), data, token=TOKEN) as client:
        yield client


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    data = tmp_path_factory.mktemp("local")
    with api_client(str(data / "store.db"), data) as client:
        yield client


def test_without_the_token_nothing_but_health_answers(guarded: httpx.Client) -> None:
    document = guarded.get("/openapi.json", headers=BEARER).json()
    assert document["security"] == [{"token": []}]
    asked = 0
    for path, operations in document["paths"].items():
        for method in operations:
            answer = guarded.request(method, path.replace("{", "").replace("}", ""))
            if path == "/health":
                assert answer.status_code == 200
            else:
                is_problem(answer, 401)
                assert answer.headers["www-authenticate"] == "Bearer"
                asked += 1
    assert asked > 25
    for path in (
        "/docs",
        "/docs.css",
        "/openapi.json",
        "/nothing",
        "/health/../runs",
        "//health",
        "/health/",
    ):
        is_problem(guarded.get(path), 401)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        "Bearer \xe9",
        f"Bearer {TOKEN.upper()}",
    ],
)
def test_wrong_tokens(guarded: httpx.Client, given: str) -> None:
    is_problem(guarded.get("/runs", headers={"authorization": given.encode("latin-1")}), 401)


def test_the_token_opens(guarded: httpx.Client) -> None:
    assert guarded.get("/runs", headers=BEARER).json() == {"items": [], "offset": 0, "total": 0, "next": None}
    assert guarded.get("/docs", headers=BEARER).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_changes_from_another_origin_are_refused(
    local: httpx.Client, guarded: httpx.Client, headers: dict[str, str]
) -> None:
    is_problem(local.post("/examples/depot", headers=headers), 403)
    is_problem(guarded.post("/examples/depot", headers=headers | BEARER), 403)
    assert local.get("/runs", headers=headers).json()["items"] == []


def test_changes_from_the_own_origin_pass(local: httpx.Client) -> None:
    own = {"origin": str(local.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}
    is_problem(local.post("/runs/7/cancel", headers=own), 404)


@pytest.mark.parametrize("host", ["rebound.example", "127.0.0.1.example", "localhost.example:80", "", "[::1"])
def test_without_a_token_foreign_names_are_refused(local: httpx.Client, host: str) -> None:
    is_problem(local.get("/runs", headers={"host": host}), 403)


def test_headers_stand_on_every_answer(local: httpx.Client) -> None:
    for path in ("/health", "/docs", "/docs.css", "/runs", "/runs/9", "/nothing", "/openapi.json"):
        headers = local.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers or headers["server"] == "uvicorn"


def test_the_documentation_loads_nothing_from_elsewhere(local: httpx.Client) -> None:
    page = local.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page
    for said in ("/runs/{run_id}/events", "agreed supply", "Problem", "DepotSettings"):
        assert said.lower() in page.lower(), said


def test_bodies_that_are_none(local: httpx.Client) -> None:
    kind = {"content-type": "application/json"}
    for body in (b"\xff", b"[" * 90_000):
        is_problem(local.post("/checks", content=body, headers=kind), 400)
    for body in (b"{", b"[]", b"null", b'{"inputs": 3}', b'{"inputs": "x", "more": 1}'):
        problem = is_problem(local.post("/checks", content=body, headers=kind), 422)
        assert problem["findings"][0]["rule"] == "api.request"
    is_problem(local.post("/checks", content=b"1" * 4_100_000, headers=kind), 413)
    half = b'{"inputs": "x", "scenario": {"version": 1, "study": "depot", "\\ud800": "\\ud800"}}'
    is_problem(local.post("/checks", content=half, headers=kind), 422)
    is_problem(local.put("/runs"), 405)


def test_a_bug_tells_no_stack(local: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("at /work/main/secret.py")

    monkeypatch.setattr(Store, "list_runs", broken)
    answer = local.get("/runs")
    problem = is_problem(answer, 500)
    assert "secret" not in problem["detail"]
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("this is no database, and has never been one\n" * 40)
    with api_client(str(tmp_path / "store.db"), tmp_path) as client:
        assert client.get("/health").status_code == 200
        is_problem(client.get("/runs"), 503)


def test_a_store_of_another_version(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store.open(path) as store:
        store.create_run(study="depot", name="of long ago", state="running")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE runs SET started = '2026-03-01 12:00:00.5'")  # without its offset
    with api_client(str(path), tmp_path) as client:
        assert client.get("/runs/1").json()["started"] == "2026-03-01T12:00:00.500000Z"
        assert "no neighbourhood 7" in is_problem(client.get("/neighbourhoods/7"), 404)["detail"]
        assert "no run 7" in is_problem(client.post("/runs/7/requeue"), 404)["detail"]
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE sparewatt_schema SET version_num = '0099'")
    with api_client(str(path), tmp_path) as client:
        assert "Install that one" in is_problem(client.get("/runs"), 503)["detail"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("cannot write /var/data/run 3/x.csv", "cannot write run 3/x.csv"),
        ("zone 2/4 of run 3", "zone 2/4 of run 3"),
        ("in C:\\Users\\me\\hub.xlsx, sheet", "in hub.xlsx, sheet"),
        ("see https://example.org/a/b", "see https://example.org/a/b"),
        ("postgresql+psycopg://u:p@host/db is away", "the database is away"),
        ("price 0.30 currency/kWh", "price 0.30 currency/kWh"),
    ],
)
def test_texts_lose_their_paths(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@pytest.mark.parametrize(
    ("host", "token", "said"),
    [
        ("0.0.0.0", "", "SPAREWATT_TOKEN"),
        ("::", "", "SPAREWATT_TOKEN"),
        ("0.0.0.0", "short", "at least 16"),
        ("127.0.0.1", "short", "at least 16"),
        ("no.such.host.invalid", TOKEN, "Cannot listen"),
    ],
)
def test_serve_refuses_to_stand_open(
    here: Here, monkeypatch: pytest.MonkeyPatch, host: str, token: str, said: str
) -> None:
    monkeypatch.setenv("SPAREWATT_TOKEN", token)
    assert said in here("serve", "--host", host, "--port", 0, code=1).words
    assert not list(here.folder.iterdir())
