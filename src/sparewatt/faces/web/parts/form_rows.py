"""Rows of a field in a draft, such as limits by connection: more, fewer, and whose a finding is."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from sparewatt.faces.web.parts.form_fields import ROW_NAME, FormField, leaf_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

Draft = dict[str, Any]


def with_row(draft: Mapping[str, Any], field: FormField, name: str = "") -> Draft:
    """The draft with one more row in a field of rows."""
    new = deepcopy(dict(draft))
    holder, key = table_of(new, field.path.split("."))
    rows = row_list(field, holder.get(key))
    taken = {one for one, _ in rows}
    stem = name or "name"
    free = next(
        one for n in range(len(rows) + 1) if (one := stem if not n else f"{stem}_{n + 1}") not in taken
    )
    rows.append((free, {one.key: "" for one in field.inside if one.is_required and one.kind == "text"}))
    holder[key] = joined_rows(field, rows)
    return new


def without_row(draft: Mapping[str, Any], field: FormField, number: int) -> Draft:
    """The draft without one row."""
    new = deepcopy(dict(draft))
    holder, key = table_of(new, field.path.split("."))
    rows = row_list(field, holder.get(key))
    del rows[number : number + 1]
    holder[key] = joined_rows(field, rows)
    if not rows:
        del holder[key]
    return new


def field_of_place(where: str, draft: Mapping[str, Any], fields: tuple[FormField, ...]) -> str:
    """Path of the field that a finding at a dotted key belongs to; empty where it belongs to none."""
    for field in leaf_fields(fields):
        if where != field.path and not where.startswith(f"{field.path}."):
            continue
        rest = where[len(field.path) + 1 :]
        if field.kind not in {"rows", "named"}:
            return field.path
        names = [name for name, _ in row_list(field, found_value(draft, field.path.split(".")))]
        for number, name in enumerate(names):
            label = name if field.kind == "named" else str(number)
            if rest.split(" ")[0] == label or rest.startswith(f"{label}."):
                key = rest[len(label) + 1 :].split(".")[0]
                inner = next((f.key for f in field.inside if f.key == key), "")
                first = ROW_NAME if field.kind == "named" else field.inside[0].key
                return f"{field.path}.{number}.{inner or first}"
        return field.path
    return ""


def field_at(path: str, fields: tuple[FormField, ...]) -> FormField | None:
    """The field of a path, also in a row; ``None`` for the name of a row."""
    for field in leaf_fields(fields):
        if field.path == path:
            return field
        if path.startswith(f"{field.path}."):
            key = path.rpartition(".")[2]
            return next((inner for inner in field.inside if inner.key == key), None)
    return None


def row_list(field: FormField, value: Any) -> list[tuple[str, Draft]]:  # noqa: ANN401 - JSON
    """Rows of a field with their names; those of a list are numbers."""
    if field.kind == "named":
        table = value if isinstance(value, dict) else {}
        return [(name, dict(row) if isinstance(row, dict) else {}) for name, row in table.items()]
    items = [value] if isinstance(value, dict) else value if isinstance(value, list) else []
    return [(str(n), dict(row) if isinstance(row, dict) else {}) for n, row in enumerate(items)]


def joined_rows(field: FormField, rows: list[tuple[str, Draft]]) -> Any:  # noqa: ANN401 - JSON
    """Rows as they stand in a draft."""
    return dict(rows) if field.kind == "named" else [row for _, row in rows]


def found_value(draft: Mapping[str, Any], keys: list[str]) -> Any:  # noqa: ANN401 - JSON
    """The value at some keys; nothing where there is none."""
    value: Any = draft
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def table_of(draft: Draft, keys: list[str]) -> tuple[Draft, str]:
    """The table that the last of some keys stands in, made where it is not there, and that key."""
    table = draft
    for key in keys[:-1]:
        if not isinstance(table.get(key), dict):
            table[key] = {}
        table = table[key]
    return table, keys[-1]


def drop_empty(draft: Draft, keys: list[str]) -> None:
    """Take out a table that a change left empty; the first level stays."""
    if len(keys) > 1 and found_value(draft, keys) == {}:
        holder, key = table_of(draft, keys)
        holder.pop(key, None)
