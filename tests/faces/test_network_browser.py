"""Report and comparison of networks in a real browser: offline, quiet, on a phone, in the dark."""

from __future__ import annotations

import pytest
from tests.faces.test_report_browser import CONTRAST, opened

from sparewatt.results.comparison_page import write_comparison_page
from sparewatt.results.network_results import network_outcome, write_network_folder
from sparewatt.results.report import write_report
from support.network_views import bare_view, hand_view

pytestmark = pytest.mark.browser
MARKUP = '<img src=x onerror=alert(1)> & "feeder"'


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The report of a run with everything, of one with little, and both compared."""
    folder = tmp_path_factory.mktemp("pages")
    folders = []
    for name, view in (("whole", hand_view()), ("bare", bare_view())):
        outcome = network_outcome(view, name=MARKUP, seed=7, input_hash="ab" * 32)
        folders.append(write_network_folder(folder / name, outcome, view))
    pages = {n: write_report(f) for n, f in zip(("whole", "bare"), folders, strict=True)}
    long = "a name that is as long as names of runs become when they tell what differs"
    compared = write_comparison_page([*folders, folders[0]], ["1", MARKUP, long], folder / "compared.html")
    return {**pages, "compared": compared}


@pytest.mark.parametrize(("name", "pictures"), [("whole", 10), ("bare", 5), ("compared", 6)])
def test_it_opens_from_a_file_alone(chromium, pages, name, pictures):
    with opened(chromium, pages[name], viewport={"width": 1280, "height": 900}) as (page, complaints, asked):
        assert page.locator("h1").count() == 1
        assert page.locator("figure svg").count() == pictures
        assert page.locator("img").count() == 0
        assert MARKUP in page.locator("body").inner_text()
        assert (complaints, asked) == ([], [pages[name].as_uri()])


@pytest.mark.parametrize("name", ["whole", "bare", "compared"])
def test_on_a_phone_nothing_scrolls_sideways_but_tables_and_pictures(chromium, pages, name):
    with opened(chromium, pages[name], viewport={"width": 390, "height": 844}) as (page, _, _):
        assert page.evaluate("() => document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["whole", "compared"])
def test_words_can_be_read_in_light_and_dark(chromium, pages, name, scheme):
    with opened(chromium, pages[name], color_scheme=scheme) as (page, _, _):
        worst = page.evaluate(CONTRAST)
        assert worst[0][0] >= 4.5, worst  # WCAG AA


@pytest.mark.parametrize("name", ["whole", "compared"])
def test_words_of_pictures_stay_inside_them(chromium, pages, name):
    with opened(chromium, pages[name], viewport={"width": 1280, "height": 900}) as (page, _, _):
        cut = page.evaluate(
            """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
                const box = svg.getBoundingClientRect();
                return [...svg.querySelectorAll('text')].filter(t => {
                    const own = t.getBoundingClientRect();
                    return own.left < box.left - 1 || own.right > box.right + 1;
                }).map(t => t.textContent);
            })"""
        )
        assert cut == []
