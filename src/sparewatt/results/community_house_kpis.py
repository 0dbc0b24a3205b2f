"""KPIs of every house of a community run: means over the repetitions with their deviation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.community_kpi_meanings import HOUSE_KPIS, SD_KPIS
from sparewatt.results.community_kpis import deviations, mean_of
from sparewatt.results.kpis import Kpi

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun


def house_kpis(run: CommunityRun) -> tuple[tuple[Kpi, ...], ...]:
    """KPIs of every house: means over the repetitions, with deviations where there are several."""
    columns = [house_columns(run, r) for r in run.repetitions]
    out = []
    for house in range(len(run.house_ids)):
        each = [{name: _number(column[house]) for name, column in told.items()} for told in columns]
        kpis = [
            Kpi(name, m.label, m.unit, mean_of([values[name] for values in each]), m.better)
            for name, m in HOUSE_KPIS.items()
        ]
        more = deviations(HOUSE_KPIS, SD_KPIS, each) if len(each) > 1 else ()
        out.append((*kpis, *more))
    return tuple(out)


def house_columns(run: CommunityRun, repetition: Repetition) -> dict[str, NDArray[np.generic]]:
    """Columns of `HOUSE_KPIS` for one repetition, NaN where a value has no meaning, shape (houses,)."""
    h = repetition.houses
    count = len(run.house_ids)
    asked = np.delete(run.neighbourhood.jobs.house, run.not_asked)
    return {
        "production_kwh": h.production_kwh,
        "load_kwh": h.load_kwh,
        "own_kwh": h.own_kwh,
        "peer_kwh": h.peer_in_kwh,
        "grid_kwh": h.grid_kwh,
        "given_kwh": h.peer_out_kwh,
        "feed_in_kwh": h.feed_in_kwh,
        "charge_kwh": h.charge_kwh,
        "discharge_kwh": h.discharge_kwh,
        "self_consumption": used_shares(h.production_kwh, h.feed_in_kwh),
        "self_sufficiency": used_shares(h.load_kwh, h.grid_kwh),
        "par_consumption": np.where(h.par_load > 0, h.par_load, np.nan),
        "par_production": np.where(h.par_production > 0, h.par_production, np.nan),
        "cost": h.shared_cost,
        "tariff_cost": h.tariff_cost,
        "saved": h.tariff_cost - h.shared_cost,
        "jobs": np.bincount(asked, minlength=count),
    }


def used_shares(whole: NDArray[np.float64], rest: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 - rest / whole, NaN where there is nothing [0-1]."""
    share = np.divide(rest, whole, out=np.full_like(whole, np.nan), where=whole > 0.0)
    return np.asarray(np.clip(1.0 - share, 0.0, 1.0), np.float64)


def _number(value: np.generic) -> float | int | None:
    """A NumPy number as a Python one, ``None`` for NaN."""
    number: float | int = value.item()
    return None if number != number else number  # noqa: PLR0124 - NaN is the number that differs from itself
