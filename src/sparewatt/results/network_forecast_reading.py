"""Scores of forecasts and what they say of tomorrow, from the files of a network run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.decide.rules.forecast_scores import ForecastScores
from sparewatt.decide.rules.forecast_tomorrow import Tomorrow
from sparewatt.model.clock import slots_of_day
from sparewatt.model.headroom_days import EPOCH
from sparewatt.results.network_columns import ROW_LIMIT, check_column
from sparewatt.results.network_series import FORECAST
from sparewatt.results.series_files import read_floats, read_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon


def read_scores(told: Mapping[str, Any] | None, zones: int) -> ForecastScores | None:
    """Scores of the forecasts out of the metadata of a run; any misfit is a ValueError."""
    if told is None:
        return None
    names, quantiles = tuple(str(n) for n in told["names"]), tuple(float(q) for q in told["quantiles"])
    return ForecastScores(
        names,
        quantiles,
        _matrix(told["pinball_kva"], (len(names), len(quantiles))),
        _matrix(told["zone_pinball_kva"], (len(names), zones)),
        _matrix(told["share_below"], (len(names), len(quantiles))),
        int(told["days"]),
    )


def read_tomorrow(
    directory: Path,
    day: int | None,
    scores: ForecastScores | None,
    zone_ids: tuple[str, ...],
    horizon: Horizon,
) -> Tomorrow | None:
    """What the scored rules say of a day; any misfit is a ValueError.

    Parameters
    ----------
    directory
        Of the series.
    day
        In days since 1970-01-01; ``None`` where nothing was forecast.
    scores, zone_ids
        Rules, levels and zones in the order of the rows.
    horizon
        Of the run; its end is on the day that was forecast.
    """
    if day is None:
        return None
    if scores is None:
        raise ValueError("a forecast without scores")
    if horizon.local(horizon.periods).date() != EPOCH + timedelta(days=int(day)):
        raise ValueError("the forecast is of another day than that after the run")
    table = read_parquet(directory / f"{FORECAST}.parquet", ROW_LIMIT)
    rules, zones, slots = len(scores.names), len(zone_ids), slots_of_day(horizon)
    check_column(table, "rule", scores.names, zones * slots)
    check_column(table, "zone_id", list(zone_ids) * rules, slots)
    levels = [read_floats(table, f"headroom_kva_{q:g}", (rules, zones, slots)) for q in scores.quantiles]
    return Tomorrow(int(day), scores.names, scores.quantiles, np.ascontiguousarray(np.stack(levels, axis=1)))


def _matrix(told: Any, shape: tuple[int, int]) -> NDArray[np.float64]:  # noqa: ANN401 - from JSON
    values = np.asarray(told, dtype=np.float64)
    if values.shape != shape or not np.isfinite(values).all():
        raise ValueError("scores of forecasts have another form")
    return values
