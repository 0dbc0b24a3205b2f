"""The API over a real socket, and runs to be read through it."""

from __future__ import annotations

import contextlib
import io
import threading
import time
import zipfile
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import httpx
import uvicorn

from sparewatt.faces.api import make_api
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.studies.run_place import RunPlace
from sparewatt.studies.study import study_of
from support.command_line import write_fleet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@contextlib.contextmanager
def api_server(store_url: str, data: Path, **settings: Any) -> Iterator[str]:
    """Address of a server with the API, in a thread of this process."""
    app = make_api(store_url, data, **{"token": None, **settings})
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < until
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


@contextlib.contextmanager
def api_client(store_url: str, data: Path, **settings: Any) -> Iterator[httpx.Client]:
    """A client of such a server."""
    with api_server(store_url, data, **settings) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def run_fleet(folder: Path, store_url: str, data: Path, name: str = "small", **fleet: Any) -> int:
    """Run a small depot to its end, without the pictures of its report; its number."""
    scenario = read_scenario(write_fleet(folder, name=name, **fleet))
    place = RunPlace(store_url, lambda number: data / f"{number}-{name}", 1)
    with patch("sparewatt.results.report.write_report", lambda folder: folder.path / "report.html"):
        return study_of(scenario).run(scenario, place).run_id


def folder_files(folder: Path) -> list[tuple[str, tuple[str, bytes]]]:
    """The files of a folder as fields of an upload."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file())
    return [("files", (p.relative_to(folder).as_posix(), p.read_bytes())) for p in paths]


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """A zip of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return out.getvalue()


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem of an answer, judged by form: its kind, its status, no path and no stack in it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert "Traceback" not in answer.text
    for mark in ("/tmp/", "/work/main", "/home/", "/usr/", "site-packages"):
        assert mark not in answer.text, answer.text
    return problem
