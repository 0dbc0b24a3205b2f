"""Pictures: same bytes, right clocks, honest windows."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from sparewatt.model.horizon import Horizon
from sparewatt.results.figures.bau_opt import bau_opt_picture
from sparewatt.results.figures.gantt import gantt_picture
from sparewatt.results.figures.heat_map import heat_map_picture
from sparewatt.results.figures.site_load import daily_peak_picture, site_load_picture
from sparewatt.results.figures.soc_fan import soc_days_picture, soc_fan_picture
from sparewatt.results.figures.time_axis import clock_changes, local_ticks
from sparewatt.results.figures.window import find_detail_day
from sparewatt.results.outcome import ScenarioOutcome

HALF_HOUR = timedelta(minutes=30)


def pictures(views):
    last = views[0].horizon.periods
    scenarios = [ScenarioOutcome.of_view(v) for v in views]
    return [
        site_load_picture(views, 0, last, "load"),
        daily_peak_picture(views, "peaks"),
        heat_map_picture(views, 0, last, "heat"),
        gantt_picture(views[1], 0, last, "gantt"),
        soc_fan_picture(views, 0, last, "fan"),
        soc_days_picture(views, "days"),
        bau_opt_picture(scenarios, {"71": 11.0}, "both"),
    ]


def test_same_bytes_twice_and_well_formed(clock_views):
    views = clock_views(date(2025, 10, 25), 3, ids=("$a$ & <b>", "Ж\x07漢字"))
    first, second = pictures(views), pictures(views)
    for a, b in zip(first, second, strict=True):
        text = a.svg()
        assert text == b.svg(), a.name
        root = ET.fromstring(text)
        assert root.tag.endswith("svg")
        assert "currentColor" in text
        assert "#010203" not in text
        assert "2025-" not in text.split("<desc>")[0]
        assert a.png() == b.png()
        assert a.png().startswith(b"\x89PNG")


def test_ids_do_not_meet_on_a_page(clock_views):
    one, two = (site_load_picture(clock_views(date(2025, 6, 1), 2), 0, 48, n) for n in ("one", "two"))
    ids = [{e.get("id") for e in ET.fromstring(p.svg()).iter() if e.get("id")} for p in (one, two)]
    assert ids[0]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize(
    ("first", "labels", "gaps"),
    [
        (date(2025, 10, 26), ["Sun 26 Oct", "03:00", "06:00"], [4, 3]),
        (date(2025, 3, 30), ["Sun 30 Mar", "03:00", "06:00"], [2, 3]),
        (date(2025, 6, 1), ["Sun 1 Jun", "03:00", "06:00"], [3, 3]),
    ],
)
def test_labels_say_what_the_clock_on_the_wall_shows(first, labels, gaps):
    h = Horizon.of_days(first, 1, step=HALF_HOUR, timezone="Europe/London")
    ticks = local_ticks(h, 0, h.periods)
    assert [label for _, label in ticks[:3]] == labels
    assert np.diff([x for x, _ in ticks[:3]]).tolist() == gaps
    assert ticks[-1] == (
        h.periods / 2,
        labels[0].replace(str(first.day), str((first + timedelta(1)).day)).replace("Sun", "Mon"),
    )


def test_a_label_that_the_clock_skips_is_left_out():
    h = Horizon.of_days(date(2025, 3, 30), 1, step=HALF_HOUR, timezone="Atlantic/Azores")
    # on the Azores the clock goes from 00:00 to 01:00, so midnight itself is missing
    assert local_ticks(h, 0, h.periods)[0][1] == "03:00"


def test_clock_changes_are_named():
    h = Horizon.of_days(date(2025, 10, 25), 3, step=HALF_HOUR, timezone="Europe/London")
    # 02:00 on the second day of local time, a day and two hours after the start
    assert clock_changes(h, 0, h.periods) == [(26.0, "clocks go back on Sun 26 Oct")]
    assert clock_changes(h, 0, 48) == []


@pytest.mark.parametrize(("days", "most"), [(1, 10), (3, 8), (10, 12), (40, 13), (365, 14)])
def test_labels_are_few(days, most):
    h = Horizon.of_days(date(2025, 1, 10), days, step=HALF_HOUR, timezone="Europe/London")
    assert 1 < len(local_ticks(h, 0, h.periods)) <= most


def test_detail_day_is_the_worst_and_says_why(bau_view, hand_view):
    found = find_detail_day([bau_view, hand_view])
    assert found.day == 1
    assert "most unserved energy under smart charging (4.0 kWh)" in found.reason
    served = replace(hand_view, unserved_kwh=hand_view.unserved_kwh * 0)
    assert find_detail_day([bau_view, served]).day == 0
    idle = [
        replace(v, energy_kwh=v.energy_kwh * 0, unserved_kwh=v.unserved_kwh * 0)
        for v in (bau_view, hand_view)
    ]
    assert "highest site demand" in find_detail_day(idle).reason


def test_window_stays_inside_the_run():
    h = Horizon.of_days(date(2025, 1, 6), 5, step=HALF_HOUR, timezone="Europe/London")
    from sparewatt.results.figures.window import DetailDay  # noqa: PLC0415 - used here only

    assert DetailDay(0, "").around(h, 3) == (0, 144)
    assert DetailDay(2, "").around(h, 3) == (48, 192)
    assert DetailDay(4, "").around(h, 3) == (96, 240)
    assert DetailDay(4, "").around(h, 9) == (0, 240)


def test_a_large_fleet_stays_readable(clock_views):
    small = clock_views(date(2025, 6, 1), 3)
    many = []
    for v in small:
        tile = {k: np.tile(getattr(v, k), (100, 1)) for k in ("energy_kwh", "soc", "charger", "unserved_kwh")}
        bars = v.sessions
        rows = np.concatenate([bars.vehicle + 2 * k for k in range(100)])
        names = ("plug_in_s", "plug_out_s", "charger", "energy_kwh", "use_kwh", "unserved_kwh")
        stays = replace(bars, vehicle=rows, **{n: np.tile(getattr(bars, n), 100) for n in names})
        ids = tuple(f"vehicle {k}" for k in range(200))
        many.append(
            replace(v, **tile, sessions=stays, vehicle_ids=ids, battery_kwh=np.tile(v.battery_kwh, 100))
        )
    for picture in pictures(many):
        width, height = picture.figure.get_size_inches()
        assert height < 1.4 * width, picture.name
        assert len(picture.svg()) < 400_000, picture.name
    rows = [t.get_text() for t in heat_map_picture(many, 0, 48, "h").figure.axes[0].get_yticklabels()]
    assert len(rows) <= 26
