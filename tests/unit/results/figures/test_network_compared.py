"""Pictures of several network runs: what they show of whom, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.results.figures.network_compared import MOST_RUNS, compared_pictures
from sparewatt.results.figures.network_compared_room import summed_profile
from sparewatt.results.network_hosting import Hosting, HostingResult
from sparewatt.results.network_results import network_outcome
from support.network_views import bare_view, hand_view


def told(*views):
    return [network_outcome(v, name="x", seed=1, input_hash="") for v in views]


def drawn(views, names):
    return {p.name: (p.caption, p.svg()) for p in compared_pictures(told(*views), views, names)}


@pytest.fixture(scope="module")
def two():
    """A run and one with another hosting curve that breaks at the least that was tried."""
    curve = Hosting("unmanaged", np.array([0.1, 0.5]), np.full(2, 20), np.array([20, 20]))
    other = hand_view(hosting=HostingResult((curve,), 0.1, "a week"))
    return drawn([hand_view(), other], ["first", "second"])


def test_all_pictures(two):
    assert list(two) == ["broken", "extremes", "capacity", "daily", "zonal", "curves"]
    for name in ("broken", "capacity", "daily", "zonal", "curves"):
        assert [run for run in ("first", "second") if f">{run}<" not in two[name][1]] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken", ("without EVs", "optimised", "unmanaged", ">75.0<", ">25.0<")),
        ("extremes", ("Lowest voltage [V]", "Highest load of the transformer [%]")),
        ("capacity", ("EVs that fit", "Headroom [kWh/day]", ">350<", "V2G delivered [kWh]")),
        ("daily", ("06:00", "headroom [kVA]")),
        ("zonal", ("1/1", "1/2", "2/3")),
        ("curves", ("Optimised charging", "Unmanaged charging")),
    ],
)
def test_what_is_drawn(two, name, words):
    assert [w for w in words if w not in two[name][1]] == []


def test_hosting_capacities_are_told_run_by_run(two):
    assert "first: 50 % optimised, 0 % unmanaged at a risk of 5 %" in two["curves"][0]
    assert "second: below 10 % unmanaged at a risk of 10 %" in two["curves"][0]


def test_runs_without_replays_and_samples_show_what_they_have():
    assert list(drawn([bare_view(), bare_view()], ["a", "b"])) == ["capacity", "daily", "zonal"]
    assert "not replayed" in drawn([hand_view(), bare_view()], ["a", "b"])["broken"][1]


def test_runs_of_other_zones_have_no_picture_by_zone():
    view = hand_view()
    other = replace(view, zones=replace(view.zones, ids=("x", "y", "z")))
    assert "zonal" not in drawn([view, other], ["a", "b"])


def test_no_more_runs_than_can_be_told_apart():
    names = [f"run {k}" for k in range(MOST_RUNS + 1)]
    svg = drawn([bare_view()] * len(names), names)["daily"][1]
    assert f">{names[-2]}<" in svg
    assert f">{names[-1]}<" not in svg


def test_headroom_below_zero_of_one_zone_is_no_loss_of_another():
    view = hand_view()
    kva = np.array([[3.0, -2.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0], [-5.0, 2.0, 0.0, 0.0]])
    cases = tuple(replace(c, profile=replace(c.profile, headroom_kva=kva)) for c in view.cases)
    assert summed_profile(replace(view, cases=cases)).tolist() == [4.0, 3.0, 1.0, 2.0]


def test_same_bytes_twice(two):
    again = drawn([hand_view()], ["first"])
    assert drawn([hand_view()], ["first"]) == again
