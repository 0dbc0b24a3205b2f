"""Every bad input is a finding with sheet, row and column; all of them at once."""

# ruff: noqa: DTZ001 - sheets hold readings of a clock

from __future__ import annotations

from datetime import date, datetime, time

import pytest

DAY = datetime(2026, 3, 2)
NAN = float("nan")


def hour(h, m=0):
    return DAY.replace(hour=h, minute=m)


def test_duplicate_ids(hub):
    hub.add("Fleet", *hub.sheets["Fleet"][1])
    hub.add("Cluster1", "n1", 7, 0, 1)
    said = {(f.rule, f.where, f.value) for f in hub.errors()}
    assert said == {
        ("cluster.id.twice", "Fleet row 4, column ev_id", "a"),
        ("cluster.id.twice", "Cluster1 row 4, column cu_id", "n1"),
    }


def test_the_same_unit_id_in_two_clusters_is_allowed(hub):
    hub.set("Cluster2", 2, "cu_id", "n1")
    assert hub.findings() == []


CELLS = [
    # sheet, row, column, value, rule, in the message or the remedy
    ("Fleet", 2, "Real Arrival SOC", 1.2, "cluster.value.share", "write 0.012 for 1.2 per cent"),
    ("Fleet", 2, "Target SOC @ Estimated Departure Time", 80, "cluster.value.share", "write 0.8 for 80"),
    ("Fleet", 2, "Estimated Arrival SOC", -0.1, "cluster.value.share", "outside 0-1"),
    ("Fleet", 2, "Real Arrival SOC", 500, "cluster.value.share", "at most 1"),
    ("Fleet", 2, "Battery Capacity (kWh)", 0, "cluster.value.range", "above 0 kWh"),
    ("Fleet", 2, "Battery Capacity (kWh)", None, "cluster.value.missing", "empty never means zero"),
    ("Fleet", 2, "Battery Capacity (kWh)", "50 kWh", "cluster.value.number", "is not a number"),
    ("Fleet", 2, "Battery Capacity (kWh)", "50,5", "cluster.value.number", "write 50.5"),
    ("Fleet", 2, "Battery Capacity (kWh)", True, "cluster.value.number", "is TRUE"),
    ("Fleet", 2, "Battery Capacity (kWh)", DAY, "cluster.value.number", "is a date"),
    ("Fleet", 2, "Battery Capacity (kWh)", 1e12, "cluster.value.range", "too large"),
    ("Fleet", 2, "p_max_ch (kW)", -11, "cluster.value.negative", "at least 0 kW"),
    ("Fleet", 2, "p_max_ds (kW)", -1, "cluster.value.negative", "is negative"),
    ("Fleet", 2, "V2G Allowance (kWh)", -1, "cluster.value.negative", "kWh"),
    ("Fleet", 2, "ev_id", None, "cluster.value.missing", "ev_id is empty"),
    ("Fleet", 2, "Estimated Departure Time", None, "cluster.value.missing", "is empty"),
    ("Fleet", 2, "Real Arrival Time", "2026-03-02 08:05", "cluster.value.date_text", "2026-03-02 08:05:00"),
    ("Fleet", 2, "Real Arrival Time", "02/03/2026 08:05", "cluster.value.date_text", "is text"),
    ("Fleet", 2, "Real Arrival Time", 46083.336805555555, "cluster.value.date_number", "2026-03-02 08:05:00"),
    ("Fleet", 2, "Real Arrival Time", 7, "cluster.value.date_number", "is a number"),
    ("Fleet", 2, "Real Arrival Time", time(8, 5), "cluster.value.date", "without its day"),
    ("Fleet", 2, "Real Arrival Time", True, "cluster.value.date", "is not a date"),
    ("Fleet", 2, "Real Arrival Time", date(1950, 1, 1), "cluster.value.date", "not of our time"),
    ("Fleet", 2, "Real Arrival Time", None, "cluster.fleet.incomplete", "leave both empty"),
    ("Fleet", 3, "Real Arrival Time", None, "cluster.fleet.incomplete", "neither comes nor books"),
    ("Fleet", 3, "Real Arrival SOC", None, "cluster.fleet.incomplete", "but the vehicle comes"),
    ("Fleet", 3, "Real Departure Time", None, "cluster.fleet.incomplete", "but the vehicle comes"),
    ("Fleet", 2, "Estimated Departure Time", hour(7, 30), "cluster.fleet.departure", "is not after"),
    ("Fleet", 2, "Real Departure Time", hour(8, 5), "cluster.fleet.departure", "is not after"),
    ("Fleet", 2, "Target Cluster", "clutser1", "cluster.fleet.cluster", "did you mean cluster1?"),
    ("Fleet", 2, "Target Cluster", "moon", "cluster.fleet.cluster", "one of cluster1, cluster2"),
    ("Cluster1", 2, "cu_eff", 0, "cluster.value.share", "above 0"),
    ("Cluster1", 2, "cu_eff", 95, "cluster.value.share", "write 0.95 for 95 per cent"),
    ("Cluster1", 2, "cu_p_ch_max (kW)", -3, "cluster.value.negative", "is negative"),
    ("Cluster1", 2, "cu_p_ds_max (kW)", None, "cluster.value.missing", "is empty"),
    ("Capacity1", 2, "LB (kW)", 25, "cluster.capacity.crossed", "above the upper bound of 20 kW"),
    ("Capacity1", 2, "UB (kW)", "#REF!", "cluster.value.error", "is an error of the spreadsheet"),
    ("Capacity1", 3, "TimeStep", hour(7), "cluster.time.twice", "row 2 already"),
    ("Price", 2, "Price (per/kWh)", None, "cluster.value.missing", "is empty"),
    ("Price", 2, "TimeStep", "soon", "cluster.value.date_text", "is text"),
]


