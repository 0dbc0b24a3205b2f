"""Least laxity first as plain functions: rank requests by how little time they can spare, and serve them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.cluster_kernels import serve_by_key
from sparewatt.decide.rules.laxity import fill_relative_laxity
from sparewatt.model.power_table import PowerTable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def relative_laxity(
    soc: ArrayLike,
    target_soc: ArrayLike,
    battery_kwh: ArrayLike,
    max_charge_kw: ArrayLike,
    lead_h: ArrayLike,
    power_table: PowerTable | None = None,
) -> NDArray[np.float64]:
    """Share of the time until its departure that each vehicle does not need.

    1 - T_min / T_lead: T_min is the time to the target through the ranges of SoC at min(power of the
    range, greatest power), 0 at the target. The smaller, the more urgent; overdue (lead <= 0) is -inf.

    Parameters
    ----------
    soc, target_soc
        States of charge [0-1].
    battery_kwh
        Batteries [kWh].
    max_charge_kw
        Greatest charging power whatever the SoC, battery side [kW].
    lead_h
        Time to the departure, negative when overdue [h].
    power_table
        Greatest power by SoC, one row per vehicle; none = it does not depend on SoC.

    Returns
    -------
    laxity
        Shape (vehicles,), -inf to 1 [-].
    """
    now = _column(soc)
    table = PowerTable.empty(len(now)) if power_table is None else power_table
    offset = np.require(table.offset, np.int64, ["C", "W"])
    laxity = np.empty(len(now))
    fill_relative_laxity(
        now,
        _column(target_soc),
        _column(battery_kwh),
        _column(max_charge_kw),
        _column(lead_h),
        offset[:-1],
        offset[1:],
        _column(table.soc_to),
        _column(table.max_kw),
        laxity,
    )
    return laxity


def plan_least_laxity(
    soc: ArrayLike,
    target_soc: ArrayLike,
    battery_kwh: ArrayLike,
    efficiency: ArrayLike,
    request_kw: ArrayLike,
    max_charge_kw: ArrayLike,
    lead_h: ArrayLike,
    upper_kw: float,
    power_table: PowerTable | None = None,
) -> NDArray[np.float64]:
    """Serve requests in ascending order of relative laxity under one limit, ties in the order of rows.

    Each takes min(request / η, margin) · η; the margin starts at ``upper_kw``.

    Parameters
    ----------
    soc, target_soc, battery_kwh, max_charge_kw, lead_h, power_table
        See `relative_laxity`.
    efficiency
        Of the unit of each vehicle [0-1].
    request_kw
        What each asks for, battery side, >= 0 [kW].
    upper_kw
        Limit, grid side; nobody gets anything where it is not above 0 [kW].

    Returns
    -------
    battery_kw
        Powers, battery side, shape (vehicles,) [kW].
    """
    key = relative_laxity(soc, target_soc, battery_kwh, max_charge_kw, lead_h, power_table)
    battery_kw = np.maximum(_column(request_kw), 0.0)
    serve_by_key(key, _column(efficiency), max(0.0, float(upper_kw)), True, battery_kw)
    return battery_kw


def _column(values: ArrayLike) -> NDArray[np.float64]:
    """An array as kernels want it: one type for all callers, so that each kernel is compiled once."""
    return np.require(values, np.float64, ["C", "W"])
