"""Uploads: what is refused says why, and nothing of it stays (spec/faces.md section 7)."""

from __future__ import annotations

import csv
import io
import time
import unicodedata
import zipfile
from typing import TYPE_CHECKING

import pytest

from sparewatt.faces.api.place import UploadLimits
from sparewatt.faces.api.upload_files import KEPT_DAYS, clear_old
from support.api_server import api_client, api_server, folder_files, is_problem, zip_of
from support.command_line import write_fleet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

LIMITS = UploadLimits(
    request_bytes=3_000_000, file_bytes=2_000_000, total_bytes=4_000_000, files=30, rows=1000
)
BOMB = b"0" * 1_900_000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[httpx.Client]:
    with api_client(str(data / "store.db"), data, upload_limits=LIMITS) as client:
        yield client


def _refused(client: httpx.Client, data: Path, rule: str, *files: tuple[str, bytes]) -> str:
    """An upload is refused by a rule, and nothing is kept of it; what the finding says."""
    before = sorted((data / "uploads").glob("*"))
    answer = client.post("/uploads", files=[("files", file) for file in files])
    findings = is_problem(answer, 422)["findings"]
    assert {f["rule"] for f in findings} == {rule}
    assert all(f["message"] and f["remedy"] for f in findings)
    assert sorted((data / "uploads").glob("*")) == before
    return " ".join(f"{f['where']} {f['message']}" for f in findings)


@pytest.mark.parametrize(
    "name", ["run.exe", "model.pkl", "page.html", "tables", "a.csv.py", "macro.xlsm", "image.png"]
)
def test_wrong_kind(client: httpx.Client, data: Path, name: str) -> None:
    said = _refused(client, data, "api.upload.kind", (name, b"x"), ("good.csv", b"a\n1\n"))
    assert "is of a kind that no input has" in said


