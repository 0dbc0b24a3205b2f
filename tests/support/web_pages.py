"""The pages of a server in a real browser, which notes what should not be."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from sparewatt.faces.server import make_server, queue_thread
from sparewatt.tasks import Cancel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

IDLE = (
    # Two pages that chromium keeps ready behind its address bar, at the cost of a start of their own.
    "WebUIOmniboxPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxAimPopup",
    # What Playwright switches off: a second list replaces the first.
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
"""What a browser does beside showing a page."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={','.join(IDLE)}",
)


@contextlib.contextmanager
def web_server(
    store_url: str, data: Path, *, token: str | None = None, workers: int = 0, port: int = 0
) -> Iterator[str]:
    """Address of a server with pages, API and queue, in threads of this process."""
    app = make_server(store_url, data, token=token)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, lifespan="on", log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    stop = Cancel()
    threads = [threading.Thread(target=server.run)]
    if workers:
        threads.append(queue_thread(store_url, data, workers, stop))
    for thread in threads:
        thread.start()
    try:
        until = time.monotonic() + 60
        while not server.started:
            assert threads[0].is_alive()
            assert time.monotonic() < until
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        stop.set()
        server.should_exit = True
        for thread in threads:
            thread.join(60)


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Debian's chromium; the test is skipped where there is none, and fails where all is required."""
    binary = shutil.which("chromium")
    if binary is None:
        if os.environ.get("SPAREWATT_REQUIRE_ALL") == "1":
            pytest.fail("chromium is required here and not installed")
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def look(browser: Browser, address: str, **settings: Any) -> Iterator[Page]:
    """A page of a new visitor.

    At the end nothing may have been written to the console as an error or a warning, no script may have
    failed, no request may have left this machine, and none may have been answered with a server error.
    """
    wrong: list[str] = []
    options = {"viewport": {"width": 1280, "height": 900}, "accept_downloads": True, **settings}
    context = browser.new_context(base_url=address, **options)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((address, "data:", "blob:")) else wrong.append(f"left: {asked.url}")
        ),
    )
    page.on(
        "response",
        lambda answer: wrong.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None,
    )
    try:
        yield page
    finally:
        context.close()
    assert not wrong, wrong


def arrive(page: Page, path: str, heading: str) -> None:
    """Go to a page, and wait until it is there."""
    page.goto(path)
    page.get_by_role("heading", name=heading, level=1).wait_for()


def serious_findings(page: Page) -> list[str]:
    """What axe finds serious or critical on a page, as a line each."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - as above

    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:5]
    ]
