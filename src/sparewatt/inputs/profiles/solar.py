"""Solar yield of roofs: clear-sky geometry under the clouds of the neighbourhood, per rated kW."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.profiles.local_days import find_local_days, fine_step_s
from sparewatt.inputs.profiles.seeds import ROOF, named_rng
from sparewatt.inputs.profiles.sun import clear_sky, sun_direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.profiles.clouds import CloudDays
    from sparewatt.inputs.profiles.sun import Place
    from sparewatt.inputs.profiles.weather import OutdoorTemperature
    from sparewatt.model.horizon import Horizon

_STANDARD_W = 1000.0
_STANDARD_C = 25.0
_PER_K = 0.004
_ROSS_K = 0.03
_PERFORMANCE = 0.92
_ALBEDO = 0.2
_MOST = 1.0


@dataclass(frozen=True)
class Roofs:
    """How the modules of each customer stand, shape (customers,).

    Parameters
    ----------
    tilt_deg
        From the horizontal [°].
    azimuth_deg
        Direction that they face, from north over east: south is 180 [°].
    share
        What shade, dirt and age leave [0-1].
    """

    tilt_deg: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    share: NDArray[np.float64]


def draw_roofs(ids: Sequence[str], seed: int) -> Roofs:
    """Pitched roofs of 25-45°, facing south within some 45°, of which 85-100 % is left by shade and age."""
    drawn = np.empty((len(ids), 3))
    for n, name in enumerate(ids):
        rng = named_rng(seed, ROOF, name)
        drawn[n] = rng.uniform(25, 45), np.clip(rng.normal(180, 40), 80, 280), rng.uniform(0.85, 1.0)
    return Roofs(drawn[:, 0].copy(), drawn[:, 1].copy(), drawn[:, 2].copy())


@dataclass(frozen=True)
class SolarYield:
    """Generation per rated kW of every customer.

    G = b·DNI·cos θ + D·(1 + cos β)/2 + 0.2·(b·DNI·sin α + D)·(1 - cos β)/2
    D = f·(GHI - DNI·sin α) + f'·GHI
    y = share·0.92·G/1000·(1 - 0.004·(T + 0.03·G - 25)), at most 1

    on modules of tilt β (Liu & Jordan, Solar Energy 7, 1963; 0.2 is the albedo), whose temperature is that of
    Ross (1976), with the shares b of the direct, f of the clear sky's diffuse and f' of the clouds' diffuse
    irradiance by `clouds`; mean over parts of a period of at most ten minutes.

    Parameters
    ----------
    horizon
        The periods.
    place, roofs
        Where, and how the modules stand.
    clouds, temperature
        The weather.
    """

    horizon: Horizon
    place: Place
    roofs: Roofs
    clouds: CloudDays
    temperature: OutdoorTemperature

    def power_kw(self, first: int, end: int) -> NDArray[np.float64]:
        """Mean yield of periods ``first..end-1``, shape (customers, end - first) [kW/kWp]."""
        h = self.horizon
        step_s, fine_s = h.step_s, fine_step_s(h.step_s)
        out = np.zeros((len(self.roofs.tilt_deg), end - first))
        if end <= first:
            return out
        from_s, to_s = h.start_s + first * step_s, h.start_s + end * step_s
        days = find_local_days(from_s, to_s, h.timezone)
        for d in range(len(days)):
            # Whole days in parts that lie on the steps of the horizon, so that no block changes a bit.
            begin, stop = (-(-(int(t) - h.start_s) // step_s) for t in days.midnight_s[d : d + 2])
            edges_s = h.start_s + np.arange(begin * step_s, stop * step_s + 1, fine_s, dtype=np.int64)
            whole = self._day(edges_s, int(days.ordinal[d]), int(days.midnight_s[d]))
            parts = step_s // fine_s
            mean = whole if parts == 1 else whole.reshape(len(out), -1, parts).mean(axis=2)
            left, right = max(begin, first), min(stop, end)
            out[:, left - first : right - first] = mean[:, left - begin : right - begin]
        return out

    def _day(self, edges_s: NDArray[np.int64], ordinal: int, midnight_s: int) -> NDArray[np.float64]:
        """Yield of the parts of one day, shape (customers, parts) [kW/kWp]."""
        middle_s = (edges_s[:-1] + edges_s[1:]) // 2
        east, north, up = sun_direction(middle_s, self.place)
        out = np.zeros((len(self.roofs.tilt_deg), len(middle_s)))
        light = np.flatnonzero(up > 0)
        if not len(light):
            return out
        east, north, up = east[light], north[light], up[light]
        dni, ghi = clear_sky(up)
        direct, clear, cloudy = self.clouds.shares(ordinal, midnight_s, edges_s)[:, light]
        beam = direct * dni
        diffuse = clear * (ghi - dni * up) + cloudy * ghi
        ground = _ALBEDO * (beam * up + diffuse)
        tilt, azimuth = np.deg2rad(self.roofs.tilt_deg)[:, None], np.deg2rad(self.roofs.azimuth_deg)[:, None]
        across = np.sin(tilt)
        cosine = across * np.sin(azimuth) * east + across * np.cos(azimuth) * north + np.cos(tilt) * up
        plane = (
            beam * np.maximum(cosine, 0.0)
            + diffuse * (1 + np.cos(tilt)) / 2
            + ground * (1 - np.cos(tilt)) / 2
        )
        warm = 1 - _PER_K * (self.temperature.at_c(middle_s)[light] + _ROSS_K * plane - _STANDARD_C)
        out[:, light] = np.clip(
            self.roofs.share[:, None] * _PERFORMANCE * plane / _STANDARD_W * warm, 0.0, _MOST
        )
        return out
