"""Kernel of the control rules of a cluster: one allocator, five ways to say who comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.laxity import fill_relative_laxity
from sparewatt.decide.rules.selection import find_threshold, find_water_level
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Positions in KERNEL_CONTROLS.
UNCONTROLLED = 0
FIRST_COME_FIRST_SERVED = 1
EARLIEST_DEADLINE_FIRST = 2
LEAST_LAXITY_FIRST = 3
EQUAL_SHARE = 4

SOC_REACHED = 1e-12
"""A state of charge that misses its goal by no more has reached it."""


@kernel(error_model="numpy")
def decide_cluster(
    control: int,
    soc: NDArray[np.float64],
    target_soc: NDArray[np.float64],
    min_soc: NDArray[np.float64],
    max_soc: NDArray[np.float64],
    battery_kwh: NDArray[np.float64],
    charge_kw: NDArray[np.float64],
    max_charge_kw: NDArray[np.float64],
    discharge_kw: NDArray[np.float64],
    efficiency: NDArray[np.float64],
    lead_h: NDArray[np.float64],
    v2g_left_kwh: NDArray[np.float64],
    table_first: NDArray[np.int64],
    table_end: NDArray[np.int64],
    table_soc_to: NDArray[np.float64],
    table_max_kw: NDArray[np.float64],
    lower_kw: float,
    upper_kw: float,
    step_h: float,
    out_kw: NDArray[np.float64],
) -> None:
    """Powers of the vehicles of one cluster for one period.

    In plain Python, for a rule that gives vehicles an order (``first_come_first_served``: as they
    connected; ``earliest_deadline_first``: declared departure; ``least_laxity_first``: relative
    laxity; ties as they connected)::

        if upper >= 0:                                      # charge, at most to the target
            ask[i] = min(charge[i], max(0, min(target[i], max_soc[i]) - soc[i]) * battery[i] / step)
            margin = upper
            for i in order:
                p[i] = min(ask[i] / η[i], margin) * η[i]
                margin -= p[i] / η[i]
        else:                                               # V2G, because the limit forces it
            ask[i] = min(discharge[i], max(0, soc[i] - min_soc[i]) * battery[i] / step, v2g_left[i] / step)
            margin = -upper
            for i in reversed(order):
                p[i] = -min(ask[i] * η[i], margin) / η[i]
                margin -= -p[i] * η[i]

    ``equal_share`` gives each the same grid power, or all it asks for where that is less. Where that
    is all that is asked for and still below ``lower_kw``, everyone gets the same grid power more, up
    to its greatest power and max SoC, until ``lower_kw`` is met. ``uncontrolled`` gives
    ``min(charge[i], (max_soc[i] - soc[i]) * battery[i] / step)`` whatever the limits.

    Where all together do not ask for more than there is, everyone gets what it asks for and nobody is
    ranked.

    Parameters
    ----------
    control
        Position in ``KERNEL_CONTROLS``.
    soc, target_soc, min_soc, max_soc, battery_kwh, charge_kw, max_charge_kw, discharge_kw, efficiency, lead_h, v2g_left_kwh
        As in ``ControlView``, of the vehicles of this cluster as they connected, shape (n,).
    table_first, table_end
        Rows of each vehicle's ranges in the power table, half-open, shape (n,).
    table_soc_to, table_max_kw
        The power table, see ``PowerTable``.
    lower_kw, upper_kw
        Limits of the cluster in this period, grid side; may be infinite [kW].
    step_h
        Length of the period [h].
    out_kw
        Written: powers, battery side, positive charges, shape (n,) [kW].
    """  # noqa: E501 - one line of names that belong together
    per_h = 1.0 / step_h
    discharging = upper_kw < 0.0 and control != UNCONTROLLED
    if discharging:
        margin = -upper_kw
        asked = _ask_discharge(
            soc, min_soc, battery_kwh, discharge_kw, efficiency, v2g_left_kwh, per_h, out_kw
        )
    elif control == UNCONTROLLED:
        margin = np.inf
        asked = _ask_charge(soc, max_soc, max_soc, battery_kwh, charge_kw, efficiency, per_h, out_kw)
    else:
        margin = upper_kw
        asked = _ask_charge(soc, target_soc, max_soc, battery_kwh, charge_kw, efficiency, per_h, out_kw)
    if asked > margin:
        if control == FIRST_COME_FIRST_SERVED:
            _serve_in_order(efficiency, margin, not discharging, out_kw)
        elif control == EQUAL_SHARE:
            _serve_equally(efficiency, margin, not discharging, out_kw)
        else:
            key = lead_h.copy()
            if control == LEAST_LAXITY_FIRST:
                goal = np.minimum(target_soc, max_soc)
                table = (table_first, table_end, table_soc_to, table_max_kw)
                fill_relative_laxity(soc, goal, battery_kwh, max_charge_kw, lead_h, *table, key)
            serve_by_key(key, efficiency, margin, not discharging, out_kw)
    elif control == EQUAL_SHARE and asked < lower_kw:
        _charge_on(soc, max_soc, battery_kwh, charge_kw, efficiency, lower_kw - asked, per_h, out_kw)
    if discharging:
        for i in range(soc.shape[0]):
            out_kw[i] = 0.0 - out_kw[i]


@kernel(error_model="numpy")
def _grid_side(kw: float, efficiency: float, charging: bool) -> float:  # noqa: FBT001 - a kernel's plain value
    """What a power at the battery is at the grid: kw / η charging, kw · η discharging [kW]."""
    return kw / efficiency if charging else kw * efficiency


@kernel(error_model="numpy")
def _battery_side(kw: float, efficiency: float, charging: bool) -> float:  # noqa: FBT001 - a kernel's plain value
    """What a power at the grid is at the battery: kw · η charging, kw / η discharging [kW]."""
    return kw * efficiency if charging else kw / efficiency


@kernel(error_model="numpy")
def _power_to(goal_soc: float, soc: float, battery_kwh: float, charge_kw: float, per_h: float) -> float:
    """Power that reaches a state of charge in one period, at most ``charge_kw`` [kW]."""
    gap = goal_soc - soc
    return min(charge_kw, gap * battery_kwh * per_h) if gap > SOC_REACHED else 0.0


@kernel(error_model="numpy")
def _ask_charge(
    soc: NDArray[np.float64],
    target_soc: NDArray[np.float64],
    max_soc: NDArray[np.float64],
    battery_kwh: NDArray[np.float64],
    charge_kw: NDArray[np.float64],
    efficiency: NDArray[np.float64],
    per_h: float,
    ask_kw: NDArray[np.float64],
) -> float:
    """Write what each would charge with; returns the sum, grid side [kW]."""
    asked = 0.0
    for i in range(soc.shape[0]):
        goal = min(target_soc[i], max_soc[i])
        ask_kw[i] = _power_to(goal, soc[i], battery_kwh[i], charge_kw[i], per_h)
        asked += ask_kw[i] / efficiency[i]
    return asked


@kernel(error_model="numpy")
def _ask_discharge(
    soc: NDArray[np.float64],
    min_soc: NDArray[np.float64],
    battery_kwh: NDArray[np.float64],
    discharge_kw: NDArray[np.float64],
    efficiency: NDArray[np.float64],
    v2g_left_kwh: NDArray[np.float64],
    per_h: float,
    ask_kw: NDArray[np.float64],
) -> float:
    """Write what each can give back, >= 0; returns the sum, grid side [kW]."""
    asked = 0.0
    for i in range(soc.shape[0]):
        kwh = min(max(0.0, (soc[i] - min_soc[i]) * battery_kwh[i]), max(0.0, v2g_left_kwh[i]))
        ask_kw[i] = min(discharge_kw[i], kwh * per_h)
        asked += ask_kw[i] * efficiency[i]
    return asked


@kernel(error_model="numpy")
def serve_by_key(
    key: NDArray[np.float64],
    efficiency: NDArray[np.float64],
    margin: float,
    charging: bool,  # noqa: FBT001 - kernels take plain values by position
    ask_kw: NDArray[np.float64],
) -> None:
    """Cut asks in place to what ``margin`` holds, smallest key first, ties in the order of rows.

    Discharging goes through all that in reverse. In plain Python::

        order = sorted(range(n), key=key.__getitem__)
        for i in order if charging else reversed(order):
            side = 1 / η[i] if charging else η[i]
            ask[i] = min(ask[i] * side, margin) / side
            margin -= ask[i] * side

    Parameters
    ----------
    key
        What ranks, no NaN, shape (n,); overwritten when discharging.
    efficiency
        Of the units [0-1].
    margin
        What there is, grid side, >= 0 [kW].
    charging
        Whether grid side is ask / η (else ask · η).
    ask_kw
        Asked for, battery side, >= 0; in the end what each gets [kW].
    """
    n = key.shape[0]
    some_key, some_ask = np.empty(n), np.empty(n)
    m = 0
    for i in range(n):
        if not charging:
            key[i] = -key[i]
        if ask_kw[i] > 0.0:
            some_key[m] = key[i]
            some_ask[m] = _grid_side(ask_kw[i], efficiency[i], charging)
            m += 1
    threshold, left = find_threshold(some_key[:m], some_ask[:m], margin)
    for k in range(n):
        i = k if charging else n - 1 - k
        if key[i] > threshold:
            ask_kw[i] = 0.0
        elif key[i] == threshold:
            grid = _grid_side(ask_kw[i], efficiency[i], charging)
            if grid > left:
                ask_kw[i] = _battery_side(left, efficiency[i], charging)
                left = 0.0
            else:
                left -= grid


@kernel(error_model="numpy")
def _serve_in_order(
    efficiency: NDArray[np.float64],
    margin: float,
    charging: bool,  # noqa: FBT001 - kernels take plain values by position
    ask_kw: NDArray[np.float64],
) -> None:
    """``serve_by_key`` where all keys are the same."""
    n = ask_kw.shape[0]
    for k in range(n):
        i = k if charging else n - 1 - k
        grid = _grid_side(ask_kw[i], efficiency[i], charging)
        if grid > margin:
            ask_kw[i] = _battery_side(margin, efficiency[i], charging)
            margin = 0.0
        else:
            margin -= grid


@kernel(error_model="numpy")
def _serve_equally(
    efficiency: NDArray[np.float64],
    margin: float,
    charging: bool,  # noqa: FBT001 - kernels take plain values by position
    ask_kw: NDArray[np.float64],
) -> None:
    """Cut asks in place to the same grid power, such that their sum is ``margin``."""
    n = ask_kw.shape[0]
    grid = np.empty(n)
    for i in range(n):
        grid[i] = _grid_side(ask_kw[i], efficiency[i], charging)
    level = find_water_level(grid, margin)
    for i in range(n):
        most = _battery_side(level, efficiency[i], charging)
        ask_kw[i] = min(ask_kw[i], most)


@kernel(error_model="numpy")
def _charge_on(
    soc: NDArray[np.float64],
    max_soc: NDArray[np.float64],
    battery_kwh: NDArray[np.float64],
    charge_kw: NDArray[np.float64],
    efficiency: NDArray[np.float64],
    missing_kw: float,
    per_h: float,
    out_kw: NDArray[np.float64],
) -> None:
    """Raise every power by the same grid power, up to the greatest and max SoC, ``missing_kw`` in all."""
    n = soc.shape[0]
    room, grid = np.empty(n), np.empty(n)
    for i in range(n):
        most = _power_to(max_soc[i], soc[i], battery_kwh[i], charge_kw[i], per_h)
        room[i] = max(0.0, most - out_kw[i])
        grid[i] = room[i] / efficiency[i]
    level = find_water_level(grid, missing_kw)
    for i in range(n):
        out_kw[i] += min(room[i], level * efficiency[i])
