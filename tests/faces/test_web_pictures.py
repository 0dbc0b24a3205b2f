"""Pictures of runs in a real browser: drawn when seen, zoomed, chosen from, read as tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.results.store import Store
from sparewatt.studies.submission import submit_run
from support.command_line import write_hub
from support.picture_runs import write_depot_run, write_hub_run
from support.web_pages import look, serious_findings, web_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

DRAWN = """title => { const one = [...document.querySelectorAll('section.picture')]
  .find(s => s.querySelector('h2').textContent === title);
  const plot = one && one.querySelector('.js-plotly-plot');
  return plot && plot.data && plot.data.length > 0 && plot._fullLayout ? {
    range: plot._fullLayout.xaxis.range.map(String), traces: plot.data.map(t => t.name || t.type),
    ticks: plot.layout.xaxis.ticktext || [], first: String(plot.data[0].x[0]), title: title } : null; }"""
SITE = "Demand of the site under its capacity"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pictures")
    url = f"sqlite:///{folder / 'store.db'}"
    runs = {
        "depot": write_depot_run(folder / "data" / "depot", days=6),
        "cluster": write_hub_run(folder / "data" / "hub", vehicles=24),
    }
    with Store.open(url) as store:
        for study, run in runs.items():
            outcome = run.outcome()
            directory, told = str(run.path), outcome.input_hash
            store.create_run(
                study=study, name=outcome.name, state="done", directory=directory, input_hash=told
            )
    with web_server(url, folder / "data") as address:
        yield address


def drawn(page: Page, title: str) -> dict[str, Any]:
    """A picture, when it stands."""
    found: dict[str, Any] = page.wait_for_function(DRAWN, arg=title).json_value()
    return found


def until(page: Page, title: str, what: str) -> dict[str, Any]:
    """A picture, when what is said of it holds."""
    page.wait_for_function(f"title => {{ const p = ({DRAWN})(title); return p && ({what}); }}", arg=title)
    return drawn(page, title)


def section(page: Page, title: str) -> Locator:
    return page.locator("section.picture").filter(has=page.get_by_role("heading", name=title, exact=True))


def test_a_picture_is_drawn_when_seen_and_again_for_the_window_that_is_seen(
    chromium: Browser, address: str
) -> None:
    with look(chromium, address) as page:
        page.goto("/runs/1?tab=pictures")
        whole = drawn(page, SITE)
        assert "smart charging" in whole["traces"]
        assert page.evaluate(DRAWN, "When the day is busy") is None  # not yet seen, so not yet drawn

        site = section(page, SITE)
        area = site.locator(".nsewdrag").first.bounding_box()
        assert area is not None
        y = area["y"] + area["height"] / 2
        page.mouse.move(area["x"] + 0.25 * area["width"], y)
        page.mouse.down()
        page.mouse.move(area["x"] + 0.4 * area["width"], y, steps=4)
        page.mouse.up()
        zoomed = until(page, SITE, f"p.first !== {whole['first']!r} && p.ticks.some(t => t.includes(':'))")
        assert whole["range"][0] < zoomed["range"][0] < zoomed["first"].replace("T", " ") or (
            zoomed["first"] < zoomed["range"][0].replace(" ", "T")
        )
        assert zoomed["range"][1] < whole["range"][1]

        site.get_by_role("button", name="Later").click()
        later = until(page, SITE, f"p.range[0] > {zoomed['range'][0]!r} && p.first > {zoomed['first']!r}")
        page.mouse.dblclick(area["x"] + area["width"] / 2, y)
        back = until(page, SITE, f"p.first === {whole['first']!r}")
        assert back["range"] == whole["range"]
        assert later["range"] != back["range"]
        site.get_by_role("button", name="Closer").press("Enter")
        until(page, SITE, f"p.first > {whole['first']!r}")
        site.get_by_role("button", name="All of the run").press("Enter")
        until(page, SITE, f"p.first === {whole['first']!r}")


def test_every_picture_of_a_depot_stands_with_its_choices_and_tables(chromium: Browser, address: str) -> None:
    with look(chromium, address) as page:
        page.goto("/runs/1?tab=pictures")
        drawn(page, SITE)
        for one in page.locator("section.picture").all():
            one.locator(".picture-frame").scroll_into_view_if_needed()
            title = one.get_by_role("heading").inner_text()
            drawn(page, title)
            assert title in (one.get_by_role("figure").get_attribute("aria-label") or "")
        section(page, "State of charge of the fleet").get_by_text("Unmanaged").click()
        days = section(page, "Day by day")
        days.get_by_role("button", name="Show as table").click()
        days.get_by_role("gridcell", name="unmanaged").first.wait_for()
        assert serious_findings(page) == []
        days.get_by_role("button", name="Hide the table").click()
        days.get_by_role("gridcell").first.wait_for(state="detached")
        heat_map = section(page, "All vehicles")
        heat_map.get_by_label("Colour: All vehicles").click()
        page.get_by_role("option", name="State of charge").click()
        page.wait_for_function(
            "() => [...document.querySelectorAll('.js-plotly-plot')].some(p => (p.data || [])"
            ".some(t => t.colorbar && t.colorbar.title.text.includes('state of charge')))"
        )
        with page.expect_download() as download:
            days.get_by_role("link", name="days (CSV)").click()
        assert download.value.suggested_filename == "run-1-days.csv"


def test_rules_of_a_hub_are_run_and_compared_where_somebody_looks(chromium: Browser, tmp_path: Path) -> None:
    url, data = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "data"
    submit_run(read_scenario(write_hub(tmp_path / "hub", units=(3, 2), visits=(6, 4))), url, data)
    with web_server(url, data, workers=1) as address, look(chromium, address) as page:
        page.goto("/runs/1")
        parts = page.get_by_role("navigation", name="Parts of this run")
        parts.get_by_role("link", name="Control rules").click(timeout=60_000)
        for rule in ("First come, first served", "Earliest deadline first", "Equal shares", "No control"):
            page.get_by_role("checkbox", name=rule).uncheck()
        page.get_by_role("button", name="Run the chosen rules and compare").click()
        page.get_by_text("Choose at least one rule.").wait_for()
        page.get_by_role("checkbox", name="No control").press("Space")
        page.get_by_role("button", name="Run the chosen rules and compare").press("Enter")
        page.get_by_role("heading", name="Rules side by side").wait_for(timeout=60_000)
        page.get_by_role("link", name="run 2", exact=True).wait_for()
        page.locator(".live-runs").wait_for(state="detached", timeout=60_000)
        assert page.get_by_role("checkbox").count() == 6  # all others
        with Store.open(url) as store:
            told = [store.find_run(number) for number in (1, 2)]
            visits = {next(k.value for k in store.read_kpis(r.id) if k.name == "visits") for r in told}
        assert [run.state for run in told] == ["done"] * 2
        assert len({run.seed for run in told}) == len(visits) == 1

        Path(told[0].directory, "inputs", "hub", "Fleet.csv").unlink()
        page.get_by_role("checkbox", name="Optimised over all").check()
        page.get_by_role("button", name="Run the chosen rules and compare").click()
        page.get_by_role("alert").filter(has_text="Fleet").wait_for()  # told, and the page stays as it was

        page.get_by_role("link", name="Page of this comparison").click()
        page.get_by_role("heading", name="Compare runs").wait_for()
        assert page.url.endswith("/compare?runs=1,2")
        table = page.get_by_role("region", name="Numbers side by side")
        heads = table.get_by_role("columnheader").all_inner_texts()
        assert [head.strip() for head in heads] == ["KPI", "Unit", "1 least laxity first", "2 no control"]
        for title in ("What the runs came to", "Power of the hub", "Energy charged so far"):
            section(page, title).locator(".picture-frame").scroll_into_view_if_needed()
            drawn(page, title)
        power = drawn(page, "Power of the hub")
        section(page, "Power of the hub").get_by_role("button", name="Closer").click()
        zoomed = until(page, "Power of the hub", f"p.range[0] > {power['range'][0]!r}")
        assert zoomed["traces"][:2] == ["1 least laxity first", "2 no control"]
        assert serious_findings(page) == []


@pytest.mark.parametrize("run", [1, 2])
def test_pictures_fit_a_narrow_dark_screen(chromium: Browser, address: str, run: int) -> None:
    settings = {"color_scheme": "dark", "viewport": {"width": 390, "height": 800}}
    with look(chromium, address, **settings) as page:
        page.goto(f"/runs/{run}?tab=pictures")
        page.locator("section.picture").last.wait_for()
        for one in page.locator("section.picture").all():
            one.locator(".picture-frame").scroll_into_view_if_needed()
            drawn(page, one.get_by_role("heading").inner_text())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert serious_findings(page) == []
