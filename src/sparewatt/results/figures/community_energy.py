"""Energy of all houses, or of one, over time: where what is used comes from, and what is produced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.figures.community_marks import (
    AT_HOME,
    BATTERY,
    FED_IN,
    FROM_GRID,
    GIVEN,
    OWN,
    OWN_BATTERY,
    PEER,
    PRODUCED,
    STORED,
    common_legend,
    flow_legend,
    power_axis,
    stack_steps,
    step_line,
)
from sparewatt.results.figures.community_window import horizon_of
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import drawing, id_label, light_grid, new_figure, settle
from sparewatt.results.figures.time_axis import period_words, set_local_time
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.community_flows import HouseFlows
    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun
    from sparewatt.results.figures.community_window import Window


def energy_picture(run: CommunityRun, repetition: Repetition, window: Window, name: str) -> Picture:
    """All houses together: used from own roofs, neighbours and the grid, stacked, and the production."""
    m, horizon = repetition.minutes, horizon_of(run)
    x = window.edges_h
    has_battery = len(run.neighbourhood.batteries) > 0
    heights = [1.0, 0.4] if has_battery else [1.0]
    with drawing():
        figure = new_figure(3.3 + 1.2 * has_battery)
        panels = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        axes = panels[0]
        top = stack_steps(
            axes,
            x,
            [
                (OWN, window.mean(np.maximum(m.own_kw - m.discharge_kw, 0.0))),
                (PEER, window.mean(m.peer_kw)),
                (OWN_BATTERY, window.mean(m.discharge_kw)),
                (FROM_GRID, window.mean(m.grid_kw)),
            ],
        )
        top = max(top, step_line(axes, x, window.mean(m.production_kw), PRODUCED))
        power_axis(axes, top)
        axes.set_title(f"All houses{_of_repetition(run, repetition)}")
        if has_battery:
            step_line(panels[1], x, window.mean(m.stored_kwh), BATTERY)
            panels[1].set_ylim(bottom=0.0)
            panels[1].set_ylabel("stored\n[kWh]")
            light_grid(panels[1])
        set_local_time(panels[-1], horizon, window.lo, window.hi)
        common_legend(figure, list(panels), 6)
        settle(figure)
    why = f" {window.reason}" if window.reason else ""
    return Picture(
        name,
        "A closer look, minute by minute" if window.size == 1 else "Where the energy came from, and when",
        f"Mean power in {window.words}, {period_words(horizon, window.lo, window.hi)}.{why} Coloured: what "
        "was used, by where it came from; line: what the roofs produced. What the line leaves above "
        "own roof and neighbours was fed into the grid" + (" or stored." if has_battery else "."),
        figure,
        digits=2,
    )


def household_picture(
    run: CommunityRun, repetition: Repetition, house: int, window: Window, name: str
) -> Picture:
    """One house: where what it used came from, and where what it produced went."""
    flows, horizon = run.flows[repetition.number], horizon_of(run)
    produces = bool(flows.production_kw[house].any())
    with drawing():
        figure = new_figure(2.5 + 1.6 * produces)
        panels = figure.subplots(1 + produces, 1, sharex=True, squeeze=False)[:, 0]
        _used(panels[0], flows, house, window)
        if produces:
            _produced(panels[1], flows, house, window)
        set_local_time(panels[-1], horizon, window.lo, window.hi)
        has_battery = bool(flows.charge_kw[house].any() or flows.discharge_kw[house].any())
        flow_legend(figure, is_stored=has_battery, is_made=produces)
        settle(figure)
    step = max(window.size, flows.step_minutes)
    words = window.words if step == window.size else f"every {step} minutes"
    why = f" {window.reason}" if window.reason else ""
    return Picture(
        name,
        f"House {id_label(run.house_ids[house], 30)}",
        f"Mean power in {words}, {period_words(horizon, window.lo, window.hi)}.{why}",
        figure,
        digits=2,
    )


def _used(axes: Axes, flows: HouseFlows, house: int, window: Window) -> None:
    """What the house used."""
    parts = [
        (OWN, np.maximum(flows.own_kw[house] - flows.discharge_kw[house], 0.0)),
        (PEER, flows.peer_in_kw[house]),
        (OWN_BATTERY, flows.discharge_kw[house]),
        (FROM_GRID, flows.grid_kw[house]),
    ]
    layers = [(look, window.mean_of_steps(flows, kw)) for look, kw in parts]
    power_axis(axes, stack_steps(axes, window.edges_h, layers))
    axes.set_title(f"Used: {_kwh_of(layers, window)}")


def _produced(axes: Axes, flows: HouseFlows, house: int, window: Window) -> None:
    """What became of what it produced."""
    direct = np.maximum(flows.own_kw[house] - flows.discharge_kw[house], 0.0)
    parts = [
        (AT_HOME, direct),
        (GIVEN, flows.peer_out_kw[house]),
        (STORED, flows.charge_kw[house]),
        (FED_IN, flows.feed_in_kw[house]),
    ]
    layers = [(look, window.mean_of_steps(flows, kw)) for look, kw in parts]
    power_axis(axes, stack_steps(axes, window.edges_h, layers))
    axes.set_title(f"Produced: {_kwh_of(layers, window)}")


def _kwh_of(layers: Sequence[tuple[object, NDArray[np.float64]]], window: Window) -> str:
    """Energy of all layers in words."""
    hours = np.diff(window.edges_h)
    return f"{number_text(float(sum(values @ hours for _, values in layers)))} kWh"


def _of_repetition(run: CommunityRun, repetition: Repetition) -> str:
    """Which repetition, where there are several."""
    return f", repetition {repetition.number}" if len(run.repetitions) > 1 else ""
