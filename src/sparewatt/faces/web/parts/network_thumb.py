"""A network as a small picture: its cables, a colour per feeder."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.style import CYCLE, GREY
from sparewatt.results.network_places import place_nodes

if TYPE_CHECKING:
    from sparewatt.results.network_grid_state import GridState

_WIDE, _HIGH, _PAD = 320.0, 150.0, 8.0


def network_thumb(state: GridState) -> str:
    """An SVG as the address of an image."""
    at, is_drawn = place_nodes(state.network, state.feeders)
    low, span = at.min(axis=0), np.maximum(np.ptp(at, axis=0), 1e-9)
    room = np.array([_WIDE - 2 * _PAD, _HIGH - 2 * _PAD])
    scale = room / span if is_drawn else np.full(2, float((room / span).min()))
    x, y = ((at - low) * scale + (np.array([_WIDE, _HIGH]) - span * scale) / 2).T
    b, feeder = state.network.branches, state.feeders.branch_feeder
    paths = []
    for f in np.unique(feeder).tolist():
        rows = np.flatnonzero(feeder == f)
        ends = zip(b.from_node[rows].tolist(), b.to_node[rows].tolist(), strict=True)
        d = "".join(f"M{x[m]:.1f} {_HIGH - y[m]:.1f}L{x[n]:.1f} {_HIGH - y[n]:.1f}" for m, n in ends)
        colour = CYCLE[f % len(CYCLE)] if f >= 0 else GREY
        paths.append(f'<path d="{d}" stroke="{colour}"/>')
    k = state.network.busbar
    paths.append(f'<circle cx="{x[k]:.1f}" cy="{_HIGH - y[k]:.1f}" r="4.5" fill="{GREY}" stroke="none"/>')
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE:g} {_HIGH:g}">'
        f'<g fill="none" stroke-width="1.6" stroke-linecap="round">{"".join(paths)}</g></svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode('ascii')}"
