"""Forecasts of a network run: rules scored on its last days, and the headroom of the day after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.decide.rules.forecast import Persistence, SameWeekday
from sparewatt.decide.rules.forecast_scores import FIRST_DAYS, score_forecasts
from sparewatt.decide.rules.forecast_temperature import TemperatureBins
from sparewatt.decide.rules.forecast_tomorrow import forecast_tomorrow
from sparewatt.model.headroom_days import find_headroom_days

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.decide.rules.forecast import Forecaster
    from sparewatt.decide.rules.forecast_scores import ForecastScores
    from sparewatt.decide.rules.forecast_tomorrow import Tomorrow
    from sparewatt.model.horizon import Horizon


def study_forecasts(
    headroom_kva: NDArray[np.float64],
    temperature_c: NDArray[np.float64],
    horizon: Horizon,
    seed: int,
    check: Callable[[], None],
) -> tuple[ForecastScores, Tomorrow] | None:
    """Score the rules on the days after the first two weeks, and let them forecast the day after the last.

    Every held-out day is forecast from the days before it, the day after the last from all of them.

    Parameters
    ----------
    headroom_kva
        Of one case, shape (zones, periods) [kVA].
    temperature_c
        Outdoor temperature, shape (periods,) [°C].
    horizon
        Local days from midnight.
    seed
        Of the run.
    check
        Stops the run where it is to be stopped.

    Returns
    -------
    Scores and forecasts; ``None`` where there are too few days to hold one out.
    """
    days = find_headroom_days(headroom_kva, temperature_c, horizon)
    if len(days) <= FIRST_DAYS:
        return None
    from sparewatt.decide.rules.forecast_mixture import TypicalDays  # noqa: PLC0415 - brings scikit-learn

    rules: tuple[Forecaster, ...] = (
        Persistence(),
        SameWeekday(),
        TemperatureBins(),
        TypicalDays(seed=seed % 2**32),
    )

    def step(_done: int, _of: int) -> None:
        check()

    return score_forecasts(days, rules, progress=step), forecast_tomorrow(days, rules)
