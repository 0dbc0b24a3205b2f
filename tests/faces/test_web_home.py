"""Home, the navigation and addresses that are none, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sparewatt.results.store import Store
from support.web_pages import arrive, look, serious_findings, web_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('home') / 'store.db'}"


@pytest.fixture(scope="module")
def address(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Store.open(store_url) as store:
        store.create_run(study="network", name="Feeder 17", state="done")
    with web_server(store_url, tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_home_says_what_this_is_and_what_ran(
    chromium: Browser, address: str, scheme: str, width: int
) -> None:
    with look(chromium, address, color_scheme=scheme, viewport={"width": width, "height": 800}) as page:
        arrive(page, "/", "Find the spare watts")
        assert page.title() == "Home · Sparewatt"
        assert page.get_by_role("button", name="Start the example").count() == 4
        assert page.get_by_role("link", name="Feeder 17").get_attribute("href") == "/runs/1"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious_findings(page) == []


def test_an_address_that_is_none_says_so_and_back_works(chromium: Browser, address: str) -> None:
    with look(chromium, address) as page:
        arrive(page, "/", "Find the spare watts")
        arrive(page, "/no/such/<b>page</b>", "There is no such page")
        assert page.locator("b").count() == 0
        page.go_back()
        page.get_by_role("heading", name="Find the spare watts").wait_for()


def test_a_slow_page_says_that_it_comes_and_the_keyboard_begins_at_its_heading(
    chromium: Browser, address: str
) -> None:
    with look(chromium, address) as page:
        arrive(page, "/", "Find the spare watts")
        assert page.evaluate("document.activeElement.tagName") == "BODY"  # a first visit moves nothing
        asked: list[Route] = []
        page.route("**/_dash-update-component*", lambda route: asked.append(route))  # noqa: PLW0108 - no builtin there
        page.get_by_role("link", name="All runs").focus()
        page.keyboard.press("Enter")
        page.locator("#page-loading[role=status]", has_text="Loading the page").wait_for()
        assert page.locator("#outlet").get_attribute("aria-busy") == "true"
        for route in asked:
            route.continue_()
        page.unroute("**/_dash-update-component*")
        page.get_by_role("heading", name="Runs", level=1).wait_for()
        page.locator("#page-loading").wait_for(state="hidden")
        page.wait_for_function("() => document.activeElement.textContent === 'Runs'")
        assert page.locator("nav [aria-current=page]").all_inner_texts() == ["Runs"]
        page.go_back()
        page.wait_for_function("() => document.activeElement.textContent === 'Find the spare watts'")
        assert page.title() == "Home · Sparewatt"


def test_a_page_that_cannot_be_made_does_not_load_for_ever(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address)  # not looked at: what fails here is an error to browsers
    try:
        page = context.new_page()
        arrive(page, "/", "Find the spare watts")
        page.route("**/_dash-update-component*", lambda route: route.fulfill(status=413, body="too large"))
        page.get_by_role("link", name="All runs").click()
        page.get_by_text("This page cannot be shown now").wait_for()
        page.locator("#page-loading").wait_for(state="hidden")
        page.unroute("**/_dash-update-component*")
        page.go_back()
        page.get_by_text("This page cannot be shown now").wait_for(state="hidden")
    finally:
        context.close()


def test_every_study_starts_by_keyboard_and_asks_nothing_before(
    chromium: Browser, address: str, store_url: str
) -> None:
    with look(chromium, address) as page:
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url) if "_dash-update" in one.url else None)
        for number, study in enumerate(("depot", "cluster", "network", "community"), 2):
            arrive(page, "/", "Find the spare watts")
            button = page.get_by_role("button", name=f"Start the example of the {study} study")
            assert len(asked) == 1  # the page itself
            while not button.evaluate("one => one === document.activeElement"):
                page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            page.get_by_text("Waiting for a worker").wait_for()
            assert page.url.endswith(f"/runs/{number}")
            asked.clear()
        arrive(page, "/", "Find the spare watts")
        lines = page.locator("#home-recent .run-line")
        assert lines.filter(has_text="waiting").count() == 4
        with Store.open(store_url) as store:  # somebody else
            store.set_run_state(5, "failed", error="a reason")
        lines.first.get_by_text("failed").wait_for()  # the list knows by itself


def test_colours_are_kept_and_the_menu_of_narrow_screens_opens(chromium: Browser, address: str) -> None:
    with look(chromium, address, viewport={"width": 390, "height": 800}) as page:
        arrive(page, "/", "Find the spare watts")
        page.get_by_role("button", name="Light or dark").click()
        shown = page.locator("html").get_attribute("data-mantine-color-scheme")
        page.reload()
        page.get_by_role("heading", name="Find the spare watts").wait_for()
        assert page.locator("html").get_attribute("data-mantine-color-scheme") == shown == "dark"
        page.get_by_role("button", name="Navigation").click()
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Home").click()
        page.get_by_role("heading", name="Find the spare watts").wait_for()
