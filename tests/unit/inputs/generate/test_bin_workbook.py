"""Generator workbooks: what they mean, and every finding with its sheet, row and column (spec section 5)."""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np
import pytest
from openpyxl import Workbook
from tests.support.shared_folder import shared_path

from sparewatt.inputs.generate.bin_workbook import read_bin_workbook
from sparewatt.inputs.generate.visit_bins import IndependentBins, JointBins

JUNE = date(2021, 6, 1)
MODELS = [
    ["Model", "BatteryCapacity(kWh)", "MaxChargingPower(kW)", "MaxFastChargingPower(kW)", "Probability"],
    ["small", 30, 7.4, 50, 0.25],
    ["large", 90, 11, 150, 0.75],
]
SIMPLE = {
    "ArrivalTime": [
        [
            "TimeID",
            "TimeLowerBound",
            "TimeUpperBound",
            "WeekdayArrivalPercentage",
            "WeekendArrivalPercentage",
        ],
        [1, time(7), time(8), 60, 0],
        [2, time(12), time(13), 40, 100],
    ],
    "DepartureTime": [
        [
            "TimeID",
            "TimeLowerBound",
            "TimeUpperBound",
            "WeekdayDeparturePercentage",
            "WeekendDeparturePercentage",
        ],
        [1, time(16), time(18), 100, 50],
        [2, time(23), time(0), 0, 50],
    ],
    "ArrivalSoC": [
        ["SoCID", "SoCLowerBound(%)", "SoCUpperBound(%)", "Probability"],
        [1, 20, 40, 0.5],
        [2, 40, 60, 0.5],
    ],
    "DepartureSoC": [
        ["SoCID", "SoCLowerBound(%)", "SoCUpperBound(%)", "Probability"],
        [1, 40, 60, 0.5],
        [2, 80, 100, 0.5],
    ],
    "EVData": MODELS,
}
CONDITIONAL = {
    "TimeID": [
        ["TimeID", "TimeLowerBound", "TimeUpperBound"],
        [2, datetime.combine(JUNE, time(16)), datetime.combine(JUNE, time(17))],
        [1, datetime.combine(JUNE, time(7)), datetime.combine(JUNE, time(8))],
    ],
    "TimeProbabilityDistribution": [["TimeID", 1, 2], [1, 0.1, 0.7], [2, 0.2, 0]],
    "SoCID": [["SoCID", "SoCLowerBound(%)", "SoCUpperBound(%)"], [1, 0, 50], [2, 50, 100]],
    "SoCProbabilityDistribution": [["SoCID", 1, 2], [1, 0.3, 0.7], [2, 0, 0]],
    "EVData": MODELS,
}


