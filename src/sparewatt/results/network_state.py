"""A network run as Parquet files; :mod:`sparewatt.results.network_reading` reads them."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sparewatt.results.cluster_series import write_parquet
from sparewatt.results.network_series import write_long_series
from sparewatt.results.series_files import META, horizon_meta

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.headroom import FittedLimit
    from sparewatt.results.network_view import NetworkView

ZONES = "zones"
"""File whose metadata tells what the run is."""
STATE = (
    *(ZONES, "fits", "feeders", "nodes", "branches", "loads", "generators", "customers", "case_customers"),
    *("evs", "ev_sessions", "moment_nodes", "moment_branches"),
)
"""Files beside the long series; rows counted from 0."""
MATRIX = 9


def write_network_series(view: NetworkView, directory: Path) -> None:
    """Write a network run as Parquet (zstd) into ``directory``; each file is whole or not there."""
    write_long_series(view, directory)
    made = _zone_state(view) | _grid_state(view) | _ev_state(view) | _moment_state(view)
    for name in STATE:
        write_parquet(iter([made[name]]), directory / f"{name}.parquet")


def _meta(view: NetworkView) -> dict[str, object]:
    """What is no array."""
    net = view.network
    return {
        "horizon": horizon_meta(view.horizon),
        "ev_horizon": None if view.ev_horizon is None else horizon_meta(view.ev_horizon),
        "setting": asdict(view.setting),
        "network": {
            "name": net.name,
            "busbar": int(net.busbar),
            "frequency_hz": net.frequency_hz,
            "source": _plain(asdict(net.source)),
            "transformer": _plain(asdict(net.transformer)),
        },
        "cases": [
            [c.case.name, c.case.pv_share, c.case.hp_share, c.profile.quantile, c.profile.step_h]
            for c in view.cases
        ],
        "offers": [[limit.reason, limit.tolerance_kw] for limit in view.offers],
        "ev_zones": [int(z.zone) for z in view.evs],
        "replays": [[r.charging, r.energy_kwh.tolist()] for r in view.replays],
        "moments": [[m.label, m.charging, int(m.period), float(m.transformer_loading)] for m in view.moments],
        "hosting": _hosting(view),
        "forecasts": _forecasts(view),
        "tomorrow": None if view.tomorrow is None else view.tomorrow.day,
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Complex numbers as pairs."""
    return {k: [v.real, v.imag] if isinstance(v, complex) else v for k, v in values.items()}


def _hosting(view: NetworkView) -> dict[str, object] | None:
    if view.hosting is None:
        return None
    curves = [
        [c.charging, c.penetration.tolist(), c.samples.tolist(), c.violating.tolist()]
        for c in view.hosting.curves
    ]
    without = [[c.case, c.pv_share, c.hp_share, c.samples, c.violating] for c in view.hosting.without_evs]
    told = {"risk": view.hosting.risk, "what": view.hosting.what, "case": view.hosting.case}
    return {**told, "curves": curves, "without_evs": without}


def _forecasts(view: NetworkView) -> dict[str, object] | None:
    scores = view.forecasts
    if scores is None:
        return None
    return {
        "names": list(scores.names),
        "quantiles": list(scores.quantiles),
        "days": int(scores.days),
        **{n: getattr(scores, n).tolist() for n in ("pinball_kva", "zone_pinball_kva", "share_below")},
    }


def _zone_state(view: NetworkView) -> dict[str, pa.Table]:
    finds, limits = view.finds, view.limits
    zones = pa.table(
        {
            "ids": pa.array(view.zones.ids, pa.string()),
            "feeder": view.zones.feeder,
            "phase": view.zones.phase,
            "import_kva": limits.import_kva,
            "export_kva": limits.export_kva,
            "case": finds.case,
            "heat_pump_case": finds.heat_pumps.case,
            "plain_case": finds.heat_pumps.plain_case,
            "v2g_zone": finds.heat_pumps.v2g_zone,
            "energy_kwh": finds.energy_kwh,
            "evs_without_shifting": finds.evs_without_shifting,
            "evs_realised": finds.evs_realised,
            "binding": finds.binding,
        }
    )
    meta = json.dumps(_meta(view), sort_keys=True, allow_nan=False).encode()
    fits = pa.concat_tables([_fit(limits.fitted_import), _fit(limits.fitted_export)])
    return {ZONES: zones.replace_schema_metadata({META: meta}), "fits": fits}


def _fit(fit: FittedLimit) -> pa.Table:
    return pa.table(
        {"kva": fit.limit.kva[:, 0], "binding": np.ascontiguousarray(fit.limit.binding[:, 0])}
        | columns_of(fit)
    )


