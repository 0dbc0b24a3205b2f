"""Recorded sessions and diaries as fleets."""

# ruff: noqa: DTZ001 - sheets hold readings of a clock

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from sparewatt.inputs.cluster.read import ClusterSources, read_cluster
from sparewatt.inputs.cluster.settings import ClusterSettings
from sparewatt.inputs.sheets.diary import diary_files
from sparewatt.model.fleet import NO_TIME, NOWHERE

SHARED = Path(os.environ.get("SPAREWATT_SHARED", Path(__file__).parents[5] / "shared"))


def seconds(day, hour, minute=0, second=0):
    return int(datetime(2026, 3, day, hour, minute, second, tzinfo=UTC).timestamp())


def session(**changes):
    return {
        "_id": "5bc90cb9f9af8b0d7fe77cd2",
        "sessionID": "2_39_78_362",
        "connectionTime": "Mon, 02 Mar 2026 08:04:30 GMT",
        "disconnectTime": "Mon, 02 Mar 2026 11:30:00 GMT",
        "doneChargingTime": None,
        "kWhDelivered": 7.932,
        "spaceID": "s1",
        "stationID": "2-39-78-362",
        "timezone": "America/Los_Angeles",
        "userInputs": [
            {"kWhRequested": 30, "minutesAvailable": 10},
            {"kWhRequested": 12, "minutesAvailable": 200, "requestedDeparture": "2026-03-02T11:00:00Z"},
        ],
        **changes,
    }


@pytest.fixture
def read(hub):
    def read(content, *, as_text=False, **settings):
        hub.save()
        path = hub.folder / "sessions.json"
        path.write_text(content if as_text else json.dumps(content), encoding="utf-8")
        hub.settings = {"start": datetime(2026, 3, 2, 7), "end": datetime(2026, 3, 2, 13), **settings}
        inputs, findings = hub.read_file(workbook="hub.xlsx", sessions="sessions.json")
        return inputs, [f for f in findings if f.rule != "cluster.fleet.unused"]

    return read


def test_a_session_as_acn_data_gives_it(read):
    """12 kWh wanted up to 0.9 of an assumed 40 kWh: it comes with 0.6; the last of its inputs counts."""
    inputs, findings = read(
        {"_meta": {}, "_items": [session()]}, assumptions={"battery_kwh": 40, "target_soc": 0.9}
    )
    assert findings == []
    fleet = inputs.fleet
    assert fleet.ids == ("2_39_78_362",)
    assert fleet.real_arrival_s.tolist() == fleet.declared_arrival_s.tolist() == [seconds(2, 8, 4, 30)]
    assert fleet.real_departure_s.tolist() == [seconds(2, 11, 30)]
    assert fleet.declared_departure_s.tolist() == [seconds(2, 11)]
    assert fleet.real_soc == pytest.approx([0.6])
    assert (fleet.target_soc.tolist(), fleet.battery_kwh.tolist()) == ([0.9], [40])
    assert fleet.reservation_s.tolist() == [NO_TIME]
    assert fleet.target_cluster.tolist() == [1]  # its space is a unit of cluster2


def test_sessions_without_inputs_count_what_they_took(read):
    inputs, findings = read([session(userInputs=None, spaceID="elsewhere")])
    assert [(f.rule, f.severity) for f in findings] == [("cluster.sessions.inputs", "info")]
    assert inputs.fleet.declared_departure_s.tolist() == [seconds(2, 11, 30)]
    assert inputs.fleet.real_soc == pytest.approx([1 - 7.932 / 60])
    assert inputs.fleet.target_cluster.tolist() == [NOWHERE]


def test_minutes_available(read):
    wanted = [{"kWhRequested": 6, "minutesAvailable": 90}]
    assert read([session(userInputs=wanted)])[0].fleet.declared_departure_s.tolist() == [
        seconds(2, 9, 34, 30)
    ]


def test_more_than_the_assumed_battery_holds(read):
    inputs, findings = read([session()], assumptions={"battery_kwh": 10, "max_charge_kw": 22})
    assert [(f.rule, f.severity) for f in findings] == [("cluster.sessions.battery", "warning")]
    assert inputs.fleet.real_soc.tolist() == [0]


