"""EV diaries and tariffs: the real ones, and what can be wrong with them."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from tests.support.shared_folder import shared_path

from sparewatt.inputs.profiles.ev_diary import read_ev_diary
from sparewatt.inputs.profiles.ev_tariff import per_period, read_ev_tariff

TEN = timedelta(minutes=10)
CARS = "name,capacity(kW),battery(kWh),ChargingEfficiency(%)\n"
STAYS = "name,t_in,t_out,EStart,EEnd\n"


def write_diary(folder, cars, stays):
    (folder / "d.csv").write_text(CARS + cars, encoding="utf-8")
    (folder / "dTD.csv").write_text(STAYS + stays, encoding="utf-8")
    return folder / "d.csv"


def test_a_diary_by_hand(tmp_path):
    path = write_diary(
        tmp_path, "b,7.4,40,0.88\na,3.6,30,88\n", "a,100,143,10,30\nb,6,30,20,39\na,0,12,25,26\n"
    )
    sessions, findings = read_ev_diary(path, TEN, reserve_share=0.2)
    assert findings == ()
    assert sessions.ids == ("b", "a")
    assert sessions.periods == 144
    assert sessions.step_h == pytest.approx(1 / 6)
    assert sessions.battery_kwh.tolist() == [40, 30]
    assert sessions.reserve_kwh.tolist() == [8, 6]
    assert sessions.charge_kw.tolist() == sessions.discharge_kw.tolist() == [7.4, 3.6]
    assert sessions.efficiency == pytest.approx([0.88, 0.88])
    assert sessions.car.tolist() == [0, 1, 1]  # by car, then by time
    assert sessions.arrival.tolist() == [6, 0, 100]
    assert sessions.departure.tolist() == [30, 12, 143]
    assert sessions.start_kwh.tolist() == [20, 25, 10]
    assert sessions.wanted_kwh.tolist() == [39, 26, 30]
    assert not read_ev_diary(path, TEN, v2g=False)[0].discharge_kw.any()


def test_longer_periods_hold_what_the_stay_fills(tmp_path):
    path = write_diary(tmp_path, "a,7.4,40,0.88\n", "a,4,12,20,30\na,13,17,20,30\na,19,20,20,30\n")
    sessions, (finding,) = read_ev_diary(path, timedelta(minutes=30))
    # 40-120 min fills periods 2 and 3; 130-170 min none (4 begins before, 5 ends after it); 190-200 none.
    assert sessions.arrival.tolist() == [2]
    assert sessions.departure.tolist() == [4]
    assert (finding.rule, finding.severity) == ("network.ev.short", "info")
    assert finding.value == "2"


def test_everything_wrong_at_once(tmp_path):
    cars = "a,7.4,40,0.88\nb,7.4,40,0.88\n"
    stays = (
        "a,30,30,10,20\na,20,10,10,20\nb,0,20,41,20\nb,10,30,10,55\nc,0,10,1,2\nb,40,50.5,1,2\nb,60,150,1,2\n"
    )
    sessions, findings = read_ev_diary(write_diary(tmp_path, cars, stays), TEN)
    assert sessions is None
    places = {(f.rule, f.where) for f in findings}
    assert places == {
        ("network.ev.times", "dTD.csv row 2, column t_out"),
        ("network.ev.times", "dTD.csv row 3, column t_out"),
        ("network.ev.energy", "dTD.csv row 4, column EStart"),
        ("network.ev.energy", "dTD.csv row 5, column EEnd"),
        ("network.ev.overlap", "dTD.csv row 5, column t_in"),
        ("network.ev.car", "dTD.csv row 6, column name"),
        ("network.ev.step", "dTD.csv row 7, column t_out"),
        ("cluster.value.range", "dTD.csv row 8, column t_out"),
    }
    assert all(f.severity == "error" for f in findings)


@pytest.mark.parametrize(
    "cars", ["a,7.4,40,0.88\na,7.4,40,0.88\n", "a,7.4,0,0.88\n", "a,,40,0.88\n", "a,-1,40,0.88\n", ""]
)
def test_cars_that_are_none(tmp_path, cars):
    sessions, findings = read_ev_diary(write_diary(tmp_path, cars, "a,0,10,1,2\n"), TEN)
    assert sessions is None
    assert findings


def test_half_a_diary_and_none(tmp_path):
    path = write_diary(tmp_path, "a,7.4,40,0.88\n", "a,0,10,1,2\n")
    (tmp_path / "dTD.csv").unlink()
    assert read_ev_diary(path, TEN)[1][0].rule == "cluster.diaries.file"
    assert read_ev_diary(tmp_path / "no.xlsx", TEN)[0] is None


@pytest.mark.parametrize(
    ("name", "cars", "stays"),
    [("Routine_1000EV.csv", 866, 1217), ("ev_schedule_1.xlsx", 11, 15), ("ev_schedule_5.xlsx", 1, 1)],
)
def test_real_diaries(name, cars, stays):
    sessions, findings = read_ev_diary(shared_path(f"data/ev/{name}"), TEN)
    assert findings == ()
    assert (sessions.cars, len(sessions)) == (cars, stays)
    assert (sessions.charge_kw == 7.4).all()
    assert (sessions.start_kwh <= sessions.battery_kwh[sessions.car]).all()


def test_the_real_tariff():
    tariff, findings = read_ev_tariff(shared_path("data/ev/duos_prices.csv"))
    assert findings == ()
    # From the file: 2.1 p at noon, 10.4 p 16:00-19:00, 0.8 p after midnight, 10.4 p 6:00-9:00.
    red = np.isclose(tariff.duos_per_kwh, 0.104)
    assert np.flatnonzero(red).tolist() == [*range(8, 14), *range(36, 42)]
    assert tariff.duos_per_kwh[[0, 24]] == pytest.approx([0.021, 0.008])
    assert tariff.wear_per_kwh == pytest.approx(0.032)
    assert np.flatnonzero(np.isclose(tariff.v2g_per_kwh, 0.175)).tolist() == [10, 11, 12, 38, 39, 40]
    price = per_period(tariff.duos_per_kwh + tariff.wear_per_kwh, TEN)
    assert price.shape == (144,)
    assert price[0] == pytest.approx(0.053)  # what the workbooks' timeseriesGen begins with


def test_periods_longer_than_half_an_hour_have_the_mean():
    hourly = per_period(np.arange(48.0), timedelta(hours=1))
    assert hourly.tolist() == [2 * k + 0.5 for k in range(24)]


def tariff_text(skip=(), extra=""):
    rows = [f"{k // 2:02d}:{30 * (k % 2):02d},2.0\n" for k in range(48) if k not in skip]
    return "Time,DUoS\n" + "".join(rows) + extra


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (tariff_text(skip=(5, 6)), "network.tariff.gap"),
        (tariff_text(extra="12:00,3.0\n"), "network.tariff.twice"),
        (tariff_text(extra="12:10,3.0\n"), "network.tariff.time"),
        (tariff_text(extra="noon,3.0\n"), "network.tariff.time"),
        (tariff_text(extra="12:00,dear\n"), "cluster.value.number"),
        ("Time,Price\n12:00,1\n", "cluster.column.missing"),
        ("", "cluster.sheet.empty"),
    ],
)
def test_tariffs_that_are_none(tmp_path, text, rule):
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    tariff, findings = read_ev_tariff(tmp_path / "t.csv")
    assert tariff is None
    assert rule in {f.rule for f in findings}


def test_a_tariff_that_does_not_speak_of_wear(tmp_path):
    (tmp_path / "t.csv").write_text(tariff_text(extra="12:00,2.0\n"), encoding="utf-8")
    tariff, findings = read_ev_tariff(tmp_path / "t.csv")
    assert findings == ()
    assert (tariff.wear_per_kwh == 0.032).all()
    assert not tariff.v2g_per_kwh.any()
