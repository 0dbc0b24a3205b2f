"""A year of half-hours of 200 vehicles on the pages: pictures by the server, and seen in chromium."""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.browser import chromium, new_page, serve
from benchmarks.depot_year import say

from sparewatt.faces.server import make_server
from sparewatt.faces.web.pictures.catalogue import pictures_of
from sparewatt.faces.web.pictures.picture import Look
from sparewatt.model.horizon import Horizon
from sparewatt.model.schedule import AC, DC, NO_CHARGER
from sparewatt.results.depot_view import DepotView, SessionBars
from sparewatt.results.outcome import ScenarioOutcome, depot_outcome
from sparewatt.results.run_folder import write_run_folder
from sparewatt.results.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

    from sparewatt.results.run_folder import RunFolder

NAME = "web_pages"
SUMMARY = "a year of 200 vehicles: pictures and zooms by the server, and the page in chromium"

YEAR_DAYS, VEHICLES = 365, 200
QUICK_DAYS, QUICK_VEHICLES = 28, 40
PAGE_TARGET_S, ZOOM_TARGET_S = 2.0, 0.5
RATE_KW = 11.0
_ZOOMS = 5
_TITLES = ("Demand of the site under its capacity", "All vehicles", "State of charge of the fleet")
_NIGHTS = (("opt", 44), ("BAU", 36))
"""Modes, and the half-hour of the day at which their vehicles begin to charge."""


def fleet_year(mode: str, days: int, vehicles: int, first: int) -> DepotView:
    """Vans that are away by day and charge at night, so that a picture has something to show."""
    horizon = Horizon.of_days(date(2025, 1, 6), days, step=timedelta(minutes=30), timezone="Europe/London")
    random = np.random.default_rng(17)
    periods = horizon.periods
    of_day = horizon.period_in_day
    energy, soc = np.zeros((vehicles, periods)), np.ones((vehicles, periods + 1))
    charger = np.full((vehicles, periods), AC, dtype=np.int8)
    away = (of_day >= 14) & (of_day < 34)
    charger[:, away] = NO_CHARGER
    need = random.uniform(5.0, 45.0, (vehicles, days))
    begin = first + random.integers(0, 4, (vehicles, days))
    for day in range(days):
        lo, hi = horizon.day_edges[day], horizon.day_edges[day + 1]
        left = need[:, day].copy()
        for t in range(lo, hi):
            on = (of_day[t] >= begin[:, day]) & (left > 0)
            energy[:, t] = np.where(on, np.minimum(left, RATE_KW / 2), 0.0)
            left -= energy[:, t]
        soc[:, lo + 34 : hi + 1] = (
            1 - (need[:, day] / 60)[:, None] + np.cumsum(energy[:, lo + 33 : hi], axis=1) / 60
        )
    starts = np.asarray(horizon.boundaries_s[np.asarray(horizon.day_edges[:-1])])
    stays = np.add.outer(np.zeros(vehicles, dtype=np.int64), starts) + 17 * 3600
    ends = np.minimum(stays + 14 * 3600, horizon.end_s)
    kinds = np.where(random.random(stays.size) < 0.2, DC, AC).astype(np.int8)
    hours = of_day / 2
    load = 120 + 80 * np.sin((hours - 6) / 24 * 2 * np.pi) + random.normal(0, 8, periods)
    price = np.where((hours >= 16) & (hours < 19), 0.34, np.where(hours < 5, 0.14, 0.2))
    view = DepotView(
        scenario_id=1 if mode == "BAU" else 2,
        allocation_id="yard",
        site_id="yard",
        mode="BAU" if mode == "BAU" else "opt",
        horizon=horizon,
        asc_kw=5.0 * vehicles,
        asc_margin=0.2,
        utilisation=0.9,
        excess_capacity_price=0.0,
        reserve=0.1,
        site_load_kw=np.maximum(load, 0.0),
        price_per_kwh=price,
        vehicle_ids=tuple(f"van {n + 1:03d}" for n in range(vehicles)),
        battery_kwh=np.full(vehicles, 60.0),
        energy_kwh=energy,
        soc=soc,
        charger=charger,
        unserved_kwh=np.zeros_like(energy),
        sessions=SessionBars(
            vehicle=np.repeat(np.arange(vehicles), days),
            plug_in_s=stays.ravel(),
            plug_out_s=ends.ravel(),
            charger=kinds,
            energy_kwh=need.ravel(),
            use_kwh=need.ravel(),
            unserved_kwh=np.zeros(stays.size),
        ),
        days=(),
    )
    return replace(view, days=view.rule_days())


