"""The list of 10,000 runs in chromium: opened, and filtered by text, by state and by study.

A filter is timed in the browser itself, from the key or the press until what matches is painted, so that the
clock of the benchmark is not in it.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.browser import chromium, new_page, serve
from benchmarks.depot_year import say
from sqlalchemy import insert

from sparewatt.faces.server import make_server
from sparewatt.results.store import Store
from sparewatt.results.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

NAME = "web_runs"
SUMMARY = "a list of 10,000 runs in chromium: the page, and filters by text, state and study"

RUNS, QUICK_RUNS = 10_000, 2_000
FILTER_TARGET_S, PAGE_TARGET_S = 0.5, 2.0
_TIMES = 5
_STUDIES = ("depot", "cluster", "network", "community")
_STATES = ("done", "done", "done", "failed", "done", "cancelled", "done")
_TEXTS = ("plan 77", "site 12 plan", "99", "no such run")
_PRESSES = ("Failed", "Cancelled", "Waiting or running", "Done", "All")
_WATCH = """() => {
  const told = document.getElementById("runs-count");
  const begin = () => { window.filterBegan = performance.now(); window.filterTook = null; };
  for (const kind of ["input", "click"]) document.addEventListener(kind, begin, true);
  new MutationObserver(() => {
    const began = window.filterBegan;
    const stop = () => { window.filterTook = performance.now() - began; };
    if (began) requestAnimationFrame(() => setTimeout(stop));
  }).observe(told, { childList: true, characterData: true, subtree: true });
}"""


def many_runs(count: int) -> list[dict[str, Any]]:
    """Rows of runs of all studies, most of them done."""
    now = datetime.now(UTC)
    same = dict.fromkeys(("scenario", "input_hash", "owner", "error", "directory"), "")
    return [
        {
            "study": _STUDIES[i % len(_STUDIES)],
            "name": f"Site {i % 97} plan {i}",
            "state": _STATES[i % len(_STATES)],
            "progress": 1.0,
            "seed": 1,
            "versions": {},
            "created": now - timedelta(minutes=count - i),
        }
        | same
        for i in range(count)
    ]


@contextmanager
def _server(folder: Path, count: int) -> Iterator[str]:
    """Address of a server with so many runs, served by a thread."""
    url = f"sqlite:///{folder / 'store.db'}"
    with Store.open(url) as store:
        store.write("note many runs", lambda c: c.execute(insert(runs), many_runs(count)))
    with serve(make_server(url, folder / "data", token=None)) as address:
        yield address


def _open(page: Page, address: str) -> float:
    """Seconds until the list stands."""
    began = time.perf_counter()
    page.goto(f"{address}/runs")
    page.wait_for_function("() => document.querySelectorAll('#runs-list .ag-row').length > 5")
    page.wait_for_function("() => /runs/.test(document.getElementById('runs-count').textContent)")
    return time.perf_counter() - began


def _took(page: Page) -> float:
    """Seconds of the filter that was asked for last, once it is painted."""
    page.wait_for_function("() => typeof window.filterTook === 'number'")
    return float(page.evaluate("window.filterTook")) / 1000


def _tell(what: str, times: list[float], target: float) -> None:
    words = f"{statistics.median(times):9.3f} s, slowest {max(times):.3f} s"
    say(f"chromium: {what}", words, reached=max(times) <= target)


def main(*, quick: bool = False) -> None:
    """Run it."""
    binary, count = chromium(), QUICK_RUNS if quick else RUNS
    if binary is None:
        return
    print(f"{count:,} runs")
    with (
        tempfile.TemporaryDirectory(prefix="sparewatt-bench-") as made,
        _server(Path(made), count) as address,
        new_page(binary) as page,
    ):
        say("chromium: list, first visit", f"{_open(page, address):9.3f} s")
        _tell("list, later visits", [_open(page, address) for _ in range(3)], PAGE_TARGET_S)
        page.evaluate(_WATCH)
        _measure_filters(page)


def _measure_filters(page: Page) -> None:
    by_text, by_state, by_study = [], [], []
    field, states = page.get_by_label("Name or number"), page.get_by_role("radiogroup", name="State")
    for _ in range(_TIMES):
        for text in _TEXTS:
            field.fill(text)
            by_text.append(_took(page))
        field.fill("")
        by_text.append(_took(page))
        for words in _PRESSES:
            states.get_by_text(words, exact=True).click()
            by_state.append(_took(page))
        page.get_by_role("textbox", name="Study").click()
        page.get_by_role("option", name="Network").click()
        by_study.append(_took(page))
        page.get_by_role("textbox", name="Study").click()
        page.get_by_role("option", name="Network").click()  # once more: all of them
        _took(page)
    _tell("filter by text", by_text, FILTER_TARGET_S)
    _tell("filter by state", by_state, FILTER_TARGET_S)
    _tell("filter by study", by_study, FILTER_TARGET_S)
