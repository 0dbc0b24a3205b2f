"""Recorded visits of every form, and fits to the diaries that the spec names."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.support.shared_folder import shared_path

from sparewatt.inputs.generate.recorded_visits import read_recorded_visits
from sparewatt.inputs.generate.visit_fit import fit_visits

TABLE = "arrival,departure,energy_kwh\n2026-03-02 07:10,2026-03-02 16:30,30\n"
EVS = "name,capacity(kW),battery(kWh),ChargingEfficiency(%)\n7,7.4,40,0.88\n"
STAYS = "name,t_in,t_out,EStart,EEnd\n7,33,114,10,40\n"
ACN = {
    "_items": [
        {
            "sessionID": "s1",
            "connectionTime": "Mon, 02 Mar 2026 15:10:00 GMT",
            "disconnectTime": "Mon, 02 Mar 2026 23:30:00 GMT",
            "kWhDelivered": 12.0,
            "userInputs": None,
        }
    ]
}


def test_a_table_of_sessions(tmp_path):
    (tmp_path / "s.csv").write_text(TABLE, encoding="utf-8")
    fleet, findings = read_recorded_visits(tmp_path / "s.csv", "UTC")
    assert findings == ()
    assert fleet.real_soc.tolist() == [0.5]


@pytest.mark.parametrize("name", ["diary.csv", "diaryTD.csv"])
def test_a_diary_of_two_files(tmp_path, name):
    """Steps of ten minutes from noon: 33 is 17:30, 114 is 7:00 the next day."""
    (tmp_path / "diary.csv").write_text(EVS, encoding="utf-8")
    (tmp_path / "diaryTD.csv").write_text(STAYS, encoding="utf-8")
    fleet, findings = read_recorded_visits(tmp_path / name, "Europe/London")
    assert findings == ()
    assert (fleet.real_departure_s - fleet.real_arrival_s).tolist() == [81 * 600]
    assert fleet.real_arrival_s[0] % 86400 == 17.5 * 3600
    assert (fleet.real_soc[0], fleet.target_soc[0]) == (0.25, 1.0)


def test_sessions_of_acn_data(tmp_path):
    (tmp_path / "acn.json").write_text(json.dumps(ACN), encoding="utf-8")
    fleet, findings = read_recorded_visits(tmp_path / "acn.json", "America/Los_Angeles")
    assert [f.severity for f in findings] == ["info"]
    fit, _ = fit_visits(fleet, "America/Los_Angeles")
    assert np.flatnonzero(fit.chances.bins.time_probability[0].sum(axis=1)).tolist() == [7]  # 7:10 PST


def test_what_is_not_there_is_told(tmp_path):
    for name in ("s.csv", "s.json", "s.xlsx"):
        fleet, findings = read_recorded_visits(tmp_path / name, "UTC")
        assert fleet is None
        assert [f.severity for f in findings] == ["error"]


@pytest.mark.parametrize("name", ["Routine_1000EVTD.csv", "ev_schedule_1.xlsx"])
def test_fits_to_the_diaries(name):
    """Joint bins come within a few per cent of every share; what the shares are is counted by hand."""
    fleet, findings = read_recorded_visits(shared_path(f"data/ev/{name}"), "Europe/London")
    assert [f for f in findings if f.severity == "error"] == []
    fit, told = fit_visits(fleet, "Europe/London")
    assert {f.rule for f in told} <= {"generate.fit.days", "generate.fit.long"}
    if name.endswith(".xlsx"):
        assert fit.visits == 15  # rows of the sheet EVsTravelDiary with a name
        return
    assert max(d.total_variation for d in fit.distances) < 0.1
    early = np.mean((fleet.real_arrival_s // 600 % 144) < 72)  # before noon
    table = fit.chances.bins.time_probability[0].sum(axis=1)
    assert table[:12].sum() == pytest.approx(early, abs=0.01)
