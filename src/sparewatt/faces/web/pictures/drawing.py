"""Drawing: what pictures answer when somebody comes to them, chooses, or zooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import Input, Output, State
from dash.exceptions import PreventUpdate

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import done_folder
from sparewatt.faces.web.pictures.axes import named_day, utc_text
from sparewatt.faces.web.pictures.catalogue import pictures_of
from sparewatt.faces.web.pictures.figure_table import figure_grid
from sparewatt.faces.web.pictures.graph import picture_graph
from sparewatt.faces.web.pictures.ids import any_choice, any_part
from sparewatt.faces.web.pictures.picture import Look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.pictures.picture import Figure, Picture
    from sparewatt.results.run_folder import RunFolder

    Values = Sequence[object]
    Ids = Sequence[Mapping[str, str]]

_LEAST_POINTS, _MOST_POINTS, _WIDTH = 500, 3000, 900
_BESIDE = 0.25
"""So much of a window is drawn on either side of it as well, so that there is something to pan to."""
_CHOSEN = (State(any_choice(), "value"), State(any_choice(), "id"))
MOVES = ("earlier", "closer", "wider", "later", "whole")


@dataclass(frozen=True)
class _Asked:
    """A picture, the files it is drawn from, and what is asked of it."""

    run_id: int
    picture: Picture
    folder: RunFolder
    look: Look
    seen: tuple[datetime, datetime] | None = None

    def figure(self) -> Figure:
        """The figure; where a window was asked for, its axes of time show that window."""
        drawn = self.picture.draw(self.folder, self.look)
        if self.seen is None:
            return drawn
        window = [utc_text(moment) for moment in self.seen]
        axes = {
            name: {
                **axis,
                "ticktext": named_day(axis.get("tickvals", []), axis.get("ticktext", []), window),
                "range": window,
                "autorange": False,
                "uirevision": window[0] + window[1],
            }
            for name, axis in drawn["layout"].items()
            if name.startswith("xaxis") and axis.get("type") == "date"
        }
        return {**drawn, "layout": {**drawn["layout"], **axes}}


def register_gallery(desk: Desk) -> None:
    """Wire the pictures of all pages."""
    desk.in_browser(
        "sparewattPictures.watch", Output(any_part("frame"), "data-watched"), Input(any_part("frame"), "id")
    )
    desk.in_browser(
        "sparewattPictures.zoom",
        Output(any_part("window"), "data", allow_duplicate=True),
        Input(any_part("graph"), "relayoutData"),
        State(any_part("window"), "data"),
        prevent_initial_call=True,
    )
    desk.in_browser(
        "sparewattPictures.move",
        Output(any_part("frame"), "data-moved"),
        *[Input(any_part(f"move-{move}"), "n_clicks") for move in MOVES],
        State(any_part("frame"), "id"),
        prevent_initial_call=True,
    )

    @desk.answer(
        Output(any_part("holder"), "children"),
        Input(any_part("seen"), "data"),
        *_CHOSEN,
        State(any_part("holder"), "id"),
        prevent_initial_call=True,
    )
    def put_there(seen: object, values: Values, ids: Ids, own: object) -> list[Component]:
        asked = find_asked(desk.place, own, _told(seen), _chosen(values, ids))
        return [picture_graph(asked.run_id, asked.picture, asked.figure())]

    @desk.answer(
        Output(any_part("graph"), "figure"),
        Input(any_part("window"), "data"),
        Input(any_choice(), "value"),
        State(any_choice(), "id"),
        State(any_part("seen"), "data"),
        State(any_part("graph"), "id"),
        prevent_initial_call=True,
    )
    def draw(window: object, values: Values, ids: Ids, seen: object, own: object) -> Figure:
        return find_asked(desk.place, own, _told(seen) | _told(window), _chosen(values, ids)).figure()

    @desk.answer(
        Output(any_part("table"), "children"),
        Output(any_part("table-button"), "children"),
        Output(any_part("table-button"), "aria-label"),
        Input(any_part("table-button"), "n_clicks"),
        State(any_part("window"), "data"),
        *_CHOSEN,
        State(any_part("holder"), "id"),
        prevent_initial_call=True,
    )
    def show_table(
        clicks: int | None, window: object, values: Values, ids: Ids, own: object
    ) -> tuple[Component, str, str]:
        if not clicks:
            raise PreventUpdate
        if clicks % 2 == 0:
            picture = find_asked(desk.place, own, {}, {}).picture
            return None, "Show as table", f"Show as table: {picture.title}"
        asked = find_asked(desk.place, own, _told(window), _chosen(values, ids), beside=0)
        shown = figure_grid(asked.figure())
        if shown is None:  # a component without children is not true, so it is asked for none
            shown = dmc.Text("There are no numbers in this window.", className="quiet")
        return shown, "Hide the table", f"Hide the table: {asked.picture.title}"


def find_asked(
    place: ApiPlace,
    own: object,
    window: Mapping[str, Any],
    chosen: Mapping[str, str],
    *,
    beside: float = _BESIDE,
) -> _Asked:
    """What a browser asks for, checked: a run that is done, a picture of its study, choices that it has."""
    if not isinstance(own, dict) or not isinstance(own.get("run"), int):
        raise ProblemError(404, "There is no such picture.")
    run, folder, _ = done_folder(place, own["run"])
    picture = next((p for p in pictures_of(run.study) if p.name == own.get("name")), None)
    if picture is None:
        raise ProblemError(404, f"Run {run.id} has no such picture.")
    kept = {}
    for choice in picture.choices(folder):
        values = [value for value, _ in choice.options]
        if values:
            kept[choice.name] = chosen[choice.name] if chosen.get(choice.name) in values else values[0]
    start, end = _moment(window.get("start")), _moment(window.get("end"))
    if start is None or end is None or start >= end or not picture.is_timed:
        start, end, seen = None, None, None
    else:
        seen, more = (start, end), (end - start) * beside
        start, end = _sooner(start, more), _sooner(end, -more)
    width = window.get("width")
    points = 2 * int(width) if isinstance(width, int | float) and 0 < width < 1e5 else 2 * _WIDTH  # noqa: PLR2004
    look = Look(start, end, kept, min(max(points, _LEAST_POINTS), _MOST_POINTS))
    return _Asked(run.id, picture, folder, look, seen)


def _told(data: object) -> dict[str, Any]:
    """What a browser keeps, where it is what we gave it to keep."""
    return data if isinstance(data, dict) else {}


def _chosen(values: Values, ids: Ids) -> dict[str, str]:
    """Values by name of the choice."""
    return {own["choice"]: str(value) for own, value in zip(ids, values, strict=True) if value is not None}


def _moment(text: object) -> datetime | None:
    """A position on an axis, which is UTC; ``None`` where it is none."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "T"))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _sooner(moment: datetime, by: timedelta) -> datetime:
    """A moment before, or after; itself at the ends of all time."""
    try:
        return moment - by
    except OverflowError:
        return moment
