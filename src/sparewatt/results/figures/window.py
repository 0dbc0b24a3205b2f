"""Window: which day of a long run is worth a close look, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.figures.time_axis import day_name
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.model.horizon import Horizon
    from sparewatt.results.depot_view import DepotView


@dataclass(frozen=True)
class DetailDay:
    """A planning day and the reason for showing it.

    Parameters
    ----------
    day
        Index of the planning day.
    reason
        A sentence.
    """

    day: int
    reason: str

    def around(self, horizon: Horizon, days: int) -> tuple[int, int]:
        """First and end boundary of about ``days`` planning days around the day."""
        lo = max(0, min(self.day - (days - 1) // 2, horizon.days - days))
        hi = min(horizon.days, lo + days)
        return horizon.day_edges[lo], horizon.day_edges[hi]


def find_detail_day(views: Sequence[DepotView]) -> DetailDay:
    """The day with most trouble: smart unserved, then smart breach, unmanaged breach, highest peak."""
    smart = next((v for v in views if v.mode == "opt"), views[-1])
    plain = next((v for v in views if v.mode == "BAU"), views[0])
    candidates = (
        (smart.day_unserved_kwh, smart, "most unserved energy", "kWh"),
        (smart.day_breach_kwh, smart, "most energy above the planned limit", "kWh"),
        (plain.day_breach_kwh, plain, "most energy above the planned limit", "kWh"),
        (plain.day_peak_kw, plain, "highest site demand", "kW"),
    )
    values, view, what, unit = next(
        (c for c in candidates if np.any(c[0] > 0)), (plain.day_peak_kw, plain, "highest site demand", "kW")
    )
    day = int(np.argmax(values))
    how = "smart" if view.mode == "opt" else "unmanaged"
    name = day_name(view.horizon.day_date(day))
    reason = (
        f"{name} is the day with the {what} under {how} charging ({number_text(float(values[day]))} {unit})."
    )
    return DetailDay(day, reason)
