"""A network run from its Parquet files: an old run is shown and judged without its inputs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pyarrow as pa

from sparewatt.model.customers import Case
from sparewatt.model.headroom import (
    Binding,
    DailyProfile,
    FittedLimit,
    FlowLimit,
    Headroom,
    HeadroomSettings,
    HeatPumpChoice,
    LimitFrom,
    LineFault,
)
from sparewatt.model.limit import Limit
from sparewatt.model.zonal import ZonalSeries
from sparewatt.results.network_columns import (
    ROW_LIMIT,
    check_column,
    codes,
    indices,
    struct,
    times,
    zone_rows,
)
from sparewatt.results.network_ev_reading import read_evs
from sparewatt.results.network_forecast_reading import read_scores, read_tomorrow
from sparewatt.results.network_grid_reading import read_grid
from sparewatt.results.network_hosting import CaseRisk, Hosting, HostingResult
from sparewatt.results.network_series import (
    DAILY_PROFILE,
    HEADROOM,
    REPLAY_TRANSFORMER,
    REPLAY_ZONES,
    SIDES,
    TRANSFORMER,
    ZONE_FLOW,
    ZONE_VOLTAGE,
    limit_file,
)
from sparewatt.results.network_state import STATE, ZONES
from sparewatt.results.network_tables import BINDING_NAMES
from sparewatt.results.network_view import (
    CaseResult,
    Charging,
    LimitMethod,
    Moment,
    NetworkSetting,
    NetworkView,
    Replay,
    ZoneFinds,
    ZoneLimits,
)
from sparewatt.results.series_files import META, read_floats, read_horizon, read_parquet, refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon


def read_network_view(directory: Path) -> NetworkView:
    """The view that :func:`sparewatt.results.network_state.write_network_series` wrote.

    Raises
    ------
    InputError
        A file is missing, is not Parquet, or does not hold what it should.
    """
    try:
        return _view(directory)
    except (KeyError, ValueError, TypeError, OverflowError, IndexError, pa.ArrowException) as error:
        raise refused("series of the network", f"the files do not fit together: {error}") from None


def _view(directory: Path) -> NetworkView:
    """Parts put together; any misfit is a ValueError, KeyError or IndexError."""
    found = {name: read_parquet(directory / f"{name}.parquet", ROW_LIMIT) for name in STATE}
    meta = json.loads((found[ZONES].schema.metadata or {})[META])
    horizon = read_horizon(meta["horizon"])
    network, feeders, zones, customers = read_grid(found, meta["network"])
    ev_horizon = None if meta["ev_horizon"] is None else read_horizon(meta["ev_horizon"])
    cases = _cases(directory, found, meta, horizon, zones.ids)
    finds = _finds(found[ZONES], len(cases))
    scores = read_scores(meta["forecasts"], len(zones))
    return NetworkView(
        network=network,
        feeders=feeders,
        zones=zones,
        customers=customers,
        horizon=horizon,
        setting=_setting(meta["setting"]),
        cases=cases,
        limits=_limits(found, len(zones)),
        finds=finds,
        offers=tuple(
            _offer(directory / limit_file(row), horizon, told) for row, told in enumerate(meta["offers"])
        ),
        ev_horizon=ev_horizon,
        evs=()
        if ev_horizon is None
        else read_evs(directory, found, ev_horizon, meta["ev_zones"], zones.ids, customers.ids),
        replays=_replays(directory, meta, horizon, zones.ids),
        moments=_moments(found, meta["moments"], len(network.nodes), len(network.branches), horizon),
        hosting=_hosting(meta["hosting"]),
        forecasts=scores,
        tomorrow=read_tomorrow(directory, meta.get("tomorrow"), scores, zones.ids, horizon),
    )


def _setting(told: Mapping[str, Any]) -> NetworkSetting:
    """Settings; words are checked, numbers must be numbers."""
    values = dict(told)
    setting = NetworkSetting(headroom=HeadroomSettings(**values.pop("headroom")), **values)
    if setting.limit_method not in get_args(LimitMethod):
        raise ValueError("the method of the limits is not known")
    s = setting.headroom
    numbers = (s.voltage_floor_pu, s.voltage_ceiling_pu, s.quantile, s.ev_power_factor, s.ev_kwh_per_day)
    judged = (setting.judged_floor_pu, setting.judged_ceiling_pu, setting.target_share)
    if not all(isinstance(n, (int, float)) for n in (*numbers, *judged)):
        raise TypeError("a setting is no number")
    return setting


def _cases(
    directory: Path,
    found: Mapping[str, pa.Table],
    meta: Mapping[str, Any],
    horizon: Horizon,
    zone_ids: tuple[str, ...],
) -> tuple[CaseResult, ...]:
    """Cases with their series, headroom and profiles."""
    told = meta["cases"]
    names = [str(t[0]) for t in told]
    every = np.arange(horizon.periods)
    flow = zone_rows(directory, ZONE_FLOW, "case", names, zone_ids, horizon, every)
    volt = zone_rows(directory, ZONE_VOLTAGE, "case", names, zone_ids, horizon, every)
    room = zone_rows(directory, HEADROOM, "case", names, zone_ids, horizon, every)
    whole = _transformers(directory, TRANSFORMER, "case", names)
    who = found["case_customers"]
    count = len(found["customers"])
    if len(who) != count * len(names):
        raise ValueError("cases and customers do not fit together")
    has_pv, has_hp = (
        np.asarray(who[n].to_numpy(), dtype=np.bool_).reshape(-1, count) for n in ("has_pv", "has_hp")
    )
    shape = (len(names), len(zone_ids), horizon.periods)
    flows, lows, highs = (
        read_floats(flow, "flow_kva", shape),
        read_floats(volt, "min_pu", shape),
        read_floats(volt, "max_pu", shape),
    )
    overloads = np.asarray(flow["overloads"].to_numpy(), dtype=np.int32).reshape(shape)
    up, down = (read_floats(room, n, shape) for n in ("headroom_kva", "footroom_kva"))
    up_by, down_by = (
        codes(room, n, BINDING_NAMES).reshape(shape) for n in ("headroom_binding", "footroom_binding")
    )
    daily = read_parquet(directory / f"{DAILY_PROFILE}.parquet", ROW_LIMIT)
    slots = len(daily) // max(len(names) * len(zone_ids), 1)
    day_shape = (len(names), len(zone_ids), slots)
    day_up, day_down = (read_floats(daily, n, day_shape) for n in ("headroom_kva", "footroom_kva"))
    return tuple(
        CaseResult(
            case=Case(str(name), float(pv_share), float(hp_share), has_pv[k], has_hp[k]),
            series=ZonalSeries(
                flow_kva=flows[k],
                min_pu=lows[k],
                max_pu=highs[k],
                overloads=overloads[k],
                **_transformer(whole[k], horizon.periods),
            ),
            headroom=Headroom(up[k], down[k], up_by[k], down_by[k]),
            profile=DailyProfile(day_up[k], day_down[k], float(quantile), float(step_h)),
        )
        for k, (name, pv_share, hp_share, quantile, step_h) in enumerate(told)
    )


def _transformers(directory: Path, name: str, key: str, keys: list[str]) -> list[pa.Table]:
    """The rows of the transformer for each key, in order."""
    table = read_parquet(directory / f"{name}.parquet", ROW_LIMIT)
    each, rest = divmod(len(table), max(len(keys), 1))
    if rest:
        raise ValueError(f"{name} has rows too many or too few")
    check_column(table, key, keys, each)
    return [table.slice(k * each, each) for k in range(len(keys))]


def _transformer(table: pa.Table, periods: int) -> dict[str, Any]:
    """Fields of `ZonalSeries` that are not per zone."""
    shape = (periods,)
    return {
        "busbar_pu": np.stack([read_floats(table, f"busbar_{p}_pu", shape) for p in SIDES]),
        "busbar_flow_kva": np.stack([read_floats(table, f"flow_{p}_kva", shape) for p in SIDES]),
        "losses_kw": read_floats(table, "losses_kw", shape),
        "converged": np.asarray(table["converged"].to_numpy(), dtype=np.bool_).reshape(shape),
    }


def _replays(
    directory: Path, meta: Mapping[str, Any], horizon: Horizon, zone_ids: tuple[str, ...]
) -> tuple[Replay, ...]:
    """Replays with their periods."""
    told = meta["replays"]
    if not told:
        return ()
    keys = [str(t[0]) for t in told]
    if any(k not in get_args(Charging) for k in keys):
        raise ValueError("a way of charging is not known")
    whole = _transformers(directory, REPLAY_TRANSFORMER, "charging", keys)
    periods = times(whole[0], "time", horizon)
    if (np.diff(periods) <= 0).any():
        raise ValueError("replayed periods do not rise")
    zones = zone_rows(directory, REPLAY_ZONES, "charging", keys, zone_ids, horizon, periods)
    shape = (len(keys), len(zone_ids), len(periods))
    flow, low, high = (read_floats(zones, n, shape) for n in ("flow_kva", "min_pu", "max_pu"))
    overloads = np.asarray(zones["overloads"].to_numpy(), dtype=np.int32).reshape(shape)
    return tuple(
        Replay(
            key,  # type: ignore[arg-type]  # checked above
            periods,
            ZonalSeries(
                flow_kva=flow[k],
                min_pu=low[k],
                max_pu=high[k],
                overloads=overloads[k],
                **_transformer(whole[k], len(periods)),
            ),
            _numbers(told[k][1], len(zone_ids)),
        )
        for k, key in enumerate(keys)
    )


def _numbers(told: Any, count: int) -> NDArray[np.float64]:  # noqa: ANN401 - from JSON
    """Finite numbers out of JSON."""
    values = np.asarray(told, dtype=np.float64)
    if values.shape != (count,) or not np.isfinite(values).all():
        raise ValueError(f"{count} numbers were expected")
    return values


def _limits(found: Mapping[str, pa.Table], zones: int) -> ZoneLimits:
    """Limits of the zones with the lines they were read from."""
    table, fits = found[ZONES], found["fits"]
    if len(fits) != 2 * zones:
        raise ValueError("fits and zones do not fit together")
    return ZoneLimits(
        import_kva=read_floats(table, "import_kva", (zones,)),
        export_kva=read_floats(table, "export_kva", (zones,)),
        fitted_import=_fit(fits.slice(0, zones)),
        fitted_export=_fit(fits.slice(zones, zones)),
    )


def _fit(table: pa.Table) -> FittedLimit:
    indices(table, "binding", len(Binding))
    indices(table, "source", len(LimitFrom))
    indices(table, "fault", len(LineFault))
    kva = read_floats(table, "kva", (len(table), 1))
    binding = np.asarray(table["binding"].to_numpy(), dtype=np.int8)[:, None]
    fit: FittedLimit = struct(FittedLimit, table, limit=FlowLimit(kva, binding))
    return fit


def _finds(table: pa.Table, cases: int) -> ZoneFinds:
    """What the zones can have."""
    pump = indices(table, "heat_pump_case", cases, least=-1)
    plain = indices(table, "plain_case", cases, least=-1)
    return ZoneFinds(
        heat_pumps=HeatPumpChoice(pump, plain, np.asarray(table["v2g_zone"].to_numpy(), dtype=np.bool_)),
        case=indices(table, "case", cases),
        energy_kwh=read_floats(table, "energy_kwh", (len(table),)),
        evs_without_shifting=np.asarray(table["evs_without_shifting"].to_numpy(), dtype=np.int64),
        evs_realised=np.asarray(table["evs_realised"].to_numpy(), dtype=np.int64),
        binding=indices(table, "binding", len(Binding)).astype(np.int8),
    )


def _offer(path: Path, horizon: Horizon, told: Any) -> Limit:  # noqa: ANN401 - from JSON
    """What one zone offers."""
    table = read_parquet(path, ROW_LIMIT, ["datetime", "lower_kw", "upper_kw"])
    shape = (horizon.periods,)
    if not np.array_equal(times(table, "datetime", horizon), np.arange(horizon.periods)):
        raise ValueError(f"{path.name} is not of the periods of the run")
    lower, upper = read_floats(table, "lower_kw", shape), read_floats(table, "upper_kw", shape)
    return Limit(lower, upper, str(told[0]), float(told[1]))


def _moments(
    found: Mapping[str, pa.Table], told: list[list[Any]], nodes: int, branches: int, horizon: Horizon
) -> tuple[Moment, ...]:
    """The network at some moments."""
    kinds = (("moment_nodes", "pu", nodes), ("moment_branches", "loading", branches))
    values = [
        np.stack([read_floats(found[name], f"{what}_{p + 1}", (len(told), rows)) for p in range(3)], axis=2)
        for name, what, rows in kinds
    ]
    out = []
    for k, (label, charging, period, loading) in enumerate(told):
        if charging not in get_args(Charging) or not 0 <= int(period) < horizon.periods:
            raise ValueError("a moment is not of this run")
        out.append(Moment(str(label), charging, int(period), values[0][k], values[1][k], float(loading)))
    return tuple(out)


def _hosting(told: Mapping[str, Any] | None) -> HostingResult | None:
    """Hosting curves."""
    if told is None:
        return None
    curves = []
    for charging, penetration, samples, violating in told["curves"]:
        if charging not in get_args(Charging):
            raise ValueError("a way of charging is not known")
        count = len(penetration)
        drawn, broken = (_numbers(v, count).astype(np.int64) for v in (samples, violating))
        if (broken > drawn).any() or (broken < 0).any():
            raise ValueError("more samples with violations than samples")
        curves.append(Hosting(charging, _numbers(penetration, count), drawn, broken))
    without = []
    for case, pv_share, hp_share, samples, violating in told.get("without_evs", ()):
        drawn_once, broken_once = int(samples), int(violating)
        if not 0 <= broken_once <= drawn_once:
            raise ValueError("more samples with violations than samples")
        without.append(CaseRisk(str(case), float(pv_share), float(hp_share), drawn_once, broken_once))
    own = str(told.get("case", ""))
    return HostingResult(tuple(curves), float(told["risk"]), str(told["what"]), own, tuple(without))
