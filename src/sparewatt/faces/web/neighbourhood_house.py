"""A house of the street, with what is in it and what can be added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.web.neighbourhood_alerts import icon
from sparewatt.faces.web.neighbourhood_ask import opener
from sparewatt.studies.neighbourhood_view import ROLE_WORDS

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_view import DeviceView, HouseView

_SIGNS = {"consumer": "plug", "producer": "sun", "ev": "bolt", "battery": "clock"}
_ADDS = (
    ("consumer", "Consumer", "plug"),
    ("producer", "Solar panels", "sun"),
    ("ev", "Electric car", "bolt"),
    ("battery", "Battery", "clock"),
    ("base", "Base load", "home"),
)


def house_card(view: HouseView) -> Component:
    """The house."""
    rows = [_device(device) for device in view.devices]
    if view.battery is not None:
        kwh = float(view.battery.capacity_wh) / 1000
        rows.append(_row("battery", "Battery", f"{kwh:g} kWh", "battery", view.house))
    if view.base_load:
        rows.append(_row("base", "Base load", view.base_load, "base", view.house))
    if view.other_jobs:
        rows.append(dmc.Text(f"{view.other_jobs} jobs without a device", className="quiet", size="sm"))
    return html.Section(
        className="hood-house",
        **{"aria-label": f"House {view.house}"},
        children=[
            html.Div(className="hood-roof hood-roof-sun" if _has_sun(view) else "hood-roof"),
            html.Div(
                className="hood-walls",
                children=[
                    dmc.Group(
                        [
                            dmc.Title(f"House {view.house}", order=2, size="h5"),
                            dmc.ActionIcon(
                                icon("trash"),
                                id=opener("drop-house", house=view.house),
                                variant="subtle",
                                color="gray",
                                **{"aria-label": f"Delete house {view.house}"},
                            ),
                        ],
                        justify="space-between",
                        wrap="nowrap",
                    ),
                    html.Ul([html.Li(row) for row in rows], className="hood-devices")
                    if rows
                    else dmc.Text("Empty yet", className="quiet", size="sm"),
                    _add_menu(view.house),
                ],
            ),
        ],
    )


def _has_sun(view: HouseView) -> bool:
    return any(device.role == "producer" for device in view.devices)


def _add_menu(house: str) -> Component:
    """What can be added, behind a word that opens and closes by itself, by keyboard too."""
    return html.Details(
        [
            html.Summary([icon("new"), "Add"], **{"aria-label": f"Add to house {house}"}),
            html.Div(
                [
                    dmc.Button(
                        words,
                        id=opener(form, house=house),
                        leftSection=icon(sign),
                        variant="subtle",
                        size="compact-sm",
                        justify="flex-start",
                    )
                    for form, words, sign in _ADDS
                ],
                className="hood-adds",
            ),
        ],
        className="hood-add",
    )


def _device(view: DeviceView) -> Component:
    device = view.device
    match view.role:
        case "producer":
            count = len(view.forecasts)
            what = f"{count} forecast{'s' if count != 1 else ''}" if count else "no forecast yet"
        case "ev":
            what = _jobs(view.jobs)
        case _:
            what = f"{_jobs(view.jobs)}{', ' + view.profile if view.profile else ''}"
    return _row(view.role, view.label, what, view.role, device.house, device=device.device_id)


def _jobs(count: int) -> str:
    return f"{count} job{'s' if count != 1 else ''}" if count else "no jobs yet"


def _row(role: str, label: str, what: str, form: str, house: str, device: str = "") -> Component:
    given = {"house": house} | ({"device": device} if device else {})
    number = f" (number {device})" if device else ""
    named = f"{label}{number} of house {house}"
    drop = "drop-device" if device else "drop-battery"
    words = ROLE_WORDS.get(role, "Base load")  # type: ignore[call-overload]
    return dmc.Group(
        [
            html.Span(
                className=f"icon icon-{_SIGNS.get(role, 'home')} hood-sign hood-{role}",
                title=words,
                role="img",
                **{"aria-label": words},
            ),
            html.Div(
                [
                    dmc.Text([label, html.Span(f" {device}", className="quiet")], size="sm", fw=550),
                    dmc.Text(what, size="xs", className="quiet hood-what"),
                ],
                className="hood-device-words",
            ),
            dmc.ActionIcon(
                icon("edit"),
                id=opener(form, **given),
                variant="subtle",
                color="gray",
                **{"aria-label": f"Change {named}"},
            ),
            *(
                [
                    dmc.ActionIcon(
                        icon("trash"),
                        id=opener(drop, **given),
                        variant="subtle",
                        color="gray",
                        **{"aria-label": f"Delete {named}"},
                    )
                ]
                if form != "base"
                else []
            ),
        ],
        gap=6,
        wrap="nowrap",
    )
