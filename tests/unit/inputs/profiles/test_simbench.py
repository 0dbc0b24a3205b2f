"""SimBench profiles from a stand-in for the optional library, and from it where it is installed."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from types import ModuleType
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from tests.support.customers import make_customers, make_horizon

from sparewatt.inputs.profiles.meter_form import MeterForm
from sparewatt.inputs.profiles.read import ProfileFiles, read_profiles
from sparewatt.inputs.profiles.simbench import like_day, read_simbench

BERLIN = ZoneInfo("Europe/Berlin")


class Table(dict):
    """As much of a data frame as is used."""

    @property
    def columns(self):
        return list(self)


def year_of_quarters():
    """Stamps of 2016 as SimBench writes them: the local clock, one hour skipped, one twice."""
    start = datetime(2016, 1, 1, tzinfo=BERLIN).astimezone(ZoneInfo("UTC"))
    stamps = [(start + k * timedelta(minutes=15)).astimezone(BERLIN) for k in range(366 * 96)]
    return [s.strftime("%d.%m.%Y %H:%M") for s in stamps], stamps


@pytest.fixture
def stand_in(monkeypatch):
    text, stamps = year_of_quarters()
    clock = np.array([s.hour + s.minute / 60 for s in stamps])
    monday = np.array([s.weekday() == 0 for s in stamps])
    load = Table(time=text)
    load["H0-A_pload"] = clock + 1
    load["H0-L_pload"] = np.where(monday, 2.0, 1.0)
    load["Air_Parallel_1_pload"] = np.ones(len(text))
    load["Air_Parallel_1_qload"] = np.full(len(text), np.nan)
    sun = Table(time=text, PV1=clock / 24, WP1=clock)
    module = ModuleType("simbench")
    module.get_all_simbench_profiles = lambda scenario: {"load": load, "renewables": sun}
    monkeypatch.setitem(sys.modules, "simbench", module)
    return load


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "simbench", None)
    profiles, (finding,) = read_simbench(make_customers(2), make_horizon(date(2026, 1, 1), 1), seed=1)
    assert profiles is None
    assert finding.rule == "network.profiles.simbench"
    assert "sparewatt[simbench]" in finding.remedy


def test_days_are_matched_by_weekday_and_time_of_year():
    for day in (date(2025, 1, 1) + timedelta(days=k) for k in range(1500)):
        like = date(2016, 1, 1) + timedelta(days=like_day(day))
        assert like.weekday() == day.weekday()
        apart = abs((like.replace(year=2000) - day.replace(year=2000)).days)
        assert apart <= 3 or (apart <= 6 and day.month in {1, 12})


def test_shapes_by_the_local_clock_scaled_to_the_class(stand_in):
    horizon = make_horizon(date(2026, 3, 28), 3)  # Saturday to Monday across the clock change
    customers = make_customers(40)
    profiles, (finding,) = read_simbench(customers, horizon, seed=1)
    assert finding.severity == "info"
    got = profiles.profiles()
    clock = np.array([s.hour + s.minute / 60 for s in horizon.local_stamps()])
    monday = np.array([s.weekday() == 0 for s in horizon.local_stamps()])
    ramp = np.array([row.std() > 0 and len(np.unique(row.round(9))) > 2 for row in got.demand_kw])
    assert 5 < ramp.sum() < 35  # both shapes are dealt out
    first = got.demand_kw[ramp][0]
    # Means over ten minutes of what holds for quarter-hours: 0-10 is the first, 10-20 half and half.
    assert first[0] / first[6] == pytest.approx(1 / 2)
    assert first[1] / first[0] == pytest.approx((1 + 1.25) / 2)
    assert first[clock == 13][0] / first[clock == 0][0] == pytest.approx(14)
    week = got.demand_kw[~ramp][0]
    assert week[monday] / week[0] == pytest.approx(2.0)
    annual = np.array([2500, 3200, 4000])[customers.demand_class]
    mean_of_ramp = 12.875  # 1 + 0 … 23.75
    assert first.max() == pytest.approx(annual[ramp][0] / (365.25 * 24) * 24.75 / mean_of_ramp, rel=1e-3)
    assert got.heat_pump_kw == pytest.approx(3800 / (365.25 * 24))
    assert got.pv_kw_per_kwp.max() <= 1


def test_blocks_are_alike(stand_in):
    horizon = make_horizon(date(2026, 10, 24), 3, 20)
    profiles, _ = read_simbench(make_customers(3), horizon, seed=2)
    whole = profiles.demand.power_kw(0, horizon.periods)
    parts = [profiles.demand.power_kw(a, min(a + 31, horizon.periods)) for a in range(0, horizon.periods, 31)]
    assert (np.concatenate(parts, axis=1) == whole).all()
    assert profiles.demand.power_kw(4, 4).shape == (3, 0)


def test_a_scenario_without_homes(stand_in):
    for name in ("H0-A_pload", "H0-L_pload"):
        del stand_in[name]
    profiles, (finding,) = read_simbench(
        make_customers(2), make_horizon(date(2026, 1, 1), 1), seed=1, scenario=2
    )
    assert profiles is None
    assert finding.value == "2"


def test_what_is_not_measured_comes_from_simbench_where_that_is_asked_for(stand_in, tmp_path):
    homes, horizon = make_customers(2), make_horizon(date(2026, 1, 12), 1, 60)
    (tmp_path / "hp.csv").write_text(
        "time,home 0,home 1\n" + "".join(f"2026-01-12 {h:02d}:00,1.5,2.5\n" for h in range(24)),
        encoding="utf-8",
    )
    files = ProfileFiles(heat_pump=tmp_path / "hp.csv", form=MeterForm(unit="kW"))
    profiles, findings = read_profiles(homes, horizon, files, seed=1, source="simbench")
    assert [f.rule for f in findings] == ["network.profiles.shared"]
    shapes, _ = read_simbench(homes, horizon, seed=1)
    np.testing.assert_array_equal(profiles.profiles().demand_kw, shapes.profiles().demand_kw)
    np.testing.assert_array_equal(profiles.profiles().heat_pump_kw, np.tile([[1.5], [2.5]], (1, 24)))
    made, _ = read_profiles(homes, horizon, files, seed=1)
    assert not np.array_equal(made.profiles().demand_kw, shapes.profiles().demand_kw)


def test_asked_for_without_the_extra_it_is_an_error_and_no_other_source_is_taken(monkeypatch):
    monkeypatch.setitem(sys.modules, "simbench", None)
    homes, horizon = make_customers(2), make_horizon(date(2026, 1, 12), 1, 60)
    profiles, findings = read_profiles(homes, horizon, ProfileFiles(), seed=1, source="simbench")
    assert profiles is None
    assert [(f.rule, f.severity) for f in findings] == [("network.profiles.simbench", "error")]


def test_the_library_itself():
    pytest.importorskip("simbench")
    profiles, _ = read_simbench(make_customers(6), make_horizon(date(2026, 1, 1), 365, 60), seed=1)
    energy = profiles.profiles().demand_kw.sum(axis=1)
    assert energy == pytest.approx([2500, 3200, 4000, 2500, 3200, 4000], rel=0.03)
