"""The list of runs, the page of a run and runs side by side, in a real browser."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from sqlalchemy import insert

from sparewatt.errors import StoreAway
from sparewatt.faces.api.place import ApiPlace
from sparewatt.faces.api.studies import submit_example
from sparewatt.faces.bundle_runs import import_bundle
from sparewatt.inputs.scenario_file import SCENARIO_NAME, read_scenario
from sparewatt.results.bundle import write_bundle
from sparewatt.results.store import Store
from sparewatt.results.store.tables import runs
from sparewatt.studies.run_place import RunPlace
from sparewatt.studies.study import STUDIES
from support.web_pages import arrive, look, serious_findings, web_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from sparewatt.results.run_folder import RunFolder

pytestmark = pytest.mark.browser

NAME = "Four vans, one limit"


class Shop(NamedTuple):
    """A server with a depot run that was worked on (1), the same from a bundle (2), and others."""

    address: str
    url: str
    data: Path
    bundle: Path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("runs")
    url, data, bundle = f"sqlite:///{folder / 'store.db'}", folder / "data", folder / "van.zip"
    place = ApiPlace(url, data)
    try:
        done = _run_depot(url, folder)
        scenario, inputs = done.path / "scenario.toml", done.path / "inputs"
        write_bundle(done, bundle, scenario=scenario, inputs=inputs)
        import_bundle(bundle, place.store, data)
        place.store.create_run(study="network", name="Feeder 17", state="done", directory=str(folder))
        submit_example(place, "depot")
        broken = submit_example(place, "cluster").id
        place.store.set_run_state(broken, "failed", error="The workbook went away: /srv/secret/hub.xlsx")
    finally:
        place.close()
    with web_server(url, data) as address:
        yield Shop(address, url, data, bundle)


def _run_depot(url: str, folder: Path) -> RunFolder:
    """The example of the depot study, run in this process."""
    STUDIES["depot"].write_template(folder / "depot")
    scenario = read_scenario(folder / "depot" / SCENARIO_NAME)
    finished = STUDIES["depot"].run(scenario, RunPlace(url, lambda number: folder / f"run-{number}"))
    return finished.folder


def test_a_run_shows_all_it_came_to(chromium: Browser, shop: Shop) -> None:
    with look(chromium, shop.address) as page:
        arrive(page, "/runs/1", NAME)
        page.wait_for_function("name => document.title === `${name} · Run · Sparewatt`", arg=NAME)
        page.get_by_text("Smart charging cuts the cost").wait_for()
        cards = page.get_by_role("list", name="Numbers to see first").get_by_role("listitem")
        assert cards.count() >= 6
        peak = cards.filter(has_text="Peak site demand")
        assert re.search(r"54\.0 kW", peak.inner_text())
        peak.locator(".has-help").focus()
        page.get_by_text("Highest mean of a period").wait_for()
        assert serious_findings(page) == []

        _open_tab(page, "Tables")
        page.get_by_role("link", name="Days", exact=True).click()
        grid = page.get_by_role("region", name="Table days")
        grid.get_by_text("Delivered [kWh]").wait_for()
        assert page.url.endswith("/runs/1?tab=tables&table=days")
        rows = grid.locator(".ag-center-cols-container .ag-row")
        all_rows = rows.count()
        grid.get_by_label("Mode Filter Input").fill("opt")
        page.wait_for_function(
            "n => document.querySelectorAll('.ag-center-cols-container .ag-row').length === n",
            arg=all_rows // 2,
        )
        assert serious_findings(page) == []
        with page.expect_download() as download:
            page.get_by_role("link", name="Download CSV").click()
        assert download.value.suggested_filename == "run-1-days.csv"

        _open_tab(page, "Inputs")
        page.get_by_text('study = "depot"').wait_for()
        page.get_by_role("link", name="t_sites.csv").click()
        page.get_by_role("region", name="inputs/t_sites.csv").wait_for()
        _open_tab(page, "Findings")
        page.get_by_text("there is nothing to report").wait_for()
        _open_tab(page, "Provenance")
        page.get_by_text("Input hash").wait_for()
        page.go_back()
        page.go_back()
        page.get_by_role("region", name="inputs/t_sites.csv").wait_for()
        _open_tab(page, "Pictures")
        page.get_by_role("figure").first.wait_for()

        page.locator("summary", has_text="Export").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Workbook").click()
        assert download.value.suggested_filename == "sparewatt-run-1.xlsx"
        again = page.get_by_role("link", name="Run again with changes")
        assert again.get_attribute("href") == "/new/depot?from=1"


@pytest.mark.parametrize(
    ("path", "heading"),
    [("/runs/1?tab=tables", NAME), ("/runs", "Runs"), ("/compare?runs=1,2", "Compare runs")],
)
def test_narrow_and_dark(chromium: Browser, shop: Shop, path: str, heading: str) -> None:
    with look(chromium, shop.address, color_scheme="dark", viewport={"width": 390, "height": 800}) as page:
        arrive(page, path, heading)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert serious_findings(page) == []


def test_runs_without_results_say_why(chromium: Browser, shop: Shop) -> None:
    with look(chromium, shop.address) as page:
        arrive(page, "/runs/5", "Two car parks, one substation")
        alert = page.get_by_role("alert").filter(has_text="This run failed")
        assert "The workbook went away: hub.xlsx" in alert.inner_text()
        assert "/srv" not in page.content()
        arrive(page, "/runs/3", "Feeder 17")
        page.get_by_text("not there any more; run it again").wait_for()
        arrive(page, "/runs/99", "This cannot be shown")
        page.get_by_text("There is no run 99.").wait_for()
        arrive(page, "/runs/abc", "This cannot be shown")


def test_a_run_is_cancelled_and_carried_on_from_its_page(chromium: Browser, shop: Shop) -> None:
    with look(chromium, shop.address) as page:
        arrive(page, "/runs/4", NAME)
        page.get_by_text("Waiting for a worker").wait_for()
        assert serious_findings(page) == []
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("This run was cancelled").wait_for()
        page.get_by_role("button", name="Carry on").click()
        page.get_by_text("Waiting for a worker").wait_for()
        with Store.open(shop.url) as store:  # somebody else
            store.stop_run(4)
        page.get_by_text("This run was cancelled").wait_for()


def test_the_list_is_filtered_and_orders_about_runs(
    chromium: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(shop.url) as store:
        store.stop_run(4)
    with look(chromium, shop.address) as page:
        arrive(page, "/runs?state=cancelled", "Runs")
        page.get_by_text("1 of 5 runs").wait_for()
        _choose(page, 4)
        page.get_by_text("1 selected").wait_for()
        page.get_by_role("button", name="Carry on").click()
        page.get_by_text("1 run was queued again.").wait_for()
        page.get_by_text("0 of 5 runs").wait_for()  # it waits now, and the list knows by itself
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("1 run was asked to stop.").wait_for()
        page.get_by_text("1 of 5 runs, 1 selected; only runs that are done can be compared").wait_for()
        page.get_by_label("Name or number").fill("feeder")
        page.get_by_text("0 of 5 runs").wait_for()
        page.wait_for_function("location.search === '?text=feeder&state=cancelled'")
        assert page.get_by_role("button", name="Compare").is_disabled()
        page.get_by_label("Name or number").fill("")
        arrive(page, "/runs", "Runs")
        page.get_by_text("5 runs", exact=True).wait_for()
        assert serious_findings(page) == []
        _choose(page, 1, 2)
        page.get_by_role("button", name="Compare").click()
        page.get_by_role("heading", name="Compare runs").wait_for()
        assert page.url.endswith("/compare?runs=1,2")
        page.go_back()
        page.get_by_role("link", name="Feeder 17").wait_for()
        with monkeypatch.context() as away:
            away.setattr(Store, "list_run_heads", _nothing_answers)
            page.get_by_text("The database of the runs does not answer").wait_for()
        page.get_by_text("The database of the runs does not answer").wait_for(state="hidden")
        page.locator('.ag-row[row-id="3"] [col-id="name"]').click()
        page.keyboard.press("Escape")  # out of the list, and back into it
        assert page.evaluate("!document.activeElement.closest('.ag-root-wrapper')")
        page.locator('.ag-row[row-id="3"] [col-id="study"]').click()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Feeder 17").wait_for()


def _nothing_answers(*_: object, **__: object) -> None:
    msg = "the database server does not answer"
    raise StoreAway(msg)


def _open_tab(page: Page, name: str) -> None:
    """Go to a part of a run's page."""
    page.get_by_role("navigation", name="Parts of this run").get_by_role("link", name=name).click()


