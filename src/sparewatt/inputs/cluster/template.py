"""A small hub to start from: two car parks under limits that change, fourteen vehicles on one day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.inputs.cluster.write import write_cluster_workbook
from sparewatt.inputs.scenario_template import write_scenario_template
from sparewatt.model.cluster_system import ClusterSystem, Traffic
from sparewatt.model.evses import Evses
from sparewatt.model.fleet import NO_SOC, NO_TIME, NOWHERE, Fleet
from sparewatt.model.horizon import Horizon
from sparewatt.model.limit import Limit
from sparewatt.model.power_table import PowerTable

if TYPE_CHECKING:
    from pathlib import Path

WORKBOOK = "hub.xlsx"
_START = datetime(2026, 3, 2, 7, tzinfo=UTC)
_HOURS = 12

_UNITS = [
    # cluster, unit, charge kW, discharge kW, efficiency
    (0, "north-1", 11.0, 11.0, 0.96),
    (0, "north-2", 11.0, 11.0, 0.96),
    (0, "north-3", 11.0, 0.0, 0.95),
    (0, "north-4", 22.0, 22.0, 0.95),
    (1, "south-1", 11.0, 0.0, 0.95),
    (1, "south-2", 11.0, 0.0, 0.95),
    (1, "south-3", 50.0, 0.0, 0.94),
]
_LIMITS: list[list[tuple[float, float, float]]] = [
    # cluster, from hour, lower kW, upper kW
    [(7, -22.0, 40.0), (11, -22.0, 26.0), (14, -22.0, 40.0), (16, -22.0, -4.0), (17, -22.0, 30.0)],
    [(7, 0.0, 55.0), (9.5, 0.0, 30.0), (13, 0.0, 55.0), (16, 0.0, 20.0)],
]
_PRICES = [(7, 0.31), (10, 0.22), (12, 0.14), (15, 0.24), (16, 0.38), (18.5, 0.27)]
_VISITS: list[tuple[Any, ...]] = [
    # id, battery, charge, discharge, booked, declared arrival, declared departure, SoC, target, V2G,
    # real arrival, real SoC, real departure, cluster; times in hours of the day, None where there is none
    ("van-01", 75, 22, 11, 7.0, 7.5, 17.0, 0.35, 0.90, 12, 7.4, 0.37, 17.1, 0),
    ("van-02", 75, 22, 11, 7.0, 8.0, 16.5, 0.28, 0.85, 12, 8.3, 0.25, 16.5, 0),
    ("van-03", 60, 11, 0, 7.1, 9.0, 12.0, 0.40, 0.80, 0, 9.1, 0.42, 12.2, 1),
    ("van-04", 60, 11, 0, 7.1, 10.0, 14.0, 0.30, 0.90, 0, None, None, None, 1),  # never comes
    ("car-05", 52, 11, 0, None, None, 15.5, None, 0.80, 0, 7.2, 0.55, 15.0, 0),
    ("car-06", 58, 11, 0, None, None, 12.5, None, 0.75, 0, 7.8, 0.31, 12.4, 0),
    ("car-07", 40, 7.4, 0, None, None, 16.0, None, 0.95, 0, 8.1, 0.48, 16.2, 1),
    ("car-08", 77, 11, 11, None, None, 17.5, None, 0.70, 15, 8.6, 0.62, 17.5, 0),
    ("car-09", 64, 50, 0, None, None, 10.75, None, 0.80, 0, 9.7, 0.22, 10.7, 1),
    ("car-10", 64, 50, 0, None, None, 12.0, None, 0.80, 0, 11.0, 0.18, 12.1, 1),
    ("car-11", 45, 11, 0, None, None, 17.0, None, 0.90, 0, 12.75, 0.40, 17.0, None),  # any cluster
    ("van-12", 75, 22, 11, 10.0, 13.0, 18.0, 0.30, 0.80, 10, 13.2, 0.33, 18.4, 0),
    ("car-13", 50, 11, 0, None, None, 18.0, None, 0.85, 0, 14.1, 0.51, 18.0, 1),
    ("car-14", 82, 50, 0, 12.0, 15.0, 16.5, 0.25, 0.75, 0, 15.1, 0.24, 16.4, 1),
]
_CURVE = [(0.5, 50.0), (0.8, 36.0), (1.0, 12.0)]
_CURVED = ("car-09", "car-10", "car-14")


def write_cluster_template(directory: Path) -> tuple[Path, ...]:
    """Write a scenario file and its workbook, ready to run.

    Parameters
    ----------
    directory
        Where to; made where it does not exist.

    Returns
    -------
    The files that were written, the scenario file first.

    Raises
    ------
    InputError
        When a file would be overwritten; then nothing is written.
    """
    workbook = directory / WORKBOOK
    scenario = write_scenario_template(directory, "cluster", "Two car parks, one substation", [workbook])
    write_cluster_workbook(workbook, *example_hub())
    return scenario, workbook


def example_hub() -> tuple[ClusterSystem, Fleet]:
    """The hub of the template and its fleet."""
    step = timedelta(minutes=5)
    periods = _HOURS * 12
    horizon = Horizon(_START, step, periods, "UTC", (0, periods))
    evses = Evses(
        tuple(unit[1] for unit in _UNITS),
        np.array([unit[0] for unit in _UNITS], dtype=np.int64),
        np.array([unit[2] for unit in _UNITS], dtype=np.float64),
        np.array([unit[3] for unit in _UNITS], dtype=np.float64),
        np.array([unit[4] for unit in _UNITS], dtype=np.float64),
    )
    limits = tuple(
        Limit(_steps([(h, low) for h, low, _ in rows]), _steps([(h, up) for h, _, up in rows]), "example")
        for rows in _LIMITS
    )
    system = ClusterSystem(
        horizon, ("cluster1", "cluster2"), evses, limits, _steps(_PRICES), Traffic.none(len(limits))
    )
    return system, _fleet()


def _steps(rows: list[tuple[float, float]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Values that hold from their hour on, per period."""
    hours = np.array([h for h, _ in rows])
    values = np.array([v for _, v in rows], dtype=np.float64)
    at = _START.hour + np.arange(_HOURS * 12) / 12
    return values[np.searchsorted(hours, at + 1e-9, side="right") - 1]


