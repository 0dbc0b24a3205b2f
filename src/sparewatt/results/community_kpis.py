"""KPIs of the community study: per run and per house, means over the repetitions with their deviation."""

from __future__ import annotations

from math import isfinite, sqrt
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import Reason
from sparewatt.results.community_kpi_meanings import (
    BATTERY_KPIS,
    BOUND_KPIS,
    COMMUNITY_KPIS,
    LIMIT_KPIS,
    RUN_KPIS,
    SD_KPIS,
    Meaning,
)
from sparewatt.results.community_par import peak_to_average
from sparewatt.results.kpis import Kpi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.results.community_energy_totals import HouseTotals
    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun

NOISE = 1e-9
"""Money and power below this, relative to the whole, are noise of the arithmetic."""
Values = dict[str, float | int | None]


def community_kpis(run: CommunityRun) -> tuple[Kpi, ...]:
    """KPIs of the run: means over the repetitions, ``_sd`` beside them, ``None`` where there is only one."""
    each = [repetition_values(run, r) for r in run.repetitions]
    kpis = [
        Kpi(name, m.label, m.unit, mean_of([values[name] for values in each]), m.better)
        for name, m in repetition_meanings(run).items()
    ]
    if run.bounds is not None:
        pool, contract = run.bounds.pool, run.bounds.contract
        found: Values = {
            "bound_contract_kwh": contract.upper_kwh,
            "bound_pool_kwh": pool.upper_kwh,
            "bound_gap_contract": contract.gap,
            "bound_gap_pool": pool.gap,
        }
        kpis += [Kpi(name, m.label, m.unit, found[name], m.better) for name, m in BOUND_KPIS.items()]
    kpis += [Kpi(name, m.label, m.unit, len(each), m.better) for name, m in RUN_KPIS.items()]
    return (*kpis, *deviations(COMMUNITY_KPIS, SD_KPIS, each))


def repetition_meanings(run: CommunityRun) -> dict[str, Meaning]:
    """The KPIs that a repetition of this run has, in order."""
    meanings = dict(COMMUNITY_KPIS)
    if isfinite(run.setting.rules.import_limit_kw):
        meanings |= LIMIT_KPIS
    if len(run.neighbourhood.batteries):
        meanings |= BATTERY_KPIS
    return meanings


def repetition_values(run: CommunityRun, repetition: Repetition) -> Values:
    """Values of one repetition, those that this run does not have too.

    Parameters
    ----------
    run
        What the repetition belongs to.
    repetition
        Which one.
    """
    h, m, c = repetition.houses, repetition.minutes, repetition.contracts
    production, load = float(h.production_kwh.sum()), float(h.load_kwh.sum())
    grid, feed_in = float(h.grid_kwh.sum()), float(h.feed_in_kwh.sum())
    pool, contract = run.share_of_best(repetition)
    interval = run.setting.interval_s // 60
    valid = c.is_valid
    with_grid = int((valid & c.is_with_grid).sum())
    over = np.maximum(m.grid_kw - run.setting.rules.import_limit_kw, 0.0)
    over = np.where(over > NOISE * max(1.0, float(m.grid_kw.max(initial=0.0))), over, 0.0)
    return {
        "covered_kwh": repetition.covered_kwh,
        "whole_kwh": repetition.whole_kwh,
        "share_of_best_contract": contract,
        "share_of_best_pool": pool,
        "own_kwh": float(h.own_kwh.sum()),
        "peer_kwh": float(h.peer_in_kwh.sum()),
        "grid_kwh": grid,
        "feed_in_kwh": feed_in,
        "production_kwh": production,
        "load_kwh": load,
        "asked_kwh": float(c.energy_kwh[valid].sum()),
        "self_consumption": _used_share(production, feed_in),
        "self_sufficiency": _used_share(load, grid),
        "par_consumption": float(peak_to_average(m.load_kw, interval)) or None,
        "par_production": float(peak_to_average(m.production_kw, interval)) or None,
        "cost": float(h.shared_cost.sum()),
        "tariff_cost": float(h.tariff_cost.sum()),
        "saved": _no_noise(float(h.tariff_cost.sum() - h.shared_cost.sum()), h),
        "houses_worse_off": int(is_worse_off(h).sum()),
        "import_peak_kw": float(m.grid_kw.max(initial=0.0)),
        "jobs": len(run.neighbourhood.jobs) - len(run.not_asked),
        "jobs_not_asked": len(run.not_asked),
        "contracts_producer": int(valid.sum()) - with_grid,
        "contracts_grid": with_grid,
        "cancelled": len(c) - int(valid.sum()),
        **_renegotiated(repetition),
        "requests": int(repetition.counts.by_producer.sum()),
        "over_import_limit_minutes": int(np.count_nonzero(over)),
        "over_import_limit_kwh": float(over.sum() / 60.0),
        "charge_kwh": float(h.charge_kwh.sum()),
        "discharge_kwh": float(h.discharge_kwh.sum()),
    }


