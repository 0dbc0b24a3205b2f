"""The prices of a neighbourhood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc

from sparewatt.faces.web.neighbourhood_alerts import icon
from sparewatt.faces.web.neighbourhood_ask import opener
from sparewatt.faces.web.neighbourhood_fields import icon_button, upload_button
from sparewatt.inputs.community.settings import FEED_IN, PRICE
from sparewatt.studies.neighbourhood_curves import price_rows
from sparewatt.studies.neighbourhood_timeline import stamp_words

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_draft import Draft


def prices_page(draft: Draft) -> Component:
    """The prices of the neighbourhood."""
    rows = price_rows(draft)
    words = (
        f"Without prices of its own a run takes {PRICE:g} for energy from the grid and {FEED_IN:g} for "
        "energy given to it, or what its settings say."
    )
    return dmc.Stack(
        gap="md",
        children=[
            dmc.Group(
                [
                    dmc.Button("Add a price", **opener("price"), leftSection=icon("new")),
                    upload_button("Upload prices (CSV)", "tariff", size="sm"),
                    *(
                        [
                            dmc.Button(
                                "Delete all prices",
                                **opener("drop-prices"),
                                variant="default",
                                leftSection=icon("trash"),
                            )
                        ]
                        if rows
                        else []
                    ),
                ],
                gap="sm",
            ),
            dmc.Text(words, className="quiet prose"),
            _price_table(rows) if rows else None,
            dmc.Text(
                "A file of prices has the columns time, import_per_kwh and feed_in_per_kwh; times are HH:MM "
                "of every day, or UNIX seconds. How neighbours share, and the most they draw together, is "
                "set where they run.",
                className="quiet prose",
                size="sm",
            ),
        ],
    )


def _price_table(rows: list[tuple[str, str, str]]) -> Component:
    heads = ("From", "From the grid [currency/kWh]", "Given to the grid [currency/kWh]", "")
    body = []
    for n, (time, price, feed_in) in enumerate(rows):
        words = time if ":" in time else f"{stamp_words(time)} UTC"
        drop = icon_button("trash", f"Delete the price from {words}", "drop-price", time=time, words=words)
        cells = [words, price, feed_in, drop if n or len(rows) == 1 else None]
        body.append(dmc.TableTr([dmc.TableTd(cell, className="numbers") for cell in cells]))
    head = dmc.TableThead(dmc.TableTr([dmc.TableTh(word) for word in heads]))
    return dmc.ScrollArea(
        dmc.Table([head, dmc.TableTbody(body)], maw=720), type="auto", offsetScrollbars="present"
    )
