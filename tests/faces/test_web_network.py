"""The map of a network in a real browser: time, zones, colours, the address, and what is said in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from sparewatt.results.network_results import network_outcome, write_network_folder
from sparewatt.results.outcome import write_outcome
from sparewatt.results.store import Store
from sparewatt.studies.run_place import RunPlace
from sparewatt.studies.study import study_of
from support.network_scenarios import small_network
from support.network_views import ringed_view
from support.web_pages import arrive, look, serious_findings, web_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
CASE = "case:1"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose run 1 is a small network and run 2 a depot that waits.

    Run 3 is of a ring without coordinates, and its scenario and inputs are gone; of run 4 the series are.
    """
    folder = tmp_path_factory.mktemp("networks")
    url, data = f"sqlite:///{folder / 'store.db'}", folder / "data"
    place = RunPlace(url, lambda number: data / f"{number}-net", 1)
    scenario = small_network(folder / "net", hosting="{ samples = 0, managed_samples = 0 }")
    with patch("sparewatt.results.report.write_report", lambda folder: folder.path / "report.html"):
        assert study_of(scenario).run(scenario, place).run_id == 1
    kept = {"input_hash": "../../../of a bundle\r\n", "state": "done", "study": "network"}
    outcome = network_outcome(ringed_view(), name="a ring", seed=7, input_hash=kept["input_hash"])
    ringed = write_network_folder(folder / "ring", outcome, ringed_view()).path
    write_outcome(outcome, folder / "bare" / "outcome.json")
    with Store.open(url) as store:
        store.create_run(study="depot", name="a depot", state="done")
        store.create_run(name="a ring", directory=str(ringed), **kept)
        store.create_run(name="a loss", directory=str(folder / "bare"), **kept)
    with web_server(url, data) as address:
        yield address


def moment_of(page: Page) -> tuple[str, bool]:
    """What the map shows, and whether it is solved."""
    shown = page.locator("#net-frame")
    return shown.get_attribute("data-moment") or "", shown.get_attribute("data-solved") == "true"


def wait_for(page: Page, moment: str) -> None:
    """Until a moment is drawn and the slider stands there."""
    page.wait_for_selector(f'#net-frame[data-moment="{moment}"][data-solved="true"]')
    page.wait_for_selector(f'#net-time [role="slider"][aria-valuenow="{moment.split("/")[1]}"]')


def arrive_at_map(page: Page, path: str) -> str:
    """Come to a map; its first moment."""
    arrive(page, path, "small net")
    page.wait_for_selector('#net-frame[data-solved="true"] #net-map .js-plotly-plot .main-svg')
    return moment_of(page)[0]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_map_is_whole_on_any_screen(chromium: Browser, address: str, scheme: str, width: int) -> None:
    with look(chromium, address, color_scheme=scheme, viewport={"width": width, "height": 800}) as page:
        first = arrive_at_map(page, "/network/1?zone=1/1")
        assert first.startswith("unmanaged/")
        page.get_by_role("heading", name="Zone 1/1").wait_for()
        page.wait_for_selector("#net-strip .scatterlayer .trace")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious_findings(page) == []


def test_the_list_has_a_small_map_that_a_browser_keeps(chromium: Browser, address: str) -> None:
    with look(chromium, address) as page:
        arrive(page, "/network", "Networks")
        card = page.get_by_role("link", name="small net")
        assert "14 customers, 2 feeders, 6 zones, 4 days; " in card.inner_text()
        picture = card.locator("img")
        picture.evaluate("img => img.decode()")
        assert picture.evaluate("img => [img.naturalWidth > 0, img.naturalHeight > 0]") == [True, True]
        drawn = page.request.get("/api/runs/1/map")
        assert drawn.headers["content-type"] == "image/svg+xml"
        again = page.request.get("/api/runs/1/map", headers={"If-None-Match": drawn.headers["etag"]})
        assert (again.status, again.body()) == (304, b"")
        assert page.request.get("/api/runs/1/map", headers={"If-None-Match": '"old"'}).text() == drawn.text()
        other = page.request.get(
            "/api/runs/3/map"
        )  # no text of a stranger comes into names of files and headers
        assert re.fullmatch(r'"[0-9a-f]{32}"', other.headers["etag"])
        assert "<path" in other.text()
        for number in (2, 77):
            assert page.request.get(f"/api/runs/{number}/map").status == 404
        assert serious_findings(page) == []


def test_the_list_follows_runs_that_go_on(chromium: Browser, address: str) -> None:
    with look(chromium, address) as page:
        late = page.request.post("/api/examples/network").json()
        arrive(page, "/network", "Networks")
        card = page.get_by_role("link", name=late["name"])
        assert "waiting" in card.inner_text()
        page.request.post(f"/api/runs/{late['id']}/cancel")
        card.get_by_text("It did not get to a result, so it has no map.").wait_for()