@pytest.mark.parametrize(("sheet", "row", "column", "value", "rule", "words"), CELLS)
def test_a_wrong_cell(hub, sheet, row, column, value, rule, words):
    hub.set(sheet, row, column, value)
    hub.settings = {"start": hour(7), "end": hour(13)}
    (finding,) = hub.errors()
    column_said = "Real Arrival Time" if words == "leave both empty" else column
    named = {"Fleet": f"{sheet} row {row}, column {column_said}"}.get(
        sheet, f"{sheet} row {row}, column {column}"
    )
    assert (finding.rule, finding.where) == (rule, named)
    assert words in f"{finding.message} {finding.remedy}"
    assert finding.remedy


def test_all_wrong_cells_are_told_at_once(hub):
    hub.settings = {"start": hour(7), "end": hour(13)}
    hub.set("Fleet", 2, "Battery Capacity (kWh)", -1)
    hub.set("Fleet", 2, "Target Cluster", "x")
    hub.set("Fleet", 3, "Real Departure Time", hour(8))
    hub.set("Cluster1", 2, "cu_eff", 0)
    hub.set("Capacity2", 2, "UB (kW)", -1)
    hub.set("Price", 3, "TimeStep", hour(7))
    hub.settings = {"start": hour(6), "end": hour(13)}
    assert sorted(f.where for f in hub.errors()) == [
        "Capacity1 row 2, column TimeStep",
        "Capacity2 row 2, column LB (kW)",
        "Cluster1 row 2, column cu_eff",
        "Fleet row 2, column Battery Capacity (kWh)",
        "Fleet row 2, column Target Cluster",
        "Fleet row 3, column Real Departure Time",
        "Price row 3, column TimeStep",
    ]


WARNINGS = [
    ("Reservation Time", hour(8, 30), "cluster.fleet.reservation", "Estimated Arrival Time", 2),
    ("Target SOC @ Estimated Departure Time", 0.48, "cluster.fleet.target_below", None, 1),
    ("Target SOC @ Estimated Departure Time", 1, "cluster.fleet.reach", None, 1),
    ("Real Departure Time", hour(8, 8), "cluster.fleet.short", None, 1),
    ("Battery Capacity (kWh)", "50", "cluster.value.number_text", None, 1),
]


@pytest.mark.parametrize(("column", "value", "rule", "where", "count"), WARNINGS)
def test_a_doubtful_cell(hub, column, value, rule, where, count):
    if rule == "cluster.fleet.reach":
        hub.set("Fleet", 2, "p_max_ch (kW)", 4)
    hub.set("Fleet", 2, column, value)
    inputs, findings = hub.read()
    assert inputs is not None
    assert [(f.rule, f.severity) for f in findings] == [(rule, "warning")] * count
    assert findings[0].where == f"Fleet row 2, column {where or column}"


def test_the_reachable_state_of_charge_is_told(hub):
    """4 kW for 4 h into 50 kWh: from 0.5 to 0.82; the target is 1."""
    hub.set("Fleet", 2, "p_max_ch (kW)", 4)
    hub.set("Fleet", 2, "Target SOC @ Estimated Departure Time", 1)
    (finding,) = hub.findings()
    assert "at most 0.82 is possible" in finding.message
    assert finding.margin == pytest.approx(-0.18)


