"""Every number of limits, headroom and daily profiles is a key of `[network]`."""

from __future__ import annotations

from dataclasses import asdict

from sparewatt.inputs.network.settings import NetworkSettings
from sparewatt.model.headroom import HeadroomSettings

OTHER = {
    "voltage_floor_pu": 0.91,
    "voltage_ceiling_pu": 1.08,
    "unseen_share": 0.5,
    "cable_share": 0.8,
    "transformer_share": 1.2,
    "transformer_split": "pro_rata",
    "quantile": 0.1,
    "ev_power_factor": 0.9,
    "negative_factor": 2.0,
    "ev_kwh_per_day": 9.0,
    "v2g_kwh_per_day": 60.0,
    "v2g": False,
}
NO_CHOICE = {"fewest_points"}
"""A line through less than three points is none."""


def test_every_number_can_be_set():
    told = asdict(NetworkSettings(**OTHER).headroom_settings())
    assert {name: told[name] for name in OTHER} == OTHER
    assert told.keys() - OTHER.keys() == NO_CHOICE


def test_what_is_not_set_is_what_the_study_takes_by_itself():
    assert NetworkSettings().headroom_settings() == HeadroomSettings()