def test_time_is_moved_by_buttons_keys_and_the_address(chromium: Browser, address: str) -> None:
    with look(chromium, address) as page:
        arrive(page, "/network", "Networks")
        page.get_by_role("link", name="small net").click()
        page.wait_for_selector('#net-frame[data-solved="true"] #net-map .js-plotly-plot .main-svg')
        worst = moment_of(page)[0]
        number = int(worst.split("/")[1])
        page.get_by_role("button", name="One step on").click()
        wait_for(page, f"unmanaged/{number + 1}")
        page.locator("#net-frame").focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        wait_for(page, f"unmanaged/{number - 1}")
        page.get_by_role("slider", name="Moment").focus()
        page.keyboard.press("ArrowRight")
        wait_for(page, f"unmanaged/{number}")
        page.wait_for_function("() => location.search.includes('t=')")
        page.get_by_role("button", name="One step back").click()
        wait_for(page, f"unmanaged/{number - 1}")
        page.get_by_role("button", name="Worst moment").click()
        wait_for(page, worst)
        assert "Worst moment of the run: " in page.locator("#net-summary").inner_text()
        page.get_by_role("button", name="Zoom in").focus()
        page.keyboard.press("Space")
        assert page.get_by_role("button", name="Play").is_visible()
        page.get_by_role("button", name="Play").click()
        page.wait_for_selector(f'#net-frame[data-moment="unmanaged/{number + 2}"][data-solved="true"]')
        page.get_by_role("button", name="Pause").click()
        arrive_at_map(page, f"/network/1?show={CASE}&t=2026-01-13T17:00Z&colour=loading")
        wait_for(page, f"{CASE}/41")
        assert page.locator("#net-when").inner_text() == "Tue, 13 Jan 2026, 17:00"
        assert page.get_by_role("radio", name="Loading").is_checked()
        page.get_by_role("button", name="Worst moment").click()
        page.wait_for_selector(f'#net-frame:not([data-moment="{CASE}/41"])[data-solved="true"]')
        worst = moment_of(page)[0]
        arrive_at_map(page, f"/network/1?show={CASE}&colour=loading")
        wait_for(page, worst)
        assert "Lowest " in page.locator("#net-summary").inner_text()


def test_a_zone_is_picked_in_the_list_and_on_the_map_and_back_leaves_it(
    chromium: Browser, address: str
) -> None:
    with look(chromium, address) as page:
        arrive_at_map(page, "/network/1")
        page.get_by_role("heading", name="Zones", exact=True).wait_for()
        page.get_by_role("button", name="Show zone 2/1").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Zone 2/1").wait_for()
        page.get_by_role("textbox", name="Zone").click()
        page.get_by_role("option", name="1/2", exact=True).click()
        page.get_by_role("heading", name="Zone 1/2").wait_for()
        page.wait_for_function("() => new URLSearchParams(location.search).get('zone') === '1/2'")
        panel = page.locator("#net-zone-panel")
        for key in ("site_1", "cluster_cluster1"):
            assert f'[limits]\n{key} = {{ run = "1", zone = "1/2" }}' in panel.inner_text()
        assert "Its days must lie in 12 Jan to 15 Jan 2026." in panel.inner_text()
        with page.expect_download() as taken:
            panel.get_by_role("link", name="This zone's limit (CSV)").click()
        assert taken.value.suggested_filename == "run-1-limit-1-2.csv"
        assert page.request.get("/api/runs/1/limits/csv?name=headroom&zone=9/9").status == 404
        head, first, *rest = taken.value.path().read_text().splitlines()
        assert head == '"time","lower_kw","upper_kw"'
        assert first.startswith('"2026-01-12T00:00:00+00:00",-')
        assert len(rest) == 4 * 24 - 1
        page.locator("#net-map .nsewdrag").first.scroll_into_view_if_needed()
        other = page.evaluate(
            """() => { const g = document.querySelector('#net-map .js-plotly-plot'), f = g._fullLayout;
            const t = g.data.find((one) => one.name === 'voltage'), n = t.x.length - 1;
            const b = g.getBoundingClientRect(), across = f.xaxis, up = f.yaxis;
            return [b.left + across._offset + across.d2p(t.x[n]), b.top + up._offset + up.d2p(t.y[n])]; }"""
        )
        page.mouse.move(*other)
        page.locator("#net-tip").wait_for()
        assert " V" in page.locator("#net-tip").inner_text()
        page.mouse.click(*other)
        page.wait_for_function(
            "() => !['1/2', null].includes(new URLSearchParams(location.search).get('zone'))"
        )
        page.go_back()
        page.get_by_role("heading", name="Zone 1/2").wait_for()


def test_a_ring_without_places_and_inputs_is_shown_as_far_as_it_is_known(
    chromium: Browser, address: str
) -> None:
    with look(chromium, address) as page:
        arrive(page, "/network/3", "a ring")
        wait_for(page, "unmanaged/2")
        said = page.locator("#net-frame").inner_text()
        assert "The source has no coordinates, so this is a tree" in said
        assert "The network has 1 ring: " in said
        assert "Dashed: cables that close a ring." in said
        dashes = (
            "() => document.querySelector('#net-map .js-plotly-plot').data.map((t) => t.line && t.line.dash)"
        )
        assert page.evaluate(dashes).count("3px,3px") == 1
        summary = page.locator("#net-summary")
        lacks = (
            "Only the worst moments of this run can be shown: the scenario and inputs of this run are not "
            "kept beside it; run it again to see all of them."
        )
        summary.get_by_text(lacks).wait_for()
        assert summary.inner_text() == (
            "Lowest 204.2 V at b; highest loading 120 % on busbar-c; transformer 40 %. Broken: 1 node below "
            f"216 V, 1 overloaded cable. Worst moment of the run: lowest voltage, unmanaged charging. {lacks}"
        )
        page.get_by_role("button", name="One step on").click()
        page.wait_for_selector('#net-frame[data-moment="unmanaged/3"][data-solved="false"]')
        assert summary.inner_text() == lacks
        page.get_by_role("button", name="Worst moment").click()
        wait_for(page, "unmanaged/2")
        arrive(page, "/network", "Networks")
        lost = page.get_by_role("link", name="a loss")
        assert "Its files are not there any more; run it again." in lost.inner_text()
        assert lost.get_attribute("href") == "/runs/4"


def test_what_has_no_map_says_so(chromium: Browser, address: str) -> None:
    with look(chromium, address) as page:
        for path in ("/network/2", "/network/77", "/network/no", "/network/4"):
            arrive(page, path, "This cannot be shown")
        page.get_by_text("The series of run 4 are not there any more, or not whole; run it again.").wait_for()