@pytest.mark.parametrize(
    ("change", "rule", "key"),
    [
        ({"connectionTime": None}, "cluster.sessions.item", "connectionTime"),
        ({"disconnectTime": None}, "cluster.sessions.item", "disconnectTime"),
        ({"disconnectTime": "noon"}, "cluster.value.date", "disconnectTime"),
        ({"disconnectTime": 1772438400}, "cluster.value.date", "disconnectTime"),
        ({"disconnectTime": "Mon, 02 Mar 2026 07:30:00 GMT"}, "cluster.fleet.departure", "disconnectTime"),
        ({"kWhDelivered": "7", "userInputs": None}, "cluster.sessions.item", "kWhDelivered"),
        ({"kWhDelivered": -1, "userInputs": []}, "cluster.sessions.item", "kWhDelivered"),
        ({"sessionID": None, "_id": None}, "cluster.sessions.item", "sessionID"),
        ({"userInputs": "yes"}, "cluster.sessions.item", "userInputs"),
        ({"userInputs": [{"kWhRequested": "a"}]}, "cluster.sessions.item", "kWhRequested"),
        ({"userInputs": [{"minutesAvailable": []}]}, "cluster.sessions.item", "minutesAvailable"),
        ({"userInputs": [{"requestedDeparture": "?"}]}, "cluster.value.date", "requestedDeparture"),
    ],
)
def test_wrong_sessions(read, change, rule, key):
    inputs, findings = read([session(sessionID="fine"), session(**change)])
    assert inputs is None
    errors = [f for f in findings if f.severity == "error"]
    assert [(f.rule, f.where) for f in errors] == [(rule, f"sessions.json item 2, column {key}")]


def test_an_id_twice(read):
    assert [f.rule for f in read([session(), session()])[1]] == ["cluster.id.twice"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        "7",
        "null",
        "{}",
        '{"_items": []}',
        '{"_items": 3}',
        "[1" + "0" * 5000 + "]",
        "[NaN]",
    ],
)
def test_files_that_hold_no_sessions(read, text):
    inputs, findings = read(text, as_text=True)
    assert inputs is None
    errors = [f for f in findings if f.severity == "error"]
    assert {f.rule for f in errors} <= {"cluster.sessions.file", "cluster.sessions.item"}
    assert errors


EVS = [
    ["name", "capacity(kW)", "battery(kWh)", "ChargingEfficiency(%)"],
    [2012, 7.4, 60, 0.88],
    [2013, 7.4, 30, 88],
]
STAYS = [
    ["name", "t_in", "t_out", "EStart", "EEnd"],
    [2012, 33, 90, 54, 60],
    [2013, 0, 6, 15, 18],
    [2012, 2, 9, 50, 54],
]


@pytest.fixture
def read_diary(hub):
    def read(evs=EVS, stays=STAYS, **settings):
        hub.sheets["Capacity1"] = hub.sheets["Capacity2"]
        del hub.sheets["Price"]
        hub.save()
        book = Workbook()
        for name, rows in (("EVs", evs), ("EVsTravelDiary", stays)):
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(hub.folder / "diary.xlsx")
        hub.settings = {"start": datetime(2026, 3, 2, 12), "end": datetime(2026, 3, 3, 12), **settings}
        inputs, findings = hub.read_file(workbook="hub.xlsx", diaries="diary.xlsx")
        return inputs, [f for f in findings if f.rule not in {"cluster.fleet.unused", "cluster.price.none"}]

    return read


def test_a_diary(read_diary):
    """Steps of ten minutes from noon: 33 is 17:30, 90 is 03:00. The battery takes 7.4·0.88 kW."""
    inputs, findings = read_diary()
    assert findings == []
    fleet = inputs.fleet
    assert fleet.ids == ("2012-2", "2013-1", "2012-1")
    assert fleet.real_arrival_s.tolist() == [seconds(2, 17, 30), seconds(2, 12), seconds(2, 12, 20)]
    assert fleet.declared_departure_s.tolist() == [seconds(3, 3), seconds(2, 13), seconds(2, 13, 30)]
    assert fleet.max_charge_kw == pytest.approx([6.512] * 3, rel=1e-12)
    assert fleet.real_soc == pytest.approx([0.9, 0.5, 50 / 60])
    assert fleet.target_soc == pytest.approx([1, 0.6, 0.9])


def test_noon_is_local(read_diary):
    inputs, _ = read_diary(timezone="Asia/Kolkata")
    assert inputs.fleet.real_arrival_s[1] == seconds(2, 6, 30)


