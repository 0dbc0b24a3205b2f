"""RuleDecider: a control rule that is a kernel, over all clusters of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.cluster_kernels import decide_cluster
from sparewatt.model.control_view import Setpoints
from sparewatt.model.operating_rules import KERNEL_CONTROLS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.control_view import ControlView
    from sparewatt.model.operating_rules import Control


class RuleDecider:
    """Decides cluster by cluster for the first period of the view; keeps nothing between calls.

    Parameters
    ----------
    control
        One of ``KERNEL_CONTROLS``.
    """

    def __init__(self, control: Control) -> None:
        if control not in KERNEL_CONTROLS:
            raise ValueError(f"{control} is not one of {', '.join(KERNEL_CONTROLS)}")
        self.control: Control = control
        self._code = KERNEL_CONTROLS.index(control)

    def decide(self, view: ControlView) -> Setpoints:
        """Powers for the period of the view."""
        table = view.power_table
        offset = np.require(table.offset, np.int64, ["C", "W"])
        soc_to, max_kw = _column(table.soc_to), _column(table.max_kw)
        battery_kw = np.zeros(len(view))
        edges = np.searchsorted(view.cluster, np.arange(len(view.lower_kw) + 1)).tolist()
        for c in range(len(view.lower_kw)):
            own = slice(edges[c], edges[c + 1])
            decide_cluster(
                self._code,
                _column(view.soc[own]),
                _column(view.target_soc[own]),
                _column(view.min_soc[own]),
                _column(view.max_soc[own]),
                _column(view.battery_kwh[own]),
                _column(view.charge_kw[own]),
                _column(view.max_charge_kw[own]),
                _column(view.discharge_kw[own]),
                _column(view.efficiency[own]),
                _column(view.lead_h[own]),
                _column(view.v2g_left_kwh[own]),
                offset[:-1][own],
                offset[1:][own],
                soc_to,
                max_kw,
                float(view.lower_kw[c, 0]),
                float(view.upper_kw[c, 0]),
                view.step_h,
                battery_kw[own],
            )
        return Setpoints(battery_kw)

    def reset(self) -> None:
        """Nothing is kept that could be forgotten."""


def _column(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """An array as kernels want it: one type for all callers, so that each kernel is compiled once."""
    return np.require(values, np.float64, ["C", "W"])
