"""What the pages of neighbourhoods answer to those who look for something: houses, jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from dash import Input, Output, State
from dash.exceptions import PreventUpdate

from sparewatt.faces.web.neighbourhood_jobs_table import JOBS_GRID, job_part
from sparewatt.faces.web.neighbourhood_street import DAY, day, houses_found
from sparewatt.faces.web.shell import URL
from sparewatt.studies.neighbourhood_keeping import open_draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component


def register_finding(desk: Desk) -> None:
    """Register the answers."""
    place = desk.place

    @desk.answer(
        Output(JOBS_GRID, "getRowsResponse"),
        Output("hood-jobs-told", "children"),
        Input(JOBS_GRID, "getRowsRequest"),
        State("hood-shown", "data"),
    )
    def rows(asked: Mapping[str, Any] | None, shown: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        if asked is None:
            raise PreventUpdate
        return job_part(open_draft(place.store, int(shown["number"])).sight, asked)

    @desk.answer(Output(DAY, "children"), Input(DAY, "id"), State("hood-shown", "data"))
    def draw_day(_place: str, shown: Mapping[str, Any]) -> Component:
        return day(open_draft(place.store, int(shown["number"])).sight)

    @desk.answer(
        Output("hood-selected", "data"),
        Input(JOBS_GRID, "selectedRows"),
        Input(JOBS_GRID, "filterModel"),
        prevent_initial_call=True,
    )
    def select(
        ticked: Sequence[Mapping[str, Any]] | None, filters: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        chosen = [{"kind": row["kind"], "row": row["row"]} for row in ticked or []]
        return {"selected": chosen, "filter": filters or {}}

    @desk.answer(
        Output("hood-houses", "children"),
        Output(URL, "search"),
        Output("hood-sought", "data", allow_duplicate=True),
        Input("hood-find", "value"),
        State(URL, "search"),
        State("hood-shown", "data"),
        prevent_initial_call=True,
    )
    def find(sought: str | None, search: str | None, shown: Mapping[str, Any]) -> tuple[Component, str, str]:
        words = (sought or "").strip()
        if words == parse_qs((search or "").removeprefix("?")).get("find", [""])[0]:
            raise PreventUpdate
        address = f"?{urlencode({'tab': 'street', **({'find': words} if words else {})})}"
        sight = open_draft(place.store, int(shown["number"])).sight
        return houses_found(sight, 1, words), address, address
