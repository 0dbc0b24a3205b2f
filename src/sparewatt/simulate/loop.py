"""Kernel of the closed loop where a compiled rule decides: whole blocks of periods in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.decide.rules.cluster_kernels import decide_cluster
from sparewatt.kernel import kernel
from sparewatt.model.trace import NONE
from sparewatt.simulate.plant import apply_powers, refresh
from sparewatt.simulate.protocol import admit, open_period, reserve_simply
from sparewatt.simulate.state import (
    BATTERY,
    CHARGE,
    DISCHARGE,
    EFFICIENCY,
    KW,
    LEAD,
    LOGGED,
    MAX_CHARGE,
    MAX_SOC,
    MIN_SOC,
    PERIOD,
    SOC,
    TABLE_END,
    TABLE_FIRST,
    TARGET,
    V2G_LEFT,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.simulate.state import Hub


@kernel(error_model="numpy")
def decide_period(
    hub: Hub, control: int, lower_kw: NDArray[np.float64], upper_kw: NDArray[np.float64]
) -> None:
    """Have a compiled rule decide for every cluster; powers are written to ``plug_kw[KW]``.

    Parameters
    ----------
    control
        Position in ``KERNEL_CONTROLS``.
    lower_kw, upper_kw
        Limits of this period, shape (clusters,) [kW].
    """
    own, rows = hub.plug_kw, hub.plug_row
    for cluster in range(hub.clusters.shape[0]):
        n = hub.clusters[cluster].connected
        if n == 0:
            continue
        a = hub.clusters[cluster].first
        b = a + n
        decide_cluster(
            control,
            own[SOC, a:b],
            own[TARGET, a:b],
            own[MIN_SOC, a:b],
            own[MAX_SOC, a:b],
            own[BATTERY, a:b],
            own[CHARGE, a:b],
            own[MAX_CHARGE, a:b],
            own[DISCHARGE, a:b],
            own[EFFICIENCY, a:b],
            own[LEAD, a:b],
            own[V2G_LEFT, a:b],
            rows[TABLE_FIRST, a:b],
            rows[TABLE_END, a:b],
            hub.soc_to,
            hub.max_kw,
            lower_kw[cluster],
            upper_kw[cluster],
            hub.step_h,
            own[KW, a:b],
        )


@kernel(error_model="numpy")
def run_periods(
    hub: Hub,
    control: int,
    books: bool,  # noqa: FBT001 - kernels take plain values by position
    end: int,
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
) -> int:
    """Advance period by period to ``end``, or until the log is full.

    In plain Python::

        for t in range(period, end):
            open_period(hub, t)
            if books: reserve_simply(hub, t)
            admit(hub, t)
            refresh(hub, t)
            decide_period(hub, control, lower_kw[t - period], upper_kw[t - period])
            apply_powers(hub, t)

    Parameters
    ----------
    control
        Position in ``KERNEL_CONTROLS``.
    books
        Whether simple reservations are made.
    end
        Period before which to stop.
    lower_kw, upper_kw
        Limits from the present period on, shape (end - period, clusters) [kW].

    Returns
    -------
    `NONE`, or the place of a vehicle whose power breaks its bounds, see `apply_powers`.
    """
    begin = hub.counts[PERIOD]
    for t in range(begin, end):
        if hub.counts[LOGGED] + hub.taken.shape[0] > hub.log.shape[0]:
            return NONE
        open_period(hub, t)
        if books:
            reserve_simply(hub, t)
        admit(hub, t)
        refresh(hub, t)
        decide_period(hub, control, lower_kw[t - begin], upper_kw[t - begin])
        broken = apply_powers(hub, t)
        if broken != NONE:
            return broken
        hub.counts[PERIOD] = t + 1
    return NONE