def _renegotiated(repetition: Repetition) -> Values:
    """Jobs whose contract ended early, by what became of them; a job may count in each.

    Every answer by which a job is handed over or called back ends one contract of it; after every other end
    the job asks again.
    """
    c, counts = repetition.contracts, repetition.counts.by_job
    handed, called = counts[:, Reason.HANDED_OVER], counts[:, Reason.CALLED_BACK]
    ended = np.bincount(c.job[~c.is_valid], minlength=len(counts))
    return {
        "renegotiated": int((ended > handed + called).sum()),
        "handed_over": int((handed > 0).sum()),
        "called_back": int((called > 0).sum()),
    }


def is_limit_broken(run: CommunityRun) -> bool:
    """Whether any repetition bought more than the import limit in any minute."""
    return any(repetition_values(run, r)["over_import_limit_minutes"] for r in run.repetitions)


def is_worse_off(houses: HouseTotals) -> NDArray[np.bool_]:
    """Houses that pay more with the sharing rule than on the tariff, noise left out, shape (houses,)."""
    whole = max(1.0, float(np.abs(houses.tariff_cost).sum()))
    return np.asarray(houses.shared_cost - houses.tariff_cost > NOISE * whole, np.bool_)


def mean_of(values: Sequence[float | None]) -> float | int | None:
    """The mean of what is known; a whole number where all are the same whole number."""
    known = [v for v in values if v is not None]
    if not known:
        return None
    first = known[0]
    return first if all(v == first for v in known) else sum(known) / len(known)


def deviation_of(values: Sequence[float | None]) -> float | None:
    """Standard deviation over repetitions, sqrt(Σ (x - mean)² / (n - 1)); ``None`` for fewer than two."""
    known = [v for v in values if v is not None]
    if len(known) < 2:  # noqa: PLR2004 - one value does not deviate
        return None
    mean = sum(known) / len(known)
    return sqrt(sum((v - mean) ** 2 for v in known) / (len(known) - 1))


def deviations(meanings: dict[str, Meaning], names: Sequence[str], each: Sequence[Values]) -> tuple[Kpi, ...]:
    """``_sd`` of the KPIs that have one."""
    return tuple(
        Kpi(
            f"{name}_sd",
            f"{meanings[name].label}, deviation",
            meanings[name].unit,
            deviation_of([values[name] for values in each]),
        )
        for name in names
        if name in meanings
    )


def _used_share(whole: float, rest: float) -> float | None:
    """1 - rest / whole; ``None`` where there is nothing [0-1]."""
    return min(1.0, max(0.0, 1.0 - rest / whole)) if whole > 0.0 else None


def _no_noise(money: float, houses: HouseTotals) -> float:
    """Money without noise of the arithmetic."""
    return 0.0 if abs(money) <= NOISE * max(1.0, float(np.abs(houses.tariff_cost).sum())) else money
