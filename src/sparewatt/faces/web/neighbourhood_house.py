"""A house of the street, with what is in it and what can be added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from sparewatt.faces.web.neighbourhood_alerts import icon
from sparewatt.faces.web.neighbourhood_ask import opener
from sparewatt.faces.web.neighbourhood_fields import icon_button
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
        rows.append(html.Span(f"{view.other_jobs} jobs without a device", className="quiet hood-small"))
    return html.Section(
        className="hood-house",
        **{"aria-label": f"House {view.house}"},
        children=[
            html.Div(className="hood-roof hood-roof-sun" if _has_sun(view) else "hood-roof"),
            html.Div(
                className="hood-walls",
                children=[
                    html.Div(
                        [
                            html.H2(f"House {view.house}"),
                            icon_button(
                                "trash", f"Delete house {view.house}", "drop-house", house=view.house
                            ),
                        ],
                        className="hood-house-head",
                    ),
                    html.Ul([html.Li(row) for row in rows], className="hood-devices")
                    if rows
                    else html.P("Empty yet", className="quiet hood-small"),
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
                    html.Button(
                        [icon(sign), words],
                        type="button",
                        className="hood-adding",
                        **opener(form, house=house),
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
    drop = icon_button("trash", f"Delete {named}", "drop-device" if device else "drop-battery", **given)
    words = ROLE_WORDS.get(role, "Base load")  # type: ignore[call-overload]
    return html.Div(
        [
            html.Span(
                className=f"icon icon-{_SIGNS.get(role, 'home')} hood-sign hood-{role}",
                title=words,
                role="img",
                **{"aria-label": words},
            ),
            html.Div(
                [
                    html.Div(
                        [label, html.Span(f" {device}", className="quiet")], className="hood-device-name"
                    ),
                    html.Div(what, className="quiet hood-what", title=what),
                ],
                className="hood-device-words",
            ),
            icon_button("edit", f"Change {named}", form, **given),
            *([drop] if form != "base" else []),
        ],
        className="hood-device",
    )
