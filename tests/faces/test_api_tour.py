"""A run from the example to its results over HTTP, with the real server and its workers."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
import time
import zipfile
from typing import TYPE_CHECKING, Any

import httpx
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from support.api_server import folder_files, is_problem
from support.command_line import clean_environment, wait_for, write_fleet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.command_line import Here

TOKEN = "a-secret-of-many-signs"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[httpx.Client]:
    """The API of `sparewatt serve` in a process of its own, with a worker."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sparewatt", "serve", "--port", "0"],
        cwd=folder,
        env=clean_environment(SPAREWATT_TOKEN=TOKEN, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    try:
        address = re.search(r"http://localhost:\d+", process.stdout.readline())[0]
        bearer = {"authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=f"{address}/api", headers=bearer, timeout=60) as client:
            wait_for(lambda: _answers(client))
            yield client
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "Traceback" not in said


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def _events(client: httpx.Client, run: int) -> list[tuple[str, dict[str, Any]]]:
    """The events of a run until the stream ends."""
    found, kind = [], ""
    with client.stream("GET", f"/runs/{run}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                found.append((kind, json.loads(line.removeprefix("data: "))))
    return found


@pytest.fixture(scope="module")
def run(server: httpx.Client) -> int:
    """The depot's example, started and followed to its end."""
    began = time.monotonic()
    asked = server.post("/examples/depot")
    assert asked.status_code == 202
    assert asked.json()["state"] == "queued"
    assert asked.headers["location"] == f"runs/{asked.json()['id']}"
    assert time.monotonic() - began < 10  # nobody waits for the run
    events = _events(server, asked.json()["id"])
    assert [kind for kind, _ in events[:-1]] == ["progress"] * (len(events) - 1)
    kind, last = events[-1]
    assert (kind, last["state"], last["progress"]) == ("end", "done", 1.0), last
    shares = [body["progress"] for _, body in events]
    assert shares == sorted(shares)
    return asked.json()["id"]


def test_only_health_answers_without_the_token(server: httpx.Client) -> None:
    address = str(server.base_url)
    assert httpx.get(f"{address}health").status_code == 200
    for path in ("runs", "docs", "openapi.json"):
        is_problem(httpx.get(f"{address}{path}"), 401)
    home = httpx.get(address.removesuffix("api/"))
    assert (home.status_code, home.text) == (401, "Log in first.")
    assert server.get("/openapi.json").json()["servers"] == [{"url": "/api"}]
    assert "GET, POST" in server.delete("/uploads").headers["allow"] + server.delete("/runs").headers["allow"]


def test_results(server: httpx.Client, run: int) -> None:
    result = server.get(f"/runs/{run}/result").json()
    assert result["outcome"]["study"] == "depot"
    assert result["sentences"]
    assert {"unmanaged", "smart"} <= set(result["kpis"]["columns"])
    assert server.get(f"/runs/{run}/scenario").json()["study"] == "depot"
    inputs = {file["name"]: file["size"] for file in server.get(f"/runs/{run}/inputs").json()}
    assert {"scenario.toml", "inputs/t_client.csv"} <= set(inputs)
    for name, size in inputs.items():
        kept = server.get(f"/runs/{run}/inputs/{name}")
        assert (kept.status_code, len(kept.content)) == (200, size)
        assert "attachment" in kept.headers["content-disposition"]
    for name in ("outcome.json", "inputs%2F..%2Foutcome.json", "inputs", "report.html"):
        is_problem(server.get(f"/runs/{run}/inputs/{name}"), 404)
    report = server.get(f"/runs/{run}/report")
    assert report.text.startswith("<!doctype html>")
    assert "sandbox" in report.headers["content-security-policy"]


def test_tables_by_page_and_as_csv(server: httpx.Client, run: int) -> None:
    names = server.get(f"/runs/{run}/tables").json()
    assert {"scenarios", "days", "comparison", "findings"} <= set(names)
    whole = server.get(f"/runs/{run}/tables/comparison").json()
    pages, offset = [], 0
    while offset is not None:
        page = server.get(f"/runs/{run}/tables/comparison", params={"offset": offset, "limit": 3}).json()
        pages += page["rows"]
        offset = page["next"]
    assert pages == whole["rows"]
    assert len(pages) == whole["total"]
    at = whole["columns"].index
    asked = {"where": ["unit:is:KWH", "kpi:lacks:gap"], "sort": ["-unmanaged", "kpi"], "limit": 2}
    part = server.get(f"/runs/{run}/tables/comparison", params=asked).json()
    wanted = [r for r in whole["rows"] if r[at("unit")] == "kWh" and "gap" not in r[at("kpi")].lower()]
    wanted.sort(key=lambda r: (-r[at("unmanaged")], r[at("kpi")].lower()))
    assert (part["rows"], part["matching"], part["total"]) == (wanted[:2], len(wanted), whole["total"])
    assert (part["next"], len(wanted) > 2) == (2, True)
    for wrong in (
        "kpi",
        "kpi:near:x",
        "unmanaged:above:much",
        "nothing:is:1",
        "unmanaged:between:1",
        "kpi:is:",
    ):
        params = {"where": wrong}
        is_problem(server.get(f"/runs/{run}/tables/comparison", params=params), 422)
    text = server.get(f"/runs/{run}/tables/comparison/csv")
    assert text.headers["content-type"].startswith("text/csv")
    assert len(text.text.splitlines()) == whole["total"] + 1
    for name in ("nothing", "..%2foutcome", "%2fetc%2fpasswd", "scenarios.csv"):
        assert server.get(f"/runs/{run}/tables/{name}").status_code in {404, 422}


def test_series_whole_and_by_window(server: httpx.Client, run: int) -> None:
    series = {one["name"]: one for one in server.get(f"/runs/{run}/series").json()}
    site = next(name for name in series if name.endswith("_site"))
    assert series[site]["time"] == "datetime"
    table = pq.read_table(io.BytesIO(server.get(f"/runs/{run}/series/{site}/parquet").content))
    assert len(table) == series[site]["rows"]
    (line,) = server.get(
        f"/runs/{run}/series/{site}/window", params={"columns": "site_kw", "points": 6}
    ).json()
    values = table["site_kw"].to_pylist()
    assert (max(line["values"]), min(line["values"])) == (max(values), min(values))
    assert len(line["values"]) <= 6 < line["rows"] == len(values)
    demand = next(name for name in series if name.endswith("_demand"))
    table = pq.read_table(io.BytesIO(server.get(f"/runs/{run}/series/{demand}/parquet").content))
    vehicle = table["allocated_vehicle_id"][0].as_py()
    start, end = table["datetime"][2].as_py(), table["datetime"][7].as_py()
    asked = {"columns": ["soc", "power_kw"], "where": f"allocated_vehicle_id:{vehicle}"}
    asked |= {"start": start.isoformat(), "end": end.isoformat()}
    soc, power = server.get(f"/runs/{run}/series/{demand}/window", params=asked).json()
    assert soc["values"] == table["soc"].to_pylist()[2:7]
    assert power["values"] == table["power_kw"].to_pylist()[2:7]
    for wrong in ({"columns": "nothing"}, {"columns": "charger"}, {"columns": "soc", "where": "nothing:1"}):
        problem = is_problem(server.get(f"/runs/{run}/series/{demand}/window", params=wrong), 422)
        assert problem["findings"][0]["rule"] == "results.series"


@pytest.mark.parametrize("to", ["csv", "xlsx", "parquet", "html", "bundle"])
def test_exports(server: httpx.Client, run: int, folder: Path, to: str) -> None:
    answer = server.get(f"/runs/{run}/export", params={"to": to})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    if to == "html":
        assert answer.text.startswith("<!doctype html>")
    else:
        names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
        assert {"csv": "site.csv", "parquet": "site.parquet", "bundle": "outcome.json"}.get(
            to, "xl/workbook.xml"
        ) in names
    wait_for(lambda: not list((folder / "sparewatt-data").glob(".export-*")), 10)


def test_a_bundle_comes_back_and_is_compared(server: httpx.Client, run: int) -> None:
    bundle = server.get(f"/runs/{run}/export", params={"to": "bundle"}).content
    taken = server.post("/bundles", files={"bundle": ("b.zip", bundle)})
    assert taken.status_code == 201, taken.text
    other = taken.json()["run"]
    assert other["state"] == "done"
    assert (
        server.get(f"/runs/{other['id']}/result").json()["outcome"]
        == (server.get(f"/runs/{run}/result").json()["outcome"])
    )
    scenarios = [server.get(f"/runs/{number}/scenario").json() for number in (run, other["id"])]
    assert scenarios[0]["depot"] == scenarios[1]["depot"]
    compared = server.get("/compare", params={"runs": [run, other["id"]]}).json()
    assert len(compared["columns"]) == 2
    assert all(row[f"{compared['columns'][1]} verdict"] in {"same", "unknown"} for row in compared["rows"])
    assert server.get("/compare", params={"runs": [run]}).json()["columns"] == ["unmanaged", "smart"]
    for broken in (b"no zip", bundle[:2000]):
        is_problem(server.post("/bundles", files={"bundle": ("b.zip", broken)}), 422)
    listed = server.get("/runs", params={"study": "depot", "states": ["done", "failed"], "limit": 1}).json()
    assert (listed["items"][0]["id"], listed["next"]) == (other["id"], 1)
    assert server.get("/runs", params={"text": "nobody"}).json()["items"] == []


def test_the_command_line_reads_the_same_run(
    server: httpx.Client, run: int, folder: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (shown,) = [one for one in json.loads(here("runs", "--json").out) if one["run"] == run]
    assert shown["state"] == "done"
    assert server.get(f"/runs/{run}").json()["input_hash"] == shown["input_hash"]


def test_formulas_in_inputs_are_no_formulas_in_exports(server: httpx.Client, tmp_path: Path) -> None:
    write_fleet(tmp_path, vehicles=2, days=2, kinds=("vans",))
    table = tmp_path / "tables" / "t_route_allocated.csv"
    table.write_text(table.read_text().replace(",1001,", ",=1+1,"))
    upload = server.post("/uploads", files=folder_files(tmp_path)).json()["id"]
    run = server.post("/runs", json={"inputs": upload}).json()
    assert _events(server, run["id"])[-1][1]["state"] == "done"
    exported = server.get(f"/runs/{run['id']}/export", params={"to": "csv"})
    with zipfile.ZipFile(io.BytesIO(exported.content)) as zipped:
        demand = zipped.read("t_charge_demand.csv").decode()
    assert "'=1+1" in demand
    assert ",=" not in demand
    workbook = server.get(f"/runs/{run['id']}/export", params={"to": "xlsx"})
    sheet = load_workbook(io.BytesIO(workbook.content))["t_charge_demand"]
    kinds = {cell.data_type for row in sheet for cell in row if str(cell.value).endswith("=1+1")}
    assert kinds == {"s"}
