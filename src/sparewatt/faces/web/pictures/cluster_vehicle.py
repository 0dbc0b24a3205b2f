"""Hub: one vehicle closely: its charge and target, its power and what it was promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.cluster_choice import hub
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.style import (
    BLUE,
    GREEN,
    PURPLE,
    Trace,
    figure,
    line,
    moments,
    seen_between,
    timed,
    utc_texts,
    value_axis,
)
from sparewatt.results.hub_lines import powers_kw
from sparewatt.results.hub_promises import promised_to

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.cluster_windows import ClusterWindows
    from sparewatt.results.run_folder import RunFolder

_MOST = 2000
"""Vehicles to choose from."""
_AROUND_S = 3600


def draw_vehicle(folder: RunFolder, look: Look) -> Figure:
    """State of charge over power of one vehicle; it begins with its stay."""
    windows = hub(folder)
    h = windows.horizon
    vehicle = int(look.chosen["vehicle"])
    c = windows.part("connections", ["vehicle", "first", "end"])
    rows = np.flatnonzero(c["vehicle"] == vehicle)
    lo, hi = int(c["first"][rows].min()), int(c["end"][rows].max())
    stay_s = h.boundaries_s[[lo, hi]]
    seen_s = np.clip(stay_s + np.array([-_AROUND_S, _AROUND_S]), h.boundaries_s[0], h.boundaries_s[-1])
    target = 100 * float(windows.part("visits", ["target_soc"])["target_soc"][vehicle])
    data = _charge(windows, rows, target, stay_s)
    data += _power(windows, rows, vehicle, lo, hi)
    shown = look if look.start is not None else seen_between(look, seen_s)
    frame = timed(h.start, h.end, h.timezone, shown, axes=2)
    for axis in ("xaxis", "xaxis2"):
        frame[axis]["range"] = utc_texts(seen_s)
    axes = {
        "yaxis": value_axis("power [kW]", domain=[0, 0.4]),
        "yaxis2": value_axis("state of charge [%]", domain=[0.5, 1], range=[-2, 102]),
    }
    return figure(data, {**frame, **axes})


def _charge(
    windows: ClusterWindows, rows: NDArray[np.int64], target: float, stay_s: NDArray[np.int64]
) -> list[Trace]:
    """Its state of charge, and the target."""
    zone = windows.horizon.timezone
    _, time_s, soc = windows.knots(rows)
    above = {"xaxis": "x2", "yaxis": "y2"}
    charge = line(moments(time_s, zone), 100 * soc, "state of charge", BLUE, unit="%", steps=False, width=2.0)
    wanted = line(moments(stay_s, zone), [target, target], "target", GREEN, unit="%", dash="dash")
    return [{**charge, **above}, {**wanted, **above}]


def _power(windows: ClusterWindows, rows: NDArray[np.int64], vehicle: int, lo: int, hi: int) -> list[Trace]:
    """Its power at the grid, and what its contract schedules."""
    h = windows.horizon
    spells = windows.spells(int(h.boundaries_s[lo]), int(h.boundaries_s[hi]), rows)
    kw = powers_kw(spells, h, lo, hi)
    at = moments(h.boundaries_s[lo : hi + 1], h.timezone)
    data = [line(at, np.append(kw, 0.0), "power at the grid", BLUE, unit="kW", width=2.0, showlegend=False)]
    period, promised = promised_to(windows, vehicle)
    if len(period):
        when = moments(h.boundaries_s[np.append(period, period[-1] + 1)], h.timezone)
        held = np.append(promised, 0.0)
        data.append(line(when, held, "promised by its contract", PURPLE, unit="kW", dash="dash"))
    return data


def vehicle_choice(folder: RunFolder) -> tuple[Choice, ...]:
    """A vehicle that was connected."""
    windows = hub(folder)
    ids = windows.part("visits", ["ids"])["ids"]
    rows = np.unique(windows.part("connections", ["vehicle"])["vehicle"])[:_MOST]
    return (Choice("vehicle", "Vehicle", tuple((str(row), str(ids[row])) for row in rows.tolist())),)


def has_connections(folder: RunFolder) -> bool:
    """Whether anybody was connected."""
    return bool(len(hub(folder).part("connections", ["vehicle"])["vehicle"]))


VEHICLE = Picture(
    name="vehicle",
    title="One vehicle",
    words="State of charge and target above, power at the grid below; dashed in purple what its contract "
    "promised. It begins with the stay of the vehicle.",
    draw=draw_vehicle,
    choices=vehicle_choice,
    is_there=has_connections,
    height=380,
    behind=lambda _folder: ("series/soc.parquet", "series/evse_power.parquet"),
)
