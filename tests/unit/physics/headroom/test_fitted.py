"""The rule of the voltage-derived limit, branch by branch, on points laid out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.model.headroom import Binding, HeadroomSettings, LimitFrom, LineFault
from sparewatt.model.zonal import ZonalSeries
from sparewatt.physics.headroom.fitted import find_rule, fit_export_limit, fit_import_limit

SETTINGS = HeadroomSettings()


def points(*pairs):
    x, y = zip(*pairs, strict=True)
    return np.array(x, dtype=float), np.array(y, dtype=float)


def series(flow, low, high, converged=None):
    flow, low, high = (np.atleast_2d(np.asarray(a, dtype=float)) for a in (flow, low, high))
    periods = flow.shape[1]
    return ZonalSeries(
        flow,
        low,
        high,
        np.zeros(flow.shape, dtype=np.int32),
        np.ones((3, periods)),
        np.zeros((3, periods)),
        np.zeros(periods),
        np.ones(periods, dtype=bool) if converged is None else np.asarray(converged),
    )


def test_a_bound_that_was_broken_only_beyond_the_line_s_limit_leaves_it():
    # V = 1 − 0.001·F exactly, so L = 0.06/0.001 = 60; the point at 70 is broken and lies beyond.
    rule = find_rule(*points((0, 1.0), (50, 0.95), (70, 0.93)), 0.94, SETTINGS)
    assert rule.source == LimitFrom.LINE
    assert rule.limit_kva == pytest.approx(60.0)
    assert rule.line.slope == pytest.approx(-0.001)
    assert rule.line.intercept == pytest.approx(1.0)


def test_never_broken_takes_six_tenths_of_the_line_s_limit():
    # V = 1 − 0.001·F, L = 60; 0.6·60 = 36 is more than the 20 seen.
    rule = find_rule(*points((0, 1.0), (10, 0.99), (20, 0.98)), 0.94, SETTINGS)
    assert rule.source == LimitFrom.LINE_SHARE
    assert rule.limit_kva == pytest.approx(36.0)


def test_never_broken_takes_the_largest_flow_where_that_is_more():
    rule = find_rule(*points((0, 1.0), (10, 0.99), (50, 0.95)), 0.94, SETTINGS)
    assert rule.source == LimitFrom.LARGEST_SEEN
    assert rule.limit_kva == 50.0


def test_a_point_below_the_line_s_limit_that_is_broken_gives_the_smallest_broken_flow():
    # Line through (0, 1), (40, 0.93), (60, 0.95), (80, 0.92): means 45 and 0.95, Σdx² = 3500,
    # Σdx·dy = −45·0.05 + (−5)(−0.02) + 15·0 + 35·(−0.03) = −3.2; m = −3.2/3500, c = 0.95 + 45·3.2/3500.
    # L = 45 + 0.01·3500/3.2 = 55.9375, and the point at 40 lies below it with 0.93.
    rule = find_rule(*points((0, 1.0), (40, 0.93), (60, 0.95), (80, 0.92)), 0.94, SETTINGS)
    assert rule.line_limit_kva == pytest.approx(55.9375)
    assert rule.source == LimitFrom.FIRST_BROKEN
    assert rule.limit_kva == 40.0


def test_the_smallest_flow_counts_a_voltage_that_is_just_at_the_bound():
    rule = find_rule(*points((0, 1.0), (30, 0.94), (40, 0.93), (60, 0.95), (80, 0.92)), 0.94, SETTINGS)
    assert rule.source == LimitFrom.FIRST_BROKEN
    assert rule.limit_kva == 30.0


def test_a_voltage_just_at_the_bound_is_not_below_it():
    rule = find_rule(*points((0, 1.0), (30, 0.97), (60, 0.94)), 0.94, SETTINGS)
    assert rule.source == LimitFrom.LARGEST_SEEN
    assert rule.limit_kva == 60.0


@pytest.mark.parametrize(
    ("pairs", "fault"),
    [
        ([(5, 0.99)], LineFault.FEW_POINTS),
        ([(5, 0.99), (3, 1.0)], LineFault.FEW_POINTS),
        ([(5, 0.99), (5, 0.98), (5, 0.97)], LineFault.NO_VARIATION),
        ([(1, 0.95), (2, 0.96), (5, 0.97)], LineFault.WRONG_SLOPE),
        ([(1, 0.95), (2, 0.95), (5, 0.95)], LineFault.WRONG_SLOPE),
    ],
)
def test_without_a_line_the_largest_flow_seen_is_the_limit_while_nothing_is_broken(pairs, fault):
    rule = find_rule(*points(*pairs), 0.94, SETTINGS)
    assert rule.line.fault == fault
    assert rule.source == LimitFrom.LARGEST_SEEN
    assert rule.limit_kva == 5.0


@pytest.mark.parametrize(
    ("pairs", "fault"),
    [
        ([(5, 0.93)], LineFault.FEW_POINTS),
        ([(5, 0.93), (5, 0.98), (5, 0.97)], LineFault.NO_VARIATION),
        ([(2, 0.93), (5, 0.93), (9, 0.97)], LineFault.WRONG_SLOPE),
    ],
)
def test_without_a_line_the_smallest_broken_flow_is_the_limit(pairs, fault):
    rule = find_rule(*points(*pairs), 0.94, SETTINGS)
    assert rule.line.fault == fault
    assert rule.source == LimitFrom.FIRST_BROKEN
    assert rule.limit_kva == min(x for x, y in pairs if y < 0.94)


def test_no_snapshot_at_all_is_told():
    fitted = fit_import_limit(series([[5, 6, 7]], [[1, 1, 1]], [[1, 1, 1]], [False] * 3), SETTINGS)
    assert fitted.source.tolist() == [LimitFrom.NOTHING_SEEN]
    assert fitted.points.tolist() == [0]
    assert fitted.limit.kva.tolist() == [[0.0]]


def test_zones_are_fitted_one_by_one_and_snapshots_that_did_not_converge_are_left_out():
    flow = [[0, 50, 70, 1], [0, 10, 20, 1]]
    low = [[1.0, 0.95, 0.93, 0.1], [1.0, 0.99, 0.98, np.nan]]
    fitted = fit_import_limit(series(flow, low, low, [True, True, True, False]), SETTINGS)
    assert fitted.limit.kva[:, 0] == pytest.approx([60.0, 36.0])
    assert fitted.limit.binding[:, 0].tolist() == [Binding.UNDERVOLTAGE] * 2
    assert fitted.points.tolist() == [3, 3]


def test_the_export_side_is_the_same_rule_in_a_mirror():
    # Vmax = 1.01 − 0.001·F: at −40 it meets 1.05. The ceiling is broken at −50, beyond the limit.
    flow, high = [[10, -20, -50]], [[1.0, 1.03, 1.06]]
    fitted = fit_export_limit(series(flow, high, high), SETTINGS)
    assert fitted.limit.kva[0, 0] == pytest.approx(40.0)
    assert fitted.limit.binding[0, 0] == Binding.OVERVOLTAGE
    assert fitted.source[0] == LimitFrom.LINE
    assert fitted.slope[0] == pytest.approx(-0.001)
    assert fitted.intercept[0] == pytest.approx(1.01)


def test_a_zone_that_never_exports_gets_six_tenths_of_what_the_line_allows():
    # Vmax = 1 − 0.001·F meets 1.05 at an export of 50; the largest export seen is −2 (an import).
    flow, high = [[2, 10, 20]], [[0.998, 0.99, 0.98]]
    fitted = fit_export_limit(series(flow, high, high), SETTINGS)
    assert fitted.limit.kva[0, 0] == pytest.approx(30.0)
    assert fitted.source[0] == LimitFrom.LINE_SHARE


def test_a_ceiling_that_was_never_broken_takes_the_largest_export_where_that_is_more():
    # Vmax = 1.01 − 0.001·F meets 1.05 at an export of 40; 0.6·40 = 24 is less than the 30 seen.
    flow, high = [[10, -10, -30]], [[1.0, 1.02, 1.04]]
    fitted = fit_export_limit(series(flow, high, high), SETTINGS)
    assert fitted.source[0] == LimitFrom.LARGEST_SEEN
    assert fitted.limit.kva[0, 0] == 30.0
    assert fitted.violating_share.tolist() == fitted.line_violating_share.tolist() == [0.0]


def test_a_ceiling_broken_below_the_line_s_limit_gives_the_smallest_broken_export():
    # Exports 0, 40, 60, 80: means 45 and 1.04, Σdx² = 3500, Σdx·dV = 45·0.05 − 5·0.02 + 0 + 35·0.03 = 3.2;
    # the line meets 1.05 at 45 + 0.01·3500/3.2 = 55.9375, and the export of 40 has 1.06 already.
    flow, high = [[0, -40, -60, -80]], [[0.99, 1.06, 1.04, 1.07]]
    fitted = fit_export_limit(series(flow, high, high), SETTINGS)
    assert fitted.source[0] == LimitFrom.FIRST_BROKEN
    assert fitted.limit.kva[0, 0] == 40.0
    assert fitted.slope[0] == pytest.approx(-3.2 / 3500)
    assert fitted.intercept[0] == pytest.approx(1.04 - 45 * 3.2 / 3500)
    # Up to 40, as up to 55.94, lie the exports 0 (kept) and 40 (broken).
    assert fitted.violating_share.tolist() == fitted.line_violating_share.tolist() == [0.5]


def test_the_trusted_share_of_a_line_is_a_number_that_can_be_set():
    x, y = points((0, 1.0), (10, 0.99), (20, 0.98))
    limits = [find_rule(x, y, 0.94, HeadroomSettings(unseen_share=s)).limit_kva for s in (0.0, 0.4, 0.9, 1.0)]
    assert limits == pytest.approx([20, 24, 54, 60])


def test_the_violating_share_counts_all_points_up_to_the_limit_and_none_beyond():
    # V = 1 − 0.001·F but for (50, 0.939): Σdx² of 10, 30, 50, 70, 90 is 4000, the line 0.0022 lower, with the
    # same slope since dx is 0 at 50: L = (0.94 − 0.9978)/−0.001 = 57.8. Below it (50, 0.939) is broken: the
    # limit is 50, and of the three points up to it, one. Line: the same three.
    flow, low = [[10, 30, 50, 70, 90]], [[0.99, 0.97, 0.939, 0.93, 0.91]]
    fitted = fit_import_limit(series(flow, low, low), SETTINGS)
    assert fitted.slope[0] == pytest.approx(-0.001)
    assert fitted.intercept[0] == pytest.approx(0.9978)
    assert fitted.limit.kva[0, 0] == 50.0
    assert fitted.violating_share.tolist() == pytest.approx([1 / 3])
    assert fitted.line_violating_share.tolist() == pytest.approx([1 / 3])


def test_shares_of_points_that_violate_under_the_limit():
    # The points of FIRST_BROKEN above: up to the line's 55.94 lie (0, ok) and (40, broken): 1/2;
    # up to the limit 40 itself the same two.
    flow, low = [[0, 40, 60, 80]], [[1.0, 0.93, 0.95, 0.92]]
    fitted = fit_import_limit(series(flow, low, low), SETTINGS)
    assert fitted.line_violating_share.tolist() == [0.5]
    assert fitted.violating_share.tolist() == [0.5]


def test_the_held_out_share_judges_each_fold_by_the_others():
    # Fold 0: V = 1 − 0.001·F, never broken, up to 50. Fold 1: (20, 0.93) broken, (45, 0.955).
    # Fold 1 under the limit of fold 0: max(0.6·60, 50) = 50, both points under it, one broken.
    # Fold 0 under the limit of fold 1: too few points for a line, smallest broken flow 20:
    # points 0 and 20 lie under it, none broken. Together 1 of 4.
    flow, low = [[0, 20, 50, 20, 45]], [[1.0, 0.98, 0.95, 0.93, 0.955]]
    fitted = fit_import_limit(series(flow, low, low), SETTINGS, np.array([0, 0, 0, 1, 1]))
    assert fitted.held_out_share.tolist() == [0.25]


def test_one_fold_holds_nothing_out():
    flow, low = [[0, 40, 60, 80]], [[1.0, 0.93, 0.95, 0.92]]
    fitted = fit_import_limit(series(flow, low, low), SETTINGS, np.zeros(4, dtype=np.int64))
    assert fitted.held_out_share.tolist() == [0.0]