def test_the_reach_minds_unit_and_power_table(hub):
    """2 kW up to 0.6 takes 2.5 h, then 1 kW for 1.5 h: 0.63; the unit's 11 kW do not bind."""
    hub.sheets["PowerSoC"] = [
        ["ev_id", "SOC_LB", "SOC_UB", "P_UB (kW)"],
        ["a", 0, 0.6, 2],
        ["a", 0.6, 1, 1],
    ]
    (finding,) = hub.findings()
    assert "at most 0.63 is possible" in finding.message
    del hub.sheets["PowerSoC"]
    hub.set("Cluster2", 2, "cu_p_ch_max (kW)", 1)
    (finding,) = hub.findings()
    assert "at 1 kW at most 0.58 is possible" in finding.message


def test_soc_bounds(hub):
    hub.sheets["Fleet"][0] += ["Min SOC", "Max SOC"]
    hub.sheets["Fleet"][1] += [0.5, 0.7]
    hub.sheets["Fleet"][2] += [0.9, 0.3]
    said = {(f.rule, f.severity, f.where) for f in hub.findings()}
    assert said == {
        ("cluster.fleet.target", "error", "Fleet row 2, column Target SOC @ Estimated Departure Time"),
        ("cluster.fleet.soc_outside", "warning", "Fleet row 2, column Real Arrival SOC"),
        ("cluster.fleet.soc_bounds", "error", "Fleet row 3, column Min SOC"),
    }


@pytest.mark.parametrize(
    ("reservation", "empty", "rows"),
    [
        ("none", "Estimated Arrival Time", []),
        ("simple", "Estimated Arrival Time", ["Fleet row 2, column Estimated Arrival Time"]),
        ("simple", "Estimated Arrival SOC", []),
        ("smart", "Estimated Arrival SOC", ["Fleet row 2, column Estimated Arrival SOC"]),
    ],
)
def test_what_a_reservation_needs(hub, reservation, empty, rows):
    hub.settings = {"reservation": reservation}
    hub.set("Fleet", 2, empty, None)
    assert [(f.rule, f.where) for f in hub.findings("error")] == [
        ("cluster.fleet.incomplete", r) for r in rows
    ]


@pytest.mark.parametrize("sheet", ["Fleet", "Cluster1", "Capacity2", "Price"])
def test_empty_sheets(hub, sheet):
    del hub.sheets[sheet][1:]
    hub.settings = {"start": hour(7), "end": hour(13)}
    assert ("cluster.sheet.empty", f"{sheet} row 2") in {(f.rule, f.where) for f in hub.errors()}
    hub.sheets[sheet] = []
    assert ("cluster.sheet.empty", f"{sheet} row 1") in {(f.rule, f.where) for f in hub.errors()}


@pytest.mark.parametrize("sheet", ["Fleet", "Cluster1", "Capacity1", "Price"])
def test_every_missing_column_is_told(hub, sheet):
    hub.settings = {"start": hour(7), "end": hour(13)}
    kept = [list(row) for row in hub.sheets[sheet]]
    for column in kept[0]:
        hub.sheets[sheet] = [list(row) for row in kept]
        hub.drop_column(sheet, column)
        said = {(f.rule, f.where) for f in hub.errors()}
        assert ("cluster.column.missing", f"{sheet} row 1, column {column}") in said


def test_a_misspelt_column(hub):
    hub.sheets["Fleet"][0][1] = "Batery Capacity"
    (finding,) = [f for f in hub.errors() if f.rule == "cluster.column.missing"]
    assert "is Batery Capacity meant?" in finding.message
    assert finding.value == "Batery Capacity"


def test_headers_are_told_without_regard_to_case_and_spaces(hub):
    hub.sheets["Fleet"][0] = [f" {h.upper().replace(' ', '  ')} " for h in hub.sheets["Fleet"][0]]
    assert hub.findings() == []


def test_a_misspelt_optional_column_is_not_ignored_silently(hub):
    hub.sheets["Fleet"][0].append("MinSOC")
    (finding,) = hub.findings()
    assert (finding.rule, finding.severity) == ("cluster.column.unknown", "warning")
    assert "is Min SOC meant?" in finding.message


