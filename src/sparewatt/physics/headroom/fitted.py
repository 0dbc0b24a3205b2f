"""Voltage-derived flow limits: a line through the snapshots, and the rule that corrects it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.model.headroom import Binding, FittedLimit, FlowLimit, LimitFrom, LineFault

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.headroom import HeadroomSettings
    from sparewatt.model.zonal import ZonalSeries

FOLDS = 5
_FLAT = 1e-9


class Line(NamedTuple):
    """A line y = slope·x + intercept, or why there is none."""

    slope: float
    intercept: float
    fault: LineFault


class Rule(NamedTuple):
    """What the rule says of one zone."""

    limit_kva: float
    line_limit_kva: float
    source: LimitFrom
    line: Line


def fit_import_limit(
    series: ZonalSeries, settings: HeadroomSettings, folds: NDArray[np.int64] | None = None
) -> FittedLimit:
    """Most flow into each zone that keeps its voltage above the floor; see :func:`find_rule`.

    Parameters
    ----------
    series
        Pooled snapshots of all cases without EVs; those that did not converge are left out.
    settings
        ``voltage_floor_pu``, ``unseen_share``, ``fewest_points``.
    folds
        Fold of each snapshot for the share that is found on held-out ones, from 0, shape (periods,);
        default: five runs of neighbours. Days of several cases that share their weather belong into one.
    """
    return _fit(series.flow_kva, series.min_pu, settings.voltage_floor_pu, series, settings, folds, 1.0)


def fit_export_limit(
    series: ZonalSeries, settings: HeadroomSettings, folds: NDArray[np.int64] | None = None
) -> FittedLimit:
    """Most flow out of each zone that keeps its voltage under the ceiling: the same rule, mirrored.

    With the export −flow, and −Vmax and −ceiling in place of Vmin and floor. The limit is positive out of
    the feeder; see :func:`fit_import_limit` for the parameters.
    """
    return _fit(-series.flow_kva, -series.max_pu, -settings.voltage_ceiling_pu, series, settings, folds, -1.0)


def find_rule(
    x: NDArray[np.float64], y: NDArray[np.float64], bound: float, settings: HeadroomSettings
) -> Rule:
    """Flow limit L from snapshots of flow x and voltage y that shall stay at or above ``bound``.

    Least squares ``y = m·x + c``; ``L = (bound − c)/m``.

    * y never went below the bound: ``L = max(0.6·L, largest x)``.
    * Some point with x < L has y < bound: ``L = smallest x with y <= bound``.
    * Else L as it is.

    Without a line (see `LineFault`) the two corrections stand alone: the largest x seen, or the smallest x
    with y <= bound. Without any point L is 0.

    Parameters
    ----------
    x, y
        Shape (points,) [kVA, pu].
    bound
        Voltage that y shall not go below [pu].
    settings
        ``unseen_share`` (the 0.6), ``fewest_points``.
    """
    if not len(x):
        return Rule(0.0, 0.0, LimitFrom.NOTHING_SEEN, Line(0.0, 0.0, LineFault.FEW_POINTS))
    line = _line(x, y, settings.fewest_points)
    has_line = line.fault == LineFault.NONE
    crossing = (bound - line.intercept) / line.slope if has_line else np.inf
    below = y < bound
    if not below.any():
        share, largest = settings.unseen_share * crossing, float(x.max())
        if has_line and share >= largest:
            return Rule(share, crossing, LimitFrom.LINE_SHARE, line)
        return Rule(largest, crossing, LimitFrom.LARGEST_SEEN, line)
    if (below & (x < crossing)).any():
        return Rule(float(x[y <= bound].min()), crossing, LimitFrom.FIRST_BROKEN, line)
    return Rule(crossing, crossing, LimitFrom.LINE, line)


def _line(x: NDArray[np.float64], y: NDArray[np.float64], fewest: int) -> Line:
    """Least-squares line through the points; a usable one falls."""
    mean_x, mean_y = float(x.mean()), float(y.mean())
    if len(x) < fewest:
        return Line(0.0, mean_y, LineFault.FEW_POINTS)
    off = x - mean_x
    if np.abs(off).max() <= _FLAT * max(1.0, np.abs(x).max()):
        return Line(0.0, mean_y, LineFault.NO_VARIATION)
    slope = float(off @ (y - mean_y) / (off @ off))
    # A slope that moves the voltage by less than rounding over the whole spread is none.
    if slope * float(np.ptp(x)) > -_FLAT:
        return Line(0.0, mean_y, LineFault.WRONG_SLOPE)
    return Line(slope, mean_y - slope * mean_x, LineFault.NONE)


def _fit(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    bound: float,
    series: ZonalSeries,
    settings: HeadroomSettings,
    folds: NDArray[np.int64] | None,
    sign: float,
) -> FittedLimit:
    """The rule for every zone; ``sign`` turns voltages back for the report."""
    use = series.converged
    fold = (np.arange(series.periods) * FOLDS // max(series.periods, 1) if folds is None else folds)[use]
    x, y = x[:, use], y[:, use]
    rules = [find_rule(a, b, bound, settings) for a, b in zip(x, y, strict=True)]
    limit = np.array([r.limit_kva for r in rules], dtype=np.float64)
    line_limit = np.array(
        [r.line_limit_kva if r.line.fault == LineFault.NONE else -np.inf for r in rules], dtype=np.float64
    )
    binding = Binding.UNDERVOLTAGE if sign > 0 else Binding.OVERVOLTAGE
    return FittedLimit(
        limit=FlowLimit(limit[:, None], np.full((len(limit), 1), binding, dtype=np.int8)),
        source=np.array([r.source for r in rules], dtype=np.int8),
        fault=np.array([r.line.fault for r in rules], dtype=np.int8),
        # y = m·x + c with x = sign·flow, y = sign·V: the slope is that of V over flow, c turns its sign.
        slope=np.array([r.line.slope for r in rules], dtype=np.float64),
        intercept=sign * np.array([r.line.intercept for r in rules], dtype=np.float64),
        points=np.full(len(limit), x.shape[1], dtype=np.int64),
        violating_share=_violating_share(x, y, bound, limit),
        line_violating_share=_violating_share(x, y, bound, line_limit),
        held_out_share=_held_out_share(x, y, bound, fold, settings),
    )


def _violating_share(
    x: NDArray[np.float64], y: NDArray[np.float64], bound: float, limit: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of the points up to the limit that are below the bound, 0 where there is no such point."""
    under = x <= limit[:, None]
    return np.asarray((under & (y < bound)).sum(axis=1) / np.maximum(under.sum(axis=1), 1))


def _held_out_share(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    bound: float,
    fold: NDArray[np.int64],
    settings: HeadroomSettings,
) -> NDArray[np.float64]:
    """Share of the points of every fold, up to the limit of the other folds, that are below the bound."""
    under, broken = np.zeros(len(x)), np.zeros(len(x))
    names = np.unique(fold)
    if len(names) < 2:  # noqa: PLR2004 - nothing to hold out
        return broken
    for name in names:
        out = fold == name
        for z in range(len(x)):
            limit = find_rule(x[z, ~out], y[z, ~out], bound, settings).limit_kva
            inside = x[z, out] <= limit
            under[z] += inside.sum()
            broken[z] += (inside & (y[z, out] < bound)).sum()
    return broken / np.maximum(under, 1.0)
