"""The sun over a place: its direction, and what comes down from a clear sky."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_DAY_S = 86_400.0
_LOWEST_UP = 0.0


@dataclass(frozen=True)
class Place:
    """A place on earth.

    Parameters
    ----------
    latitude_deg, longitude_deg
        North and east positive [°].
    """

    latitude_deg: float = 53.48
    longitude_deg: float = -2.24


MANCHESTER = Place()


def sun_direction(at_s: NDArray[np.int64], place: Place) -> NDArray[np.float64]:
    """Unit vectors towards the sun: east, north, up, shape (3, times).

    Declination and equation of time by the Fourier series of Spencer (Search 2 (5), 1971; good to 0.04° and
    half a minute), with the fractional day of the year; refraction is left out.

    Parameters
    ----------
    at_s
        Times, shape (times,) [s since the epoch].
    place
        Where.
    """
    seconds = np.asarray(at_s, dtype=np.int64)
    stamps = seconds.astype("datetime64[s]")
    year = stamps.astype("datetime64[Y]")
    into_year_s = (stamps - year).astype(np.int64)
    length_s = ((year + 1).astype("datetime64[s]") - year.astype("datetime64[s]")).astype(np.int64)
    g = 2 * np.pi * into_year_s / length_s
    c1, s1, c2, s2, c3, s3 = np.cos(g), np.sin(g), np.cos(2 * g), np.sin(2 * g), np.cos(3 * g), np.sin(3 * g)
    declination = (
        0.006918
        - 0.399912 * c1
        + 0.070257 * s1
        - 0.006758 * c2
        + 0.000907 * s2
        - 0.002697 * c3
        + 0.00148 * s3
    )
    equation_s = (
        _DAY_S / (2 * np.pi) * (0.000075 + 0.001868 * c1 - 0.032077 * s1 - 0.014615 * c2 - 0.040849 * s2)
    )
    solar_s = seconds % int(_DAY_S) + equation_s + place.longitude_deg / 360.0 * _DAY_S
    hour_angle = 2 * np.pi * (solar_s / _DAY_S - 0.5)
    latitude = np.deg2rad(place.latitude_deg)
    sin_d, cos_d, cos_h = np.sin(declination), np.cos(declination), np.cos(hour_angle)
    return np.stack(
        [
            -cos_d * np.sin(hour_angle),
            sin_d * np.cos(latitude) - cos_d * np.sin(latitude) * cos_h,
            sin_d * np.sin(latitude) + cos_d * np.cos(latitude) * cos_h,
        ]
    )


def clear_sky(up: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Irradiance of a cloudless sky from the sine of the sun's elevation.

    DNI = 1353 · 0.7^(AM^0.678), after Meinel & Meinel, Applied Solar Energy (1976)
    AM  = 1/(sin α + 0.50572·(α + 6.07995°)^-1.6364), Kasten & Young, Applied Optics 28 (1989)
    GHI = 1098 · sin α · exp(-0.059/sin α), Haurwitz, Journal of Meteorology 2 (1945)

    Parameters
    ----------
    up
        sin α, any shape; 0 where the sun is down.

    Returns
    -------
    dni, ghi
        Direct normal and global horizontal irradiance, the latter at least DNI·sin α [W/m²].
    """
    sine = np.asarray(up, dtype=np.float64)
    shines = sine > _LOWEST_UP
    safe = np.where(shines, np.minimum(sine, 1.0), 1.0)
    elevation_deg = np.rad2deg(np.arcsin(safe))
    air_mass = 1.0 / (safe + 0.50572 * (elevation_deg + 6.07995) ** -1.6364)
    dni = np.where(shines, 1353.0 * 0.7 ** (air_mass**0.678), 0.0)
    ghi = np.where(shines, 1098.0 * safe * np.exp(-0.059 / safe), 0.0)
    return dni, np.maximum(ghi, dni * np.where(shines, safe, 0.0))
