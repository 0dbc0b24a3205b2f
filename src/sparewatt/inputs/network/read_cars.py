"""Cars and prices of a network run: from files, or drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding
from sparewatt.inputs.network.cars import CarPool, draw_cars
from sparewatt.inputs.profiles.ev_diary import read_ev_diary
from sparewatt.inputs.profiles.ev_tariff import per_period, read_ev_tariff

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.network.settings import NetworkSettings
    from sparewatt.inputs.network.sources import InputFiles

DRAWN_CARS = 1000
"""Cars of a pool that is drawn, and as many as there are customers where these are more."""


def read_cars(
    files: InputFiles, settings: NetworkSettings, seed: int, loads: int
) -> tuple[CarPool | None, NDArray[np.float64] | None, list[Finding]]:
    """Read or draw the cars, and read the prices.

    Parameters
    ----------
    files, settings
        What is given.
    seed, loads
        Of drawn cars, and how many homes there are.

    Returns
    -------
    The pool; prices by period from noon, shape (24 h / step,) [currency/kWh]; both ``None`` where any finding
    about them is an error; and the findings.
    """
    findings: list[Finding] = []
    pool: CarPool | None
    reserve, v2g = settings.reserve_share, settings.v2g
    if files.diaries is None:
        count, step = max(DRAWN_CARS, loads), settings.step
        pool = draw_cars(seed, count, step, reserve_share=reserve, v2g=v2g, source=settings.ev_source)
    else:
        cars, found = read_ev_diary(files.diaries, settings.step, reserve_share=reserve, v2g=v2g)
        findings += found
        pool = None if cars is None else CarPool(cars)
        if cars is not None and not len(cars):
            message = "holds no stay of any car, so there is nobody to charge"
            findings.append(Finding("network.ev.none", "error", files.diaries.name, message))
    if files.prices is None:
        day = round(24 * 3600 / settings.step.total_seconds())
        return pool, np.full(day, settings.wear_per_kwh), findings
    tariff, found = read_ev_tariff(files.prices, wear_per_kwh=settings.wear_per_kwh)
    findings += found
    if tariff is None:
        return pool, None, findings
    return pool, per_period(tariff.duos_per_kwh + tariff.wear_per_kwh, settings.step), findings
