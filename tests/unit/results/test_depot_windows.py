"""Parts of a depot scenario read from its files are those of the whole."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from sparewatt.errors import InputError
from sparewatt.model.schedule import DC
from sparewatt.results.depot_series import write_depot_series
from sparewatt.results.depot_view import SessionBars
from sparewatt.results.depot_windows import DepotWindows, busy_days, charging_spells

if TYPE_CHECKING:
    from pathlib import Path


def test_parts_are_those_of_the_whole(clock_views, tmp_path: Path) -> None:
    view = clock_views(date(2025, 10, 25), 3)[1]
    write_depot_series(view, tmp_path)
    windows = DepotWindows.of(tmp_path, view.scenario_id)
    assert windows.horizon == view.horizon
    assert windows.vehicle_ids == view.vehicle_ids
    assert (windows.asc_kw, windows.planned_kw) == (view.asc_kw, view.asc_kw * view.utilisation)
    site = windows.site(10, 60)
    assert "limit_kw" not in site
    for name in ("site_load_kw", "free_kw", "price_per_kwh", "charging_kw", "site_kw", "breach_kw"):
        assert np.array_equal(site[name], getattr(view, name)[10:60])
    assert np.array_equal(windows.fleet("energy_kwh", 20, 90), view.energy_kwh[:, 20:90])
    assert np.array_equal(windows.fleet("soc", 0, 5), view.soc[:, 1:6])
    assert np.array_equal(windows.vehicle("soc", 1), view.soc[1, 1:])


def test_only_row_groups_of_wanted_vehicles_are_read(clock_views, tmp_path: Path, monkeypatch) -> None:
    view = clock_views(date(2025, 6, 2), 2)[0]
    write_depot_series(view, tmp_path)
    path = tmp_path / f"scenario_{view.scenario_id}_demand.parquet"
    pq.write_table(pq.read_table(path), path, row_group_size=30)  # groups that hold ends of two vehicles
    read = []
    whole = pq.ParquetFile.read_row_groups

    def noted(self, groups, **settings):
        read.append(list(groups))
        return whole(self, groups, **settings)

    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", noted)
    found = DepotWindows.of(tmp_path, view.scenario_id).vehicle("energy_kwh", 1)
    assert np.array_equal(found, view.energy_kwh[1])
    assert read == [[3, 4, 5, 6]]  # rows 96 to 191 of groups of 30


def test_stays_and_charging_of_a_window(clock_views, tmp_path: Path) -> None:
    view = clock_views(date(2025, 10, 25), 3)[1]
    write_depot_series(view, tmp_path)
    windows, h = DepotWindows.of(tmp_path, view.scenario_id), view.horizon
    lo, hi = h.day_edges[1], h.day_edges[2]
    start, end = int(h.boundaries_s[lo]), int(h.boundaries_s[hi])
    stays = windows.stays(start, end)
    seen = (view.sessions.plug_out_s > start) & (view.sessions.plug_in_s < end)
    assert np.array_equal(stays.plug_in_s, view.sessions.plug_in_s[seen])
    spells = charging_spells(view.energy_kwh[:, lo:hi], stays, h.boundaries_s[lo:hi], h.step_s)
    assert spells.energy_kwh.sum() == pytest.approx(view.energy_kwh[:, lo:hi].sum())
    assert (spells.end_s > spells.begin_s).all()
    assert (spells.begin_s >= stays.plug_in_s[spells.stay]).all()
    assert (spells.end_s <= stays.plug_out_s[spells.stay]).all()
    assert DC in stays.charger[spells.stay]


def test_charging_is_cut_at_the_ends_of_stays() -> None:
    def numbers(*values: float) -> np.ndarray:
        return np.array(values, dtype=np.int64)

    stays = SessionBars(
        vehicle=numbers(0, 0, 1),
        plug_in_s=numbers(-50, 250, 100),
        plug_out_s=numbers(250, 380, 300),
        charger=np.array([1, 1, 2], dtype=np.int8),
        energy_kwh=np.zeros(3),
        use_kwh=np.zeros(3),
        unserved_kwh=np.zeros(3),
    )
    energy = np.array([[1.0, 2.0, 3.0, 4.0], [0.0, 5.0, 0.0, 0.0]])
    spells = charging_spells(energy, stays, numbers(0, 100, 200, 300), 100)
    assert spells.stay.tolist() == [0, 1, 2]
    assert spells.begin_s.tolist() == [0, 300, 100]
    assert spells.end_s.tolist() == [250, 380, 200]
    assert spells.energy_kwh.tolist() == [6.0, 4.0, 5.0]


def test_the_days_of_most_trouble(bau_view, hand_view, tmp_path: Path) -> None:
    for view in (bau_view, hand_view):
        write_depot_series(view, tmp_path)
        windows = DepotWindows.of(tmp_path, view.scenario_id)
        worst = int(np.argmax(view.day_breach_kwh))
        assert busy_days(windows, 1) == (4 * worst, 4 * worst + 4)
        assert busy_days(windows, 3) == (0, 8)


def test_files_that_do_not_fit_are_said_to_be_so(hand_view, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="scenario 2"):
        DepotWindows.of(tmp_path, 2)
    write_depot_series(hand_view, tmp_path)
    windows = DepotWindows.of(tmp_path, 2)
    with pytest.raises(InputError, match="not readable"):
        windows.fleet("no_such", 0, 1)
    demand = tmp_path / "scenario_2_demand.parquet"
    pq.write_table(pq.read_table(demand).slice(0, 5), demand)
    with pytest.raises(InputError, match="row per vehicle and period"):
        windows.fleet("soc", 0, 1)
    (tmp_path / "scenario_2_sessions.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match="not readable"):
        windows.stays(0, 1)
