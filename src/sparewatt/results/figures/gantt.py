"""Sessions as a Gantt chart: who is plugged in when, on AC or DC, and when it charges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline

from sparewatt.model.schedule import AC, DC, NO_CHARGER
from sparewatt.results.depot_view import MODE_WORDS
from sparewatt.results.figures.heat_map import vehicle_rows
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import BLUE, GREY, INK, ORANGE, drawing, new_figure
from sparewatt.results.figures.time_axis import period_words, set_local_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.depot_view import DepotView

_KINDS = ((AC, "AC", BLUE, ""), (DC, "DC", ORANGE, "////"), (NO_CHARGER, "no charger", GREY, "...."))
_WRITTEN = 30
"""Up to this many vehicles the energy is written behind each bar."""
_OUTLINED = 60
"""Up to this many vehicles bars have outlines and hatches; thinner bars would drown in them."""
_HALF = 0.38


def gantt_picture(view: DepotView, lo: int, hi: int, name: str) -> Picture:
    """Stays of one scenario as bars; the solid part of a bar is when it charges."""
    count = len(view.vehicle_ids)
    with drawing():
        figure = new_figure(1.2 + float(np.clip(0.2 * count, 1.2, 7.0)))
        axes = figure.subplots()
        handles: list[Any] = []  # tuples of patches, drawn over each other
        labels: list[str] = []
        outlined = count <= _OUTLINED
        for kind, label, colour, hatch in _KINDS:
            stays = _stays(view, lo, hi, kind)
            if not len(stays):
                continue
            _bars(axes, stays, facecolor=colour, alpha=0.25, linewidth=0)
            if outlined:
                _bars(axes, stays, facecolor="none", edgecolor=colour, linewidth=0.6, hatch=hatch)
            _bars(axes, _charging(view, lo, hi, kind), facecolor=colour, linewidth=0)
            outline = Patch(
                facecolor="none", edgecolor=colour, hatch=hatch if outlined else "", linewidth=0.6
            )
            handles.append((Patch(facecolor=(colour, 0.25)), outline))
            labels.append(f"plugged in, {label}")
            if kind != NO_CHARGER:
                handles.append((Patch(facecolor=colour),))
                labels.append(f"charging, {label}")
        if count <= _WRITTEN:
            _energies(axes, view, lo, hi)
        vehicle_rows(axes, view.vehicle_ids)
        set_local_time(axes, view.horizon, lo, hi)
        figure.legend(handles, labels, loc="outside lower center", ncols=5)
    hatched = " and hatched" if outlined else ""
    written = " The number behind a bar is the energy of that stay in kWh." if count <= _WRITTEN else ""
    return Picture(
        name,
        f"Sessions and chargers, {MODE_WORDS[view.mode]} charging",
        f"Stays of the {count} vehicles from plug-in to plug-out, {period_words(view.horizon, lo, hi)}. "
        f"Orange{hatched}: on a DC charger; blue: on AC; solid colour: power flows.{written}",
        figure,
    )


def _stays(view: DepotView, lo: int, hi: int, kind: int) -> NDArray[np.float64]:
    """Row, begin and end [h since the start] of the stays of one kind, shape (stays, 3)."""
    bars, start, step = view.sessions, view.horizon.start_s, view.horizon.step_h
    begin = np.maximum((bars.plug_in_s - start) / 3600, lo * step)
    end = np.minimum((bars.plug_out_s - start) / 3600, hi * step)
    seen = (end > begin) & (bars.charger == kind)
    return np.column_stack([bars.vehicle[seen], begin[seen], end[seen]])


def _charging(view: DepotView, lo: int, hi: int, kind: int) -> NDArray[np.float64]:
    """Row, begin and end of unbroken charging on one kind, shape (spells, 3)."""
    on = (view.energy_kwh[:, lo:hi] > 1e-9) & (view.charger[:, lo:hi] == kind)  # noqa: PLR2004 - noise
    padded = np.pad(on.astype(np.int8), ((0, 0), (1, 1)))
    change = np.diff(padded, axis=1)
    row, begin = np.nonzero(change == 1)
    _, end = np.nonzero(change == -1)
    step = view.horizon.step_h
    spells = np.column_stack([row, (begin + lo) * step, (end + lo) * step]).astype(np.float64)
    return _clipped(spells, _stays(view, lo, hi, kind), hi * step + 1.0)


def _clipped(spells: NDArray[np.float64], stays: NDArray[np.float64], longest: float) -> NDArray[np.float64]:
    """Spells cut to the stay in which their middle lies: a period may be plugged in only in part."""
    if not len(spells) or not len(stays):
        return spells
    middle = (spells[:, 1] + spells[:, 2]) / 2
    at = (
        np.searchsorted(stays[:, 0] * longest + stays[:, 1], spells[:, 0] * longest + middle, side="right")
        - 1
    )
    stay = stays[np.maximum(at, 0)]
    inside = (stay[:, 0] == spells[:, 0]) & (stay[:, 2] > spells[:, 1])
    out = spells.copy()
    out[inside, 1] = np.maximum(spells[inside, 1], stay[inside, 1])
    out[inside, 2] = np.minimum(spells[inside, 2], stay[inside, 2])
    return out


def _bars(axes: Axes, bars: NDArray[np.float64], **style: object) -> None:
    """All bars as one path, which keeps the file small."""
    if not len(bars):
        return
    row, begin, end = bars.T
    corners = np.stack(
        [
            np.column_stack([begin, row - _HALF]),
            np.column_stack([end, row - _HALF]),
            np.column_stack([end, row + _HALF]),
            np.column_stack([begin, row + _HALF]),
            np.column_stack([begin, row - _HALF]),
        ],
        axis=1,
    )
    codes = [Outline.MOVETO, Outline.LINETO, Outline.LINETO, Outline.LINETO, Outline.CLOSEPOLY]
    axes.add_patch(PathPatch(Outline(corners.reshape(-1, 2), codes * len(bars)), **style))


def _energies(axes: Axes, view: DepotView, lo: int, hi: int) -> None:
    """The energy of each stay behind its end."""
    bars, start, step = view.sessions, view.horizon.start_s, view.horizon.step_h
    for s in range(len(bars)):
        begin = max((bars.plug_in_s[s] - start) / 3600, lo * step)
        end = min((bars.plug_out_s[s] - start) / 3600, hi * step)
        if end > begin and bars.energy_kwh[s] >= 0.5:  # noqa: PLR2004 - rounds to 0
            axes.annotate(
                f"{bars.energy_kwh[s]:.0f}",
                (end, float(bars.vehicle[s])),
                (2, 0),
                textcoords="offset points",
                va="center",
                fontsize=7,
                color=INK,
            )