def _fleet() -> Fleet:
    midnight = int(_START.timestamp()) - _START.hour * 3600
    columns = list(zip(*_VISITS, strict=True))

    def numbers(column: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([NO_SOC if v is None else v for v in columns[column]], dtype=np.float64)

    def times(column: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        hours = columns[column]
        return np.array([NO_TIME if h is None else midnight + round(h * 60) * 60 for h in hours])

    counts = [len(_CURVE) if name in _CURVED else 0 for name in columns[0]]
    table = PowerTable(
        np.concatenate([[0], np.cumsum(counts)]),
        np.array([soc for soc, _ in _CURVE] * len(_CURVED)),
        np.array([kw for _, kw in _CURVE] * len(_CURVED)),
    )
    visits = len(_VISITS)
    return Fleet(
        ids=tuple(str(name) for name in columns[0]),
        battery_kwh=numbers(1),
        max_charge_kw=numbers(2),
        max_discharge_kw=numbers(3),
        min_soc=np.full(visits, 0.1),
        max_soc=np.ones(visits),
        power_table=table,
        reservation_s=times(4),
        declared_arrival_s=times(5),
        declared_departure_s=times(6),
        declared_soc=numbers(7),
        target_soc=numbers(8),
        v2g_allowance_kwh=numbers(9),
        real_arrival_s=times(10),
        real_departure_s=times(12),
        real_soc=numbers(11),
        target_cluster=np.array([NOWHERE if c is None else c for c in columns[13]], dtype=np.int64),
    )
