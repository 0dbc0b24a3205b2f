"""Twenty users at once while two runs work: how long a page takes, and whether any answer fails.

A server of its own, as `sparewatt serve` starts it, with two workers that work on hubs of many days. Every
user goes from page to page without a pause: the page of the application, what it is made of, and the answer
that shows the address, as a browser asks for them (scripts and styles are kept by browsers and are not asked
for again). One run of each study was brought to its end before, so that pages have something to show.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import httpx

NAME = "web_users"
SUMMARY = "20 users at once on the pages while two runs work: median seconds a page, errors"
USERS = 20
TARGET_S = 1.0
_STUDIES = ("depot", "cluster", "community", "network")


def _wait(client: httpx.Client, numbers: list[int], states: set[str], limit_s: float = 600.0) -> None:
    until = time.monotonic() + limit_s
    while any(client.get(f"/api/runs/{number}").json()["state"] not in states for number in numbers):
        if time.monotonic() > until:
            raise TimeoutError(f"runs {numbers} did not come to {states}")
        time.sleep(0.3)


def _shown(client: httpx.Client, path: str, search: str = "") -> tuple[float, str]:
    """Seconds until an address is shown, and what failed on the way; empty where nothing did."""
    began = time.perf_counter()
    for part in (path + search, "/_dash-layout", "/_dash-dependencies"):
        if client.get(part).status_code != 200:
            return time.perf_counter() - began, part
    asked = {
        "output": "outlet.children",
        "outputs": {"id": "outlet", "property": "children"},
        "inputs": [{"id": "url", "property": "pathname", "value": path}],
        "state": [{"id": "url", "property": "search", "value": search}],
        "changedPropIds": ["url.pathname"],
    }
    answer = client.post("/_dash-update-component", json=asked)
    seconds = time.perf_counter() - began
    good = answer.status_code == 200 and "This cannot be shown" not in answer.text
    return seconds, "" if good else f"{path}: {answer.status_code} {answer.text[:200]}"


def main(*, quick: bool = False) -> None:
    """Print the medians, the whole and by page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = 8871
        words = [sys.executable, "-m", "sparewatt", "serve", "--port", str(port), "--workers", "2"]
        env = {**os.environ, "SPAREWATT_DB": str(folder / "s.db"), "SPAREWATT_DATA": str(folder / "data")}
        server = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
                _measure(client, 6.0 if quick else 30.0)
        finally:
            server.terminate()
            server.wait(60)


def _begin(client: httpx.Client) -> tuple[list[str], list[int]]:
    """Addresses of pages that show something, and two runs that are worked on."""
    until = time.monotonic() + 60
    while True:
        try:
            client.get("/api/health")
            break
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
    done = [client.post(f"/api/examples/{study}").json()["id"] for study in _STUDIES]
    _wait(client, done, {"done"})
    working = [client.post("/api/examples/network").json()["id"] for _ in range(2)]
    _wait(client, working, {"running", "done"})
    return ["/", "/runs", "/new", "/neighbourhoods", "/network", *(f"/runs/{n}" for n in done)], working


def _keep_busy(client: httpx.Client, working: list[int], seconds: float) -> None:
    """Two runs are worked on all the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for place, number in enumerate(working):
            if client.get(f"/api/runs/{number}").json()["state"] == "done":
                working[place] = client.post("/api/examples/network").json()["id"]
        time.sleep(0.5)


def _measure(client: httpx.Client, seconds: float) -> None:
    pages, working = _begin(client)
    times: dict[str, list[float]] = defaultdict(list)
    errors: list[str] = []
    busy = threading.Event()
    busy.set()

    def use(seed: int) -> None:
        chance = random.Random(seed)
        with httpx.Client(base_url=client.base_url, timeout=120) as own:
            while busy.is_set():
                path = chance.choice(pages)
                try:
                    took, wrong = _shown(own, path)
                except httpx.HTTPError as error:
                    took, wrong = 0.0, repr(error)
                times[path].append(took)
                errors.extend([wrong] if wrong else [])

    users = [threading.Thread(target=use, args=(number,)) for number in range(USERS)]
    for user in users:
        user.start()
    _keep_busy(client, working, seconds)
    busy.clear()
    for user in users:
        user.join()
    _tell(times, errors, seconds)


def _tell(times: dict[str, list[float]], errors: list[str], seconds: float) -> None:
    every = [one for part in times.values() for one in part]
    for path, part in sorted(times.items()):
        middle, worst = statistics.median(part), max(part)
        print(f"  {path:18s} {len(part):5d} pages, median {middle:6.3f} s, worst {worst:6.3f} s")
    median = statistics.median(every)
    print(
        f"  {USERS} users, {len(every)} pages in {seconds:g} s: median {median:.3f} s (asked {TARGET_S:g} s),"
    )
    print(f"  95 % within {statistics.quantiles(every, n=20)[-1]:.3f} s, {len(errors)} errors {errors[:3]}")
