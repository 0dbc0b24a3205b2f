"""Sun, clear sky and roofs against numbers from elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from tests.support.customers import make_horizon

from sparewatt.inputs.profiles.clouds import CloudDays, long_run
from sparewatt.inputs.profiles.solar import Roofs, SolarYield, draw_roofs
from sparewatt.inputs.profiles.sun import MANCHESTER, Place, clear_sky, sun_direction
from sparewatt.inputs.profiles.weather import Climate, GivenTemperature


def angles(when: datetime, place: Place) -> tuple[float, float]:
    """Elevation and azimuth from north over east [°]."""
    east, north, up = sun_direction(np.array([int(when.timestamp())]), place)[:, 0]
    assert east**2 + north**2 + up**2 == pytest.approx(1)
    return float(np.degrees(np.arcsin(up))), float(np.degrees(np.arctan2(east, north)) % 360)


def test_sun_of_the_worked_example_of_nrel():
    # Reda & Andreas, NREL/TP-560-34302, appendix A.5: 17 October 2003, 12:30:30 at UTC-7, 39.742476 N,
    # 105.1786 W: zenith 50.11162°, azimuth 194.34024°.
    elevation, azimuth = angles(datetime(2003, 10, 17, 19, 30, 30, tzinfo=UTC), Place(39.742476, -105.1786))
    assert elevation == pytest.approx(90 - 50.11162, abs=0.2)
    assert azimuth == pytest.approx(194.34024, abs=0.3)


@pytest.mark.parametrize(
    ("when", "declination"),
    [
        # Solstices and equinoxes of the almanac: noon elevation is 90° - latitude + declination.
        (datetime(2026, 6, 21, 12, 2, tzinfo=UTC), 23.44),
        (datetime(2026, 12, 21, 11, 58, tzinfo=UTC), -23.44),
        (datetime(2026, 3, 20, 12, 7, tzinfo=UTC), 0.0),
    ],
)
def test_sun_at_noon_in_greenwich(when, declination):
    elevation, azimuth = angles(when, Place(51.4779, 0.0))
    assert elevation == pytest.approx(90 - 51.4779 + declination, abs=0.35)
    assert azimuth == pytest.approx(180, abs=0.6)


def test_clear_sky_by_hand():
    # Zenith: air mass 1/(1 + 0.50572·96.07995^-1.6364) = 0.99971; DNI = 1353·0.7^(0.99971^0.678) = 947.2;
    # GHI = 1098·exp(-0.059) = 1035.1. At 30°: air mass 1.9943, DNI = 1353·0.7^1.5969 = 765.5,
    # GHI = 549·exp(-0.118) = 487.9.
    dni, ghi = clear_sky([1.0, 0.5, 0.0, -0.3])
    assert dni == pytest.approx([947.2, 765.5, 0, 0], abs=0.3)
    assert ghi == pytest.approx([1035.1, 487.9, 0, 0], abs=0.1)
    low = clear_sky(np.linspace(1e-6, 0.1, 50))
    assert (low[1] >= low[0] * np.linspace(1e-6, 0.1, 50)).all()


class ClearSkies(CloudDays):
    """No cloud, ever."""

    def shares(self, day_ordinal, midnight_s, edges_s):
        return np.repeat([[1.0], [1.0], [0.0]], len(edges_s) - 1, axis=1)


def test_yield_of_a_roof_under_a_clear_sky_by_hand():
    horizon = make_horizon(date(2026, 6, 21), 1)
    roofs = Roofs(np.array([0.0, 35.0, 35.0]), np.array([180.0, 180.0, 0.0]), np.ones(3))
    temperature = GivenTemperature(horizon, np.full(horizon.periods, 20.0))
    solar = SolarYield(horizon, Place(51.4779, 0.0), roofs, ClearSkies(0), temperature)
    at_noon = horizon.boundaries_s[:-1].tolist().index(int(datetime(2026, 6, 21, 12, tzinfo=UTC).timestamp()))
    flat, south, north = solar.power_kw(at_noon, at_noon + 1)[:, 0]
    # Elevation 61.96° at noon, sin = 0.8826: air mass 1.1323, DNI = 1353·0.7^1.0879 = 917.9, GHI = 906.4,
    # diffuse = 96.3. Flat: 906.4 W/m². South at 35°: angle to the sun 28.04 - 35 = 6.96°:
    # 917.9·0.99263 + 96.3·0.90958 + 0.2·906.4·0.09042 = 1015.1. North: 917.9·cos(63.04°) = 416.1, not 911.1.
    for got, plane in ((flat, 906.4), (south, 1015.1), (north, 520.1)):
        assert got == pytest.approx(0.92 * plane / 1000 * (1 - 0.004 * (20 + 0.03 * plane - 25)), rel=0.003)


def test_nothing_at_night_and_never_more_than_rated():
    horizon = make_horizon(date(2026, 12, 20), 2)
    solar = SolarYield(horizon, MANCHESTER, draw_roofs(["a", "b"], 1), CloudDays(1), Climate(1))
    power = solar.power_kw(0, horizon.periods)
    hour = np.array([s.hour for s in horizon.local_stamps()])
    assert (power[:, (hour < 8) | (hour >= 16)] == 0).all()
    assert power.max() <= 1
    assert power.min() >= 0
    assert solar.power_kw(5, 5).shape == (2, 0)


def test_clouds_stay_as_long_as_their_means_say():
    # By hand for mixed days. Moves: clear 85 % to broken, broken half to clear, overcast 85 % to broken, so
    # of the visits broken has 0.85/1.85 = 0.4595 and the others, alike, 0.2703 each. Times the stays of 20,
    # 20, 45 min: (5.405, 9.189, 12.162)/26.757.
    assert long_run(1) == pytest.approx([0.2020, 0.3434, 0.4545], abs=1e-4)


def test_what_comes_through_is_the_same_in_fine_and_coarse_steps():
    clouds = CloudDays(5)
    day, midnight = date(2026, 5, 3).toordinal(), 1_777_762_800
    fine = clouds.shares(day, midnight, midnight + np.arange(0, 86_401, 300))
    coarse = clouds.shares(day, midnight, midnight + np.arange(0, 86_401, 3600))
    assert fine.reshape(3, 24, 12).mean(axis=2) == pytest.approx(coarse, abs=1e-12)
    assert ((fine >= -1e-12) & (fine <= 1 + 1e-12)).all()


def test_long_days_have_more_sun_than_short_ones():
    winter, summer = (make_horizon(date(2026, month, 1), 30, 30) for month in (12, 6))
    roofs = draw_roofs(["a"], 0)
    kwh = [
        SolarYield(h, MANCHESTER, roofs, CloudDays(3), Climate(3)).power_kw(0, h.periods).sum() / 2
        for h in (winter, summer)
    ]
    assert 8 < kwh[0] < 40  # per kWp and month; PVGIS gives about 20 and 115 for Manchester
    assert 80 < kwh[1] < 150
    assert timedelta(minutes=30) == winter.step
