"""A network run from its Parquet files: an old run is shown and judged without its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from sparewatt.model.headroom import (
    Binding,
    FittedLimit,
    FlowLimit,
    HeadroomSettings,
    HeatPumpChoice,
    LimitFrom,
    LineFault,
)
from sparewatt.model.limit import Limit
from sparewatt.results.network_columns import ROW_LIMIT, indices, struct, times
from sparewatt.results.network_forecast_reading import read_scores, read_tomorrow
from sparewatt.results.network_grid_state import grid_state
from sparewatt.results.network_hosting_reading import read_hosting
from sparewatt.results.network_series import limit_file
from sparewatt.results.network_series_reading import read_cases, read_replays
from sparewatt.results.network_state import ZONES
from sparewatt.results.network_state_files import fitting, read_state_files
from sparewatt.results.network_view import LimitMethod, NetworkSetting, NetworkView, ZoneFinds, ZoneLimits
from sparewatt.results.series_files import read_floats, read_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from sparewatt.model.horizon import Horizon
    from sparewatt.results.network_state_files import StateFiles


def read_network_view(directory: Path) -> NetworkView:
    """The view that :func:`sparewatt.results.network_state.write_network_series` wrote.

    Raises
    ------
    InputError
        A file is missing, is not Parquet, or does not hold what it should.
    """
    with fitting():
        return _view(read_state_files(directory))


def _view(files: StateFiles) -> NetworkView:
    """The state with its series; any misfit is a ValueError, KeyError or IndexError."""
    directory, found, meta = files.directory, files.found, files.meta
    state = grid_state(files)
    zones, horizon = state.zones, state.horizon
    scores = read_scores(meta["forecasts"], len(zones))
    return NetworkView(
        network=state.network,
        feeders=state.feeders,
        zones=zones,
        customers=state.customers,
        horizon=horizon,
        setting=_setting(meta["setting"]),
        cases=read_cases(directory, meta["cases"], state),
        limits=_limits(found, len(zones)),
        finds=_finds(found[ZONES], len(state.cases)),
        offers=tuple(
            _offer(directory / limit_file(row), horizon, told) for row, told in enumerate(meta["offers"])
        ),
        ev_horizon=state.ev_horizon,
        evs=state.evs,
        replays=read_replays(directory, meta["replays"], state),
        moments=state.moments,
        hosting=None if meta["hosting"] is None else read_hosting(meta["hosting"]),
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
