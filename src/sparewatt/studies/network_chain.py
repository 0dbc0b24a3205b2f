"""The chain of a network run, from the power flow of the cases to what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.network_view import NetworkSetting, NetworkView
from sparewatt.results.network_violations import TOTAL, find_violations
from sparewatt.simulate.network_days import periods_within
from sparewatt.simulate.network_headroom import find_offers
from sparewatt.studies.network_capacity import study_hosting
from sparewatt.studies.network_cases import study_cases
from sparewatt.studies.network_filling import study_filling
from sparewatt.studies.network_forecasts import study_forecasts
from sparewatt.studies.network_replays import find_moments, study_replays
from sparewatt.studies.network_zones import replayed_days, study_zones, zone_evs
from sparewatt.verify.network_replay import (
    BrokenShares,
    check_balance,
    check_charging,
    check_landing,
    check_solved,
)
from sparewatt.verify.network_schedule import check_ev_schedule

if TYPE_CHECKING:
    from sparewatt.finding import Finding
    from sparewatt.model.horizon import Horizon
    from sparewatt.results.network_violations import Violations
    from sparewatt.studies.network_cases import Cases
    from sparewatt.studies.network_replays import Replays
    from sparewatt.studies.network_work import Work

CASES, ZONES, REPLAYS, HOSTING = 0.3, 0.2, 0.1, 0.35
"""Parts of a run, for its progress [0-1]."""


def run_chain(work: Work) -> tuple[NetworkView, tuple[Finding, ...]]:
    """Work out what is not done yet, and judge it.

    Returns
    -------
    What the run shows, and the findings of the judge.

    Raises
    ------
    RunCancelled
        It was asked to stop; what is finished is kept.
    """
    inputs = work.inputs
    cases = study_cases(work, CASES)
    days = replayed_days(work, cases)
    results = study_zones(work, cases, days, CASES, ZONES)
    evs = zone_evs(work, cases, results, days)
    replays = None
    if days is not None:
        replays = study_replays(work, cases, evs, days, CASES + ZONES, REPLAYS)
    hosting = study_hosting(work, cases, CASES + ZONES + REPLAYS, HOSTING)
    work.check()
    filled = study_filling(work, cases)
    told = None
    if inputs.settings.forecasts:
        present = cases.results[0].headroom.headroom_kva
        told = study_forecasts(present, inputs.temperature_c, inputs.horizon, work.seed, work.check)
    case = cases.taken.case
    view = NetworkView(
        network=inputs.network,
        feeders=inputs.feeders,
        zones=inputs.zones,
        customers=inputs.customers,
        horizon=inputs.horizon,
        setting=NetworkSetting(
            headroom=work.headroom,
            limit_method=inputs.settings.limit_method,
            judged_floor_pu=inputs.settings.judged_floor_pu,
            judged_ceiling_pu=inputs.settings.judged_ceiling_pu,
            placement=inputs.settings.placement,
            engine=inputs.settings.engine,
        ),
        cases=cases.results,
        limits=cases.limits,
        finds=cases.finds(np.array([len(r.cars) for r in results], dtype=np.int64)),
        offers=find_offers([c.headroom for c in cases.results], case, inputs.zones.ids, work.headroom),
        ev_horizon=days if evs else None,
        evs=evs,
        replays=() if replays is None else replays.replays,
        moments=find_moments(work, cases, evs, () if replays is None else replays.replays),
        hosting=hosting,
        forecasts=None if told is None else told[0],
        tomorrow=None if told is None else told[1],
    )
    work.tell(1.0)
    return view, (*filled, *_judge(view, cases, replays, days))


def _judge(
    view: NetworkView, cases: Cases, replays: Replays | None, days: Horizon | None
) -> tuple[Finding, ...]:
    """What the judge says of schedules and replays."""
    every = np.arange(view.horizon.periods)
    findings = [*check_balance("cases", cases.imbalance_kw)]
    for result in cases.results:
        findings += check_solved(f"case {result.case.name}", result.series, view.horizon, every)
    if replays is None or days is None:
        return tuple(findings)
    for zone in view.evs:
        findings += check_ev_schedule(
            view.zone_ids[zone.zone], zone.optimised, zone.lower_kw, zone.upper_kw, days
        )
    findings += check_balance("replays", replays.imbalance_kw)
    for replay in replays.replays:
        what = f"replay, {replay.charging}"
        findings += check_solved(what, replay.series, view.horizon, periods_within(days, view.horizon))
        if replay.charging == "none":
            continue
        plans = [z.optimised if replay.charging == "optimised" else z.unmanaged for z in view.evs]
        planned = np.sum([p.total_kw for p in plans], axis=0) if plans else np.zeros(days.periods)
        added = replays.taken_kw[replay.charging] - replays.taken_kw["none"]
        findings += check_landing(what, added, planned, days)
    rows = find_violations(view)
    shares = [_shares([r for r in rows if r.charging == replay.charging]) for replay in replays.replays]
    findings += check_charging(shares[0], shares[1], shares[2], view.zone_ids, view.setting.headroom.quantile)
    return tuple(findings)


def _shares(rows: list[Violations]) -> BrokenShares:
    """What one replay broke, as the judge takes it."""
    whole = next(r for r in rows if r.zone_id == TOTAL)
    causes = {
        "overloaded cables": whole.overload_share,
        "undervoltage": whole.undervoltage_share,
        "overvoltage": whole.overvoltage_share,
        "an overloaded transformer": whole.transformer_share or 0.0,
        "no solution": whole.unsolved_share,
    }
    return BrokenShares(whole.any_share, tuple(r.any_share for r in rows if r.zone_id != TOTAL), causes)
