"""A server in a thread and a browser before it, as the benchmarks of pages want them."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page
    from starlette.types import ASGIApp

_IDLE = ("WebUIOmniboxPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxAimPopup")
"""Pages that chromium loads for itself while it starts; somebody's browser has long done so."""


def chromium() -> str | None:
    """Path of the browser; ``None`` and a word where there is none."""
    binary = shutil.which("chromium")
    if binary is None:
        print("  chromium is not installed, so the browser is not measured")
    return binary


@contextmanager
def serve(app: ASGIApp) -> Iterator[str]:
    """Address of a server of an application, in a thread of this process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def new_page(binary: str) -> Iterator[Page]:
    """A page of a browser that has just been started."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        args = ["--no-sandbox", f"--disable-features={','.join(_IDLE)}"]
        browser = playwright.chromium.launch(executable_path=binary, args=args)
        try:
            yield browser.new_page(viewport={"width": 1280, "height": 900})
        finally:
            browser.close()
