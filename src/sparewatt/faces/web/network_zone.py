"""A zone of a network run: what it can still take, over the day and in numbers, and how to use its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.network_zone_limit import zone_limit
from sparewatt.faces.web.pictures.network_room import clock_words, fan_figure
from sparewatt.results.kpis import number_text
from sparewatt.results.network_grid_state import read_grid_state
from sparewatt.results.network_zone_facts import read_zone_fan, read_zone_rows
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.results.network_zone_facts import ZoneFan
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.table_page import TableCell

_BINDING = {
    "cable": "the rating of a cable",
    "undervoltage": "undervoltage",
    "overvoltage": "overvoltage",
    "transformer": "the transformer",
    "none": "nothing",
}
_FROM = {
    "line": "where the line through voltage over flow meets the planning floor",
    "line_share": "a share of where that line meets the planning floor, which was never broken",
    "largest_seen": "the largest flow seen; the planning floor was never broken",
    "first_broken": "the least flow at which the planning floor was broken",
    "nothing_seen": "no moment to read one from",
    "per_zone": "by power flow, zone by zone",
    "shared": "by power flow, all zones together",
}


def zone_panel(folder: RunFolder, run_id: int, zone: str | None) -> Component:
    """The panel of a zone; all zones as a table where none is picked."""
    rows = read_zone_rows(folder)
    row = next((r for r in rows if str(r["zone_id"]) == zone), None)
    return _all_zones(rows) if row is None else _one_zone(folder, run_id, row)


def _all_zones(rows: list[dict[str, TableCell]]) -> Component:
    heads = ("Zone", "Customers", "Headroom [kWh/day]", "EVs fitted")
    keys = ("zone_id", "customers", "headroom_kwh_per_day", "evs_realised")
    ordered = sorted(rows, key=lambda r: float(r["headroom_kwh_per_day"] or 0.0))
    return dmc.Stack(
        [
            dmc.Title("Zones", order=2, size="h4"),
            dmc.Text(
                "A zone is one phase of one feeder unless zones were given. Pick one on the map or in the "
                "list to see what it can still take.",
                size="sm",
                className="quiet",
            ),
            html.Div(
                dmc.Table(
                    [
                        dmc.TableThead(dmc.TableTr([dmc.TableTh(h) for h in heads])),
                        dmc.TableTbody(
                            [
                                dmc.TableTr(
                                    [
                                        dmc.TableTd(_pick(str(row["zone_id"]))),
                                        *(dmc.TableTd(_text(row[k])) for k in keys[1:]),
                                    ]
                                )
                                for row in ordered
                            ]
                        ),
                    ],
                    className="numbers",
                    verticalSpacing=4,
                ),
                className="net-scroll net-zones",
                tabIndex=0,
                role="region",
                **{"aria-label": "All zones"},
            ),
        ],
        gap="xs",
    )


def _pick(zone: str, words: str = "") -> Component:
    """A zone, or none, to be pressed; see ``assets/sparewatt_network_hands.js``."""
    told = {"data-net-zone": zone, "type": "button"} | ({} if words else {"aria-label": f"Show zone {zone}"})
    return html.Button(words or zone, className="net-pick", **told)


def _one_zone(folder: RunFolder, run_id: int, row: dict[str, TableCell]) -> Component:
    zone = str(row["zone_id"])
    state = read_grid_state(folder.path / SERIES)
    case = state.cases[int(state.taken[state.zones.ids.index(zone)])].name
    fans = {side: read_zone_fan(folder, state.horizon, case, zone, side) for side in ("headroom", "footroom")}
    facts = (
        ("Customers", _text(row["customers"])),
        (
            "Flow limit",
            f"{_text(row['limit_kva'])} kVA: {_FROM.get(str(row['limit_from']), row['limit_from'])}",
        ),
        ("Headroom", f"{_text(row['headroom_kwh_per_day'])} kWh a day at the chosen risk"),
        (
            ("EVs fitted", f"{_text(row['evs_realised'])} planned inside it")
            if state.ev_horizon is not None
            else ("EVs fitted", "none was planned in this run")
        ),
        ("EVs by energy alone", _text(row["evs_without_shifting"])),
        ("Heat pumps", _case_words(str(row["hp_case"]))),
        ("What binds most", _BINDING.get(str(row["binding"]), str(row["binding"]))),
        ("V2G", "asked of its EVs" if row["v2g_zone"] else "not needed"),
    )
    return dmc.Stack(
        [
            dmc.Title(f"Zone {zone}", order=2, size="h4"),
            dmc.Group(
                [
                    dmc.Text(
                        f"Feeder {row['feeder_id']}, phase {row['phase']}", size="sm", className="quiet"
                    ),
                    _pick("", "All zones"),
                ],
                justify="space-between",
            ),
            dmc.Table(
                dmc.TableTbody(
                    [dmc.TableTr([dmc.TableTh(name, w=130), dmc.TableTd(value)]) for name, value in facts]
                ),
                verticalSpacing=4,
                className="numbers",
            ),
            *(
                dmc.Stack(
                    [
                        dmc.Title(f"{side.capitalize()} over the day", order=3, size="h6"),
                        html.Div(
                            dcc.Graph(
                                figure=fan_figure(fan, side),
                                config={"displayModeBar": False},
                                style={"height": 190},
                            ),
                            role="figure",
                            **{"aria-label": _fan_words(fan, side)},
                        ),
                    ],
                    gap=0,
                )
                for side, fan in fans.items()
            ),
            zone_limit(run_id, zone, state.horizon),
        ],
        gap="xs",
    )


def _fan_words(fan: ZoneFan, side: str) -> str:
    """What the fan shows at its lowest, for those who do not see it."""
    at = int(fan.planned_kva.argmin())
    when = clock_words(fan.planned_hours[at : at + 1])[0]
    least = number_text(float(fan.planned_kva[at]))
    return f"{side} over the day; at the chosen risk least at {when}: {least} kVA"


def _case_words(name: str) -> str:
    return "none fit at all times of day" if name == "none" else f"case {name}"


def _text(value: TableCell) -> str:
    return number_text(float(value)) if isinstance(value, float) else str(value)
