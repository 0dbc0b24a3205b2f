"""The picture of histograms: panels, shares as drawn, and what the caption counts."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.model.histogram import Histogram
from sparewatt.results.figures.fleet_histograms import fleet_histogram_picture

EDGES = np.array([0.0, 6.0, 12.0, 24.0])


def histogram(quantity, counts, group="all", expected=None):
    given = None if expected is None else np.array(expected)
    return Histogram(quantity, "h", group, EDGES[:-1], EDGES[1:], np.array(counts), given)


def test_one_panel_per_quantity_with_shares_in_per_cent():
    picture = fleet_histogram_picture(
        [
            histogram("arrival", [1, 3, 0], "weekday", [0.3, 0.7, 0.0]),
            histogram("arrival", [0, 1, 1], "weekend"),
            histogram("stay", [2, 2, 2]),
        ],
        "visits",
    )
    axes = [a for a in picture.figure.axes if a.axison]
    assert [a.get_title(loc="left") for a in axes] == ["Arrival", "Stay"]
    assert axes[0].patches[0].get_data().values.tolist() == [25, 75, 0]
    assert axes[0].lines[0].get_ydata() == pytest.approx([30, 70, 0])
    assert [t.get_text() for t in axes[0].get_legend().get_texts()] == ["weekday", "weekend"]
    assert "(6 in all)" in picture.caption
    assert picture.svg().startswith("<?xml")


def test_bins_with_gaps_are_bars():
    gaps = Histogram(
        "arrival", "h", "weekday", np.array([7.0, 16.0]), np.array([8.0, 17.0]), np.array([1, 3]), None
    )
    axes = fleet_histogram_picture([gaps], "visits").figure.axes[0]
    assert [(p.get_x(), p.get_width(), p.get_height()) for p in axes.patches] == [(7, 1, 25), (16, 1, 75)]


def test_no_visits_is_no_error():
    picture = fleet_histogram_picture([histogram("stay", [0, 0, 0])], "visits")
    assert "(0 in all)" in picture.caption
