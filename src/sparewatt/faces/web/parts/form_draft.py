"""A draft of a scenario behind a form: what its fields show, and what a change in one means.

A draft is a scenario file as nested tables. It may hold what the form has no field for, and values that the
model refuses: they stay until somebody takes them out, and the check tells them.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from sparewatt.faces.web.parts.form_fields import ROW_NAME, FormField, leaf_fields
from sparewatt.faces.web.parts.form_rows import (
    Draft,
    drop_empty,
    found_value,
    joined_rows,
    row_list,
    table_of,
)
from sparewatt.faces.web.parts.form_text import inline_text, inline_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def shown_values(draft: Mapping[str, Any], fields: tuple[FormField, ...]) -> dict[str, Any]:
    """What every field of a form shows, by path; rows by their numbers: ``limits.0.run``."""
    shown: dict[str, Any] = {}
    for field in leaf_fields(fields):
        value = found_value(draft, field.path.split("."))
        if field.kind in {"rows", "named"}:
            for number, (name, row) in enumerate(row_list(field, value)):
                start = f"{field.path}.{number}"
                if field.kind == "named":
                    shown[f"{start}.{ROW_NAME}"] = name
                for one in field.inside:
                    shown[f"{start}.{one.key}"] = _shown(one, row.get(one.key))
        else:
            shown[field.path] = _shown(field, value)
    return shown


def changed_draft(
    draft: Mapping[str, Any],
    fields: tuple[FormField, ...],
    values: Mapping[str, Any],
    before: Mapping[str, Any],
) -> Draft:
    """The draft after people changed fields.

    Parameters
    ----------
    draft
        What the form shows so far.
    fields
        Of the form.
    values
        What its fields hold now, by path.
    before
        `shown_values` of the draft; fields that still hold the same leave the draft as it is.
    """
    new = deepcopy(dict(draft))
    for path, value in values.items():
        if path not in before or same(value, before[path]):
            continue
        keys = path.split(".")
        field = next((f for f in leaf_fields(fields) if path == f.path), None)
        if field is not None:
            _set(new, keys, field, value)
            continue
        field = next(f for f in leaf_fields(fields) if path.startswith(f"{f.path}."))
        _set_in_row(new, field, int(keys[-2]), keys[-1], value)
    return new


def same(one: Any, other: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether two values of a field are the same to people: nothing, no text and no items are."""
    if one in (None, "", []) and other in (None, "", []):
        return True
    return one is other or (type(one) is not bool and type(other) is not bool and one == other)


def _shown(field: FormField, value: Any) -> Any:  # noqa: ANN401 - JSON
    given = field.default if value is None else value
    match field.kind:
        case "switch":
            return given is True
        case "number":
            return given if isinstance(given, (int, float)) and not isinstance(given, bool) else ""
        case "texts" | "numbers":
            items: Iterable[Any] = (
                given if isinstance(given, (list, tuple)) else () if given is None else (given,)
            )
            return [inline_text(one) for one in items]
        case "mixed":
            return inline_text(given)
        case "choice":
            return given if isinstance(given, str) else None
        case _:
            return given if isinstance(given, str) else inline_text(given)


def _meant(field: FormField, value: Any) -> Any:  # noqa: ANN401 - JSON
    """What a value of a field means in a draft; ``None``: nothing is given."""
    if field.kind == "switch":
        return bool(value)
    if value is None or value == "":
        return None
    match field.kind:
        case "number":
            number = inline_value(value) if isinstance(value, str) else value
            return (
                int(number)
                if field.is_whole and isinstance(number, float) and number.is_integer()
                else number
            )
        case "numbers":
            return [inline_value(one) for one in value]
        case "mixed":
            return inline_value(value)
        case _:
            return value


def _set(draft: Draft, keys: list[str], field: FormField, value: Any) -> None:  # noqa: ANN401 - JSON
    holder, key = table_of(draft, keys)
    meant = _meant(field, value)
    if meant is None or (
        not field.is_required and type(meant) is type(field.default) and meant == field.default
    ):
        holder.pop(key, None)
        drop_empty(draft, keys[:-1])
    else:
        holder[key] = meant


def _set_in_row(draft: Draft, field: FormField, number: int, key: str, value: Any) -> None:  # noqa: ANN401 - JSON
    holder, last = table_of(draft, field.path.split("."))
    rows = row_list(field, holder.get(last))
    if number >= len(rows):
        return
    name, row = rows[number]
    if key == ROW_NAME:
        taken = {one for n, (one, _) in enumerate(rows) if n != number}
        name = str(value or "").strip()
        rows[number] = (name if name not in taken else f"{name}_{number + 1}", row)
    else:
        inner = next(f for f in field.inside if f.key == key)
        _set(row, [key], inner, value)
    holder[last] = joined_rows(field, rows)
