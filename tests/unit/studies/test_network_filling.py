"""What a run says of limits that do not hold, zones without a limit, and zones that take no case."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from sparewatt.model.horizon import Horizon
from sparewatt.physics.headroom.filling import Filled
from sparewatt.studies.network_filling import (
    chosen_days,
    filled_finding,
    missing_findings,
    none_fits_finding,
)

IDS = ("1/1", "1/2", "2/1")


def filled(together, alone, depth=0.02):
    pu = np.full(3, depth)
    return Filled(np.array([100, 100, 0]), np.array(together), np.array(alone), pu, pu)


def said(counts, *, fitted=True):
    return filled_finding(counts, IDS, "headroom", "below 0.94 pu", 0.94, -1.0, fitted=fitted)


def test_nothing_broken_is_not_told():
    assert said(filled([0, 0, 0], [0, 0, 0])) == []


def test_shares_worst_zone_and_voltage():
    (finding,) = said(filled([10, 0, 0], [30, 50, 0]))
    assert (finding.rule, finding.severity) == ("network.limit.filled", "info")
    assert "below 0.94 pu in 5 % of their steps (zone 1/1 10 %, at worst 0.920 pu)" in finding.message
    assert finding.message.endswith("by itself in 40 % (zone 1/2 50 %, at worst 0.920 pu)")
    assert finding.margin == pytest.approx(0.4)
    assert "per_zone" in finding.remedy
    assert said(filled([10, 0, 0], [0, 0, 0]), fitted=False)[0].remedy == ""


def test_zones_without_a_limit_are_named():
    (finding,) = missing_findings(np.array([0, 3, 7]), IDS, 48, "import")
    assert (finding.rule, finding.severity) == ("network.limit.not_found", "warning")
    assert "1/2 (3 of 48), 2/1 (7 of 48)" in finding.message
    assert finding.ids == ("1/2", "2/1")
    assert missing_findings(np.zeros(3, dtype=np.int64), IDS, 48, "import") == ()


def test_zones_that_take_no_case_are_named_with_what_is_studied_instead():
    (finding,) = none_fits_finding(np.array([False, True, True]), IDS, "25PV50HP", 0.5)
    assert (finding.rule, finding.severity) == ("network.case.none_fits", "info")
    assert "zones 1/2, 2/1 take none of the cases" in finding.message
    assert "the lowest case, 25PV50HP, heat pumps at 50 % of its customers included" in finding.message
    (bare,) = none_fits_finding(np.array([True, False, False]), IDS, "0PV0HP", 0.0)
    assert "heat pumps" not in bare.message
    assert bare.remedy == ""
    assert none_fits_finding(np.zeros(3, dtype=np.bool_), IDS, "0PV0HP", 0.0) == ()


@pytest.mark.parametrize(
    ("days", "minutes", "expected"),
    [(3, 60, [0, 1, 2]), (28, 10, [2, 6, 10, 14, 18, 22, 26]), (9, 1, [4]), (14, 5, [2, 7, 11])],
)
def test_days_are_spread_evenly_and_few_where_steps_are_short(days, minutes, expected):
    step = timedelta(minutes=minutes)
    horizon = Horizon.of_days(date(2026, 1, 5), days, step=step, timezone="Europe/London")
    per_day = 24 * 60 // minutes
    assert chosen_days(horizon) == tuple((d * per_day, (d + 1) * per_day) for d in expected)


def test_a_day_on_which_the_clock_changes_is_whole():
    horizon = Horizon.of_days(date(2026, 3, 28), 3, step=timedelta(hours=1), timezone="Europe/London")
    assert chosen_days(horizon) == ((0, 24), (24, 47), (47, 71))
