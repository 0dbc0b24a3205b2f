"""Daily profiles at a chosen risk, and what they hold: energy, EVs without shifting, heat pumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.clock import clock_slots, slots_of_day
from sparewatt.model.headroom import DailyProfile, HeatPumpChoice, active_kw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.model.headroom import Headroom, HeadroomSettings
    from sparewatt.model.horizon import Horizon

NO_CASE = -1


def find_daily_profile(headroom: Headroom, horizon: Horizon, settings: HeadroomSettings) -> DailyProfile:
    """Quantile over the local days, per zone and time of day, of headroom and of footroom.

    Parameters
    ----------
    headroom
        Of one case, over ``horizon``.
    horizon
        Its step divides a day.
    settings
        ``quantile``.
    """
    _, slot = clock_slots(horizon)
    slots = slots_of_day(horizon)
    return DailyProfile(
        quantile_by_slot(headroom.headroom_kva, slot, slots, settings.quantile),
        quantile_by_slot(headroom.footroom_kva, slot, slots, settings.quantile),
        settings.quantile,
        horizon.step_h,
    )


def quantile_by_slot(
    values: NDArray[np.float64], slot: NDArray[np.int64], slots: int, quantile: float
) -> NDArray[np.float64]:
    """Quantile of the values of every slot, linear between neighbours.

    A slot without any value, which the clock skips on the only day there is, is like the one before it.

    Parameters
    ----------
    values
        Shape (zones, periods).
    slot
        Slot of every period, shape (periods,).
    slots
        Number of slots.
    quantile
        0-1.

    Returns
    -------
    Shape (zones, slots).
    """
    out = np.empty((len(values), slots))
    seen = np.bincount(slot, minlength=slots) > 0
    order = np.argsort(slot, kind="stable")
    edges = np.searchsorted(slot[order], np.arange(slots + 1))
    for s in np.flatnonzero(seen).tolist():
        out[:, s] = np.quantile(values[:, order[edges[s] : edges[s + 1]]], quantile, axis=1)
    source = np.maximum.accumulate(np.where(seen, np.arange(slots), -1))
    source[source < 0] = source[-1]
    return np.asarray(out[:, source])


def energy_of_day(
    headroom_kva: NDArray[np.float64], step_h: float, settings: HeadroomSettings
) -> NDArray[np.float64]:
    """Energy that a daily profile lets through, ``(pf·Σ positive + factor·Σ negative/pf)·Δ`` [kWh].

    Parameters
    ----------
    headroom_kva
        Shape (zones, slots) [kVA].
    step_h
        Δ [h].
    settings
        ``ev_power_factor`` (pf), ``negative_factor``.

    Returns
    -------
    Shape (zones,) [kWh/day].
    """
    kw = active_kw(headroom_kva, settings.ev_power_factor)
    return np.asarray(np.where(kw < 0.0, settings.negative_factor * kw, kw).sum(axis=-1) * step_h)


def evs_without_shifting(
    energy_kwh: NDArray[np.float64], customers: NDArray[np.int64], settings: HeadroomSettings
) -> NDArray[np.int64]:
    """EVs that the energy of a day feeds, ``floor(energy/14.2)``, from 0 to the customers, shape (zones,)."""
    evs = np.floor(energy_kwh / settings.ev_kwh_per_day)
    return np.clip(evs, 0, customers).astype(np.int64)


def choose_heat_pumps(profiles: Sequence[DailyProfile], settings: HeadroomSettings) -> HeatPumpChoice:
    """The highest case of heat pumps that every zone can have.

    Where no case has negative headroom that is the highest one; where all have, none; else the highest
    without any. A case with negative headroom but with more energy a day than ``v2g_kwh_per_day`` is taken
    too, the highest such above the others, and makes a V2G zone, as far as cars can give energy back.

    Parameters
    ----------
    profiles
        One per case, penetrations rising.
    settings
        ``v2g``, ``v2g_kwh_per_day``, and what the energy of a day needs.
    """
    rank = np.arange(len(profiles))[:, None]
    negative = np.stack([(p.headroom_kva < 0.0).any(axis=1) for p in profiles])
    energy = np.stack([energy_of_day(p.headroom_kva, p.step_h, settings) for p in profiles])
    plain = np.where(negative, NO_CASE, rank).max(axis=0)
    enough = negative & (energy > settings.v2g_kwh_per_day) & settings.v2g
    with_v2g = np.where(enough, rank, NO_CASE).max(axis=0)
    return HeatPumpChoice(
        case=np.maximum(plain, with_v2g).astype(np.int64),
        plain_case=plain.astype(np.int64),
        v2g_zone=with_v2g > plain,
    )
