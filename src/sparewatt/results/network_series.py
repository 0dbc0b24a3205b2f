"""The long series of a network run as Parquet: zones over time, transformer, schedules of EVs.

Times are UTC, left edges of periods. Rows go case by case (or by way of charging), zone by zone, then in
order of time, one row group per zone, so that one zone of one case is read without the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sparewatt.results.cluster_series import time_column, write_parquet
from sparewatt.results.network_tables import BINDING_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.limit import Limit
    from sparewatt.model.zonal import ZonalSeries
    from sparewatt.results.network_view import NetworkView, ZoneEvs

ZONE_FLOW, ZONE_VOLTAGE, HEADROOM, TRANSFORMER = "zone_flow", "zone_voltage", "headroom", "transformer"
DAILY_PROFILE, FORECAST = "daily_profile", "headroom_forecast"
REPLAY_ZONES, REPLAY_TRANSFORMER = "replay_zones", "replay_transformer"
EV_SCHEDULE, EV_BOUNDS = "ev_schedule", "ev_bounds"
OFFERS = "offers"
SIDES = ("1", "2", "3")
"""Names of the phases in columns."""
LIMIT_STEM = "limit"
_MINUTES = 60


def zone_flow_tables(view: NetworkView) -> Iterator[pa.Table]:
    """Flow and overloads of every case, zone and period."""
    time = time_column(view.horizon, np.arange(view.horizon.periods))
    for case in view.cases:
        for z, zone_id in enumerate(view.zone_ids):
            yield pa.table(
                {
                    "case": _same(case.case.name, len(time)),
                    "zone_id": _same(zone_id, len(time)),
                    "time": time,
                    "flow_kva": _row(case.series.flow_kva, z),
                    "overloads": _row(case.series.overloads, z),
                }
            )


def zone_voltage_tables(view: NetworkView) -> Iterator[pa.Table]:
    """Least and greatest voltage of every case, zone and period."""
    time = time_column(view.horizon, np.arange(view.horizon.periods))
    for case in view.cases:
        for z, zone_id in enumerate(view.zone_ids):
            yield pa.table(
                {
                    "case": _same(case.case.name, len(time)),
                    "zone_id": _same(zone_id, len(time)),
                    "time": time,
                    "min_pu": _row(case.series.min_pu, z),
                    "max_pu": _row(case.series.max_pu, z),
                }
            )


def headroom_tables(view: NetworkView) -> Iterator[pa.Table]:
    """Headroom and footroom of every case, zone and period, with what binds."""
    time = time_column(view.horizon, np.arange(view.horizon.periods))
    for case in view.cases:
        h = case.headroom
        for z, zone_id in enumerate(view.zone_ids):
            yield pa.table(
                {
                    "case": _same(case.case.name, len(time)),
                    "zone_id": _same(zone_id, len(time)),
                    "time": time,
                    "headroom_kva": _row(h.headroom_kva, z),
                    "footroom_kva": _row(h.footroom_kva, z),
                    "headroom_binding": _binding(h.headroom_binding[z]),
                    "footroom_binding": _binding(h.footroom_binding[z]),
                }
            )


def transformer_tables(view: NetworkView) -> Iterator[pa.Table]:
    """Flow and voltage at the busbar, and losses, of every case and period."""
    time = time_column(view.horizon, np.arange(view.horizon.periods))
    for case in view.cases:
        yield pa.table({"case": _same(case.case.name, len(time)), "time": time, **_transformer(case.series)})


def replay_zone_tables(view: NetworkView) -> Iterator[pa.Table]:
    """Flow, voltages and overloads of every replay, zone and replayed period."""
    for replay in view.replays:
        time = time_column(view.horizon, replay.periods)
        s = replay.series
        for z, zone_id in enumerate(view.zone_ids):
            yield pa.table(
                {
                    "charging": _same(replay.charging, len(time)),
                    "zone_id": _same(zone_id, len(time)),
                    "time": time,
                    "flow_kva": _row(s.flow_kva, z),
                    "min_pu": _row(s.min_pu, z),
                    "max_pu": _row(s.max_pu, z),
                    "overloads": _row(s.overloads, z),
                }
            )


def replay_transformer_tables(view: NetworkView) -> Iterator[pa.Table]:
    """The transformer in every replay."""
    for replay in view.replays:
        time = time_column(view.horizon, replay.periods)
        yield pa.table(
            {"charging": _same(replay.charging, len(time)), "time": time, **_transformer(replay.series)}
        )


def daily_profile_tables(view: NetworkView) -> Iterator[pa.Table]:
    """Headroom at the chosen risk by local time of day, of every case and zone."""
    for case in view.cases:
        p = case.profile
        slots = p.headroom_kva.shape[1]
        clock = _clock(slots)
        for z, zone_id in enumerate(view.zone_ids):
            yield pa.table(
                {
                    "case": _same(case.case.name, slots),
                    "zone_id": _same(zone_id, slots),
                    "time_of_day": clock,
                    "headroom_kva": _row(p.headroom_kva, z),
                    "footroom_kva": _row(p.footroom_kva, z),
                }
            )


def forecast_tables(view: NetworkView) -> Iterator[pa.Table]:
    """Headroom of the day after the run by local time of day, by every rule, for every zone."""
    told, scores = view.tomorrow, view.forecasts
    if told is None or scores is None:
        return
    slots = told.headroom_kva.shape[3]
    clock = _clock(slots)
    for r, rule in enumerate(told.names):
        for z, zone_id in enumerate(view.zone_ids):
            levels = {
                f"headroom_kva_{q:g}": np.ascontiguousarray(told.headroom_kva[r, k, z])
                for k, q in enumerate(told.quantiles)
            }
            yield pa.table(
                {
                    "rule": _same(rule, slots),
                    "zone_id": _same(zone_id, slots),
                    "is_best": np.full(slots, scores.best_of_zones[z] == r),
                    "date": _same(told.date.isoformat(), slots),
                    "time_of_day": clock,
                    **levels,
                }
            )


def ev_schedule_tables(view: NetworkView) -> Iterator[pa.Table]:
    """Power of every EV in every period of its stays, planned and unmanaged."""
    for zone in view.evs:
        yield _schedule(view, zone)


def _schedule(view: NetworkView, zone: ZoneEvs) -> pa.Table:
    s, horizon = zone.optimised.sessions, view.ev_horizon
    if horizon is None:
        raise ValueError("EVs without the horizon of their schedules")
    names, homes = pa.array(s.ids, pa.string()), pa.array(view.customers.ids, pa.string())
    return pa.table(
        {
            "zone_id": _same(view.zone_ids[zone.zone], s.entries),
            "ev_id": names.take(pa.array(s.entry_car)),
            "customer_id": homes.take(pa.array(zone.customer[s.entry_car])),
            "time": time_column(horizon, s.entry_period),
            "charge_kw": zone.optimised.charge_kw,
            "discharge_kw": zone.optimised.discharge_kw,
            "unmanaged_kw": zone.unmanaged.charge_kw,
        }
    )


def ev_bound_tables(view: NetworkView) -> Iterator[pa.Table]:
    """What the plan of every zone had to stay within, and what was asked of V2G."""
    if view.ev_horizon is None:
        return
    time = time_column(view.ev_horizon, np.arange(view.ev_horizon.periods))
    for zone in view.evs:
        yield pa.table(
            {
                "zone_id": _same(view.zone_ids[zone.zone], len(time)),
                "time": time,
                "lower_kw": zone.lower_kw,
                "upper_kw": zone.upper_kw,
                "asked_kw": zone.asked_kw,
                "optimised_kw": zone.optimised.total_kw,
                "unmanaged_kw": zone.unmanaged.total_kw,
            }
        )


def limit_table_of(view: NetworkView, limit: Limit) -> pa.Table:
    """What a zone offers, in the form that depot and cluster studies read."""
    return pa.table(
        {
            "datetime": time_column(view.horizon, np.arange(view.horizon.periods)),
            "lower_kw": np.ascontiguousarray(limit.lower_kw),
            "upper_kw": np.ascontiguousarray(limit.upper_kw),
        }
    )


def offer_tables(view: NetworkView) -> Iterator[pa.Table]:
    """What every zone offers, zone by zone, for people and spreadsheets."""
    for zone_id, limit in zip(view.zone_ids, view.offers, strict=True):
        table = limit_table_of(view, limit).rename_columns(["time", "lower_kw", "upper_kw"])
        yield table.add_column(0, "zone_id", _same(zone_id, len(table)))


LONG_TABLES: dict[str, Callable[[NetworkView], Iterator[pa.Table]]] = {
    ZONE_FLOW: zone_flow_tables,
    ZONE_VOLTAGE: zone_voltage_tables,
    HEADROOM: headroom_tables,
    TRANSFORMER: transformer_tables,
    DAILY_PROFILE: daily_profile_tables,
    FORECAST: forecast_tables,
    REPLAY_ZONES: replay_zone_tables,
    REPLAY_TRANSFORMER: replay_transformer_tables,
    EV_SCHEDULE: ev_schedule_tables,
    EV_BOUNDS: ev_bound_tables,
}
"""Series, part by part."""


def written_tables(view: NetworkView) -> tuple[str, ...]:
    """Names of the series that a run has: replays, EVs and forecasts only where there are any."""
    absent = set() if view.replays else {REPLAY_ZONES, REPLAY_TRANSFORMER}
    if not view.evs:
        absent |= {EV_SCHEDULE, EV_BOUNDS}
    if view.tomorrow is None:
        absent.add(FORECAST)
    return tuple(name for name in LONG_TABLES if name not in absent)


def write_long_series(view: NetworkView, directory: Path) -> None:
    """Write every long series and the limits that are offered; each file is whole or not there."""
    for name in written_tables(view):
        write_parquet(LONG_TABLES[name](view), directory / f"{name}.parquet")
    for row, limit in enumerate(view.offers):
        write_parquet(iter([limit_table_of(view, limit)]), directory / limit_file(row))


def limit_file(row: int) -> str:
    """Name of the file of the limit that the zone of a row offers."""
    return f"{LIMIT_STEM}_{row + 1}.parquet"


def _clock(slots: int) -> pa.Array:
    """Local times of day at which slots begin, ``HH:MM``."""
    day = 24 * _MINUTES
    return pa.array(
        [f"{m // _MINUTES:02d}:{m % _MINUTES:02d}" for m in range(0, day, day // slots)], pa.string()
    )


def _same(text: str, count: int) -> pa.Array:
    """One text over and over."""
    return pa.array([text], pa.string()).take(pa.array(np.zeros(count, dtype=np.int64)))


def _row(values: NDArray[Any], row: int) -> NDArray[Any]:
    return np.ascontiguousarray(values[row])


def _binding(code: NDArray[np.int8]) -> pa.Array:
    return pa.array(BINDING_NAMES, pa.string()).take(pa.array(code.astype(np.int64)))


def _transformer(s: ZonalSeries) -> dict[str, NDArray[Any]]:
    """Columns per phase, losses and whether the power flow converged."""
    return {
        **{f"flow_{name}_kva": _row(s.busbar_flow_kva, p) for p, name in enumerate(SIDES)},
        **{f"busbar_{name}_pu": _row(s.busbar_pu, p) for p, name in enumerate(SIDES)},
        "losses_kw": s.losses_kw,
        "converged": s.converged,
    }