def _grid_state(view: NetworkView) -> dict[str, pa.Table]:
    net, tree = view.network, view.feeders
    branches = (
        {k: v for k, v in columns_of(net.branches).items() if k not in {"z_ohm", "shunt_s"}}
        | _complex_columns("z_ohm", net.branches.z_ohm)
        | _complex_columns("shunt_s", net.branches.shunt_s)
    )
    zip_share = net.loads.zip_share
    loads = {k: v for k, v in columns_of(net.loads).items() if k != "zip_share"}
    loads |= {f"zip_{n}": np.ascontiguousarray(zip_share[:, k]) for k, n in enumerate("zip")}
    return {
        "feeders": pa.table({"ids": pa.array(tree.ids, pa.string()), "head_branch": tree.head_branch}),
        "nodes": pa.table(
            {
                **columns_of(net.nodes),
                "feeder": tree.node_feeder,
                "parent": tree.node_parent,
                "parent_branch": tree.node_branch,
                "order": tree.order,
            }
        ),
        "branches": pa.table(branches | {"feeder": tree.branch_feeder}),
        "loads": pa.table(loads | {"feeder": tree.load_feeder, "zone": view.zones.load_zone}),
        "generators": pa.table(columns_of(net.generators)),
        "customers": pa.table(columns_of(view.customers)),
        "case_customers": pa.table(
            {
                "has_pv": joined([c.case.has_pv for c in view.cases], np.bool_),
                "has_hp": joined([c.case.has_hp for c in view.cases], np.bool_),
            }
        ),
    }


def _ev_state(view: NetworkView) -> dict[str, pa.Table]:
    all_cars = [z.optimised.sessions for z in view.evs]
    names = [name for s in all_cars for name in s.ids]
    first = np.cumsum([0, *(s.cars for s in all_cars)])
    car = [s.car + first[k] for k, s in enumerate(all_cars)]
    return {
        "evs": pa.table(
            {
                "zone": np.repeat([z.zone for z in view.evs], np.diff(first)).astype(np.int64),
                "ids": pa.array(names, pa.string()),
                "customer": joined([z.customer for z in view.evs], np.int64),
                **{n: joined([getattr(s, n) for s in all_cars], np.float64) for n in CAR_NUMBERS},
            }
        ),
        "ev_sessions": pa.table(
            {
                "car": joined(car, np.int64),
                "arrival": joined([s.arrival for s in all_cars], np.int64),
                "departure": joined([s.departure for s in all_cars], np.int64),
                "start_kwh": joined([s.start_kwh for s in all_cars], np.float64),
                "wanted_kwh": joined([s.wanted_kwh for s in all_cars], np.float64),
            }
        ),
    }


CAR_NUMBERS = ("battery_kwh", "reserve_kwh", "charge_kw", "discharge_kw", "efficiency")


def _moment_state(view: NetworkView) -> dict[str, pa.Table]:
    volts = [m.node_pu for m in view.moments]
    loads = [m.branch_loading for m in view.moments]
    return {
        "moment_nodes": _phases("pu", volts, len(view.network.nodes)),
        "moment_branches": _phases("loading", loads, len(view.network.branches)),
    }


def _phases(name: str, parts: list[NDArray[np.float64]], rows: int) -> pa.Table:
    """Values of all moments one after another, a column per phase."""
    values = np.concatenate([np.zeros((0, 3)), *parts])
    return pa.table(
        {
            "moment": np.repeat(np.arange(len(parts)), rows),
            "row": np.tile(np.arange(rows), len(parts)),
            **{f"{name}_{p + 1}": np.ascontiguousarray(values[:, p]) for p in range(3)},
        }
    )


def joined(parts: Iterable[NDArray[Any]], kind: type[Any]) -> NDArray[Any]:
    """Arrays one after another; an empty one of none."""
    return np.concatenate([np.zeros(0, dtype=kind), *parts]).astype(kind)


def columns_of(noun: object) -> dict[str, pa.Array]:
    """The flat arrays and names of a struct of arrays as columns."""
    out: dict[str, pa.Array] = {}
    for f in fields(noun):  # type: ignore[arg-type]  # called with our dataclasses only
        value = getattr(noun, f.name)
        if isinstance(value, np.ndarray) and value.ndim == 1:
            out[f.name] = pa.array(np.ascontiguousarray(value))
        elif isinstance(value, tuple):
            out[f.name] = pa.array(value, pa.string())
    return out


def _complex_columns(name: str, values: NDArray[np.complex128]) -> dict[str, pa.Array]:
    """3×3 matrices as lists of nine numbers, real and imaginary part, row by row."""
    flat = values.reshape(-1)
    return {
        f"{name}_{part}": pa.FixedSizeListArray.from_arrays(np.ascontiguousarray(numbers), MATRIX)
        for part, numbers in (("re", flat.real), ("im", flat.imag))
    }
