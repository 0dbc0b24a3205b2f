"""Runs that wait, are cancelled and carried on; limits; neighbourhoods: without workers."""

from __future__ import annotations

import io
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparewatt.inputs.community.template import write_community_template
from sparewatt.results.store import Store
from sparewatt.results.store.outcomes import StoredLimit
from support.api_server import api_client, folder_files, is_problem
from support.command_line import write_fleet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("waiting")


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[httpx.Client]:
    with api_client(str(data / "store.db"), data) as client:
        yield client


@pytest.fixture
def upload(client: httpx.Client, tmp_path: Path) -> str:
    write_fleet(tmp_path, vehicles=2, days=2, kinds=("vans",))
    upload: str = client.post("/uploads", files=folder_files(tmp_path)).json()["id"]
    return upload


def test_a_run_waits_is_cancelled_and_waits_again(client: httpx.Client, upload: str) -> None:
    run = client.post("/runs", json={"inputs": upload, "overrides": ['name="mine"']})
    assert run.status_code == 202, run.text
    number = run.json()["id"]
    assert (run.json()["state"], run.json()["name"]) == ("queued", "mine")
    is_problem(client.get(f"/runs/{number}/result"), 409)
    is_problem(client.post(f"/runs/{number}/requeue"), 409)
    assert client.post(f"/runs/{number}/cancel").json()["state"] == "cancelled"
    is_problem(client.post(f"/runs/{number}/cancel"), 409)
    with client.stream("GET", f"/runs/{number}/events") as stream:
        assert next(line for line in stream.iter_lines() if line) == "event: end"
    again = client.post(f"/runs/{number}/requeue")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    client.post(f"/runs/{number}/cancel")


def test_a_run_keeps_a_copy_of_its_inputs(client: httpx.Client, upload: str) -> None:
    scenario = {"version": 1, "study": "depot", "name": "in JSON", "inputs": {"tables": "tables/"}}
    run = client.post("/runs", json={"inputs": upload, "scenario": scenario}).json()
    assert client.delete(f"/uploads/{upload}").status_code == 204
    told = client.get(f"/runs/{run['id']}/scenario").json()
    assert (told["name"], told["study"]) == ("in JSON", "depot")
    problem = is_problem(client.post("/runs", json={"inputs": upload, "scenario": scenario}), 404)
    assert "Upload the inputs again" in problem["detail"]


def test_runs_by_page(client: httpx.Client, upload: str) -> None:
    for _ in range(3):
        client.post("/runs", json={"inputs": upload, "overrides": ['name="many"']})
    seen, offset = [], 0
    while offset is not None:
        page = client.get("/runs", params={"text": "MAN", "offset": offset, "limit": 2}).json()
        seen += [run["id"] for run in page["items"]]
        offset = page["next"]
        assert page["total"] == 3
    assert len(seen) == 3
    assert seen == sorted(seen, reverse=True)
    for wrong in ({"limit": 0}, {"limit": 1001}, {"states": "lost"}, {"study": "none"}, {"foreign": 1}):
        is_problem(client.get("/runs", params=wrong), 422)


def test_limits_of_a_run(client: httpx.Client, data: Path) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    times = [start + timedelta(minutes=30 * i) for i in range(500)]
    upper = [50.0 - (i == 333) * 49 for i in range(500)]
    with Store.open(str(data / "store.db")) as store:
        run = store.create_run(study="network", name="feeder", directory=str(data / "feeder"), state="done")
        path = data / "feeder" / "series" / "limit_1.parquet"
        path.parent.mkdir(parents=True)
        stamps = pa.array(times, pa.timestamp("us", "UTC"))
        pq.write_table(pa.table({"datetime": stamps, "lower_kw": [-9.0] * 500, "upper_kw": upper}), path)
        places = (("1/1", "series/limit_1.parquet"), ("1/2", "../store.db"), ("1/3", str(path)))
        store.write_limits(run.id, [StoredLimit("headroom", zone, place) for zone, place in places])
    assert [limit["zone"] for limit in client.get(f"/runs/{run.id}/limits").json()] == ["1/1", "1/2", "1/3"]
    asked = {"name": "headroom", "zone": "1/1", "points": 10}
    lower, above = client.get(f"/runs/{run.id}/limits/window", params=asked).json()
    assert set(lower["values"]) == {-9.0}
    assert (min(above["values"]), max(above["values"]), above["rows"]) == (1.0, 50.0, 500)
    for zone in ("1/2", "1/3", "9/9"):
        is_problem(client.get(f"/runs/{run.id}/limits/window", params=asked | {"zone": zone}), 404)
    is_problem(client.get(f"/runs/{run.id}/result"), 410)


