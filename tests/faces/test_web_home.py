"""Home, the navigation and addresses that are none, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sparewatt.results.store import Store
from support.web_pages import arrive, look, serious_findings, web_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("home")
    url = f"sqlite:///{folder / 'store.db'}"
    with Store.open(url) as store:
        store.create_run(study="network", name="Feeder 17", state="done")
    with web_server(url, folder / "data") as address:
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
