"""What the map of a network answers, and what the browser does for it by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, State
from dash.exceptions import PreventUpdate

from sparewatt.errors import InputError, SparewattError
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.web.desk import error_words
from sparewatt.faces.web.network_blocks import asked_block, network_folder, strip_figure
from sparewatt.faces.web.network_controls import BUTTONS
from sparewatt.faces.web.network_zone import zone_panel
from sparewatt.faces.web.shell import URL
from sparewatt.results.network_grid_state import read_grid_state
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.pictures.picture import Figure


def register_map(desk: Desk) -> None:
    """Wire the map."""
    _register_browser(desk)

    @desk.answer(Output("net-block", "data"), Input("net-want", "data"), prevent_initial_call=True)
    def solve(wanted: Any) -> dict[str, Any]:  # noqa: ANN401 - of a browser
        if not wanted:
            raise PreventUpdate
        try:
            return asked_block(desk.place, wanted)
        except InputError as error:
            return {**wanted, "failed": " ".join(f"{f.message}; {f.remedy}." for f in error.findings[:1])}
        except (SparewattError, ProblemError) as error:
            return {**wanted, "failed": error_words(error, desk.place)}

    @desk.answer(
        Output("net-strip", "figure"),
        Output("net-worst-of", "data"),
        Input("net-shown", "value"),
        State("net-plan", "data"),
        prevent_initial_call=True,
    )
    def strip(shown: str | None, plan: Any) -> tuple[Figure, dict[str, Any]]:  # noqa: ANN401 - of a browser
        if not shown or not plan:
            raise PreventUpdate
        folder = network_folder(desk.place, plan.get("run"))
        drawn, worst = strip_figure(folder, read_grid_state(folder.path / SERIES), shown)
        return drawn, {"shown": shown, "period": worst}

    @desk.answer(Output("net-zone-panel", "children"), Input("net-zone", "value"), State("net-plan", "data"))
    def zone(chosen: str | None, plan: Any) -> Component:  # noqa: ANN401 - of a browser
        if not plan:
            raise PreventUpdate
        return zone_panel(network_folder(desk.place, plan.get("run")), plan["run"], chosen)


def _register_browser(desk: Desk) -> None:
    """What is done in the browser alone; see ``assets/sparewatt_network.js``."""
    desk.in_browser(
        "sparewatt.netBegin",
        Output("net-frame", "data-begun"),
        Input("net-plan", "data"),
        State("net-kept", "data"),
        State(URL, "search"),
    )
    desk.in_browser("sparewatt.netBack", Output("net-frame", "data-back"), Input(URL, "search"))
    desk.in_browser(
        "sparewatt.netChoose",
        Output("net-frame", "data-chosen"),
        Input("net-time", "value"),
        Input("net-shown", "value"),
        Input("net-zone", "value"),
        Input("net-colour", "value"),
        prevent_initial_call=True,
    )
    desk.in_browser(
        "sparewatt.netPress",
        Output("net-frame", "data-pressed"),
        *(Input(name, "n_clicks") for name in ("net-play", "net-worst", *(b[0] for b in BUTTONS))),
        State("net-worst-of", "data"),
        prevent_initial_call=True,
    )
    desk.in_browser(
        "sparewatt.netStrip",
        Output("net-frame", "data-strip"),
        Input("net-strip", "clickData"),
        prevent_initial_call=True,
    )
    desk.in_browser("sparewatt.netWorst", Output("net-frame", "data-worst"), Input("net-worst-of", "data"))
    desk.in_browser("sparewatt.netMark", Output("net-frame", "data-marked"), Input("net-strip", "figure"))
    desk.in_browser("sparewatt.netTake", Output("net-frame", "data-taken"), Input("net-block", "data"))
    desk.in_browser(
        "sparewatt.netDraw",
        Output("net-map", "figure"),
        Output("net-when", "children"),
        Output("net-summary", "children"),
        Output("net-time", "min"),
        Output("net-time", "max"),
        Output("net-time", "value"),
        Output("net-nodes", "children"),
        Output("net-cables", "children"),
        Output("net-seen", "data"),
        Input("net-at", "data"),
        Input("net-taken", "data"),
    )
    desk.in_browser(
        "sparewatt.netFollow",
        Output("net-shown", "value"),
        Output("net-zone", "value"),
        Output("net-colour", "value"),
        Input("net-seen", "data"),
        State("net-shown", "value"),
        State("net-zone", "value"),
        State("net-colour", "value"),
    )