def test_a_neighbourhood_is_kept_changed_and_taken_out(
    client: httpx.Client, data: Path, tmp_path: Path
) -> None:
    write_community_template(tmp_path)
    upload = client.post("/uploads", files=folder_files(tmp_path)).json()["id"]
    asked = {"name": "Six houses", "inputs": upload, "folder": "neighbourhood"}
    kept = client.post("/neighbourhoods", json=asked)
    assert kept.status_code == 201, kept.text
    number = kept.json()["id"]
    assert [one["id"] for one in client.get("/neighbourhoods").json()["items"]] == [number]

    out = client.post(f"/neighbourhoods/{number}/load").json()
    assert {"neighbourhood/consumer_event.csv", "neighbourhood/neighbourhood.xml"} <= {
        file["name"] for file in out["files"]
    }
    scenario = {
        "version": 1,
        "study": "community",
        "inputs": {"folder": "neighbourhood/"},
        "community": {"time_zone": "Europe/London"},
    }
    checked = client.post("/checks", json={"inputs": out["id"], "scenario": scenario}).json()
    assert checked["ok"], checked

    changed = client.put(
        f"/neighbourhoods/{number}", json={"name": "Mine", "inputs": out["id"], "folder": "neighbourhood"}
    )
    assert (changed.status_code, changed.json()["name"]) == (200, "Mine")
    scores = f"/neighbourhoods/{number}/scores"
    new = client.get(scores).json()["scores"]
    assert new, "producers are told before they have traded"
    assert set(new.values()) == {10.0}
    with Store.open(str(data / "store.db")) as store:
        store.write_scores(number, {next(iter(new)): 4.5})
    assert client.get(scores).json() == {"scores": new | {next(iter(new)): 4.5}}
    assert client.delete(scores).json() == {"scores": new}
    assert client.get(scores).json() == {"scores": new}
    taken = client.get(f"/neighbourhoods/{number}/folder.zip")
    assert (taken.headers["content-type"], "mine.zip" in taken.headers["content-disposition"]) == (
        "application/zip",
        True,
    )
    with zipfile.ZipFile(io.BytesIO(taken.content)) as zipped:
        assert "neighbourhood/kept_as.json" in zipped.namelist()
    for wrong in ("..", "/etc", "nothing", "a\0b", "x" * 199):
        is_problem(client.post("/neighbourhoods", json=asked | {"folder": wrong}), 422)
    broken = tmp_path / "neighbourhood"
    (broken / "consumer_event.csv").write_text("1;2;three\n")
    bad = client.post("/uploads", files=folder_files(tmp_path)).json()["id"]
    assert is_problem(client.post("/neighbourhoods", json=asked | {"inputs": bad}), 422)["findings"]
    assert client.delete(f"/neighbourhoods/{number}").status_code == 204
    is_problem(client.get(f"/neighbourhoods/{number}"), 404)
    is_problem(client.post(f"/neighbourhoods/{number}/load"), 404)
    is_problem(client.get(scores), 404)
    is_problem(client.delete(scores), 404)


def test_files_that_are_gone_are_told(client: httpx.Client, data: Path) -> None:
    with Store.open(str(data / "store.db")) as store:
        run = store.create_run(
            study="depot", name="gone", directory=str(data / "nothing here"), state="failed"
        )
        store.set_run_state(run.id, "failed", error=f"Cannot write {data / 'nothing here'}/outcome.json")
        told = client.get(f"/runs/{run.id}").json()["error"]
        assert told == "Cannot write outcome.json"
        store.set_run_state(run.id, "done")
    is_problem(client.get(f"/runs/{run.id}/result"), 410)
    shutil.rmtree(data / "nothing here", ignore_errors=True)


def test_the_same_on_postgresql(postgres_database: str, tmp_path: Path) -> None:
    write_fleet(tmp_path / "fleet", vehicles=2, days=2, kinds=("vans",))
    with api_client(postgres_database, tmp_path / "my data") as client:
        upload = client.post("/uploads", files=folder_files(tmp_path / "fleet")).json()["id"]
        run = client.post("/runs", json={"inputs": upload}).json()
        assert run["state"] == "queued"
        assert client.get("/runs", params={"text": "SMALL"}).json()["total"] == 1
        assert client.post(f"/runs/{run['id']}/cancel").json()["state"] == "cancelled"
        nul = {"version": 1, "study": "depot", "name": "a\0b", "inputs": {"tables": "tables/"}}
        is_problem(client.post("/runs", json={"inputs": upload, "scenario": nul}), 422)
        is_problem(client.get("/runs/99"), 404)
        is_problem(client.get("/neighbourhoods/99"), 404)
