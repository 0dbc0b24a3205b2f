"""Pictures of a network run: what they show, where they are cut, same bytes twice."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from sparewatt.results.figures.network_forecasts import forecast_picture
from sparewatt.results.figures.network_marks import draw_dots, shown_words, thinned, tightest_zones
from sparewatt.results.figures.network_pictures import network_pictures
from sparewatt.results.figures.network_replay import find_replay_window
from sparewatt.results.network_curves import duration_curve
from sparewatt.results.network_hosting import Hosting, wilson_interval
from support.network_views import bare_view, hand_view

ALL = (
    *("violations", "moments", "replay", "zones", "fan", "headroom", "scatter", "transformer", "hosting"),
    "forecasts",
)


@pytest.fixture(scope="module")
def drawn():
    """The SVG of every picture."""
    return {p.name: p.svg() for p in network_pictures(hand_view())}


def test_every_picture_is_there(drawn):
    assert tuple(drawn) == ALL


def test_a_bare_run_has_fewer():
    assert [p.name for p in network_pictures(bare_view())] == [
        "zones",
        "fan",
        "headroom",
        "scatter",
        "transformer",
    ]


def test_scores_stand_alone_where_tomorrow_was_not_forecast():
    picture = forecast_picture(hand_view(tomorrow=None), "forecasts")
    assert picture.caption.startswith("Every rule forecast 12 held-out days")
    assert len(picture.figure.axes) == 2


def test_same_bytes_twice(drawn):
    again = {p.name: p.svg() for p in network_pictures(hand_view())}
    assert [n for n in ALL if drawn[n] != again[n]] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("violations", ("unmanaged", "75", "4 replayed steps")),
        ("moments", ("Lowest voltage, unmanaged charging", "204 V", "120 %", "216 V")),
        ("replay", ("Flow into zone 1/1 and its limit", "optimised")),
        ("zones", ("feeder 2", "phase 3", "4 customers")),
        ("fan", ("1/1, 0PV50HP", "2 %")),
        ("headroom", ("2/3", "9 Jan")),
        ("scatter", ("1/1: 25.0 kVA", "16 snapshots")),
        ("transformer", ("0PV50HP", "500 kVA")),
        ("hosting", ("risk 5 %", "50 %", "20 random placements", "without EVs", "at least 73 samples")),
        (
            "forecasts",
            (
                *(
                    "typical days",
                    "12 held-out days",
                    "Zone 1/1 on Wed 10 Jan 2024, by persistence",
                    "10 to 90 %",
                ),
                *("At 12:00 the median is 7.0 kVA", "at least 5.0 kVA", "the day before"),
            ),
        ),
    ],
)
def test_what_is_said(drawn, name, words):
    assert [w for w in words if w not in drawn[name]] == []


def test_the_zone_that_suffers_most_is_shown_around_its_worst_step():
    assert find_replay_window(hand_view()) == (0, 0, 8)


def test_zones_with_least_headroom_are_shown():
    view = hand_view()
    assert tightest_zones(view, 2) == [0, 2]
    assert shown_words(view, 2) == " Shown are the 2 of 3 zones with the least headroom."
    assert shown_words(view, 3) == ""


def test_thinning_keeps_the_extremes_and_a_point_per_cell():
    x, y = np.tile(np.arange(10.0), 100), np.repeat(np.linspace(0, 1, 100), 10)
    rows = thinned(x, y, 10, 5)
    assert len(rows) <= 10 * 5 + 2
    assert {y[rows].min(), y[rows].max(), x[rows].min(), x[rows].max()} == {0.0, 1.0, 9.0}
    assert len(thinned(np.zeros(0), np.zeros(0), 10, 5)) == 0
    assert len(thinned(np.ones(7), np.ones(7), 10, 5)) >= 1


def test_dots_are_one_path():
    axes = Figure().subplots()
    draw_dots(axes, np.arange(5.0), np.arange(5.0), "red", 2.0)
    assert len(axes.patches) == 1
    assert len(axes.patches[0].get_path().vertices) == 10
    draw_dots(axes, np.zeros(0), np.zeros(0), "red", 2.0)
    assert len(axes.patches) == 1


def test_duration_curve_begins_with_the_peak():
    share, value = duration_curve(np.array([1.0, 5.0, 3.0]))
    assert share.tolist() == [0.0, 0.5, 1.0]
    assert value.tolist() == [5.0, 3.0, 1.0]
    assert len(duration_curve(np.arange(10_000.0))[0]) == 200
    assert len(duration_curve(np.zeros(0))[0]) == 0


def test_wilson_interval():
    # Newcombe (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    low, high = wilson_interval(np.array([81, 15, 0, 1]), np.array([263, 148, 20, 29]))
    assert low == pytest.approx([0.2553, 0.0624, 0.0, 0.0061], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5e-5)
    nothing = Hosting("unmanaged", np.zeros(1), np.zeros(1, dtype=int), np.zeros(1, dtype=int))
    assert [x.tolist() for x in nothing.interval] == [[0.0], [1.0]]