def test_two_columns_of_one_name(hub):
    hub.sheets["Fleet"][0].append("EV_ID")
    hub.sheets["Fleet"][1].append("x")
    assert ("cluster.column.twice", "Fleet row 1") in {(f.rule, f.where) for f in hub.errors()}


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("Fleet", "Fleets", "Fleet"),
        ("Fleet", "EVs", None),
        ("Cluster1", "Clutser1", "Cluster"),
        ("Capacity2", "Capcity2", "Capacity"),
    ],
)
def test_wrong_sheet_names(hub, old, new, meant):
    hub.sheets[new] = hub.sheets.pop(old)
    hub.settings = {"start": hour(7), "end": hour(13)}
    findings = hub.findings()
    said = [f for f in findings if f.rule == "cluster.sheet.unknown" and f.where == new]
    assert [f.severity for f in said] == ["warning" if meant else "info"]
    if meant:
        assert f"is {meant} meant?" in said[0].message
    if old != "Cluster1":
        missing = [f for f in findings if f.rule == "cluster.sheet.missing"]
        assert [f.value for f in missing] == [old]
        assert new in missing[0].remedy or old == "Fleet"
    else:
        assert "cluster.sheet.alone" in {f.rule for f in findings}


def test_a_hub_without_clusters(hub):
    del hub.sheets["Cluster1"], hub.sheets["Cluster2"]
    assert "cluster.sheet.missing" in {f.rule for f in hub.errors()}


def test_sheets_that_are_the_same_by_name(hub):
    hub.sheets["cluster1 "] = hub.sheets["Cluster1"]
    assert "cluster.sheet.twice" in {f.rule for f in hub.errors()}


@pytest.mark.parametrize(
    ("sheet", "start", "end", "row"),
    [
        ("Capacity1", hour(6), hour(13), 2),  # begins at 7
        ("Capacity1", hour(7), hour(18), 4),  # 13 h + the longest of 2 h and 4 h
        ("Price", hour(6), hour(13), 2),
        ("Capacity2", hour(5), hour(13), 2),
    ],
)
def test_values_that_do_not_cover_the_run(hub, sheet, start, end, row):
    hub.settings = {"start": start, "end": end}
    said = {(f.rule, f.where) for f in hub.errors()}
    assert ("cluster.horizon.uncovered", f"{sheet} row {row}, column TimeStep") in said


def test_the_last_value_holds_as_long_as_the_longest_other_one(hub):
    hub.settings = {"start": hour(7), "end": hour(16)}
    assert hub.findings() == []


def test_stamps_in_one_period_that_leave_no_power(hub):
    hub.settings = {"step": "1h"}
    hub.sheets["Capacity1"][1:] = [[hour(7), 10, 20], [hour(7, 30), 0, 5], [hour(13), 0, 5]]
    (finding,) = hub.errors()
    assert (finding.rule, finding.where) == ("cluster.capacity.crossed", "Capacity1")
    assert "at least 10 kW and at most 5 kW" in finding.message


@pytest.mark.parametrize(
    ("settings", "rule", "where"),
    [
        ({"end": hour(6)}, "cluster.settings.horizon", "cluster.end"),
        ({"start": hour(7), "end": hour(8), "step": "7min"}, "cluster.settings.step", "cluster.step"),
        (
            {"start": "2026-03-29 02:30", "timezone": "Europe/Berlin"},
            "cluster.settings.moment",
            "cluster.start",
        ),
        ({"traffic": {"cluster9": {}}}, "cluster.settings.cluster", "cluster.traffic.cluster9"),
        ({"limit_tolerance_kw": {"x": 1}}, "cluster.settings.cluster", "cluster.limit_tolerance_kw.x"),
        (
            {"imbalance_limits": {"first": "cluster1", "second": "cluster1", "upper_kw": 1}},
            "cluster.settings.cluster",
            "cluster.imbalance_limits.0.second",
        ),
        (
            {"system_limits": {"lower_kw": 2, "upper_kw": 1}},
            "cluster.settings.crossed",
            "cluster.system_limits.0",
        ),
        (
            {"system_limits": {"time": hour(9), "upper_kw": 1}},
            "cluster.settings.time",
            "cluster.system_limits",
        ),
        (
            {"system_limits": [{"upper_kw": 1}, {"upper_kw": 2}]},
            "cluster.settings.time",
            "cluster.system_limits",
        ),
        ({"start": hour(7), "end": "2190-01-01", "step": "1s"}, "cluster.settings.horizon", "cluster.step"),
    ],
)
def test_settings_that_do_not_fit(hub, settings, rule, where):
    hub.settings = settings
    assert (rule, where) in {(f.rule, f.where) for f in hub.errors()}


