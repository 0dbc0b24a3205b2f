"""What pydantic says about a scenario, as findings in human words."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, get_args

from pydantic import AliasChoices, BaseModel

from sparewatt.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

_MESSAGES = {
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "finite_number": "is not a finite number",
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "string_type": "is not text",
    "string_too_short": "is empty",
    "tuple_type": "is not a list",
    "dict_type": "is not a table",
    "model_type": "is not a table",
    "model_attributes_type": "is not a table",
    "greater_than": "is not above {gt}",
    "greater_than_equal": "is below {ge}",
    "less_than": "is not below {lt}",
    "less_than_equal": "is above {le}",
    "string_too_long": "is longer than {max_length} characters",
}


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that ``word`` was probably meant to be."""
    by_lower = {c.lower(): c for c in choices}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.5)
    return by_lower[found[0]] if found else None


def find_scenario_problems(error: ValidationError, root: type[BaseModel]) -> tuple[Finding, ...]:
    """Every problem that validation found, one finding each, where = dotted key."""
    return tuple(_finding(e, root) for e in error.errors(include_url=False))


def _finding(error: ErrorDetails, root: type[BaseModel]) -> Finding:
    kind, loc = error["type"], [str(part) for part in error["loc"]]
    where = ".".join(loc)
    if kind == "extra_forbidden":
        return _unknown_key(where, loc, root)
    field, last = _field_at(root, loc), loc[-1]
    if kind == "missing":
        return Finding("scenario.missing_key", "error", where, f"{last} is not given", remedy=_remedy(field))
    if last.isdecimal():
        last = f"entry {int(last) + 1}"
    value = _shown(error.get("input"))
    if kind == "literal_error" and field is not None:
        choices = [str(c) for c in get_args(field.annotation)]
        meant = nearest(str(error.get("input")), choices)
        remedy = f"one of {', '.join(choices)}" + (f"; did you mean {meant}?" if meant else "")
        return Finding("scenario.value", "error", where, f"{last} is not a known choice", value, remedy)
    if kind == "value_error":
        message = f"{last}: {error.get('ctx', {}).get('error', error['msg'])!s}"
    else:
        template = _MESSAGES.get(kind)
        said = template.format(**error.get("ctx", {})) if template else error["msg"].lower()
        message = f"{last} {said}"
    return Finding("scenario.value", "error", where, message, value, _remedy(field))


def _unknown_key(where: str, loc: Sequence[str], root: type[BaseModel]) -> Finding:
    model = _model_at(root, loc[:-1])
    keys = list(model.model_fields) if model else []
    meant = nearest(loc[-1], keys)
    remedy = f"did you mean {meant}?" if meant else "known keys: " + ", ".join(keys)
    return Finding("scenario.unknown_key", "error", where, f"unknown key {loc[-1]}", loc[-1], remedy)


def _model_at(root: type[BaseModel], loc: Sequence[str]) -> type[BaseModel] | None:
    model: type[BaseModel] | None = root
    rest = list(loc)
    while rest and model is not None:
        field = model.model_fields.get(rest.pop(0))
        if field is None:
            return None
        annotation: Any = field.annotation
        arguments = get_args(annotation)
        inner = next((a for a in arguments if isinstance(a, type) and issubclass(a, BaseModel)), None)
        if rest and inner is not None:
            rest.pop(0)  # the key in a dict of models, or the place in a list of them
            model = inner
        else:
            model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    return model


def _field_at(root: type[BaseModel], loc: Sequence[str]) -> FieldInfo | None:
    for depth in range(len(loc), 0, -1):  # an item of a list belongs to the list's field
        model = _model_at(root, loc[: depth - 1])
        field = None if model is None else _field_named(model, loc[depth - 1])
        if field is not None:
            return field
    return None


def _field_named(model: type[BaseModel], name: str) -> FieldInfo | None:
    """A field by its name or by another that it may be given under."""
    if name in model.model_fields:
        return model.model_fields[name]
    for field in model.model_fields.values():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices) and name in alias.choices:
            return field
    return None


def _remedy(field: FieldInfo | None) -> str:
    if field is None:
        return ""
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    bounds = [
        f"{word} {getattr(m, key)}"
        for m in field.metadata
        for key, word in words.items()
        if getattr(m, key, None) is not None
    ]
    return (field.description or "") + (f"; {' and '.join(bounds)}" if bounds else "")


def _shown(value: object, length: int = 80) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= length else text[: length - 1] + "…"
