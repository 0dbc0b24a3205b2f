"""Make the pictures of the pages: ``.venv/bin/python docs/make_web_pictures.py [PAGE ...]``.

A server with a store of its own is started as ``sparewatt serve`` does it, the example of each study is run,
and Debian's chromium looks at the pages. Without names all pictures are made anew.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from playwright.sync_api import sync_playwright

from sparewatt.inputs.cluster.template import write_cluster_template
from sparewatt.inputs.community.template import write_community_template

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = Path(__file__).parent / "pictures"
STUDIES = ("depot", "cluster", "network", "community")
LIMIT_S = 900.0


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the address, and what is looked at.

    Parameters
    ----------
    name
        File name without ending.
    path
        Address; ``{depot}`` stands for the number of the example run of a study.
    scheme, width, height
        Colours, and size of the window [px].
    """

    name: str
    path: str
    scheme: str = "light"
    width: int = 1280
    height: int = 800


SHOTS = (
    Shot("web-home", "/"),
    Shot("web-run", "/runs/{depot}?tab=pictures"),
    Shot("web-overview", "/runs/{depot}"),
    Shot("web-new", "/new/depot"),
    Shot("web-network", "/network/{network}", height=900),
    Shot("web-compare", "/compare?runs={community},{again}"),
    Shot("web-rules", "/compare?runs={cluster},{uncontrolled},{equal_share}", height=1250),
    Shot("web-neighbourhood", "/neighbourhoods/{neighbourhood}", height=900),
    Shot("web-dark", "/runs/{cluster}?tab=pictures", scheme="dark"),
    Shot("web-narrow", "/runs/{community}", width=390, height=844),
)


def wait_until_done(client: httpx.Client, numbers: list[int]) -> None:
    """Wait for runs.

    Raises
    ------
    RuntimeError
        One failed, or they take too long.
    """
    until = time.monotonic() + LIMIT_S
    while True:
        states = [client.get(f"/api/runs/{number}").json()["state"] for number in numbers]
        if set(states) == {"done"}:
            return
        if {"failed", "cancelled"} & set(states) or time.monotonic() > until:
            raise RuntimeError(f"runs {numbers} are {states}")
        time.sleep(0.5)


def send(client: httpx.Client, folder: Path) -> str:
    """Upload the files of a folder; the number of the upload."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = [("files", (path.relative_to(folder).as_posix(), path.read_bytes())) for path in paths]
    return str(client.post("/api/uploads", files=files).json()["id"])


def fill(client: httpx.Client, folder: Path) -> dict[str, int]:
    """Run the examples, two of them in other ways too, and keep a neighbourhood; their numbers."""
    numbers = {study: client.post(f"/api/examples/{study}").json()["id"] for study in STUDIES}
    write_community_template(folder / "lane")
    upload = send(client, folder / "lane")
    asked = {"inputs": upload, "overrides": ['community.algorithm="greedy"']}
    numbers["again"] = client.post("/api/runs", json=asked).json()["id"]
    write_cluster_template(folder / "hub")
    hub = send(client, folder / "hub")
    for rule in ("uncontrolled", "equal_share"):
        ruled = {"inputs": hub, "overrides": [f"cluster.control={rule}"]}
        numbers[rule] = client.post("/api/runs", json=ruled).json()["id"]
    wait_until_done(client, list(numbers.values()))
    kept = {"name": "Orchard Lane", "inputs": upload, "folder": "neighbourhood"}
    return numbers | {"neighbourhood": client.post("/api/neighbourhoods", json=kept).json()["id"]}


def look(browser: Browser, address: str, shot: Shot, numbers: dict[str, int]) -> None:
    """Write one picture."""
    view = {"width": shot.width, "height": shot.height}
    page = browser.new_page(viewport=view, color_scheme=shot.scheme, reduced_motion="reduce")
    page.goto(address + shot.path.format(**numbers))
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    page.screenshot(path=PICTURES / f"{shot.name}.png")
    page.close()


def main(names: list[str]) -> None:
    """Make the pictures that are named, or all."""
    shots = [shot for shot in SHOTS if not names or shot.name in names]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        env = {**os.environ, "SPAREWATT_DB": f"{name}/sparewatt.db", "SPAREWATT_DATA": f"{name}/data"}
        words = [sys.executable, "-m", "sparewatt", "serve", "--port", str(port)]
        server = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        try:
            address = f"http://127.0.0.1:{port}"
            transport = httpx.HTTPTransport(retries=10)
            with httpx.Client(base_url=address, timeout=120, transport=transport) as client:
                numbers = fill(client, Path(name) / "lane")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox"]
                )
                for shot in shots:
                    look(browser, address, shot, numbers)
                    print(f"{shot.name}.png")
                browser.close()
        finally:
            server.terminate()
            server.wait(60)


if __name__ == "__main__":
    main(sys.argv[1:])
