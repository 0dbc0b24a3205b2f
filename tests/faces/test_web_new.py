"""New runs and depot tables in a real browser: from inputs to a run that waits, for all four studies."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest

from sparewatt.results.store import Store
from sparewatt.studies.study import STUDIES
from support.web_pages import arrive, look, serious_findings, web_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Dialog, FilePayload, Page

pytestmark = pytest.mark.browser

SET = "#new-check:enabled"


@pytest.fixture(scope="module")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('new') / 'store.db'}"


@pytest.fixture(scope="module")
def address(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with web_server(store_url, tmp_path_factory.mktemp("data")) as address:
        yield address


def shows(page: Page, label: str, text: str) -> None:
    """Wait until a field shows a text."""
    from playwright.sync_api import expect  # noqa: PLC0415 - only where there is a browser

    expect(page.get_by_label(label, exact=True)).to_have_value(text, timeout=30_000)


def write(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.blur()


def cell(page: Page, row: int, column: int) -> str:
    return f'.ag-center-cols-container [row-index="{row}"] [col-id="c{column}"]'


def edit_until_it_can_run(page: Page) -> None:
    """Tables in the grid: text stays text, a wrong value is found at its place, unsaved ones are noticed."""
    page.get_by_role("button", name="Edit tables/t_client.csv").click()
    page.get_by_text("<b id=bold>=1+2</b>").wait_for()
    assert page.locator("#bold").count() == 0
    page.get_by_role("button", name="Edit tables/t_sites.csv").click()
    page.get_by_role("heading", name="tables/t_sites.csv").wait_for()
    page.locator(cell(page, 0, 1)).dblclick()
    page.keyboard.press("Control+a")
    page.keyboard.type("much")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Save or undo the changes first").wait_for()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("button", name="Edit tables/t_client.csv").click()
    assert "tables/t_sites.csv" in asked[0]
    page.get_by_role("button", name="Save: tables/t_sites.csv").click()
    page.get_by_text("Saved", exact=True).wait_for()
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_text("t_sites row 2, column asc_kw").wait_for()
    assert "much" in page.locator(".cell-wrong").first.inner_text()
    page.get_by_role("button", name="Edit tables/t_client.csv").click()
    page.get_by_text("<b id=bold>=1+2</b>").wait_for()
    page.get_by_role("button", name="Open tables/t_sites.csv").click()
    page.locator(".cell-wrong").first.wait_for()
    assert "\n".join(serious_findings(page)) == ""
    page.locator(cell(page, 0, 1)).dblclick()
    page.keyboard.press("Control+a")
    page.keyboard.type("80")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save: tables/t_sites.csv").click()
    page.get_by_text("Saved", exact=True).wait_for()


def look_at_a_long_table(page: Page) -> None:
    """A table that is too long to be edited is sorted and filtered as a whole, and comes back as it was."""
    page.get_by_role("button", name="Edit meters.csv").click()
    page.get_by_text("20,011 rows", exact=True).wait_for()
    rows = page.locator("#new-view .ag-center-cols-container .ag-row")
    for _ in range(2):
        page.get_by_role("columnheader", name="kW").click()
    rows.first.get_by_text("20010").wait_for()
    page.get_by_label("kW Filter Input").first.fill("17")
    page.get_by_text("1 of 20,011 rows").wait_for()
    row = next(n for n in range(20_011) if n * 7919 % 20_011 == 17)
    rows.get_by_text(f"van {row % 50}", exact=True).wait_for()
    page.locator("#new-view .ag-pinned-left-cols-container").get_by_text(str(row + 2)).wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download meters.csv").click()
    assert download.value.suggested_filename == "meters.csv"


def test_a_depot_from_a_folder_edited_checked_and_run(
    chromium: Browser, address: str, store_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "depot"
    STUDIES["depot"].write_template(folder)
    (folder / "tables/t_client.csv").write_text("client_id,name\n1,<b id=bold>=1+2</b>\n")
    lines = "".join(f"van {n % 50};{(n * 7919) % 20_011}\n" for n in range(20_011))  # each number once
    (folder / "meters.csv").write_text(f"meter;kW\n{lines}")
    with look(chromium, address) as page:
        arrive(page, "/new", "New study")
        page.get_by_role("link", name="Depot").last.click()
        page.get_by_role("heading", name="New run: Depot").wait_for()
        page.get_by_label("Choose a folder").set_input_files(folder)
        page.locator(SET).wait_for()
        shows(page, "Name", "Four vans, one limit")

        write(page, "Days planned ahead days", "99")
        page.locator("#new-form").get_by_text("is above 14").wait_for()
        write(page, "Days planned ahead days", "2")
        page.locator("#new-form").get_by_text("is above 14").wait_for(state="hidden")
        page.reload()
        page.locator(SET).wait_for()
        shows(page, "Days planned ahead days", "2")
        page.get_by_role("button", name="The scenario file as text").click()
        text = page.get_by_label("Scenario file (TOML)")
        assert "horizon_days = 2" in text.input_value()
        text.fill(text.input_value().replace("horizon_days", "horizon_day"))
        page.get_by_role("button", name="Take over").click()
        page.locator("#new-findings").get_by_text("did you mean horizon_days?").wait_for()
        text.fill(text.input_value().replace("horizon_day ", "horizon_days "))
        page.get_by_role("button", name="Take over").click()
        page.locator("#new-findings").get_by_text("did you mean").wait_for(state="hidden")

        look_at_a_long_table(page)
        edit_until_it_can_run(page)
        page.get_by_role("button", name="Run", exact=True).click()
        page.wait_for_url("**/runs/*")
        number = int(page.url.rpartition("/")[2])
    with Store.open(store_url) as store:
        run = store.find_run(number)
    assert (run.study, run.state, run.name) == ("depot", "queued", "Four vans, one limit")
    with look(chromium, address) as page:
        arrive(page, f"/new/depot?from={number}", "New run: Depot")
        page.locator(SET).wait_for()
        assert "upload=" in page.url
        shows(page, "Days planned ahead days", "2")
        page.get_by_role("button", name="Edit inputs/t_sites.csv").wait_for()


def zipped(study: str, tmp_path: Path) -> bytes:
    """The example of a study as a zip."""
    folder = tmp_path / study
    STUDIES[study].write_template(folder)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for path in folder.rglob("*"):
            if path.is_file():
                out.write(path, path.relative_to(tmp_path))
    return packed.getvalue()


@pytest.mark.parametrize("study", ["cluster", "network", "community"])
def test_the_other_studies_from_a_zip_at_two_widths(
    chromium: Browser, address: str, tmp_path: Path, study: str
) -> None:
    width = 390 if study == "community" else 1280
    scheme = "dark" if study == "network" else "light"
    with look(chromium, address, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        arrive(page, f"/new/{study}", "New run")
        file: FilePayload = {
            "name": "inputs.zip",
            "mimeType": "application/zip",
            "buffer": zipped(study, tmp_path),
        }
        page.get_by_label("Choose files").set_input_files(file)
        page.locator(SET).wait_for()
        page.get_by_role("button", name="Advanced settings").click()
        if study == "cluster":
            page.get_by_role("button", name="Add a row to System limits").click()
            write(page, "Upper kW", "40")
            page.get_by_role("button", name="Take a limit from a run").click()
            page.get_by_role("button", name="Remove row 1 of Limits").wait_for()
            page.get_by_role("button", name="Check", exact=True).click()
            page.locator("#new-form").get_by_text("run is empty").wait_for()
            page.get_by_role("button", name="Remove row 1 of Limits").click()
            page.get_by_role("button", name="Remove row 1 of Limits").wait_for(state="hidden")
            page.get_by_role("button", name="Open sheet Fleet of hub.xlsx").click()
            page.get_by_text("Battery Capacity [kWh]").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert "\n".join(serious_findings(page)) == ""
        page.get_by_role("button", name="Run", exact=True).click()
        page.wait_for_url("**/runs/*")


def test_what_is_refused_says_why(chromium: Browser, address: str, tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.csv", b"0" * 20_000_000)
    entities = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    outside = io.BytesIO()
    with zipfile.ZipFile(outside, "w") as out:
        out.writestr("../a.csv", "a")
    context = chromium.new_context(base_url=address)  # not `look`: browsers note refused requests as errors
    try:
        page = context.new_page()
        arrive(page, "/new/depot", "New run: Depot")
        for name, content, words in (
            ("a.exe", b"MZ", "of a kind that no input has"),
            ("a.xml", entities, "document type or entities"),
            ("bomb.zip", bomb.getvalue(), "times its size"),
            ("outside.zip", outside.getvalue(), "a name that cannot be kept"),
            ("a.csv", b"a\0b", "is not text"),
        ):
            file: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
            page.get_by_label("Choose files").set_input_files(file)
            page.locator(".upload-refused").get_by_text(words).wait_for()
        large = tmp_path / "large.csv"
        with large.open("wb") as out:
            out.truncate(200_000_000)
        page.get_by_label("Choose files").set_input_files(large)
        page.locator(".upload-refused").get_by_text("at most 150.0 MB are taken").wait_for()
        assert "upload=" not in page.url
    finally:
        context.close()


def delete_what_is_filtered(page: Page) -> None:
    """Only rows that are seen are chosen by the box of the head, and deleted."""
    page.get_by_role("tab", name="Prices").click()
    panel = page.get_by_role("tabpanel", name="Prices")
    rows = panel.locator(".ag-center-cols-container .ag-row")
    rows.first.wait_for()
    panel.get_by_label("Price [currency/kWh] Filter Input").first.fill("0.13")
    rows.filter(has_text="0.19").first.wait_for(state="detached")
    panel.locator(".ag-header-select-all input, .ag-header .ag-checkbox-input").first.check()
    panel.get_by_role("button", name="Delete selected rows: Prices").click()
    panel.get_by_text("No rows match the filters").wait_for()
    panel.get_by_role("button", name="Save: Prices").click()
    panel.get_by_text("Saved", exact=True).wait_for()
    upload = re.search(r"upload=(\w+)", page.url)
    assert upload is not None
    text = page.request.get(f"/api/uploads/{upload[1]}/files/tables/t_electricity_price.csv").text()
    assert (len(text.splitlines()), "0.13" in text) == (1 + 76, False)
    page.go_back()  # from one table to the one before
    page.get_by_role("tab", name="Vehicles", selected=True).wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_depot_tables_are_edited_and_checked_in_place(
    chromium: Browser, address: str, width: int, scheme: str
) -> None:
    with look(chromium, address, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        arrive(page, "/depot", "Depot tables")
        page.get_by_role("button", name="The tables of the example").click()
        page.locator(cell(page, 0, 1)).wait_for()
        page.get_by_text("160.2 kWh").wait_for()
        page.get_by_role("tab", name="Vehicles").click()
        page.get_by_role("heading", name="Vehicles", exact=True).wait_for()
        page.wait_for_url("**&table=t_vehicle_specifications")
        panel = page.get_by_role("tabpanel", name="Vehicles")
        panel.locator(cell(page, 1, 1)).wait_for()
        panel.get_by_role("button", name="Add a row: Vehicles").click()
        panel.locator(cell(page, 1, 0)).click()
        page.evaluate(
            """() => {
                const data = new DataTransfer();
                data.setData("text", "2\\tmuch\\t11\\t80\\n3\\t60\\t11\\t50\\n4\\t60\\t11\\t50");
                const how = { clipboardData: data, bubbles: true, cancelable: true };
                document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
            }"""
        )
        panel.locator(cell(page, 3, 1)).get_by_text("60").wait_for()
        panel.get_by_role("button", name="Save: Vehicles").click()
        panel.get_by_text("Saved", exact=True).wait_for()
        page.get_by_role("button", name="Check", exact=True).click()
        page.get_by_text("Errors to mend: 1").wait_for()
        page.get_by_role("tab", name="Vehicles 1 to look at").wait_for()
        assert "much" in panel.locator(".cell-wrong").first.inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert "\n".join(serious_findings(page)) == ""
        if width == 1280:
            delete_what_is_filtered(page)
        page.get_by_role("link", name="Plan it").click()
        page.get_by_role("heading", name="New run: Depot").wait_for()
        page.locator(SET).wait_for()
        page.go_back()
        page.get_by_role("heading", name="Depot tables").wait_for()
        page.get_by_role("tab", name="Vehicles", selected=True).wait_for()