def _choose(page: Page, *numbers: int) -> None:
    """Tick runs of the list."""
    for number in numbers:
        page.locator(f'.ag-row[row-id="{number}"] .ag-checkbox-input').check()


def test_bundles_are_imported_or_refused_in_words(chromium: Browser, shop: Shop, tmp_path: Path) -> None:
    wrong = tmp_path / "holiday.zip"
    wrong.write_bytes(b"no zip at all")
    context = chromium.new_context()  # not looked at: a refusal is an error to browsers
    try:
        page = context.new_page()
        arrive(page, f"{shop.address}/runs", "Runs")
        _import(page, wrong)
        alert = page.get_by_role("alert").filter(has_text="holiday.zip was not imported")
        alert.wait_for()
        assert "zip" in alert.inner_text().replace("holiday.zip", "")
    finally:
        context.close()
    with look(chromium, shop.address) as page:
        arrive(page, "/runs", "Runs")
        _import(page, shop.bundle)
        page.get_by_role("alert").filter(has_text="The bundle was imported").get_by_role("link").click()
        page.get_by_role("heading", name=NAME).wait_for()
        page.get_by_text("Smart charging cuts the cost").wait_for()


def _import(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import a bundle").click()
    chooser.value.set_files(path)


def test_runs_stand_side_by_side(chromium: Browser, shop: Shop) -> None:
    with look(chromium, shop.address) as page:
        arrive(page, "/compare", "Compare runs")
        page.get_by_text("Add runs above").wait_for()
        page.get_by_role("textbox", name="Add a run").click()
        page.get_by_role("option", name=f"1 {NAME}").click()
        page.wait_for_function("location.search === '?runs=1'")
        page.get_by_text("smart charging beside unmanaged charging").wait_for()
        row = page.get_by_role("row", name="Peak site demand")
        assert "−26.0 (−32.5 %)" in row.inner_text()
        page.get_by_role("textbox", name="Add a run of the study Depot").click()
        page.get_by_role("option", name=f"2 {NAME}").click()
        page.get_by_role("heading", name="Demand of the site").wait_for()
        page.get_by_text("These runs came to the same numbers").wait_for()
        page.locator(".js-plotly-plot .scatterlayer .trace").nth(1).wait_for()
        assert serious_findings(page) == []
        page.get_by_role("link", name="Only what differs").click()
        page.get_by_text("All numbers are the same.").wait_for()
        page.get_by_role("link", name="With their parts").click()
        page.wait_for_function("location.search === '?runs=1,2&parts=all&only=differences'")
        page.get_by_role("link", name="Put first").click()
        page.wait_for_function("location.search.startsWith('?runs=2,1')")
        page.get_by_role("link", name=f"Remove run 2, {NAME}").click()
        page.get_by_text("smart charging beside unmanaged charging").wait_for()
        arrive(page, "/compare?runs=1,3,77,x,5", "Compare runs")
        told = page.get_by_role("alert").inner_text()
        assert "“x” is not the number of a run." in told
        assert "There is no run 77." in told
        assert "Run 5 failed, so it has no results to compare." in told


def test_a_page_waits_for_a_server_that_comes_back(chromium: Browser, tmp_path: Path) -> None:
    url, data = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "data"
    place = ApiPlace(url, data)
    submit_example(place, "depot")
    place.close()
    context = chromium.new_context()  # not looked at: requests to a server that is away are errors
    try:
        page = context.new_page()
        with web_server(url, data) as address:
            port = int(address.rpartition(":")[2])
            page.goto(f"{address}/runs")
            page.get_by_text("1 run", exact=True).wait_for()
            page.get_by_role("link", name=NAME).click()
            page.get_by_text("Waiting for a worker").wait_for()
            listed = context.new_page()
            listed.goto(f"{address}/runs?text=vans")
            listed.get_by_text("1 run", exact=True).wait_for()
        page.get_by_text("The server does not answer").wait_for()
        listed.get_by_text("No answer from the server").wait_for()
        listed.get_by_role("navigation", name="Main").get_by_role("link", name="Home").click()
        with web_server(url, data, workers=1, port=port):
            listed.get_by_text("The server is back").wait_for()
            listed.get_by_role("heading", name="Find the spare watts").wait_for()  # asked for meanwhile
            listed.go_back()
            listed.locator(".state-done").wait_for(timeout=60_000)
            page.get_by_text("The server does not answer").wait_for(state="hidden")
            page.get_by_text("Smart charging cuts the cost").wait_for(timeout=60_000)
    finally:
        context.close()


def test_ten_thousand_runs_are_filtered_by_text_number_study_and_state(
    chromium: Browser, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with web_server(url, tmp_path / "data") as address, look(chromium, address) as page:
        arrive(page, "/runs", "Runs")
        page.get_by_text("Nothing has been run yet.").wait_for()
        with Store.open(url) as store:
            store.write("note many runs", lambda c: c.execute(insert(runs), _many(10_000)))
        page.get_by_text("10,000 runs", exact=True).wait_for()  # the list knows by itself
        every = _many(10_000)
        field, states = page.get_by_label("Name or number"), page.get_by_role("radiogroup", name="State")
        for text in ("plan 77", "SITE 12 plan", "9998"):
            listed = sum(text.lower() in f"{n} {run['name']}".lower() for n, run in enumerate(every, 1))
            field.fill(text)
            page.get_by_text(f"{listed:,} of 10,000 runs").wait_for()
        field.fill("plan 77")
        states.get_by_text("Failed").click()
        failed = [run for run in every if run["state"] == "failed"]
        listed = sum("plan 77" in run["name"] for run in failed)
        page.get_by_text(f"{listed:,} of 10,000 runs").wait_for()
        page.wait_for_function("() => location.search === '?text=plan+77&state=failed'")
        field.fill("")
        page.get_by_text(f"{len(failed):,} of 10,000 runs").wait_for()
        states.get_by_role("radio", name="Failed").press("ArrowLeft")
        page.get_by_text(f"{sum(run['state'] == 'done' for run in every):,} of 10,000 runs").wait_for()
        assert serious_findings(page) == []


def _many(count: int) -> list[dict[str, Any]]:
    same: dict[str, Any] = dict.fromkeys(("scenario", "input_hash", "owner", "error", "directory"), "")
    return [
        {
            "study": "depot",
            "name": f"Site {i % 97} plan {i}",
            "state": ("done", "failed", "done")[i % 3],
            "progress": 1.0,
            "seed": 1,
            "versions": {},
            "created": datetime(2026, 3, 2, tzinfo=UTC),
        }
        | same
        for i in range(count)
    ]