def write_year(folder: Path, days: int, vehicles: int) -> RunFolder:
    """The folder of a run, as a run writes it."""
    views = [fleet_year(mode, days, vehicles, first) for mode, first in _NIGHTS]
    views.sort(key=lambda view: view.scenario_id)
    outcome = depot_outcome(
        [ScenarioOutcome.of_view(view) for view in views], name="A year", seed=17, input_hash="0" * 64
    )
    return write_run_folder(folder, outcome, views)


def seconds_of(call: Callable[[], object]) -> float:
    """Seconds on the wall of a call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def measure_server(folder: RunFolder, days: int) -> None:
    """Every picture whole, and of a week and a day in the middle."""
    middle = datetime(2025, 1, 6, tzinfo=UTC) + timedelta(days=days // 2)
    for picture in pictures_of("depot"):
        if not picture.is_there(folder):
            continue
        chosen = {c.name: c.options[0][0] for c in picture.choices(folder) if c.options}
        picture.draw(folder, Look(chosen=chosen))  # what is loaded once is loaded
        times = [seconds_of(lambda: picture.draw(folder, Look(chosen=chosen)))]  # noqa: B023 - called at once
        if picture.is_timed:
            for span in (7, 1):
                look = Look(middle, middle + timedelta(days=span), chosen)
                times.append(seconds_of(lambda: picture.draw(folder, look)))  # noqa: B023 - called at once
        words = "  ".join(f"{t:7.3f} s {w}" for t, w in zip(times, ("whole", "week", "day"), strict=False))
        say(f"server: {picture.title}", words, reached=max(times) <= ZOOM_TARGET_S)


def measure_browser(folder: RunFolder) -> None:
    """The page of the run from its address until its picture stands, and zooms by its buttons."""
    binary = chromium()
    if binary is None:
        return
    with _server(folder) as address, new_page(binary) as page:
        pages = [seconds_of(lambda: _open(page, address)) for _ in range(3)]  # the first fills its cache
        say("chromium: page, first visit", f"{pages[0]:9.2f} s", reached=pages[0] <= PAGE_TARGET_S)
        best = min(pages[1:])
        say("chromium: page, later visits", f"{best:9.2f} s", reached=best <= PAGE_TARGET_S)
        for title in _TITLES:
            section = page.locator("section.picture").filter(has=page.get_by_role("heading", name=title))
            section.scroll_into_view_if_needed()
            page.wait_for_function(_DRAWN, arg=title)
            page.wait_for_timeout(500)
            zooms = [_zoom(page, section, title) for _ in range(_ZOOMS)]
            zooms.sort()
            words = f"{zooms[len(zooms) // 2]:9.2f} s, slowest {zooms[-1]:.2f} s"
            say(f"chromium: zoom, {title}", words, reached=zooms[-1] <= ZOOM_TARGET_S)


def _zoom(page: Page, section: Locator, title: str) -> float:
    """Seconds from a press of a button until the picture of the window stands."""
    page.evaluate(_NOTE, title)
    started = time.perf_counter()
    section.get_by_role("button", name="Closer").click()
    page.wait_for_function(_ZOOMED, arg=title)
    return time.perf_counter() - started


_FIND = """const found = [...document.querySelectorAll('section.picture')]
  .find(one => one.querySelector('h2').textContent === title);
const drawn = found && found.querySelector('.js-plotly-plot');"""
_DRAWN = f"title => {{ {_FIND} return drawn && drawn.data && drawn.data.length > 0; }}"
_NOTE = f"title => {{ {_FIND} drawn.dataset.ticks = drawn.layout.xaxis.tickvals.join(); }}"
_ZOOMED = f"title => {{ {_FIND} return drawn.dataset.ticks !== drawn.layout.xaxis.tickvals.join(); }}"


@contextmanager
def _server(folder: RunFolder) -> Iterator[str]:
    """Address of the run's page, served by a thread."""
    data = folder.path.parent
    url = f"sqlite:///{data.parent / 'store.db'}"
    with Store.open(url) as store:
        outcome = folder.outcome()
        run = store.create_run(
            study="depot",
            name=outcome.name,
            input_hash=outcome.input_hash,
            directory=str(folder.path),
            state="done",
        )
    with serve(make_server(url, data, token=None)) as address:
        yield f"{address}/runs/{run.id}?tab=pictures"


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function(_DRAWN, arg=_TITLES[0])


def main(*, quick: bool = False) -> None:
    """Run it."""
    days, vehicles = (QUICK_DAYS, QUICK_VEHICLES) if quick else (YEAR_DAYS, VEHICLES)
    print(f"{days} days of {vehicles} vehicles, smart and unmanaged: {days * 48 * vehicles:,} rows each")
    with tempfile.TemporaryDirectory(prefix="sparewatt-bench-") as made:
        folder = write_year(Path(made) / "data" / "year", days, vehicles)
        measure_server(folder, days)
        measure_browser(folder)
