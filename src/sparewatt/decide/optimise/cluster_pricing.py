"""Pricing rule of reservations: dear where the cluster is full, cheap where it should draw more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def price_reservation(
    schedule_kw: NDArray[np.float64],
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
    tariff_per_kwh: NDArray[np.float64],
    *,
    f_markup: float,
    f_discount: float,
) -> NDArray[np.float64]:
    """Price of energy in every period of a window, shape (periods,) [currency/kWh].

    schedule >= UB:  max(tariff) + f_markup·(schedule - UB)
    schedule < LB:   min(tariff) - f_discount·(LB - schedule)
    else:            tariff;  where both hold, the first.

    Parameters
    ----------
    schedule_kw
        What is booked already, grid side, shape (periods,) [kW].
    lower_kw, upper_kw
        Limits LB, UB of the cluster, shape (periods,) [kW].
    tariff_per_kwh
        Tariff, shape (periods,) [currency/kWh].
    f_markup, f_discount
        Rise and fall of the price [currency/kWh per kW].
    """
    if len(tariff_per_kwh) == 0:
        return np.zeros(0)
    # An infinite limit is never reached; the differences there are not used.
    above = np.where(schedule_kw >= upper_kw, schedule_kw - upper_kw, 0.0)
    below = np.where(schedule_kw < lower_kw, lower_kw - schedule_kw, 0.0)
    dear = tariff_per_kwh.max() + f_markup * above
    cheap = tariff_per_kwh.min() - f_discount * below
    return np.where(schedule_kw >= upper_kw, dear, np.where(schedule_kw < lower_kw, cheap, tariff_per_kwh))
