"""Report and comparison of neighbourhoods in a real browser: offline, quiet, sorted, in the dark."""

from __future__ import annotations

import pytest
from tests.faces.test_report_browser import CONTRAST, opened

from sparewatt.results.community_results import community_outcome, write_community_folder
from sparewatt.results.comparison_page import write_comparison_page
from sparewatt.results.report import write_report
from support.hand_community import hand_run, quiet_run

pytestmark = pytest.mark.browser
MARKUP = '<img src=x onerror=alert(1)> & "houses"'
INSIDE = """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
    const box = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].filter(t => {
        const own = t.getBoundingClientRect();
        return own.left < box.left - 1 || own.right > box.right + 1;
    }).map(t => t.textContent);
})"""

OPEN_ALL = """() => document.querySelectorAll('details').forEach(d => {
    d.removeAttribute('name');
    d.open = true;
})"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The report of two repetitions, of a run in which nothing happens, and runs compared."""
    folder = tmp_path_factory.mktemp("pages")
    folders = []
    for name, run in (("whole", hand_run(2, limit_kw=1.5)), ("quiet", quiet_run())):
        outcome = community_outcome(run, name=MARKUP, seed=7, input_hash="ab" * 32)
        folders.append(write_community_folder(folder / name, outcome, run, simulate_s=2.5))
    pages = {n: write_report(f) for n, f in zip(("whole", "quiet"), folders, strict=True)}
    long = "a name that is as long as names of runs become when they tell what differs"
    compared = write_comparison_page(
        [folders[0], folders[0], folders[1]], ["1", MARKUP, long], folder / "compared.html"
    )
    return {**pages, "compared": compared}


@pytest.mark.parametrize(("name", "pictures"), [("whole", 12), ("quiet", 5), ("compared", 2)])
def test_it_opens_from_a_file_alone(chromium, pages, name, pictures):
    with opened(chromium, pages[name], viewport={"width": 1280, "height": 900}) as (page, complaints, asked):
        assert page.locator("h1").count() == 1
        assert page.locator("figure svg").count() == pictures
        assert page.locator("img").count() == 0
        assert MARKUP in page.locator("body").inner_text()
        assert (complaints, asked) == ([], [pages[name].as_uri()])


def test_the_headline_is_seen_first(chromium, pages):
    with opened(chromium, pages["whole"], viewport={"width": 1280, "height": 900}) as (page, _, _):
        headline = page.locator(".headline")
        assert "covered 1.0 of the 3.0 kWh" in headline.inner_text()
        assert headline.bounding_box()["y"] < 900


def column(page, label, place):
    """Texts of one column of a table."""
    rows = page.get_by_role("region", name=label, exact=True).locator("tbody tr")
    return [rows.nth(n).locator("th, td").nth(place).inner_text() for n in range(rows.count())]


def test_contracts_are_sorted_by_a_press_on_a_head(chromium, pages):
    with opened(chromium, pages["whole"]) as (page, complaints, _):
        assert column(page, "Every contract", 0) == ["j0", "=j1", "=j1", "j2"]
        region = page.get_by_role("region", name="Every contract", exact=True)
        energy = region.get_by_role("button", name="Energy [Wh]")
        energy.click()
        assert column(page, "Every contract", 5) == ["500", "1,000", "1,500", "1,500"]
        head = energy.locator("xpath=..")
        assert head.get_attribute("aria-sort") == "ascending"
        energy.click()
        assert column(page, "Every contract", 5) == ["1,500", "1,500", "1,000", "500"]
        assert head.get_attribute("aria-sort") == "descending"
        region.get_by_role("button", name="Job").press("Enter")
        assert column(page, "Every contract", 0) == ["=j1", "=j1", "j0", "j2"]
        assert head.get_attribute("aria-sort") is None
        region.get_by_role("button", name="Start").click()
        assert column(page, "Every contract", 3) == ["02:00", "02:10", "02:30", "03:00"]
        assert complaints == []


def test_without_scripts_everything_is_there_sorted_by_start(chromium, pages):
    with opened(chromium, pages["whole"], java_script_enabled=False) as (page, _, _):
        assert column(page, "Every contract", 3) == ["02:00", "02:10", "02:30", "03:00"]
        assert page.locator("th button").count() == 0


def test_one_household_and_another_repetition_are_chosen(chromium, pages):
    with opened(chromium, pages["whole"], viewport={"width": 1280, "height": 900}) as (page, _, _):
        first, second = (page.locator("details", has_text=f"House {name}").first for name in ("a", "=b"))
        assert first.locator("svg").is_visible()
        assert not second.locator("svg").is_visible()
        second.locator("summary").click()
        assert second.locator("svg").is_visible()
        assert not first.locator("svg").is_visible(), "one at a time"
        other = page.locator("details", has_text="Repetition 2: 0.5 kWh covered")
        other.locator("summary").press("Enter")
        assert other.locator("svg").is_visible()
        assert column(page, "Repetition 2: 0.5 kWh covered, contracts", 2)[-1] == "grid"


@pytest.mark.parametrize("name", ["whole", "quiet", "compared"])
def test_on_a_phone_nothing_scrolls_sideways_but_tables_and_pictures(chromium, pages, name):
    with opened(chromium, pages[name], viewport={"width": 390, "height": 844}) as (page, _, _):
        assert page.evaluate("() => document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["whole", "compared"])
def test_words_can_be_read_in_light_and_dark(chromium, pages, name, scheme):
    with opened(chromium, pages[name], color_scheme=scheme) as (page, _, _):
        worst = page.evaluate(CONTRAST)
        assert worst[0][0] >= 4.5, worst  # WCAG AA


@pytest.mark.parametrize("name", ["whole", "quiet", "compared"])
def test_words_of_pictures_stay_inside_them(chromium, pages, name):
    with opened(chromium, pages[name], viewport={"width": 1280, "height": 900}) as (page, _, _):
        page.evaluate(OPEN_ALL)
        assert page.evaluate(INSIDE) == []