def test_clock_changes(hub):
    """On 29 March 2026 Berlin's clock skips 2:30, on 25 October it shows it twice."""
    hub.settings = {"timezone": "Europe/Berlin", "start": "2026-03-02", "end": "2026-03-03"}
    hub.set("Fleet", 2, "Real Departure Time", datetime(2026, 3, 29, 2, 30))
    hub.set("Fleet", 3, "Real Departure Time", datetime(2026, 10, 25, 2, 30))
    said = {(f.rule, f.where) for f in hub.errors()}
    assert ("cluster.time.missing", "Fleet row 2, column Real Departure Time") in said
    assert ("cluster.time.ambiguous", "Fleet row 3, column Real Departure Time") in said
    hub.set("Fleet", 2, "Real Departure Time", "2026-03-29 02:30+02:00")
    hub.set("Fleet", 3, "Real Departure Time", "2026-10-25 02:30+01:00")
    assert not {r for r, _ in {(f.rule, f.where) for f in hub.findings()} if r.startswith("cluster.time")}


def test_power_by_soc_that_is_not_whole(hub):
    hub.sheets["PowerSoC"] = [
        ["ev_id", "SOC_LB", "SOC_UB", "P_UB (kW)"],
        ["a", 0, 0.5, 10],
        ["a", 0.6, 0.9, 5],
        ["b", 0.2, 0.1, 5],
        ["c", 0, 1, 5],
    ]
    said = {(f.rule, f.severity, f.where) for f in hub.findings()}
    assert said == {
        ("cluster.power_soc.ranges", "error", "PowerSoC row 3, column SOC_LB"),
        ("cluster.power_soc.ranges", "error", "PowerSoC row 3, column SOC_UB"),
        ("cluster.power_soc.ranges", "error", "PowerSoC row 4, column SOC_UB"),
        ("cluster.power_soc.vehicle", "warning", "PowerSoC row 5, column ev_id"),
    }


def test_repeats_are_counted(hub):
    for n in range(70):
        hub.add(
            "Fleet", f"x{n}", -1, 11, 0, None, None, hour(11), None, 0.7, None, hour(9), 0.6, hour(11), None
        )
    said = [f for f in hub.errors() if f.rule == "cluster.value.negative"]
    assert len(said) == 51
    assert said[-1].message.startswith("20 more")


@pytest.mark.parametrize(
    ("sources", "where"),
    [
        ({"workbook": "../hub.xlsx"}, "inputs.workbook"),
        ({"workbook": "/etc/passwd"}, "inputs.workbook"),
        ({"workbook": "nothing.xlsx"}, "inputs.workbook"),
        ({"workbook": "a\0b"}, "inputs.workbook"),
        ({"workbook": "."}, "inputs.workbook"),
        ({"tables": "hub.xlsx"}, "inputs.tables"),
        ({"tables": "gone"}, "inputs.tables"),
        ({"workbook": "hub.xlsx", "sessions": "../s.json"}, "inputs.sessions"),
        ({"workbook": "hub.xlsx", "tables": "t"}, "inputs"),
        ({"sessions": "s.json"}, "inputs"),
        ({"workbook": "hub.xlsx", "sessions": "a", "diaries": "b"}, "inputs.sessions"),
    ],
)
def test_sources_that_are_none(hub, sources, where):
    hub.save()
    inputs, findings = hub.read_file(**sources)
    assert inputs is None
    assert [f.where for f in findings if f.severity == "error"] == [where]


def test_a_link_out_of_the_folder(hub, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "hub.xlsx"
    hub.save().rename(outside)
    (hub.folder / "hub.xlsx").symlink_to(outside)
    assert [f.rule for f in hub.read_file()[1]] == ["cluster.source.path"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "cluster.sheet.empty"),
        (b"\xff\xfe", "cluster.file.encoding"),
        (b'ev_id,"x\n', "cluster.file.form"),
        (b"ev_id;cu\n1;2;3\n", "cluster.sheet.ragged"),
        (b"ev_id,x\n1\n", "cluster.sheet.ragged"),
    ],
)
def test_csv_files_that_are_none(hub, content, rule):
    hub.save_csv()
    (hub.folder / "tables" / "Fleet.csv").write_bytes(content)
    inputs, findings = hub.read_file(tables="tables")
    assert inputs is None
    assert rule in {f.rule for f in findings}
