"""Pictures of neighbourhoods draw the numbers that they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.model.minute_grid import MinuteGrid
from sparewatt.results.community_flows import MinuteFlows
from sparewatt.results.community_loads import contract_load_kw, earliest_load_kw, met_share
from sparewatt.results.community_repetition import ScoreSteps
from sparewatt.results.community_results import community_outcome
from sparewatt.results.figures import community_contracts, community_pictures
from sparewatt.results.figures.community_compared import can_overlay, compared_pictures
from sparewatt.results.figures.community_contracts import contracts_picture
from sparewatt.results.figures.community_energy import energy_picture, household_picture
from sparewatt.results.figures.community_houses import bills_picture, houses_picture
from sparewatt.results.figures.community_marks import house_rows
from sparewatt.results.figures.community_matching import matching_day, matching_picture
from sparewatt.results.figures.community_pictures import find_households, find_others
from sparewatt.results.figures.community_repetitions import best_picture, repetitions_picture
from sparewatt.results.figures.community_scores import scores_picture
from sparewatt.results.figures.community_window import (
    Window,
    close_window,
    day_window,
    size_words,
    whole_window,
)
from support.hand_community import hand_run, of_blocks, quiet_run

DAY_MIN = 1440


def energy_of(axes, label):
    """Area of what has a label, by the shoelace formula: kW · h."""
    (area,) = [c for c in axes.collections if c.get_label() == label]
    x, y = area.get_paths()[0].vertices.T
    return abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2


def bars(axes):
    """Left end and width of every bar."""
    return [(patch.get_x(), patch.get_width()) for patch in axes.patches]


def long_run(days):
    """A run of days without load but on one of them."""
    minutes = days * DAY_MIN
    kw = np.zeros(minutes)
    kw[2 * DAY_MIN + 600 : 2 * DAY_MIN + 720] = 1.0
    run = hand_run(1)
    flows = MinuteFlows(*(kw,) * 9)
    repetition = replace(run.repetitions[0], minutes=replace(flows, discharge_kw=np.zeros(minutes)))
    return replace(run, grid=MinuteGrid(run.grid.origin_s, minutes, days), repetitions=(repetition,))


# windows


def test_points_of_a_window_are_means_of_the_interval():
    run = hand_run(1)
    window = whole_window(run)
    assert (window.lo, window.hi, window.size) == (0, 120, 30)
    assert window.mean(of_blocks(1, 3, 2.2, 0.2)) == pytest.approx([1, 3, 2.2, 0.2])
    assert window.edges_h.tolist() == [0, 0.5, 1, 1.5, 2]
    flows = run.flows[1]
    assert window.mean_of_steps(flows, flows.load_kw[1]) == pytest.approx([0, 3, 2, 0])
    assert Window(0, 120, 1).mean_of_steps(flows, flows.load_kw[1])[[29, 30, 89, 90]].tolist() == [0, 3, 2, 0]


def test_points_that_do_not_fit_into_a_window():
    window = Window(20, 75, 30)
    assert (60 * window.edges_h).tolist() == pytest.approx([20, 30, 60, 75])
    assert window.mean(np.arange(120.0)) == pytest.approx([24.5, 44.5, 67.0])


def test_long_runs_have_longer_points():
    assert whole_window(long_run(3)).size == 30
    assert whole_window(long_run(30)).size == 120
    month = long_run(3660)
    assert whole_window(month).size == -(-3660 * DAY_MIN // 700)
    assert [size_words(s) for s in (1, 15, 60, 120, 90)] == [
        "each minute",
        "every 15 minutes",
        "each hour",
        "every 2 hours",
        "every 90 minutes",
    ]


def test_the_day_on_which_most_sun_was_used():
    run = long_run(4)
    window = day_window(run, run.repetitions[0], 15)
    assert (window.lo, window.hi) == (2 * DAY_MIN - 120, 3 * DAY_MIN - 120), "a local day, two hours ahead"
    assert "Tue 12 Apr is the day on which most of the sun was used (4.0 kWh)." in window.reason
    close = close_window(run, run.repetitions[0])
    assert close.lo <= 2 * DAY_MIN + 600
    assert close.hi >= 2 * DAY_MIN + 720
    assert close.hi - close.lo == 360
    short = hand_run(1)
    assert day_window(short, short.repetitions[0]).reason == ""


# loads


def test_loads_of_jobs_as_they_ran_and_at_their_earliest():
    run = hand_run(1)
    assert contract_load_kw(run, run.repetitions[0]) == pytest.approx(of_blocks(1, 3, 2, 0))
    earliest = np.zeros(120)
    earliest[:30] = 1.0
    earliest[10:40] += 3.0  # half an hour from ten past on
    earliest[60:90] = 2.0
    assert earliest_load_kw(run) == pytest.approx(earliest)
    sun = of_blocks(2, 2, 0, 0)
    assert met_share(of_blocks(1, 3, 2, 0), sun) == pytest.approx(1.5 / 3)
    assert met_share(earliest, sun) == pytest.approx((10 * 1 + 30 * 2) / 180)
    assert met_share(np.zeros(4), sun[:4]) is None


def test_flexible_jobs_are_spread_evenly():
    run = hand_run(1)
    jobs = run.neighbourhood.jobs
    flexible = replace(
        jobs,
        profile=np.array([-1, 1, 2, 0]),
        energy_kwh=np.array([0.5, 1.5, 1.0, 0.5]),
        max_kw=np.array([2.0, 0.0, 0.0, 0.0]),
    )
    run = replace(run, neighbourhood=replace(run.neighbourhood, jobs=flexible))
    assert contract_load_kw(run, run.repetitions[0])[:30] == pytest.approx(np.ones(30))
    assert earliest_load_kw(run)[[0, 9, 20]] == pytest.approx([2, 2, 3]), "2 kW for a quarter of an hour"


def test_matching_day_is_local_and_a_mean_over_days():
    run = long_run(2)
    sun = np.zeros(2 * DAY_MIN)
    sun[0:30] = 4.0  # 02:00 in Berlin, on the first of two days
    day = matching_day(run, sun, sun, np.zeros(2 * DAY_MIN))
    assert len(day.sun_kw) == 48
    assert np.flatnonzero(day.sun_kw).tolist() == [4]
    assert day.sun_kw[4] == 2.0


def test_matching_picture_tells_what_the_sun_meets():
    run = hand_run(1)
    picture = matching_picture(run, run.repetitions[0], "m")
    assert "would meet 38.9 % of the jobs' energy, as they ran it would meet 50 %." in picture.caption
    assert "Means over" not in picture.caption
    quiet = quiet_run()
    assert matching_picture(quiet, quiet.repetitions[0], "m").caption == "There were no jobs."


# pictures


def test_energy_is_stacked():
    run = hand_run(1)
    picture = energy_picture(run, run.repetitions[0], whole_window(run), "e")
    axes = picture.figure.axes[0]
    labels = ("own roof", "neighbours", "own battery", "grid")
    assert [energy_of(axes, label) for label in labels] == pytest.approx([0.5, 1.0, 0.2, 1.5])
    (line,) = [item for item in axes.lines if item.get_label() == "produced"]
    assert line.get_ydata().max() == pytest.approx(2.0)
    assert "stored" in picture.figure.axes[1].get_ylabel()
    assert "every 30 minutes, Sun 10 Apr 2016 02:00 to Sun 10 Apr 2016 04:00" in picture.caption


def test_a_household():
    run = hand_run(1)
    picture = household_picture(run, run.repetitions[0], 0, whole_window(run), "h")
    used, produced = picture.figure.axes
    titles = (used.get_title(loc="left"), produced.get_title(loc="left"))
    assert titles == ("Used: 0.7 kWh", "Produced: 2.0 kWh")
    labels = ("used at home", "given to neighbours", "into the battery", "fed into the grid")
    assert [energy_of(produced, label) for label in labels] == pytest.approx([0.5, 1.0, 0.25, 0.25])
    other = household_picture(run, run.repetitions[0], 1, whole_window(run), "h")
    assert len(other.figure.axes) == 1, "it has no roof"
    assert other.title == "House =b"


def test_all_houses():
    run = hand_run(1)
    left, right = houses_picture(run, run.repetitions[0], "h").figure.axes
    own, peer, battery, bought = (0, 0.5, 0, 0), (0.5, 0, 0, 1), (0.5, 0.2, 1, 0), (0.7, 0, 1, 1.5)
    assert np.ravel(bars(left)) == pytest.approx(np.ravel([own, peer, battery, bought]))
    assert sum(width for _, width in bars(right)) == pytest.approx(2.0)
    assert [text.get_text() for text in left.texts] == ["0.7", "2.5"]


def test_of_many_houses_the_largest_are_shown_in_their_order():
    rows, words = house_rows(np.array([1.0, 5.0, 3.0, 4.0]), 2)
    assert rows.tolist() == [1, 3]
    assert words == " The 2 largest of 4 houses are shown."
    assert house_rows(np.ones(2), 2)[1] == ""


def test_bills_mark_who_pays_more():
    run = hand_run(1)
    labels = [c.get_label() for c in bills_picture(run, run.repetitions[0], "b").figure.axes[0].collections]
    assert "mid-market rate" in labels
    assert "pays more than on the tariff" not in labels
    houses = replace(run.repetitions[0].houses, shared_cost=np.array([-0.225, 0.8]))
    worse = replace(run.repetitions[0], houses=houses)
    axes = bills_picture(run, worse, "b").figure.axes[0]
    (dots,) = [c for c in axes.collections if c.get_label() == "pays more than on the tariff"]
    assert dots.get_offsets().tolist() == [[0.8, 1.0]]


def test_contracts_lie_under_their_roof():
    run = hand_run(1)
    picture = contracts_picture(run, run.repetitions[0], whole_window(run), "c")
    produced, lanes = picture.figure.axes
    assert produced.get_title(loc="left") == "Roof of house a"
    boxes = [patch.get_path().get_extents().bounds for patch in lanes.patches]
    starts = [(round(x, 6), round(x + width, 6)) for x, _, width, _ in boxes]
    assert starts == [(0.0, 0.5), (0.5, 1.0), (0.5, 1.0)], "own, neighbour, and a frame: not covered in full"
    assert [text.get_text() for text in lanes.texts] == ["j0", "=j1"], "cancelled ones are left out"


def test_bars_with_their_words_do_not_lie_on_each_other():
    run = hand_run(1)
    c = run.repetitions[0].contracts
    start = np.array([0, 0, 1500, 5400])
    crowded = replace(c, start_s=start, end_s=start + 1500, producer=np.zeros(4, int), state=np.ones(4, int))
    repetition = replace(run.repetitions[0], contracts=crowded)
    rows, lane, written = community_contracts._packed(run, repetition, 0, whole_window(run))
    assert written
    assert rows.tolist() == [0, 1, 2, 3]
    assert lane[0] != lane[1]
    assert lane[2] not in {lane[0], lane[1]}, "behind the first ones stand their words"
    assert lane[3] in {0, 1, 2}


def test_scores_have_a_line_each_or_ranges():
    run = hand_run(1)
    axes = scores_picture(run, run.repetitions[0], "s").figure.axes[0]
    assert axes.lines[0].get_ydata().tolist() == [10, 9, 8, 9, 8, 8]
    many = ScoreSteps(np.array([0, 60]), np.tile([10.0, 9.0], (9, 1)) + np.arange(9)[:, None])
    producers = replace(
        run.neighbourhood.producers, ids=tuple("abcdefghi"), house=np.zeros(9, int), device=("pv",) * 9
    )
    crowd = replace(run, neighbourhood=replace(run.neighbourhood, producers=producers))
    picture = scores_picture(crowd, replace(run.repetitions[0], scores=many), "s")
    assert "There are 9 producers, so ranges are shown." in picture.caption
    assert picture.figure.axes[0].lines[0].get_ydata().tolist() == [14, 13, 13]


def test_the_best_possible_beside_what_was_covered():
    run = hand_run(2)
    axes = best_picture(run, "b").figure.axes[0]
    assert [width for _, width in bars(axes)] == pytest.approx([3.0, 1.8, 0.2, 1.6, 1.0])
    assert [text.get_text() for text in axes.texts] == ["3.0", "1.8 to 2.0", "1.6", "1.0"]
    assert axes.collections[0].get_offsets()[:, 0].tolist() == [1.5, 0.5], "a dot per repetition"


def test_repetitions_show_mean_and_deviation():
    run = hand_run(2)
    axes = repetitions_picture(run, 1, "r").figure.axes
    assert [a.texts[0].get_text() for a in axes] == [
        "1.0 ± 0.707",
        "37.5 ± 22.1",
        "0.525 ± 0.141",
        "1.9 ± 0",
    ]


def test_which_houses_and_repetitions_are_shown(monkeypatch):
    run = hand_run(2)
    assert find_households(run.repetitions[0]) == [0, 1]
    monkeypatch.setattr(community_pictures, "MOST_HOUSEHOLDS", 1)
    assert find_households(run.repetitions[1]) == [0], "nobody trades, so the one with more energy"
    many = tuple(replace(run.repetitions[0], number=n, covered_kwh=float(n)) for n in range(1, 12))
    others = find_others(replace(run, repetitions=many), many[0])
    assert [r.number for r in others] == [11, 9, 7, 4, 2], "best, worst and between, without the chosen one"


def test_runs_over_each_other():
    run = hand_run(2)
    outcome = community_outcome(run, name="n", seed=1, input_hash="")
    sun, kpis = compared_pictures([outcome] * 2, [run] * 2, ["one", "two"], [1.0, 2.5])
    used, bought = sun.figure.axes
    assert [line.get_label() for line in used.lines] == ["produced", "one", "two"]
    assert used.lines[1].get_xdata().tolist() == [0, 1, 2], "only where something changes"
    assert used.lines[1].get_ydata() == pytest.approx([1, 0.2, 0.2]), "means of two repetitions"
    assert bought.lines[0].get_ydata().max() == pytest.approx(2.0)
    texts = {a.get_title(loc="left"): [t.get_text() for t in a.texts] for a in kpis.figure.axes}
    assert texts["Processor time"] == ["1.0 s", "2.5 s"]
    assert texts["Covered by contracts [kWh]"] == ["1.0", "1.0"]
    later = replace(run, grid=replace(run.grid, origin_s=0))
    assert not can_overlay([run, later])
