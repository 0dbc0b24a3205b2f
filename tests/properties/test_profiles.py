"""Laws of profiles: realism, the same bytes in any block, energy kept, cases nested, no traceback."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.support.customers import make_customers, make_horizon, utc_stamps

from sparewatt.inputs.profiles.cases import CaseName, find_cases
from sparewatt.inputs.profiles.ev_diary import read_ev_diary
from sparewatt.inputs.profiles.generate import generate_profiles
from sparewatt.inputs.profiles.meter_form import MeterForm
from sparewatt.inputs.profiles.metered import mean_power, read_metered
from sparewatt.inputs.profiles.weather import GivenTemperature
from sparewatt.model.customers import Customers

KINDS = ("demand", "heat_pump", "pv")


@pytest.fixture(scope="module")
def winter():
    """A winter of 200 homes at ten minutes."""
    horizon = make_horizon(date(2025, 12, 1), 90)
    return horizon, generate_profiles(make_customers(200), horizon, seed=11).profiles()


def local_hours(horizon):
    return np.array([s.hour for s in horizon.local_stamps()])


def test_a_hundred_homes_peak_as_planners_reckon(winter):
    horizon, profiles = winter
    for homes in (profiles.demand_kw[:100], profiles.demand_kw[100:]):
        mean = homes.mean(axis=0)
        assert 1.5 < mean.max() < 2.0  # kW, after diversity
        assert 17 <= local_hours(horizon)[mean.argmax()] <= 19
        assert 0.1 < mean[local_hours(horizon) == 4].mean() < 0.25  # survey of 250 homes: 0.17 kW at 4:00


def test_single_homes_peak_at_five_to_ten_kilowatts(winter):
    peak = winter[1].demand_kw.max(axis=1)
    assert 5 < np.median(peak) < 10
    assert np.mean((peak > 4.5) & (peak < 11)) > 0.75
    assert peak.max() < 16


def test_diversity_grows_with_the_number_of_homes(winter):
    demand = winter[1].demand_kw
    peaks = [
        np.mean([demand[k : k + n].mean(axis=0).max() for k in range(0, 200, n)])
        for n in (1, 5, 20, 100, 200)
    ]
    assert all(a > b for a, b in pairwise(peaks))
    assert 3 < peaks[0] / peaks[-1] < 7


def test_mornings_evenings_weekends(winter):
    horizon, profiles = winter
    mean, hour = profiles.demand_kw.mean(axis=0), local_hours(horizon)
    by_hour = np.array([mean[hour == h].mean() for h in range(24)])
    assert by_hour[7] > 1.2 * by_hour[14]
    assert by_hour[18] > 2 * by_hour[7]
    assert by_hour[3] < 0.65 * by_hour[14]
    weekend = np.array([s.weekday() >= 5 for s in horizon.local_stamps()])
    noon = (hour >= 10) & (hour < 15)
    assert mean[noon & weekend].mean() > 1.15 * mean[noon & ~weekend].mean()


def test_a_year_has_the_energy_of_the_classes_and_seasons():
    horizon = make_horizon(date(2026, 1, 1), 365, 60)
    customers = make_customers(120)
    profiles = generate_profiles(customers, horizon, seed=5)
    energy = profiles.demand.power_kw(0, horizon.periods)
    annual = energy.sum(axis=1)
    means = [annual[customers.demand_class == k].mean() for k in range(3)]
    assert means == pytest.approx([2500, 3200, 4000], rel=0.12)
    assert 0.15 < annual[customers.demand_class == 1].std() / means[1] < 0.4
    month = np.array([s.month for s in horizon.local_stamps()])
    mean = energy.mean(axis=0)
    assert 1.15 < mean[month == 1].mean() / mean[month == 7].mean() < 1.5
    heat = profiles.heat_pump.power_kw(0, horizon.periods).sum(axis=1)
    assert 2800 < heat.mean() < 4800  # 3 to 4 MWh in field trials
    sun = profiles.pv.power_kw(0, horizon.periods).sum(axis=1)
    assert 750 < sun.mean() < 1000  # kWh/kWp in the north of England
    assert sun.min() > 500


def test_heat_pumps_in_the_cold_after_diversity():
    horizon = make_horizon(date(2026, 1, 12), 4)
    hours = (horizon.boundaries_s[:-1] - horizon.start_s) / 3600
    cold = GivenTemperature(horizon, -2.0 - 2.5 * np.cos(2 * np.pi * (hours - 4) / 24))
    kw = generate_profiles(make_customers(100), horizon, seed=3, temperature=cold).heat_pump.power_kw(0, 576)
    assert 1.7 < kw.mean(axis=0).max() < 2.5
    assert np.corrcoef(kw[0], kw[1])[0, 1] < 0.95
    warm = GivenTemperature(horizon, np.full(576, 8.0))
    mild = generate_profiles(make_customers(100), horizon, seed=3, temperature=warm).heat_pump.power_kw(
        0, 576
    )
    assert mild.mean() < 0.5 * kw.mean()


def test_clouds_are_common_to_the_neighbourhood(winter):
    day = winter[1].pv_kw_per_kwp.reshape(200, 90, 144).sum(axis=2)
    alike = np.corrcoef(day)
    assert np.median(alike) > 0.97
    assert alike.min() > 0.7  # east against west
    assert day.mean(axis=0).max() > 4 * day.mean(axis=0).min()


blocks = st.tuples(st.integers(0, 300), st.integers(1, 200))


@pytest.mark.parametrize("first", [date(2026, 3, 28), date(2026, 10, 24), date(2027, 12, 31)])
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None)
@given(block=blocks)
def test_any_block_is_that_part_of_the_whole(first, kind, block):
    horizon = make_horizon(first, 3)
    source = getattr(generate_profiles(make_customers(5), horizon, seed=2), kind)
    whole = source.power_kw(0, horizon.periods)
    begin, end = block[0], min(block[0] + block[1], horizon.periods)
    assert source.power_kw(begin, end).tobytes() == np.ascontiguousarray(whole[:, begin:end]).tobytes()


def test_any_number_of_days_in_a_block_makes_the_same_profiles():
    horizon = make_horizon(date(2026, 3, 26), 6)
    profiles = generate_profiles(make_customers(4), horizon, seed=2)
    for days in (1, 2, 4, 6):
        parts = list(profiles.blocks(days))
        assert [s.start for s, _ in parts] == list(horizon.day_edges[:-1:days])
        for name in ("demand_kw", "heat_pump_kw", "pv_kw_per_kwp"):
            joined = np.concatenate([getattr(p, name) for _, p in parts], axis=1)
            assert joined.tobytes() == getattr(profiles.profiles(), name).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_profile_hangs_on_seed_and_name_alone(kind):
    horizon = make_horizon(date(2026, 2, 1), 2)
    many = make_customers(9)
    rows = np.array([7, 2])
    few = Customers(
        tuple(many.ids[k] for k in rows),
        np.arange(2),
        many.zone[rows],
        many.demand_class[rows],
        many.pv_kwp[rows],
    )
    power = getattr(generate_profiles(many, horizon, seed=4), kind).power_kw(0, 288)
    alone = getattr(generate_profiles(few, horizon, seed=4), kind).power_kw(0, 288)
    other = getattr(generate_profiles(few, horizon, seed=5), kind).power_kw(0, 288)
    assert (power[rows] == alone).all()
    assert not (other == alone).all()
    # The second day is the same in a horizon that begins with it.
    later = make_horizon(date(2026, 2, 2), 1)
    assert (getattr(generate_profiles(few, later, seed=4), kind).power_kw(0, 144) == alone[:, 144:]).all()


def test_coarse_steps_are_means_of_fine_ones():
    fine, coarse = (make_horizon(date(2026, 3, 28), 2, m) for m in (5, 30))
    a, b = (generate_profiles(make_customers(6), h, seed=9) for h in (fine, coarse))
    demand = a.demand.power_kw(0, fine.periods).reshape(6, -1, 6).mean(axis=2)
    assert demand == pytest.approx(b.demand.power_kw(0, coarse.periods), abs=1e-9)
    sun = [p.pv.power_kw(0, h.periods).sum() / (60 / (h.step_s / 60)) for p, h in ((a, fine), (b, coarse))]
    assert sun[0] == pytest.approx(sun[1], rel=0.01)


def test_days_from_noon_to_noon_hold_the_same_values():
    from sparewatt.model.horizon import Horizon  # noqa: PLC0415 - beside its use

    day = make_horizon(date(2026, 1, 5), 3)
    noon = Horizon.of_days(
        date(2026, 1, 5), 2, day_start_hours=12, step=timedelta(minutes=10), timezone="Europe/London"
    )
    a, b = (generate_profiles(make_customers(3), h, seed=6).profiles() for h in (day, noon))
    for name in ("demand_kw", "heat_pump_kw", "pv_kw_per_kwp"):
        assert (getattr(b, name) == getattr(a, name)[:, 72 : 72 + 288]).all()


@given(
    zones=st.lists(st.integers(0, 6), min_size=1, max_size=60),
    shares=st.lists(st.integers(0, 100), min_size=2, max_size=5),
    seed=st.integers(0, 99),
)
@settings(deadline=None)
def test_cases_are_exact_spread_over_zones_and_nested(zones, shares, seed):
    rows = np.arange(len(zones))
    customers = Customers(tuple(map(str, rows)), rows, np.array(zones), rows % 2, np.ones(len(rows)))
    shares = sorted(set(shares))
    cases = find_cases(customers, [CaseName(f"{s}", s / 100, s / 100) for s in shares], seed=seed)
    for share, case in zip(shares, cases, strict=True):
        total = int(np.floor(share / 100 * len(rows) + 0.5))
        for has in (case.has_pv, case.has_hp):
            assert has.sum() == total
            for zone in set(zones):
                own = customers.zone == zone
                assert abs(has[own].sum() - total * own.sum() / len(rows)) < 1
    for less, more in pairwise(cases):
        assert (more.has_pv | ~less.has_pv).all()
        assert (more.has_hp | ~less.has_hp).all()


@given(
    power=st.lists(st.floats(0, 20), min_size=2, max_size=40),
    step=st.sampled_from([300, 900, 1800, 3600]),
    cuts=st.lists(st.integers(1, 100_000), min_size=1, max_size=30),
)
def test_resampling_keeps_the_energy(power, step, cuts):
    end = step * len(power)
    edges = np.unique(np.concatenate([[0], [c % end for c in cuts], [end]])).astype(np.int64)
    got = mean_power(np.array([power]), 1_000_000, step, 1_000_000 + edges)[0]
    assert float(got @ np.diff(edges)) == pytest.approx(sum(power) * step, abs=1e-6)
    assert got.min() >= min(power) - 1e-9
    assert got.max() <= max(power) + 1e-9


@given(
    minutes=st.sampled_from([5, 10, 20, 30, 60]),
    every=st.sampled_from([10, 15, 30, 60]),
    first=st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 6, 1)]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_metered_energy_of_local_days_is_kept_at_any_step(tmp_path, minutes, every, first, seed):
    horizon = make_horizon(first, 2, minutes)
    start = datetime.fromtimestamp(horizon.start_s, UTC) - timedelta(hours=3)
    stamps = utc_stamps(start, 60 * 60 // every, every)
    kwh = np.random.default_rng(seed).gamma(0.6, 0.3, len(stamps)).round(3)
    lines = [f"{s.isoformat()},{v}" for s, v in zip(stamps, kwh, strict=True)]
    path = tmp_path / "m.csv"
    path.write_text("time,home 0\n" + "\n".join(lines) + "\n", encoding="utf-8")
    power, findings = read_metered(path, make_customers(1), horizon, form=MeterForm(unit="kWh"))
    assert findings == ()
    inside = [horizon.start <= s < horizon.end for s in stamps]
    assert power.power_kw(0, horizon.periods).sum() * minutes / 60 == pytest.approx(kwh[inside].sum())


GOOD = "time,home 0,home 1\n" + "".join(
    f"{s:%Y-%m-%d %H:%M},{k / 10},{k / 20}\n"
    for k, s in enumerate(utc_stamps(datetime(2026, 1, 1, tzinfo=UTC), 48))
)
CELLS = st.sampled_from(
    ["", "x", "-1", "1e400", "nan", '"', ",", "\n", "\t", ";", "2026-13-01", "é", "\x00", "=1+1"]
)


@given(at=st.integers(0, len(GOOD) - 1), cut=st.integers(0, 30), put=st.lists(CELLS, max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_meter_files_give_findings_not_tracebacks(tmp_path, at, cut, put):
    path = tmp_path / "m.csv"
    path.write_text(GOOD[:at] + "".join(put) + GOOD[at + cut :], encoding="utf-8")
    horizon = make_horizon(date(2026, 1, 1), 1)
    power, findings = read_metered(path, make_customers(2), horizon, form=MeterForm(unit="kWh"))
    assert (power is None) == any(f.severity == "error" for f in findings)
    if power is not None:
        kw = power.power_kw(0, horizon.periods)
        assert np.isfinite(kw).all()
        assert (kw >= 0).all()


@example(content=b"\x80\n", name="m.csv")
@given(content=st.binary(max_size=300), name=st.sampled_from(["m.csv", "m.parquet"]))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_no_meter_file(tmp_path, content, name):
    (tmp_path / name).write_bytes(content)
    power, findings = read_metered(tmp_path / name, make_customers(2), make_horizon(date(2026, 1, 1), 1))
    assert power is None
    assert findings


number = st.one_of(st.integers(-5, 200), st.floats(allow_nan=True), st.sampled_from(["", "x", "=A1"]))


@given(
    stays=st.lists(
        st.tuples(st.sampled_from(["a", "b", "c", ""]), number, number, number, number), max_size=6
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_diary_gives_sessions_that_hold_or_findings(tmp_path, stays):
    (tmp_path / "d.csv").write_text(
        "name,capacity(kW),battery(kWh),ChargingEfficiency(%)\na,7.4,40,0.88\nb,7.4,60,0.88\n",
        encoding="utf-8",
    )
    text = io.StringIO()
    text.write("name,t_in,t_out,EStart,EEnd\n")
    text.writelines(",".join(map(str, row)) + "\n" for row in stays)
    (tmp_path / "dTD.csv").write_text(text.getvalue(), encoding="utf-8")
    sessions, findings = read_ev_diary(tmp_path / "d.csv", timedelta(minutes=10))
    assert (sessions is None) == any(f.severity == "error" for f in findings)
    if sessions is not None:
        assert (sessions.arrival < sessions.departure).all()
        assert (sessions.departure <= 144).all()
        assert (sessions.wanted_kwh <= sessions.battery_kwh[sessions.car]).all()
        assert (np.diff(sessions.car) >= 0).all()
