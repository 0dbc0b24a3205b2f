"""Parts of a hub read from its files are those of the whole, and visits are counted as by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sparewatt.errors import InputError
from sparewatt.model.trace import BookingState, Fate
from sparewatt.results.cluster_results import write_cluster_folder
from sparewatt.results.cluster_windows import ClusterWindows
from sparewatt.results.hub_busy import busy_day
from sparewatt.results.hub_limits import beyond_kw, summed_limits
from sparewatt.results.hub_lines import flows_kw, sampled
from sparewatt.results.hub_promises import BOOKING_WORDS, bookings_between, promised_kw, promised_to
from sparewatt.results.hub_visits import HISTOGRAMS, connected_counts, hub_histogram, missed_times
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def windows(hub_outcome, hub_view, tmp_path: Path) -> ClusterWindows:
    return ClusterWindows.of(write_cluster_folder(tmp_path, hub_outcome, hub_view).path / SERIES)


def test_power_and_limits_are_those_of_the_whole(windows, hub_view) -> None:
    t = hub_view.trace
    assert windows.cluster_ids == ("a", "b")
    assert windows.tolerances_kw == (2.0, 0.0)
    for cluster in (0, 1):
        power = windows.power(cluster, 1, 5)
        assert np.array_equal(power.grid_kw, t.cluster_kw[cluster, 1:5])
        assert np.array_equal(power.upper_kw, t.system.limits[cluster].upper_kw[1:5])
        assert np.array_equal(power.lower_kw, t.system.limits[cluster].lower_kw[1:5])
    whole = windows.power(None, 0, 6)
    assert np.array_equal(whole.grid_kw, t.system_kw)
    assert whole.upper_kw.tolist() == [16.0] * 6
    assert windows.price_per_kwh(2, 4).tolist() == [0.1, 0.2]


@pytest.mark.parametrize(("lo", "hi"), [(0, 6), (1, 4), (3, 4)])
def test_flows_are_those_of_the_whole(windows, hub_view, lo: int, hi: int) -> None:
    h = windows.horizon
    for cluster, rows in ((0, np.array([0, 1])), (1, np.array([2]))):
        spells = windows.spells(int(h.boundaries_s[lo]), int(h.boundaries_s[hi]), rows)
        for found, told in zip(flows_kw(spells, h, lo, hi), hub_view.flows_kw(cluster, lo, hi), strict=True):
            assert found.tolist() == pytest.approx(told.tolist())


def test_charge_between_knots_is_a_straight_line(windows, hub_view) -> None:
    rows = np.array([0, 2])
    row, time_s, soc = windows.knots(rows)
    connection, boundary, told = hub_view.knots_of(rows)
    assert row.tolist() == connection.tolist()
    assert np.array_equal(time_s, windows.horizon.boundaries_s[boundary])
    assert soc.tolist() == pytest.approx(told.tolist())
    at = windows.horizon.boundaries_s
    found = sampled(row, time_s, soc, at)
    assert found[0].tolist() == pytest.approx([0.2, 0.3, 0.4, 0.4, 0.35, np.nan, np.nan], nan_ok=True)
    assert np.isnan(found[1]).tolist() == [True, True, False, False, False, False, True]


def test_visits_are_counted(windows) -> None:
    assert connected_counts(windows, np.arange(7)).tolist() == [1, 2, 3, 3, 2, 1]
    assert connected_counts(windows, np.array([0, 2, 6])).tolist() == [2, 3]
    start = windows.horizon.start_s
    missed = missed_times(windows)
    assert (missed[Fate.NO_FREE_EVSE] - start).tolist() == [45 * 60]
    assert (missed[Fate.NO_SHOW] - start).tolist() == [0]
    assert (missed[Fate.RESERVATION_REFUSED] - start).tolist() == [10 * 60]
    assert missed[Fate.LEFT_QUEUE].size == 0


def test_spreads_count_every_visit_that_has_the_thing(windows, hub_view) -> None:
    fleet = hub_view.trace.fleet
    came = int((fleet.real_arrival_s >= 0).sum())
    by_name = {what.name: hub_histogram(windows, what) for what in HISTOGRAMS}
    arrivals = by_name["arrival"].counts["real"]
    assert arrivals.sum() == came
    assert arrivals[8:14].sum() == came  # 07:00 UTC is 08:00 in Berlin
    assert by_name["soc"].counts["target"].sum() == len(fleet)
    assert by_name["soc"].counts["when leaving"][[7, 12]].tolist() == [1, 2]  # 35 %, and 60 % twice
    stays = by_name["stay"]
    assert stays.counts["real"].sum() <= came
    assert len(stays.labels) == len(stays.counts["real"])


def test_files_that_are_not_there_are_said_to_be_so(windows, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="series of the hub"):
        ClusterWindows.of(tmp_path)
    for name in ("soc", "evse_power", "cluster_power"):
        (windows.directory / f"{name}.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match="soc"):
        windows.knots(np.array([0]))
    with pytest.raises(InputError, match="evse_power"):
        windows.spells(0, 1)
    with pytest.raises(InputError, match="cluster_power"):
        windows.power(0, 0, 1)


def test_promised_power_and_bookings_are_those_of_the_whole(windows, hub_view) -> None:
    told = [hub_view.contracted_kw(cluster, 0, 6) for cluster in (0, 1)]
    assert any(kw.any() for kw in told)
    for cluster, kw in enumerate(told):
        assert promised_kw(windows, cluster, 0, 6).tolist() == pytest.approx(kw.tolist())
        assert promised_kw(windows, cluster, 1, 4).tolist() == pytest.approx(kw[1:4].tolist())
    assert promised_kw(windows, None, 0, 6).tolist() == pytest.approx((told[0] + told[1]).tolist())
    sums = np.zeros((2, 6))
    for vehicle in hub_view.trace.connections.vehicle.tolist():
        period, kw = promised_to(windows, vehicle)
        row = int(hub_view.visit_contract[vehicle])
        if row >= 0:
            np.add.at(sums[hub_view.trace.contracts[row].cluster], period, kw)
    assert sums.ravel().tolist() == pytest.approx(np.concatenate(told).tolist())
    b = hub_view.trace.bookings
    seen = bookings_between(windows, 2, 3)
    own = (b.first < 3) & (b.end > 2) & (b.first < b.end)
    assert seen.vehicle.tolist() == b.vehicle[own].tolist()
    assert seen.state.tolist() == b.state[own].tolist()
    assert set(BOOKING_WORDS) == set(BookingState)


def test_limits_of_clusters_add_up(windows, hub_view) -> None:
    limits = hub_view.trace.system.limits
    found = summed_limits(windows, 1, 5)
    assert found is not None
    assert found[0].tolist() == (limits[0].lower_kw + limits[1].lower_kw)[1:5].tolist()
    assert found[1].tolist() == (limits[0].upper_kw + limits[1].upper_kw)[1:5].tolist()
    for cluster in (0, 1):
        over, under = hub_view.beyond_kw(cluster)
        assert beyond_kw(windows, cluster).tolist() == pytest.approx(np.maximum(over, under).tolist())


def test_a_long_run_is_looked_at_on_its_busiest_day(windows, monkeypatch: pytest.MonkeyPatch) -> None:
    assert busy_day(windows, None) == (0, 6)  # short: whole
    monkeypatch.setattr("sparewatt.results.hub_busy.SHORT_H", 0.1)
    monkeypatch.setattr("sparewatt.results.hub_busy.day_starts", lambda _h: np.array([0, 2, 4, 6]))
    beyond = [beyond_kw(windows, cluster).reshape(3, 2).sum(axis=1) for cluster in (0, 1)]
    assert busy_day(windows, 0)[0] == 2 * int(np.argmax(beyond[0]))
    monkeypatch.setattr("sparewatt.results.hub_busy.beyond_kw", lambda _w, _c: np.zeros(6))
    assert busy_day(windows, None) == (0, 2)  # two turned away: at 10 and at 45 minutes
    monkeypatch.setattr("sparewatt.results.hub_busy.missed_times", lambda _w: {int(f): [] for f in Fate})
    assert busy_day(windows, None) == (2, 4)  # 1, 2 | 3, 3 | 2, 1 connected
