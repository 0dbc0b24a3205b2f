"""Cells: what reads, and what is refused with words that help."""

from __future__ import annotations

import pytest

from sparewatt.inputs.tables.parse import (
    CellError,
    number_between,
    read_clock,
    read_date,
    read_json_list,
    read_number,
    read_stamp,
    whole_between,
)
from sparewatt.inputs.tables.raw_table import id_order, read_id


@pytest.mark.parametrize(
    ("text", "value"), [("12", 12), ("-0.5", -0.5), ("+1.5e3", 1500), (".5", 0.5), ("5.", 5), ("0", 0)]
)
def test_numbers(text, value):
    assert read_number(text) == value


@pytest.mark.parametrize(
    "text", ["12,5", "abc", "nan", "NaN", "inf", "-inf", "1_000", "0x10", "1e999", "٣", "1 2", "--1"]
)
def test_not_numbers(text):
    with pytest.raises(CellError, match="is not a number"):
        read_number(text)


def test_bounds_are_told():
    with pytest.raises(CellError) as caught:
        number_between(0, 23, "hours")("24")
    assert (caught.value.rule, caught.value.remedy) == (
        "depot.value.range",
        "at least 0 and at most 23 hours",
    )
    assert whole_between(0, 23, "hours")("4.0") == 4


@pytest.mark.parametrize(
    ("text", "seconds", "offset", "day"),
    [
        ("05:30", 19800, None, None),
        ("5:30:15", 19815, None, None),
        ("26:30", 95400, None, None),
        ("1 day 02:30:00", 95400, None, None),
        ("1 day, 2:30:00", 95400, None, None),
        ("05:30+01:00", 19800, 3600, None),
        ("05:30:00-0330", 19800, -12600, None),
        ("05:30Z", 19800, 0, None),
        ("1970-01-03 05:30", 19800, None, 2),
        ("1899-12-30T05:30:00", 19800, None, -25569),
    ],
)
def test_clocks(text, seconds, offset, day):
    assert read_clock(text) == (seconds, offset, day)


@pytest.mark.parametrize("text", ["5", "05:60", "48:00", "05:30pm", "0.25", "-1:00", "2026-13-01 05:00"])
def test_not_clocks(text):
    with pytest.raises(CellError):
        read_clock(text)


def test_dates_and_stamps():
    assert read_date("1971-01-01") == read_date("1971-01-01 00:00:00") == 365
    assert read_stamp("1971-01-01T01:00") == (365 * 86400 + 3600, None)
    assert read_stamp("1971-01-01 01:00:00+00") == (365 * 86400 + 3600, 0)


@pytest.mark.parametrize(
    "text", ["20260302", "2026-W10-1", "2026-3-2", "02/03/2026", "1066-10-14", "infinity"]
)
def test_not_dates(text):
    with pytest.raises(CellError):
        read_date(text)
    with pytest.raises(CellError):
        read_stamp(text)


@pytest.mark.parametrize("text", ["{", "71", '"opt"', "['BAU']", "[" * 100_000])
def test_not_json_lists(text):
    with pytest.raises(CellError):
        read_json_list(text)


def test_ids_are_text_and_numbers_among_them_go_by_value():
    assert [read_id(t) for t in ("71", "71.0", " 71 ", "71.5", "007", "v1.0", "-3.00", "")] == [
        "71", "71", "71", "71.5", "007", "v1.0", "-3", "",
    ]  # fmt: skip
    assert sorted(["b", "10", "9", "a", "-1"], key=id_order) == ["-1", "9", "10", "a", "b"]


def test_a_number_that_nobody_means_is_refused():
    with pytest.raises(CellError, match="too large"):
        read_number("1e12")
