"""Curve files of a neighbourhood: load profiles, forecasts, base loads, and the curve of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.neighbourhood_fields import CURVE_FORMS, icon_button, upload_button
from sparewatt.faces.web.neighbourhood_pictures import curve_figure, graph
from sparewatt.faces.web.parts.plain_html import plain_table
from sparewatt.inputs.community.read import BASE_LOADS, LOADS, PREDICTIONS
from sparewatt.studies.neighbourhood_curves import FOLDER_WORDS, curve_points
from sparewatt.studies.neighbourhood_timeline import stamp_words

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_draft import Draft
    from sparewatt.studies.neighbourhood_sight import Sight

_ADDS = {LOADS: "Upload load profiles", PREDICTIONS: "Upload forecasts", BASE_LOADS: "Upload base loads"}
_USERS, _A_PAGE = 4, 100


def files_page(sight: Sight, drawn: str, turned: str, page: int) -> Component:
    """Load profiles, forecasts and base loads, and the curve of one of them.

    Parameters
    ----------
    sight
        The neighbourhood.
    drawn
        Path of the file whose curve is drawn; empty: none.
    turned, page
        Folder of which another page than the first is shown, and which.
    """
    draft, users = sight.draft, sight.users
    points = curve_points(draft, drawn) if drawn else None
    picture = None
    if points is not None:
        picture = dmc.Paper(
            withBorder=True,
            p="md",
            children=[
                dmc.Title(drawn.partition("/")[2], order=3, size="h5"),
                dmc.Text(_curve_words(drawn, points), className="quiet", size="sm"),
                html.Div(
                    graph(curve_figure(points, is_profile=drawn.startswith(LOADS))),
                    role="figure",
                    **{"aria-label": f"Power of {drawn}. {_curve_words(drawn, points)}"},
                ),
            ],
        )
    return dmc.Stack(
        [
            picture,
            *(
                _folder(draft, folder, users, drawn, page if folder == turned else 1)
                for folder in FOLDER_WORDS
            ),
        ],
        gap="xl",
    )


def _curve_words(path: str, points: Any) -> str:  # noqa: ANN401 - pair of arrays
    time_s, energy = points
    kwh = float(energy[-1] - energy[0])
    span = f"{stamp_words(str(time_s[0]))} to {stamp_words(str(time_s[-1]))} UTC"
    return f"{kwh:.4g} kWh in {time_s[-1] / 60:g} min" if path.startswith(LOADS) else f"{kwh:.4g} kWh, {span}"


def _folder(draft: Draft, folder: str, users: Any, drawn: str, page: int) -> Component:  # noqa: ANN401 - by path
    paths = sorted(path for path in draft.curves if path.startswith(f"{folder}/"))
    last = (len(paths) - 1) // _A_PAGE + 1
    page = min(max(page, 1), max(last, 1))
    shown = paths[(page - 1) * _A_PAGE : page * _A_PAGE]
    return dmc.Stack(
        gap="xs",
        children=[
            dmc.Group(
                [
                    dmc.Title(f"{FOLDER_WORDS[folder]}s", order=2, size="h4"),
                    upload_button(_ADDS[folder], f"curve:{folder}", several=True),
                ],
                justify="space-between",
            ),
            dmc.Text(CURVE_FORMS[folder], className="quiet", size="sm"),
            plain_table(
                ("File", "Energy [kWh]", "Used by", ""),
                [_file_row(draft, path, users.get(path, []), drawn) for path in shown],
                f"{FOLDER_WORDS[folder]}s",
            )
            if paths
            else dmc.Text("None yet.", className="quiet"),
            _pages(folder, page, last, len(paths)) if last > 1 else None,
        ],
    )


def _pages(folder: str, page: int, last: int, total: int) -> Component:
    here = f"?tab=files&folder={folder}&page="
    links = [dcc.Link("Files before", href=f"{here}{page - 1}")] if page > 1 else []
    links += [dcc.Link("More files", href=f"{here}{page + 1}")] if page < last else []
    first = (page - 1) * _A_PAGE
    words = f"Files {first + 1:,} to {min(first + _A_PAGE, total):,} of {total:,}"
    return dmc.Group([dmc.Text(words, className="quiet", size="sm"), *links])


def _file_row(draft: Draft, path: str, users: list[str], drawn: str) -> list[Component]:
    points = curve_points(draft, path)
    name = path.partition("/")[2]
    energy = "not readable" if points is None else f"{float(points[1][-1] - points[1][0]):.4g}"
    told = ", ".join(users[:_USERS]) + (f" and {len(users) - _USERS} more" if len(users) > _USERS else "")
    here = f"?{urlencode({'tab': 'files', 'draw': path})}"
    link = dcc.Link(name, href=here, className="hood-drawn" if path == drawn else "hood-file")
    drop = icon_button("trash", f"Delete the file {name}", "drop-file", path=path)
    return [link, energy, told or html.Span("nothing yet", className="quiet"), None if users else drop]
