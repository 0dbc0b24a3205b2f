"""The example of the cluster study: a working week at a hub of an office park, written as a user would."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.hub_plan import DriverHabits
from sparewatt.inputs.generate.sites import SiteVisits, draw_sites, write_site
from sparewatt.inputs.generate.visit_times import clock_of
from sparewatt.model.limit import Limit

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.model.cluster_system import ClusterSystem

DEMO_FIRST_DAY = date(2026, 10, 12)  # a Monday
DEMO_DAYS = 5
DEMO_UNITS = (24, 8)
DEMO_VISITS = (26, 32)

_WORK, _FAST = 0, 1  # rows of the clusters
_WORK_KW, _MORNING_KW, _EVENING_KW = 66.0, 54.0, 40.0
_FAST_KW, _FAST_EVENING_KW = 220.0, 130.0
_MORNING, _EVENING = (6, 9), (16, 20)  # local hours in which the connection is shared with others
_GIVE_BACK_DAY, _GIVE_BACK_HOUR, _GIVE_BACK_KW = 2, 15, -25.0  # Wednesday 15:00 to 16:00
_SURPLUS_DAY, _SURPLUS = 3, (12, 14)  # Thursday noon: more sun and wind than anybody needs
_PEAK_PRICE, _SURPLUS_PRICE = 0.62, -0.04
_HOUR_S, _DAY_S = 3600, 86_400

_HABITS = DriverHabits(
    reservation_share=0.5,
    lead_min=(30, 600),
    arrival_spread_min=6.0,
    departure_spread_min=8.0,
    soc_spread=0.02,
    no_show_share=0.04,
    overstay_share=0.06,
    overstay_min=35.0,
    v2g_share=0.5,
    targets_in_reach=True,
)
_TITLE = """\
The hub of an office park: 24 units of 11 kW where people work, 8 of 50 kW for who passes by. The offices
# share the connection, so little is spare in the mornings and evenings. On Wednesday from 15:00 to 16:00 the
# network operator asks the first cluster to give back 25 kW (UB below zero); on Thursday noon the price is
# negative. Try: sparewatt run . --set cluster.control=uncontrolled"""


def draw_demo_hub(seed: int) -> SiteVisits:
    """The demo's hub and visits."""
    drawn = draw_sites(
        seed=seed,
        kind=("workplace", "fast"),
        clusters=2,
        units=DEMO_UNITS,
        visits_per_day=DEMO_VISITS,
        days=DEMO_DAYS,
        first_day=DEMO_FIRST_DAY,
        habits=_HABITS,
    )
    return replace(drawn, system=_with_demo_limits(drawn.system))


def write_demo_hub(directory: Path, *, seed: int = 7) -> Path:
    """Write the example of the cluster study: ``scenario.toml``, ``hub.xlsx`` and ``histograms.csv``.

    Two clusters, some 60 visits on each of five working days at 5 min, half of them with a reservation,
    limits that bind in the mornings and evenings, an hour in which the first cluster has to give energy
    back, and two hours of negative prices. The same seed gives the same bytes.

    Returns
    -------
    The scenario file.
    """
    return write_site(directory, draw_demo_hub(seed), title=_TITLE, name="Office park", seed=seed)


def _with_demo_limits(system: ClusterSystem) -> ClusterSystem:
    """The hub under the demo's limits and tariff, by the hours of the local clock."""
    clock = clock_of(system.horizon.boundaries_s[:-1], system.horizon.timezone)
    day, hour = clock // _DAY_S - clock[0] // _DAY_S, clock % _DAY_S // _HOUR_S
    morning = (hour >= _MORNING[0]) & (hour < _MORNING[1])
    evening = (hour >= _EVENING[0]) & (hour < _EVENING[1])
    back = (day == _GIVE_BACK_DAY) & (hour == _GIVE_BACK_HOUR)
    surplus = (day == _SURPLUS_DAY) & (hour >= _SURPLUS[0]) & (hour < _SURPLUS[1])
    work = np.where(evening, _EVENING_KW, np.where(morning, _MORNING_KW, _WORK_KW))
    work = np.where(back, _GIVE_BACK_KW, work)
    fast = np.where(evening, _FAST_EVENING_KW, _FAST_KW)
    lower = np.full(len(hour), -_WORK_KW)
    limits = (
        Limit(lower, work, system.limits[_WORK].reason),
        Limit(np.zeros(len(hour)), fast, system.limits[_FAST].reason),
    )
    price = np.where(back, _PEAK_PRICE, np.where(surplus, _SURPLUS_PRICE, system.price_per_kwh))
    return replace(system, limits=limits, price_per_kwh=price)
