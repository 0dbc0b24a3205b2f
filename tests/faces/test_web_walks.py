"""Walks: each study from upload to results and export in a browser; a server killed in the middle of one."""

from __future__ import annotations

import socket
import zipfile
from typing import TYPE_CHECKING

import pytest

from sparewatt.results.store import Store
from support.command_line import wait_for, write_fleet
from support.queued_runs import Queue, small_scenarios
from support.web_pages import arrive, look, serious_findings, web_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from sparewatt.inputs.scenario import Scenario

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOUND = {
    "depot": "Smart charging",
    "cluster": "vehicles",
    "network": "headroom",
    "community": "sun",
}
"""A word of what a run of each study says that it found."""


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scenario]:
    return small_scenarios(tmp_path_factory.mktemp("scenarios"))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("walks")
    with web_server(str(folder / "store.db"), folder / "data", workers=1) as address:
        yield address


@pytest.mark.parametrize("study", FOUND)
def test_from_upload_to_results_and_export(
    chromium: Browser, address: str, scenarios: dict[str, Scenario], tmp_path: Path, study: str
) -> None:
    folder = scenarios[study].base_dir
    with look(chromium, address) as page:
        arrive(page, f"/new/{study}", "New run")
        page.get_by_label("Choose a folder").set_input_files(folder)
        page.locator("#new-check:enabled").wait_for()
        page.get_by_role("button", name="Run", exact=True).click()
        page.wait_for_url("**/runs/*")
        page.get_by_role("list", name="Numbers to see first").wait_for(timeout=180_000)
        page.locator("main").get_by_text(FOUND[study]).first.wait_for()
        assert "\n".join(serious_findings(page)) == ""

        parts = page.get_by_role("navigation", name="Parts of this run")
        parts.get_by_role("link", name="Pictures").click()
        page.locator(".js-plotly-plot .main-svg").first.wait_for()
        assert page.get_by_role("button", name="Share chart").count() == 0
        page.locator("summary", has_text="Export").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Bundle").click()
        bundle = tmp_path / "bundle.zip"
        download.value.save_as(bundle)
        with zipfile.ZipFile(bundle) as packed:
            assert packed.testzip() is None
            assert any(name.endswith("outcome.json") for name in packed.namelist())


@pytest.mark.parametrize("study", FOUND)
def test_from_an_empty_install_to_results_in_one_click(chromium: Browser, address: str, study: str) -> None:
    with look(chromium, address) as page:
        arrive(page, "/", "Find the spare watts")
        page.get_by_role("button", name=f"Start the example of the {study} study").click()
        page.wait_for_url("**/runs/*")
        page.get_by_role("list", name="Numbers to see first").wait_for(timeout=180_000)
        page.locator("main").get_by_text(FOUND[study]).first.wait_for()


def test_a_server_killed_in_the_middle_of_a_run_loses_nothing(chromium: Browser, tmp_path: Path) -> None:
    from sparewatt.inputs.scenario_file import read_scenario  # noqa: PLC0415 - used here only

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    queue = Queue(tmp_path, str(tmp_path / "store.db"), port)
    number = queue.submit(read_scenario(write_fleet(tmp_path / "fleet", kinds=("vans",), days=60)))
    queue.start(1)
    context = chromium.new_context()  # not looked at: requests to a server that is away are errors
    try:
        wait_for(queue.has_begun, 120)
        page = context.new_page()
        page.goto(f"{queue.address}/runs/{number}")
        page.get_by_text("running", exact=False).first.wait_for()
        with Store.open(queue.url, create=False) as store:
            wait_for(lambda: store.find_run(number).progress > 0.05, 120)
            queue.kill()
            assert store.find_run(number).state == "running"
        page.get_by_text("The server does not answer").wait_for()
        queue.start(1)
        page.get_by_text("Smart charging cuts the cost").wait_for(timeout=240_000)
        page.get_by_text("The server does not answer").wait_for(state="hidden")
    finally:
        context.close()
        queue.kill()
