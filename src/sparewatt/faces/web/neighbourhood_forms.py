"""Forms of neighbourhoods as a whole: begin, rename, duplicate, delete; prices, files, scores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc

from sparewatt.errors import SparewattError
from sparewatt.faces.web.neighbourhood_ask import LIST, Ask, Done, Form, ask_of
from sparewatt.faces.web.neighbourhood_device_forms import DEVICE_FORMS
from sparewatt.faces.web.neighbourhood_fields import number_field, text_field, time_field
from sparewatt.faces.web.neighbourhood_house_forms import HOUSE_FORMS
from sparewatt.faces.web.neighbourhood_job_forms import JOB_FORMS
from sparewatt.studies.neighbourhood_curves import price_rows, put_price, remove_curve, remove_price
from sparewatt.studies.neighbourhood_edits import rename
from sparewatt.studies.neighbourhood_keeping import begin_neighbourhood, duplicate_neighbourhood

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.page import Component


def _apply_begin(ask: Ask) -> Done:
    return Done(path=f"{LIST}/{begin_neighbourhood(ask.place.store, ask.text('name')).id}")


def _number(ask: Ask) -> int:
    return ask.opened.kept.id if ask.opened is not None else int(ask.args["number"])


def _name(ask: Ask) -> str:
    return ask.place.store.find_neighbourhood(_number(ask)).name


def _apply_duplicate(ask: Ask) -> Done:
    made = duplicate_neighbourhood(ask.place.store, _number(ask), ask.text("name"))
    return Done(path=f"{LIST}/{made.id}")


def _apply_delete(ask: Ask) -> Done:
    ask.place.store.delete_neighbourhood(_number(ask))
    return Done(path=LIST)


def _delete_words(ask: Ask) -> Sequence[Component]:
    words = (
        f"{_name(ask)} will be gone with its houses, devices, jobs, files and scores. Its runs stay, each "
        "with a copy of what it ran. Write it out first if it may be wanted again."
    )
    return [dmc.Text(words)]


def _is_daily(ask: Ask) -> bool:
    return all(":" in time for time, _, _ in price_rows(ask.draft))


def _price_fields(ask: Ask) -> Sequence[Component]:
    if not price_rows(ask.draft):
        at = [
            dmc.Text(
                "The first price holds from 00:00 of every day; add others that follow it.", className="quiet"
            )
        ]
    elif _is_daily(ask):
        at = [
            text_field(
                ask, "time", "From, every day [HH:MM]", "07:00", "On the clock of the run's time zone."
            )
        ]
    else:
        at = [time_field(ask, "moment", "From [UTC]", "")]
    return [
        *at,
        number_field(ask, "price", "Energy from the grid [currency/kWh]", 0.3),
        number_field(ask, "feed_in", "Energy given to the grid [currency/kWh]", 0.08),
    ]


def _apply_price(ask: Ask) -> Done:
    price, feed_in = (
        ask.number("price", "Energy from the grid"),
        ask.number("feed_in", "Energy given to the grid"),
    )
    time = "00:00"
    if price_rows(ask.draft):
        time = ask.text("time") if _is_daily(ask) else str(ask.time_s("moment", "From"))
    return Done(put_price(ask.draft, time, price, feed_in))


def _apply_reset(ask: Ask) -> Done:
    ask.place.store.reset_scores(_number(ask))
    return Done()


def _apply_drop_file(ask: Ask) -> Done:
    path = str(ask.args["path"])
    if path not in ask.draft.curves:
        raise SparewattError(f"There is no file {path} any more.")
    return Done(remove_curve(ask.draft, path))


FORMS: dict[str, Form] = {
    **HOUSE_FORMS,
    **DEVICE_FORMS,
    **JOB_FORMS,
    "begin": Form(
        lambda _: "A new neighbourhood",
        lambda a: [text_field(a, "name", "Name", "My street")],
        _apply_begin,
        "Begin",
    ),
    "rename": Form(
        lambda _: "Another name",
        lambda a: [text_field(a, "name", "Name", a.draft.name)],
        lambda a: Done(rename(a.draft, a.text("name"))),
    ),
    "duplicate": Form(
        lambda _: "Duplicate",
        lambda a: [text_field(a, "name", "Name of the copy", f"{_name(a)} (copy)")],
        _apply_duplicate,
        "Duplicate",
    ),
    "delete": Form(
        lambda a: f"Delete {_name(a)}?", _delete_words, _apply_delete, "Delete for good", is_danger=True
    ),
    "price": Form(lambda _: "Add a price", _price_fields, _apply_price, "Add"),
    "drop-price": Form(
        lambda _: "Delete the price?",
        lambda a: [dmc.Text(f"From {a.args['words']} on the price before it holds.")],
        lambda a: Done(remove_price(a.draft, str(a.args["time"]))),
        "Delete the price",
        is_danger=True,
    ),
    "drop-prices": Form(
        lambda _: "Delete all prices?",
        lambda _: [dmc.Text("The neighbourhood then has no prices of its own; a run's settings tell them.")],
        lambda a: Done(replace(a.draft, tariff=None)),
        "Delete the prices",
        is_danger=True,
    ),
    "drop-file": Form(
        lambda _: "Delete the file?",
        lambda a: [dmc.Text(f"{a.args['path']} is used by nothing. It will be gone.")],
        _apply_drop_file,
        "Delete the file",
        is_danger=True,
    ),
    "reset-scores": Form(
        lambda _: "Reset the scores?",
        lambda _: [dmc.Text("All producers begin the next run with 10, as new ones.")],
        _apply_reset,
        "Reset the scores",
        is_danger=True,
    ),
}


def form_fields(name: str, ask: Ask) -> Component:
    """The fields of a form, one below the other."""
    return dmc.Stack(list(FORMS[name].build(ask)), gap="sm")


def filled_again(
    place: ApiPlace,
    shown: Mapping[str, Any],
    form: Mapping[str, Any],
    values: Mapping[str, Any],
    field: str,
    files: Sequence[str],
) -> Component:
    """The fields of a form as they were filled, with uploaded files chosen in the one that asked for them.

    Parameters
    ----------
    place, shown, form, values
        The store, what is shown, which form with which arguments, and what its fields hold.
    field, files
        The field, and names of the files.
    """
    chosen: Any = files[-1]
    if field == "forecasts":
        chosen = list(dict.fromkeys([*(values.get(field) or []), *files]))
    ask = ask_of(place, shown, form["args"])
    return form_fields(form["form"], replace(ask, values={**values, field: chosen}))
