"""Uploads as pages work with them: begun, added to, guessed at; tables read and written back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook, load_workbook

from sparewatt.faces.api.place import ApiPlace
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.upload_files import list_files, new_upload
from sparewatt.faces.web.depot_place import find_tables
from sparewatt.faces.web.parts.table_editor import table_key
from sparewatt.faces.web.parts.table_files import (
    ROW_NUMBER,
    read_file_table,
    read_whole_table,
    write_file_table,
)
from sparewatt.faces.web.parts.table_places import TablePlace, TablePlaces
from sparewatt.faces.web.parts.table_rows import grid_query, rows_words
from sparewatt.faces.web.parts.table_sheets import sheet_names
from sparewatt.faces.web.parts.table_words import column_words
from sparewatt.faces.web.parts.upload_folder import (
    add_upload,
    begin_from_example,
    first_draft,
    guess_inputs,
    lift_folder,
    scenario_problem,
    upload_choices,
    upload_file,
)
from sparewatt.results.table_page import page_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[ApiPlace]:
    made = ApiPlace(f"sqlite:///{tmp_path / 's.db'}", tmp_path / "data")
    yield made
    made.close()


def upload(place: ApiPlace, files: dict[str, str]) -> str:
    def write(folder: Path) -> None:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)

    return new_upload(place.uploads, write)


@pytest.mark.parametrize(
    ("study", "names", "inputs"),
    [
        ("depot", ["x/t_sites.csv", "x/t_client.csv"], {"tables": "x/"}),
        ("depot", ["t_sites.csv"], {"tables": "./"}),
        ("cluster", ["a/hub.xlsx"], {"workbook": "a/hub.xlsx"}),
        ("cluster", ["t/Fleet.csv", "t/Cluster1.csv"], {"tables": "t/"}),
        (
            "network",
            ["grid/Master.dss", "grid/Load_profiles.csv", "meters.parquet"],
            {"master": "grid/Master.dss", "profiles": "meters.parquet"},
        ),
        ("network", ["net.json"], {"network": "net.json"}),
        ("community", ["n/neighbourhood.xml", "n/loads/1.csv"], {"folder": "n/"}),
        ("community", ["readme.txt"], {}),
    ],
)
def test_files_are_guessed_by_their_names(study: str, names: list[str], inputs: dict[str, str]) -> None:
    assert guess_inputs(study, names) == inputs


def test_an_upload_takes_more_files_over_those_of_the_same_name(place: ApiPlace) -> None:
    first = upload(place, {"tables/a.csv": "1", "b.csv": "2"})
    add_upload(place, first, upload(place, {"b.csv": "3", "c/d.csv": "4"}))
    folder = place.uploads / first
    assert [name for name, _ in list_files(folder)] == ["b.csv", "c/d.csv", "tables/a.csv"]
    assert (folder / "b.csv").read_text() == "3"
    assert len(list(place.uploads.iterdir())) == 1
    with pytest.raises(ProblemError, match="folder"):
        add_upload(place, first, upload(place, {"b.csv/e.csv": "5"}))
    with pytest.raises(ProblemError, match="no such file"):
        upload_file(place, first, "../x.csv")
    assert upload_choices(folder) == ["./", "c/", "tables/", "b.csv", "c/d.csv", "tables/a.csv"]


def test_one_folder_with_a_scenario_is_the_upload(place: ApiPlace) -> None:
    folder = place.uploads / upload(place, {"hub/scenario.toml": 'study = "cluster"', "hub/a/b.csv": ""})
    lift_folder(folder)
    assert [name for name, _ in list_files(folder)] == ["a/b.csv", "scenario.toml"]
    assert first_draft(folder, "cluster") == {"study": "cluster"}
    assert scenario_problem(folder) == ""
    (folder / "scenario.toml").write_text("study =")
    assert first_draft(folder, "cluster")["version"] == 1
    assert scenario_problem(folder).startswith("This is not TOML: Invalid value (at ")
    (folder / "scenario.toml").write_bytes(b'name = "\xff"')
    assert scenario_problem(folder) == "It is not UTF-8 text."
    (folder / "scenario.toml").write_bytes(b"#" * 4_000_000)
    assert scenario_problem(folder) == "This is too long for a scenario file."
    (folder / "scenario.toml").unlink()
    assert scenario_problem(folder) == ""


def test_a_table_is_written_back_in_the_form_that_it_had(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('\ufeffa;b\n1;"x;y"\n2;=1+2\n', encoding="utf-8")
    table = read_file_table(path)
    assert (table.header, table.rows, table.first_row) == (("a", "b"), (("1", "x;y"), ("2", "=1+2")), 2)
    write_file_table(path, "", [["3", "z"], ["4", "<b>"]])
    assert path.read_text() == "a;b\n3;z\n4;<b>\n"
    with pytest.raises(ValueError, match="other columns"):
        write_file_table(path, "", [["3"]])
    events = tmp_path / "consumer_event.csv"
    events.write_text("1;2;3;[1]:[2]:[3];a.csv\n")
    found = read_file_table(events)
    assert (found.header, found.first_row) == ((), 1)
    assert column_words("n/consumer_event.csv", (), 5)[0].title == "registered"
    path.write_bytes(b"a,b\n\xff,1\n")
    assert "UTF-8" in read_file_table(path).reason
    path.write_text("a,b\n1,2,3\n")
    assert "different numbers" in read_file_table(path).reason
    path.write_text("0 0\n60 12.5\n")
    assert read_file_table(path).rows == (("0", "0"), ("60", "12.5"))


def test_of_a_large_table_the_first_rows_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,22\n" * 30_000)
    found = read_file_table(path)
    assert (found.header, len(found.rows), found.is_part) == (("a", "b"), 500, True)
    assert "30,000 rows" in found.reason
    with pytest.raises(ValueError, match="30,000 rows"):
        write_file_table(path, "", [["1", "2"]])
    path.write_text("a,b\n" + "1,2222222222\n" * 700_000)
    found = read_file_table(path)
    assert len(found.rows) == 500
    assert "too large" in found.reason
    path.write_text("a,b\n1,2\n")
    write_file_table(path, "", [["3", "4"], ["", " "], ["", ""]])
    assert path.read_text() == "a,b\n3,4\n"


def test_all_rows_of_a_large_table_are_there_with_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\ufeffid;kwh\n" + "".join(f"v{n % 7};{n / 4}\n" for n in range(1000)), encoding="utf-8")
    asked = {
        "filterModel": {
            "c1": {"filterType": "text", "type": "startsWith", "filter": "V3"},
            "c2": {
                "operator": "OR",
                "conditions": [
                    {"filterType": "number", "type": "inRange", "filter": 10, "filterTo": 14},
                    {"filterType": "number", "type": "greaterThan", "filter": 247},
                ],
            },
            "c9": {"type": "contains", "filter": "x"},
            "c0": {"type": "noSuchWay", "filter": 1},
        },
        "sortModel": [{"colId": "c2", "sort": "desc"}, {"colId": "ag-Grid-SelectionColumn", "sort": "asc"}],
    }
    table = read_whole_table(path)
    page = page_of("t.csv", table, 1, 2, grid_query(asked, table.column_names))
    # of 40 to 56 and from 989 on, those that are 3 above a multiple of 7: 45, 52 and 990, 997
    assert page.rows == ((990 + 2, "v3", 247.5), (52 + 2, "v3", 13.0))
    assert (page.matching, page.total) == (4, 1000)
    path.write_text("0 0\n60 12.5\n")
    assert read_whole_table(path).to_pydict()[ROW_NUMBER] == ["1", "2"]
    assert rows_words(1, 1) == "1 row"
    assert rows_words(4, 1000) == "4 of 1,000 rows"


def test_a_sheet_keeps_the_types_of_what_is_not_changed(tmp_path: Path) -> None:
    path, seven = tmp_path / "hub.xlsx", datetime(2026, 3, 2, 7)  # noqa: DTZ001 - cells have no zone
    book = Workbook()
    sheet = book.active
    sheet.title = "Fleet"
    for row in [
        ("ev_id", "Time", "kW"),
        ("1", seven, 11),
        ("2", seven + timedelta(hours=1), 22),
    ]:
        sheet.append(row)
    book.create_sheet("Sums").append(["=1+2"])
    book.save(path)
    assert sheet_names(path) == ("Fleet", "Sums")
    table = read_file_table(path, "Fleet")
    assert table.rows[1] == ("2", "2026-03-02 08:00:00", "22")
    assert "formulas" in read_file_table(path, "Sums").reason
    write_file_table(path, "Fleet", [list(table.rows[1]), ["=x", "2026-03-03 09:00", "7.4"]])
    rows = list(load_workbook(path)["Fleet"].iter_rows(values_only=True))
    assert rows[1] == ("2", seven + timedelta(hours=1), 22)
    assert rows[2] == ("=x", seven + timedelta(hours=26), 7.4)
    assert load_workbook(path)["Fleet"]["A3"].data_type == "s"
    path.write_bytes(b"no workbook")
    assert sheet_names(path) == ()


def test_depot_tables_are_found_and_findings_placed(place: ApiPlace) -> None:
    folder = place.uploads / begin_from_example(place, "depot")
    tables = find_tables(folder)
    assert tables.folder == "tables"
    assert tables.files["t_sites"] == "tables/t_sites.csv"
    assert next(iter(tables.files)) == "t_sites"
    places = TablePlaces(place, folder.name)
    sites = "tables/t_sites.csv"
    assert places.find("t_sites row 2, column asc_kw") == TablePlace(sites, "", 2, "asc_kw")
    assert places.find("t_sites.csv, row 1") == TablePlace(sites, "", 1)
    assert places.find("t_sites.csv, line 4") == TablePlace(sites, "", 4)
    assert places.find("t_sites") == TablePlace(sites)
    assert places.find("depot.horizon_days") is None
    found = [
        {"where": "t_sites row 2, column asc_kw", "message": "is odd", "remedy": "12"},
        {"where": "t_sites row 2, column nothing", "message": "is more", "remedy": ""},
        {"where": "t_sites", "message": "is all", "remedy": ""},
    ]
    key = table_key(folder.name, sites)
    assert places.marks(found) == {key: {"2": {"_m1": "is odd. Right would be: 12", "_m0": "is more"}}}
    assert [one["file"] for one in places.located(found)] == [sites] * 3


def test_findings_in_sheets_and_in_files_without_a_header_are_placed(place: ApiPlace) -> None:
    hub = TablePlaces(place, begin_from_example(place, "cluster"))
    at = hub.find("Fleet row 3, column p_max_ch (kW)")
    assert at == TablePlace("hub.xlsx", "Fleet", 3, "p_max_ch (kW)")
    told = {"where": "Fleet row 3, column p_max_ch (kW)", "message": "is odd", "remedy": ""}
    assert next(iter(hub.marks([told]).values())) == {"3": {"_m2": "is odd"}}
    homes = TablePlaces(place, begin_from_example(place, "community"))
    told = {"where": "consumer_event.csv row 1, column job_id", "message": "is odd", "remedy": ""}
    assert next(iter(homes.marks([told]).values())) == {"1": {"_m3": "is odd"}}