def read(tmp_path, sheets, changes=(), *, min_stay_min=30, without=()):
    """Write a workbook with changed cells ``(sheet, row, column, value)``, counted from 1, and read it."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        if name not in without:
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
    for name, row, column, value in changes:
        book[name].cell(row, column).value = value
    path = tmp_path / "bins.xlsx"
    book.save(path)
    return read_bin_workbook(path, min_stay_min=min_stay_min)


def test_independent_bins_mean_what_stands_there(tmp_path):
    chances, findings = read(tmp_path, SIMPLE)
    assert findings == ()
    bins = chances.bins
    assert isinstance(bins, IndependentBins)
    assert bins.arrival.lower_min.tolist() == [420, 720]
    assert bins.arrival_probability.tolist() == [[0.6, 0.4], [0, 1]]
    assert bins.departure.upper_min.tolist() == [1080, 1440]
    assert bins.departure_probability.tolist() == [[1, 0], [0.5, 0.5]]
    assert bins.departure_soc.lower.tolist() == [0.4, 0.8]
    assert chances.models.names == ("small", "large")
    assert chances.models.fast_charge_kw.tolist() == [50, 150]


def test_joint_bins_mean_what_stands_there_in_any_order(tmp_path):
    chances, findings = read(tmp_path, CONDITIONAL)
    assert findings == ()
    bins = chances.bins
    assert isinstance(bins, JointBins)
    assert bins.time.lower_min.tolist() == [420, 960]
    assert bins.time_probability[0] == pytest.approx(np.array([[0.1, 0.7], [0.2, 0]]))
    assert np.array_equal(*bins.time_probability)
    assert bins.soc_probability == pytest.approx(np.array([[0.3, 0.7], [0, 0]]))


@pytest.mark.parametrize(
    ("sheets", "change", "rule", "where"),
    [
        (
            SIMPLE,
            ("ArrivalTime", 2, 4, -60),
            "generate.probability.negative",
            "ArrivalTime row 2, column Weekday",
        ),
        (SIMPLE, ("ArrivalTime", 2, 4, 50), "generate.probability.sum", "ArrivalTime, column Weekday"),
        (SIMPLE, ("ArrivalTime", 3, 5, 0), "generate.probability.sum", "ArrivalTime, column Weekend"),
        (SIMPLE, ("ArrivalTime", 2, 4, "x"), "cluster.value.number", "ArrivalTime row 2, column Weekday"),
        (SIMPLE, ("ArrivalTime", 2, 4, None), "cluster.value.missing", "ArrivalTime row 2, column Weekday"),
        (
            SIMPLE,
            ("ArrivalTime", 2, 2, "early"),
            "generate.value.time",
            "ArrivalTime row 2, column TimeLower",
        ),
        (SIMPLE, ("ArrivalTime", 2, 3, time(7)), "generate.bin.order", "ArrivalTime row 2, column TimeUpper"),
        (SIMPLE, ("ArrivalTime", 2, 3, time(6)), "generate.bin.order", "ArrivalTime row 2, column TimeUpper"),
        (
            SIMPLE,
            ("ArrivalTime", 3, 2, time(7, 59)),
            "generate.bin.overlap",
            "ArrivalTime row 3, column TimeLo",
        ),
        (
            SIMPLE,
            ("ArrivalTime", 1, 4, "Weekday"),
            "cluster.column.missing",
            "ArrivalTime row 1, column Weekday",
        ),
        (SIMPLE, ("ArrivalSoC", 2, 2, 40), "generate.bin.order", "ArrivalSoC row 2, column SoCUpperBound(%)"),
        (
            SIMPLE,
            ("ArrivalSoC", 3, 2, 39),
            "generate.bin.overlap",
            "ArrivalSoC row 3, column SoCLowerBound(%)",
        ),
        (
            SIMPLE,
            ("ArrivalSoC", 3, 3, 101),
            "cluster.value.range",
            "ArrivalSoC row 3, column SoCUpperBound(%)",
        ),
        (
            SIMPLE,
            ("ArrivalSoC", 3, 3, 90),
            "generate.bin.no_soc_above",
            "ArrivalSoC row 3, column Probability",
        ),
        (SIMPLE, ("EVData", 2, 2, 0), "cluster.value.range", "EVData row 2, column BatteryCapacity(kWh)"),
        (SIMPLE, ("EVData", 2, 5, 0.3), "generate.probability.sum", "EVData, column Probability"),
        (CONDITIONAL, ("TimeID", 3, 1, 2), "generate.bin.id", "TimeID row 3, column TimeID"),
        (CONDITIONAL, ("TimeID", 3, 1, None), "generate.bin.id", "TimeID row 3, column TimeID"),
        (CONDITIONAL, ("TimeProbabilityDistribution", 1, 3, 7), "cluster.column.missing", "Time"),
        (
            CONDITIONAL,
            ("TimeProbabilityDistribution", 3, 1, 7),
            "generate.bin.id",
            "TimeProbabilityDistribution",
        ),
        (CONDITIONAL, ("TimeProbabilityDistribution", 2, 3, 0.9), "generate.probability.sum", "TimeProb"),
        (CONDITIONAL, ("SoCProbabilityDistribution", 3, 2, 0.005), "generate.bin.soc_falls", "SoCProb"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, sheets, change, rule, where):
    chances, findings = read(tmp_path, sheets, [change])
    assert chances is None
    told = [f for f in findings if f.rule == rule]
    assert told, findings
    assert told[0].severity == "error"
    assert told[0].where.startswith(where)


def test_all_findings_are_told_at_once(tmp_path):
    changes = [("ArrivalTime", 2, 4, -1), ("DepartureSoC", 3, 2, 99.5), ("EVData", 3, 3, "fast")]
    changes.append(("DepartureSoC", 3, 3, 99))
    findings = read(tmp_path, SIMPLE, changes)[1]
    rules = {"generate.probability.negative", "generate.bin.order", "cluster.value.number"}
    assert {f.rule for f in findings} == rules


def test_a_sum_that_is_nearly_right_is_taken_relative_to_itself(tmp_path):
    chances, findings = read(tmp_path, SIMPLE, [("ArrivalTime", 2, 4, 60.5)])
    assert [(f.rule, f.severity) for f in findings] == [("generate.probability.sum", "warning")]
    assert chances.bins.arrival_probability[0] == pytest.approx(np.array([60.5, 40]) / 100.5)


def test_an_arrival_without_a_departure_in_time_is_told(tmp_path):
    """On weekdays all leave before 18:00, at 17:59 at the latest: after 12:59 that is 300 minutes."""
    assert read(tmp_path, SIMPLE, min_stay_min=300)[1] == ()
    findings = read(tmp_path, SIMPLE, min_stay_min=301)[1]
    place = "ArrivalTime row 3, column WeekdayArrivalPercentage"
    assert [(f.rule, f.where) for f in findings] == [("generate.bin.no_departure", place)]


@pytest.mark.parametrize(("sheets", "gone"), [(SIMPLE, "DepartureSoC"), (CONDITIONAL, "SoCID")])
def test_a_missing_sheet_is_named(tmp_path, sheets, gone):
    chances, findings = read(tmp_path, sheets, without={gone})
    assert chances is None
    assert [(f.rule, f.value) for f in findings] == [("generate.workbook.sheet", gone)]


def test_an_empty_sheet_is_told(tmp_path):
    findings = read(tmp_path, {**SIMPLE, "EVData": MODELS[:1]})[1]
    assert [f.rule for f in findings] == ["cluster.sheet.empty"]


def test_a_file_that_is_no_workbook(tmp_path):
    path = tmp_path / "bins.xlsx"
    path.write_text("TimeID,TimeLowerBound\n", encoding="utf-8")
    chances, findings = read_bin_workbook(path)
    assert chances is None
    assert [f.severity for f in findings] == ["error"]


@pytest.mark.parametrize("name", ["simple", "conditional"])
def test_the_workbooks_of_the_open_framework_are_read(name):
    """Counted by hand in the sheets: 24 hours and 20 SoC bins, or 6 and 4; 20 models."""
    path = shared_path(f"data/cluster/input_generator_{name}_pdfs.xlsx")
    chances, findings = read_bin_workbook(path)
    assert findings == ()
    assert len(chances.models) == 20
    if name == "simple":
        assert (len(chances.bins.arrival), len(chances.bins.arrival_soc)) == (24, 20)
        assert chances.bins.arrival_probability[0, 8] == pytest.approx(0.30586312915224354)
        assert chances.bins.departure_probability[1, 16] == pytest.approx(0.1201770422399692)
    else:
        assert (len(chances.bins.time), len(chances.bins.soc)) == (6, 4)
        assert chances.bins.time_probability[0, 1, 4] == pytest.approx(0.5)
        assert chances.bins.soc_probability[2, 3] == pytest.approx(0.5)