@pytest.mark.parametrize(
    ("stay", "rule", "column"),
    [
        ([2013, 20, 20, 1, 2], "cluster.fleet.departure", "t_out"),
        ([2013, 20, 19, 1, 2], "cluster.fleet.departure", "t_out"),
        ([2013, 20, 30, 31, 30], "cluster.diaries.energy", "EStart"),
        ([2013, 20, 30, 20, 31], "cluster.diaries.energy", "EEnd"),
        ([2013, 5, 30, 20, 21], "cluster.diaries.overlap", "t_in"),
        ([2014, 5, 30, 20, 21], "cluster.diaries.vehicle", "name"),
        ([2013, -1, 0, 20, 21], "cluster.value.negative", "t_in"),
        ([2013, 20, 30, -20, 21], "cluster.value.negative", "EStart"),
        ([2013, 20, None, 20, 21], "cluster.value.missing", "t_out"),
    ],
)
def test_what_cannot_be(read_diary, stay, rule, column):
    inputs, findings = read_diary(stays=[*STAYS, stay])
    assert inputs is None
    errors = [(f.rule, f.where) for f in findings if f.severity == "error"]
    assert (rule, f"EVsTravelDiary row 5, column {column}") in errors


def test_a_diary_needs_a_day(read_diary):
    inputs, findings = read_diary(start=None, end=None)
    assert inputs is None
    assert [f.rule for f in findings if f.severity == "error"] == ["cluster.diaries.start"]


def test_a_pair_of_csv_files(hub, read_diary):
    before = read_diary()[0].fleet
    for name, rows in (("week.csv", EVS), ("weekTD.csv", STAYS)):
        (hub.folder / name).write_text("\n".join(",".join(map(str, r)) for r in rows))
    for name in ("week.csv", "weekTD.csv"):
        assert [p.name for p in diary_files(hub.folder / name)] == ["week.csv", "weekTD.csv"]
        inputs, _ = hub.read_file(workbook="hub.xlsx", diaries=name)
        assert inputs.fleet.ids == before.ids
        assert np.array_equal(inputs.fleet.real_soc, before.real_soc)
    (hub.folder / "weekTD.csv").unlink()
    assert "cluster.diaries.file" in {
        f.rule for f in hub.read_file(workbook="hub.xlsx", diaries="week.csv")[1]
    }


@pytest.mark.skipif(not (SHARED / "data" / "ev").is_dir(), reason=f"no shared data in {SHARED}")
@pytest.mark.parametrize(
    ("name", "visits"), [("Routine_1000EV.csv", 1217), ("ev_schedule_1.xlsx", 15), ("ev_schedule_5.xlsx", 1)]
)
def test_the_diaries_of_the_uk_study(hub, name, visits):
    """As many visits as the tables have records; all of them physical."""
    for path in diary_files(SHARED / "data" / "ev" / name):
        (hub.folder / path.name).write_bytes(path.read_bytes())
    hub.sheets["Capacity1"] = hub.sheets["Capacity2"]
    hub.save()
    hub.settings = {"start": datetime(2026, 3, 2, 12), "end": datetime(2026, 3, 3, 12)}
    del hub.sheets["Price"]
    hub.save()
    inputs, findings = hub.read_file(workbook="hub.xlsx", diaries=name)
    assert {f.rule for f in findings if f.severity != "info"} <= {"cluster.fleet.reach"}
    assert len(inputs.fleet) == visits


@pytest.mark.skipif(not (SHARED / "data" / "cluster").is_dir(), reason=f"no shared data in {SHARED}")
@pytest.mark.parametrize(
    ("name", "visits", "units", "periods"),
    [("example_01.xlsx", 8, 8, 24), ("example_02.xlsx", 8, 6, 24), ("example_03.xlsx", 9, 9, 60)],
)
@pytest.mark.parametrize("reservation", ["none", "simple", "smart"])
def test_the_example_workbooks(name, visits, units, periods, reservation):
    inputs, findings = read_cluster(
        ClusterSources(workbook=name), ClusterSettings(reservation=reservation), SHARED / "data" / "cluster"
    )
    if reservation == "smart" and name == "example_02.xlsx":  # books, but tells no arrival SoC
        assert {f.rule for f in findings if f.severity == "error"} == {"cluster.fleet.incomplete"}
        return
    assert (len(inputs.fleet), len(inputs.system.evses)) == (visits, units)
    horizon = inputs.system.horizon
    assert (horizon.start, horizon.periods) == (datetime(2022, 1, 8, 7, tzinfo=UTC), periods)
    assert {f.rule for f in findings} <= {"cluster.fleet.reach", "cluster.price.none"}
