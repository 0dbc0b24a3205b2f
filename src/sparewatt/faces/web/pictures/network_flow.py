"""A zone over time: flow beside its limit, lowest voltage; and the cloud that the limit was read from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.network_choice import (
    CHARGING,
    chosen_zone,
    grid_of,
    taken_case,
    zone_choice,
    zones_only,
)
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.run_tables import number, table_rows
from sparewatt.faces.web.pictures.style import (
    BLUE,
    GREEN,
    GREY,
    VERMILION,
    figure,
    line,
    line_of,
    moments,
    timed,
    value_axis,
)
from sparewatt.results.network_curves import thin_cloud
from sparewatt.results.network_part_reading import read_room, read_zonal
from sparewatt.results.run_folder import SERIES
from sparewatt.results.series_window import kept_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.network_grid_state import GridState
    from sparewatt.results.run_folder import RunFolder

_REPLAY = "replay"


def _over(folder: RunFolder) -> Choice:
    state = grid_of(folder)
    replay = ((_REPLAY, "replayed days, with EVs"),) if state.charging else ()
    cases = tuple((f"case:{k}", f"{c.name}, without EVs") for k, c in enumerate(state.cases))
    return Choice("over", "Show", replay + cases)


def _draw_flow(folder: RunFolder, look: Look) -> Figure:
    state, directory = grid_of(folder), folder.path / SERIES
    zone, over = chosen_zone(folder, look), look.chosen.get("over") or _over(folder).options[0][0]
    h, base = state.horizon, state.network.base_v
    kinds = list(state.charging) if over == _REPLAY else [""]
    case = taken_case(state, zone) if over == _REPLAY else state.cases[int(over.partition(":")[2])].name
    data: list[dict[str, Any]] = []
    first, end = h.start_s, h.start_s + h.periods * h.step_s
    for charging in kinds:
        part = read_zonal(directory, h, zones=[zone], case=case, charging=charging)
        if charging and len(part.periods):
            first = h.start_s + int(part.periods[0]) * h.step_s
            end = h.start_s + (int(part.periods[-1]) + 1) * h.step_s
        words, colour, dash, _ = CHARGING[charging] if charging else ("flow", BLUE, "solid", "")
        solved = part.series.converged
        times = h.start_s + part.periods * h.step_s
        for values, unit, axis in (
            (part.series.flow_kva[0], "kVA", "2"),
            (part.series.min_pu[0] * base, "V", ""),
        ):
            name = words if charging else ("flow" if axis else "lowest voltage")
            data.append(
                _line(times, np.where(solved, values, np.nan), name, colour, dash, unit, axis, state, look)
            )
            data[-1]["showlegend"] = bool(axis) or not charging
            data[-1]["legendgroup"] = words
    own = read_zonal(directory, h, zones=[zone], case=case)
    room = read_room(directory, case, zone, h.periods)["headroom_kva"] + own.series.flow_kva[0]
    times = h.start_s + np.arange(h.periods) * h.step_s
    inside = (times >= first) & (times < end)
    data.append(_line(times[inside], room[inside], "limit", VERMILION, "longdash", "kVA", "2", state, look))
    floor = np.full(2, state.floor_pu * base)
    ends = moments(np.array([first, end]), h.timezone)
    data.append(line(ends, floor, "statutory floor", GREEN, unit="V", dash="dot", steps=False, digits=".1f"))
    start, stop = (datetime.fromtimestamp(t, UTC) for t in (first, end))
    return figure(
        data,
        timed(start, stop, h.timezone, look, axes=2)
        | {
            "yaxis": value_axis("lowest voltage [V]", zero=False, domain=[0, 0.42]),
            "yaxis2": value_axis("flow [kVA]", domain=[0.5, 1]),
        },
    )


def _line(
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    name: str,
    colour: str,
    dash: str,
    unit: str,
    axis: str,
    state: GridState,
    look: Look,
) -> dict[str, Any]:
    """A line with as many points as are asked for, in the window that is."""
    seen = np.ones(len(times), dtype=np.bool_)
    if look.start is not None and look.end is not None:
        seen = (times >= look.start.timestamp()) & (times <= look.end.timestamp())
    times, values = times[seen], values[seen]
    kept = kept_rows(np.nan_to_num(values), look.points)
    times, values = times[kept], values[kept]
    gaps = np.flatnonzero(np.diff(times) > state.horizon.step_s * max(1, 4 * len(seen) // max(len(kept), 1)))
    times = np.insert(times, gaps + 1, times[gaps] + state.horizon.step_s)
    values = np.insert(values, gaps + 1, np.nan)
    more: dict[str, Any] = {"xaxis": f"x{axis}", "yaxis": f"y{axis}"} if axis else {}
    at = moments(times, state.horizon.timezone)
    return line(at, values, name, colour, unit=unit, dash=dash, digits=".1f", **more)


def _draw_cloud(folder: RunFolder, look: Look) -> Figure:
    state, directory, zone = grid_of(folder), folder.path / SERIES, chosen_zone(folder, look)
    base = state.network.base_v
    flow, volt = np.zeros(0), np.zeros(0)
    for case in state.cases:
        part = read_zonal(directory, state.horizon, zones=[zone], case=case.name).series
        flow = np.concatenate([flow, part.flow_kva[0, part.converged]])
        volt = np.concatenate([volt, part.min_pu[0, part.converged] * base])
    fit = next(r for r in table_rows(folder, "limits") if str(r["zone_id"]) == zone and r["side"] == "import")
    own = next(r for r in table_rows(folder, "zones") if str(r["zone_id"]) == zone)
    limit, floor = number(own["limit_kva"]), state.planned_floor_pu * base
    bad = (volt < floor) & (flow <= limit)
    data = []
    for which, colour, symbol, name in (
        (~bad, GREY, "circle", "moments of all cases"),
        (bad, VERMILION, "x", "within the limit and below the floor"),
    ):
        rows = np.flatnonzero(which)
        rows = rows[thin_cloud(flow[rows], volt[rows])]
        if len(rows):
            dots = line_of(flow[rows].round(3).tolist(), volt[rows], name, colour, unit="V", steps=False)
            hover = "%{x:.1f} kVA, <b>%{y:.1f}</b> V<extra></extra>"
            data.append(
                {**dots, "mode": "markers", "marker": {"size": 5, "symbol": symbol, "color": colour}}
                | {"hovertemplate": hover}
            )
    right = max(float(flow.max(initial=0.0)), limit) * 1.05 + 1e-9
    left = min(float(flow.min(initial=0.0)), 0.0)
    if fit["line_fault"] == "none":
        ends = np.array([left, right])
        fitted = (number(fit["slope_pu_per_kva"]) * ends + number(fit["intercept_pu"])) * base
        data.append(line_of(ends.tolist(), fitted, "line through them", BLUE, unit="V", steps=False))
    low, high = min(float(volt.min(initial=floor)), floor), max(float(volt.max(initial=floor)), floor)
    for x, y, name, dash, colour in (
        ([left, right], [floor, floor], "planning floor", "dash", GREEN),
        ([limit, limit], [low, high], "limit", "solid", VERMILION),
    ):
        data.append(line_of(x, np.array(y), name, colour, unit="V", steps=False, dash=dash))
    axis = {"title": {"text": "flow into the zone [kVA]"}, "automargin": True, "zeroline": False}
    return figure(data, {"xaxis": axis, "yaxis": value_axis("lowest voltage [V]", zero=False)})


FLOW = Picture(
    "zone_flow",
    "A zone over time",
    "Above, the flow into the zone and its limit; below, the lowest voltage of its nodes and the statutory "
    "floor. On the replayed days the same cars charge as they plug in, and planned inside the headroom.",
    _draw_flow,
    choices=lambda folder: (zone_choice(folder), _over(folder)),
    height=460,
    behind=lambda _folder: ("series/zone_flow.parquet", "series/zone_voltage.parquet"),
)
CLOUD = Picture(
    "limit_cloud",
    "Where the flow limits come from",
    "Lowest voltage of a zone over its flow, in the moments of all cases without EVs, thinned to one dot per "
    "spot. The limit is read from the line through them at the planning floor, corrected by what was seen, "
    "or found by power flow; the table of zones tells which.",
    _draw_cloud,
    choices=zones_only,
    is_timed=False,
    behind=lambda _folder: ("tables/limits.csv",),
)