@pytest.mark.parametrize(
    "name",
    [
        *("../evil.csv", "tables/../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "..\\evil.csv"),
        *(".hidden.csv", "a/b/c/d/e/f/g.csv", "con.csv", "x" * 200 + ".csv", "a\u202e.csv", "tables//x.csv"),
    ],
)
def test_names_stay_inside(client: httpx.Client, data: Path, name: str) -> None:
    if not name.startswith("C:"):  # what a browser of long ago sends: the form's reader takes its last part
        _refused(client, data, "api.upload.name", (name, b"a\n1\n"))
    _refused(client, data, "api.upload.name", ("good.zip", zip_of({name: b"a\n1\n"})))
    assert not list(data.parent.glob("evil*"))


@pytest.mark.parametrize("name", ["hub.xlsx", "meters.parquet", "tables.csv", "jobs.json", "houses.xml"])
def test_content_is_what_the_name_says(client: httpx.Client, data: Path, name: str) -> None:
    rule = "community.xml.form" if name.endswith("xml") else "api.upload.text"
    _refused(client, data, rule, (name, b"\x7fELF\0\0"[: 4 if name.endswith("xml") else None]))


def test_xml_entities(client: httpx.Client, data: Path) -> None:
    lol = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><neighbourhood>&b;</neighbourhood>'
    assert "entities" in _refused(client, data, "community.xml.entities", ("neighbourhood.xml", lol))
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><neighbourhood>&a;</neighbourhood>'
    _refused(client, data, "community.xml.entities", ("in.zip", zip_of({"neighbourhood.xml": outside})))


def test_zip_bombs(client: httpx.Client, data: Path) -> None:
    said = _refused(client, data, "api.upload.ratio", ("bomb.zip", zip_of({"a.csv": BOMB})))
    assert "times its size" in said
    book = zip_of({"[Content_Types].xml": b"<x/>", "xl/worksheets/sheet1.xml": BOMB})
    _refused(client, data, "api.upload.ratio", ("hub.xlsx", book))
    many = zip_of({f"{i}.csv": b"a\n" for i in range(31)})
    _refused(client, data, "api.upload.files", ("many.zip", many))
    _refused(client, data, "api.upload.zip", ("broken.zip", many[:300]))


def test_a_zip_that_lies_about_its_sizes(client: httpx.Client, data: Path) -> None:
    honest = zip_of({"a.csv": b"0123456789" * 250_000})
    size = (2_500_000).to_bytes(4, "little")
    assert honest.count(size) == 2
    answer = client.post("/uploads", files={"files": ("lie.zip", honest.replace(size, b"\x0a\0\0\0"))})
    assert {f["rule"] for f in is_problem(answer, 422)["findings"]} <= {"api.upload.zip", "api.upload.size"}


def test_what_file_managers_put_in_is_left_out_and_names_are_told_apart_as_people_do(
    client: httpx.Client, data: Path
) -> None:
    junk = {"__MACOSX/._a.csv": b"\0\5", ".DS_Store": b"\0", "t/._b.csv": b"\0", "t/Thumbs.db": b"\0"}
    wanted = {"t/Stra\u00dfe.csv": b"a\n1\n", unicodedata.normalize("NFD", "\u00e9.csv"): b"a\n1\n"}
    kept = client.post("/uploads", files={"files": ("a.zip", zip_of(junk | wanted))})
    assert [f["name"] for f in kept.json()["files"]] == ["t/Stra\u00dfe.csv", "\u00e9.csv"], kept.text
    twice = ("\u00e9.csv", b"a\n"), (unicodedata.normalize("NFD", "\u00c9.csv"), b"a\n")
    assert "is there twice" in _refused(client, data, "api.upload.name", *twice)
    assert "is there twice" in _refused(client, data, "api.upload.name", ("A.csv", b"a\n"), ("a.csv", b"a\n"))
    _refused(client, data, "api.upload.files", *((f"{i}.csv", b"a\n") for i in range(1100)))
    letter = zip_of({"[Content_Types].xml": b"", "word/a.xml": b""})
    _refused(client, data, "api.upload.text", ("a.xlsx", letter))
    full = zip_of({f"{i}.csv": b"0" * 999_000 for i in range(9)})
    _refused(client, data, "api.upload.size", ("a.zip", full))
    nameless = is_problem(client.post("/uploads", files={"files": ("", b"a\n")}), 422)
    assert "is no file with a name" in nameless["findings"][0]["message"]
    program = client.post("/uploads", files={"files": ("a.exe", b"MZ")})
    assert "Nothing of the upload was kept" in is_problem(program, 422)["detail"]


def test_links_in_a_zip(client: httpx.Client, data: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        link = zipfile.ZipInfo("a.csv")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        zipped.writestr(link, "/etc/passwd")
    _refused(client, data, "api.upload.zip", ("link.zip", out.getvalue()))


def test_too_much(client: httpx.Client, data: Path) -> None:
    _refused(client, data, "api.upload.rows", ("a.csv", b"1\n" * 1001))
    _refused(client, data, "api.upload.size", ("a.csv", b"1" * 2_000_001))
    _refused(client, data, "api.upload.name", ("a.csv", b"1\n"), ("A.csv", b"1\n"))
    problem = is_problem(client.post("/uploads", files={"files": ("a.csv", b"1" * 3_100_000)}), 413)
    assert "at most 3,000,000 bytes" in problem["detail"]


def test_200_megabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    import socket  # noqa: PLC0415 - of this test alone

    with api_server(str(tmp_path / "s.db"), tmp_path) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as wire:
            began = time.monotonic()
            head = f"POST /uploads HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 200000000\r\n"
            wire.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode())
            said = wire.recv(65536)
            assert said.startswith(b"HTTP/1.1 413")
            assert time.monotonic() - began < 5


def test_a_body_without_length_is_counted(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
        for _ in range(60):
            yield b"1" * 100_000
        yield b"\r\n--x--\r\n"

    kind = {"content-type": "multipart/form-data; boundary=x"}
    is_problem(client.post("/uploads", content=endless(), headers=kind), 413)


def test_folders_and_zips_are_kept_and_checked(client: httpx.Client, tmp_path: Path) -> None:
    write_fleet(tmp_path, vehicles=2, days=2, kinds=("vans",))
    files = folder_files(tmp_path)
    sent = client.post("/uploads", files=files)
    assert sent.status_code == 201, sent.text
    upload = sent.json()
    assert {f["name"] for f in upload["files"]} == {name for _, (name, _) in files}
    zipped = client.post("/uploads", files={"files": ("all.zip", zip_of(dict(f for _, f in files)))}).json()
    assert zipped["files"] == upload["files"]
    for one in (upload["id"], zipped["id"]):
        checked = client.post("/checks", json={"inputs": one}).json()
        assert checked["ok"], checked
    assert client.get(f"/uploads/{upload['id']}").json() == upload
    assert client.delete(f"/uploads/{upload['id']}").status_code == 204
    is_problem(client.get(f"/uploads/{upload['id']}"), 404)
    is_problem(client.post("/checks", json={"inputs": upload["id"]}), 404)


def test_single_files_come_back_as_they_were(client: httpx.Client, data: Path) -> None:
    given = {
        "tables/t_client.csv": (b"a;b\r\n=1+1;\xff\n", "text/csv; charset=utf-8"),
        "Z\u00fcrich (2).json": (b'{"a": 1}', "application/json"),
        "scenario.toml": (b"version = 1\n", "application/toml"),
        "houses.xml": (b"<a/>", "application/xml"),
        "Master.DSS": (b"clear\n", "text/plain; charset=utf-8"),
    }
    files = [("files", (name, content)) for name, (content, _) in given.items()]
    upload = client.post("/uploads", files=files).json()["id"]
    for name, (content, kind) in given.items():
        answer = client.get(f"/uploads/{upload}/files/{name}")
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, content, kind)
        assert answer.headers["content-disposition"].startswith("attachment; filename")
        assert answer.headers["x-content-type-options"] == "nosniff"
    (data / "uploads" / upload / "link.csv").symlink_to("/etc/passwd")
    (data / "secret.csv").write_text("a\n1\n")
    for name in (
        *(
            "nothing.csv",
            "tables",
            "link.csv",
            "scenario.toml/",
            "SCENARIO.TOML",
            "%00",
            "tables//t_client.csv",
        ),
        *(
            "..%2F..%2Fsecret.csv",
            "%2e%2e/%2e%2e/secret.csv",
            "%2Fetc%2Fpasswd",
            "tables%2F..%2Fscenario.toml",
        ),
    ):
        is_problem(client.get(f"/uploads/{upload}/files/{name}"), 404)
    for other in ("0" * 32, "..", upload.upper(), f"{upload}%2F.."):
        is_problem(client.get(f"/uploads/{other}/files/scenario.toml"), 404)


def test_findings_name_no_folder_of_the_server(client: httpx.Client, tmp_path: Path) -> None:
    scenario = write_fleet(tmp_path, vehicles=2, days=2, kinds=("vans",))
    table = tmp_path / "tables" / "t_route_master.csv"
    rows = list(csv.reader(io.StringIO(table.read_text())))
    rows[1] = ["nonsense"] * len(rows[1])
    table.write_text("\n".join(",".join(row) for row in rows))
    upload = client.post("/uploads", files=folder_files(tmp_path)).json()["id"]
    answer = client.post("/checks", json={"inputs": upload})
    assert answer.status_code == 200
    checked = answer.json()
    assert not checked["ok"]
    assert "/tmp" not in answer.text
    assert "uploads" not in answer.text
    assert any(f["where"].startswith("t_route_allocated row 2") for f in checked["findings"]), checked
    refused = is_problem(client.post("/runs", json={"inputs": upload}), 422)
    assert refused["findings"] == checked["findings"]
    assert client.get("/runs").json()["items"] == []

    scenario.write_text("version = 1\nstudy = depot\n")
    upload = client.post("/uploads", files=folder_files(tmp_path)).json()["id"]
    (finding,) = is_problem(client.post("/checks", json={"inputs": upload}), 422)["findings"]
    assert finding["rule"] == "scenario.file"


@pytest.mark.parametrize("tables", ["postgresql://u:p@10.0.0.1/x", "sqlite:////etc/passwd", "../", "/etc"])
def test_a_scenario_reads_its_upload_alone(client: httpx.Client, tables: str) -> None:
    upload = client.post("/uploads", files={"files": ("a.csv", b"a\n1\n")}).json()["id"]
    scenario = {"version": 1, "study": "depot", "inputs": {"tables": tables}}
    problem = is_problem(client.post("/checks", json={"inputs": upload, "scenario": scenario}), 422)
    assert problem["findings"][0]["rule"] in {"api.scenario.database", "scenario.path"}


def test_misspelt_keys_are_told_with_the_nearest(client: httpx.Client) -> None:
    upload = client.post("/uploads", files={"files": ("a.csv", b"a\n1\n")}).json()["id"]
    scenario = {"version": 1, "study": "depot", "inputs": {"tables": "t/"}, "depot": {"horizon_dais": 2}}
    problem = is_problem(client.post("/checks", json={"inputs": upload, "scenario": scenario}), 422)
    assert "horizon_days" in problem["findings"][0]["remedy"] + problem["findings"][0]["message"]


def test_old_uploads_go(tmp_path: Path) -> None:
    (tmp_path / ("a" * 32)).mkdir()
    clear_old(tmp_path)
    assert list(tmp_path.iterdir())
    clear_old(tmp_path, now_s=time.time() + (KEPT_DAYS + 1) * 86400)
    assert not list(tmp_path.iterdir())
