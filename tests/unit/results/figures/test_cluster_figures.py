"""Pictures of hubs: same bytes, honest windows, readable for few and for many."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sparewatt.model.horizon import Horizon
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.results.cluster_results import cluster_outcome
from sparewatt.results.cluster_view import ClusterView
from sparewatt.results.figures.cluster_days import cluster_days_picture
from sparewatt.results.figures.cluster_pictures import cluster_pictures
from sparewatt.results.figures.cluster_soc import soc_quantiles
from sparewatt.results.figures.cluster_window import Thinning, find_window, kept
from sparewatt.results.figures.occupation import _gridded, _merged
from sparewatt.results.figures.rules_compared import rules_kpis_picture, rules_load_picture
from sparewatt.results.figures.time_axis import clock_changes, local_ticks
from sparewatt.results.local_days import day_starts
from sparewatt.simulate.hub import simulate_hub
from support.hubs import Unit, Visit, make_fleet, make_system


def hub(units=8, visits=20, days=1, step_s=300, clusters=1, control="least_laxity_first", **changes):
    rng = np.random.default_rng(3)
    arrivals = np.sort(rng.uniform(0, days * 1440, visits))
    stays = [
        Visit(float(a), float(a + rng.uniform(30, 400)), soc=float(rng.uniform(0.1, 0.7)), target=0.8,
              cluster=int(rng.integers(clusters)), v2g_kwh=4)
        for a in arrivals
    ]  # fmt: skip
    system = make_system(
        [[Unit()] * (units // clusters)] * clusters,
        periods=days * 86400 // step_s,
        step_s=step_s,
        upper_kw=units / clusters * 4.0,
        **changes,
    )
    return ClusterView(simulate_hub(system, make_fleet(stays), OperatingRules(control=control)))


def given_back():
    system = make_system([[Unit(efficiency=0.95)] * 3], upper_kw=-10.0, lower_kw=-30.0, tolerance_kw=1.0)
    visits = [Visit(0, 110, soc=0.9, target=0.5, v2g_kwh=30)] * 3
    fleet = make_fleet([replace(v, name=f"v{n}") for n, v in enumerate(visits)])
    return ClusterView(simulate_hub(system, fleet, OperatingRules()))


def nothing(periods=24):
    return ClusterView(simulate_hub(make_system(periods=periods), make_fleet([]), OperatingRules()))


@pytest.mark.parametrize(
    "make",
    [
        hub,
        lambda: hub(control="uncontrolled", clusters=2, price=np.linspace(0, 1, 288)),
        given_back,
        nothing,
        lambda: nothing(periods=1),
    ],
    ids=["rule", "violations", "v2g", "empty", "one period"],
)
def test_same_bytes_twice_and_well_formed(make):
    view = make()
    for first, second in zip(cluster_pictures(view)[1], cluster_pictures(view)[1], strict=True):
        text = first.svg()
        assert text == second.svg(), first.name
        assert ET.fromstring(text).tag.endswith("svg")
        assert "#010203" not in text
    assert first.png(60) == second.png(60)


def labels(picture):
    return {t.get_text() for legend in picture.figure.legends for t in legend.get_texts()}


def test_what_happened_is_told_in_the_legend():
    load = cluster_pictures(hub(control="uncontrolled"))[1][0]
    assert {"charging", "upper limit", "beyond the limit"} <= labels(load)
    assert "V2G" not in labels(load)
    back, occupation, _ = cluster_pictures(given_back())[1]
    assert {"V2G", "tolerance", "beyond the limit"} <= labels(back)
    assert "V2G" in labels(occupation)
    assert "lower limit −30.0 kW, not drawn" in back.figure.axes[0].get_title(loc="left")


def test_a_large_hub_stays_readable():
    view = hub(units=500, visits=1500, clusters=10)
    load, occupation, soc = cluster_pictures(view)[1]
    for picture in (load, occupation, soc):
        width, height = picture.figure.get_size_inches()
        assert height < 1.9 * width, picture.name
        assert len(picture.svg()) < 400_000, picture.name
    assert "The 6 busiest of 10 clusters are shown." in load.caption
    assert "The 40 units with the longest occupation of 500" in occupation.caption
    assert len(occupation.figure.axes[0].get_yticks()) == 40
    assert "evenly chosen" not in soc.caption


def test_a_day_of_seconds_is_thinned_and_says_so():
    load = cluster_pictures(hub(step_s=10))[1][0]
    assert "Each point is the mean of 15 steps." in load.caption
    assert len(load.svg()) < 200_000


def test_the_day_with_most_trouble_is_shown():
    view = hub(days=4, visits=60, control="uncontrolled")
    window = find_window(view)
    edges = day_starts(view.horizon)
    over = view.beyond_kw(0)[0]
    worst = max(range(len(edges) - 1), key=lambda d: over[edges[d] : edges[d + 1]].sum())
    assert (window.lo, window.hi) == (edges[worst], edges[worst + 1])
    assert "most energy beyond the limits" in window.reason
    quiet = find_window(hub(days=4, visits=6, units=40))
    assert "highest power" in quiet.reason
    assert find_window(hub()).reason == ""
    pictures = cluster_pictures(view)[1]
    assert [p.name for p in pictures] == ["load", "occupation", "soc", "days"]
    assert cluster_days_picture(view, "d").svg() == pictures[3].svg().replace("days-", "d-").replace(
        "sparewatt-days", "sparewatt-d"
    )


def test_days_begin_at_local_midnight_also_when_clocks_change():
    h = Horizon(datetime(2025, 10, 24, 22, tzinfo=UTC), timedelta(hours=1), 73, "Europe/Berlin", (0, 73))
    assert day_starts(h).tolist() == [0, 24, 49, 73], "25 h on the day when clocks go back"
    late = replace(h, start=h.start + timedelta(minutes=30))
    assert day_starts(late).tolist() == [0, 24, 49, 73], "the first boundary at or after midnight"


def test_thinning_keeps_means_and_extremes():
    thin = Thinning.of(10, 20, most=4)
    values = np.array([1.0, 2, 9, 4, 5, 6, 7, 8, 3, 10])
    assert thin.size == 3
    assert thin.mean(values).tolist() == [4, 5, 6, 10]
    assert thin.highest(values).tolist() == [9, 6, 8, 10]
    assert thin.lowest(values).tolist() == [1, 4, 3, 10]
    x, line = kept(np.arange(5.0), np.array([1.0, 1, 2, 2, 2]))
    assert (x.tolist(), line.tolist()) == ([0, 2, 4], [1, 2, 2])


def test_bars_are_merged_and_gridded():
    bars = np.array([[1, 4, 6], [0, 0, 2], [0, 2, 5], [0, 7, 8], [1, 6, 9]])
    assert _merged(bars).tolist() == [[0, 0, 5], [0, 7, 8], [1, 4, 9]]
    assert _gridded(bars, 0, 10).tolist() == [[0, 0, 5], [0, 7, 8], [1, 4, 9]]


def test_quantiles_of_soc_are_those_of_the_traces():
    view = hub(units=20, visits=60)
    rows = view.trace.connected(0, 288)
    at, fan = soc_quantiles(view, rows, 0, 288)
    c = view.trace.connections
    for s in (5, 60, 100):
        t = int(at[s])
        soc = [view.trace.soc(int(k))[t - c.first[k]] for k in rows if c.first[k] <= t <= c.end[k]]
        assert fan[:, s] == pytest.approx(np.quantile(soc, (0, 0.1, 0.25, 0.5, 0.75, 0.9, 1)))


def test_short_spans_have_labels_and_name_their_day():
    h = Horizon(datetime(2025, 3, 30, 0, 20, tzinfo=UTC), timedelta(minutes=5), 24, "Europe/London", (0, 24))
    # clocks go from 01:00 to 02:00, forty minutes after the start
    assert [label for _, label in local_ticks(h, 0, 24)] == ["00:30", "02:00", "02:30", "03:00"]
    assert clock_changes(h, 0, 24) == [(pytest.approx(2 / 3), "clocks go forward on Sun 30 Mar")]
    axes = cluster_pictures(nothing(periods=12))[1][0].figure.axes[0]
    assert axes.get_xlabel() == "local time on Sat 8 Jan, UTC"


def test_rules_are_compared():
    views = [hub(control=c) for c in ("uncontrolled", "equal_share", "least_laxity_first")]
    names = ["no control", "equal share", "llf"]
    load = rules_load_picture(views, names, "loads")
    assert labels(load) == {*names, "limit"}
    outcomes = [cluster_outcome(v, name=n, seed=1, input_hash="") for v, n in zip(views, names, strict=True)]
    bars = rules_kpis_picture(outcomes, names, "bars")
    titles = [a.get_title(loc="left") for a in bars.figure.axes]
    assert "Energy above the limit [kWh]" in titles
    assert "Taken from batteries (V2G) [kWh]" not in titles, "zero everywhere"
    assert ET.fromstring(bars.svg()).tag.endswith("svg")
