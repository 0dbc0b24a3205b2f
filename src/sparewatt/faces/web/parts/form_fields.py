"""Fields of a form, made from the scenario model: label, help, unit, default and bounds of every setting."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from sparewatt.faces.web.parts.form_words import HELPS, label_of
from sparewatt.inputs.scenario import ScenarioFile
from sparewatt.inputs.scenario_inputs import READS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Kind = Literal["number", "switch", "choice", "text", "texts", "numbers", "mixed", "group", "rows", "named"]
"""What a field takes; ``mixed`` is a number, a text or a table in TOML, ``named`` rows have names."""

ROW_NAME = "@"
"""Stands in a path for the name of a row."""

_UNIT = re.compile(r"\s*\[([^\]]+)\]\s*")
_ASIDE = re.compile(
    r" beside (?:this|the scenario) file|, or a database URL|\s*\((?:depot|cluster|network|community)\)"
)
"""What help says to people with a scenario file in their hands, and not to those with a form."""
_NO_UNITS = {"-", "time", "0-1", "time, or number of periods"}


@dataclass(frozen=True)
class FormField:
    """One setting in a form.

    Parameters
    ----------
    path
        Dotted keys: ``depot.horizon_days``.
    kind
        What it takes.
    label, help, unit
        For people.
    default
        What stands where nothing is given, as JSON.
    low, high
        Bounds that a number keeps; ``None`` where there is none.
    is_above, is_below
        Whether the bounds themselves are out.
    is_whole
        Whether numbers are whole.
    is_required
        Whether it has to be given.
    choices
        Of a choice.
    example
        What it looks like.
    inside
        Fields of a group, or of every row; their paths begin with that of this field for a group, and are
        bare keys for rows.
    """

    path: str
    kind: Kind
    label: str
    help: str = ""
    unit: str = ""
    default: Any = None
    low: float | None = None
    high: float | None = None
    is_above: bool = False
    is_below: bool = False
    is_whole: bool = False
    is_required: bool = False
    choices: tuple[str, ...] = ()
    example: str = ""
    inside: tuple[FormField, ...] = ()

    @property
    def key(self) -> str:
        """The last key of its path."""
        return self.path.rpartition(".")[2]


@cache
def scenario_fields(study: str) -> tuple[FormField, ...]:
    """Name, seed, inputs, settings and limits of a study, in the order of the model."""
    schema = ScenarioFile.model_json_schema()
    head = schema["properties"]
    inputs = _resolved(head["inputs"], schema)["properties"]
    found = [_field(key, key, head[key], schema, default) for key, default in (("name", ""), ("seed", 0))]
    found += [_field(f"inputs.{key}", key, inputs[key], schema, None) for key in READS[study].keys]
    model = ScenarioFile.model_fields[study].default
    settings = _resolved(head[study], schema)["properties"]
    defaults = model.model_dump(mode="json")
    found += [_field(f"{study}.{key}", key, one, schema, defaults[key]) for key, one in settings.items()]
    if study in {"depot", "cluster"}:
        found.append(_field("limits", "limits", head["limits"], schema, {}))
    return tuple(found)


def leaf_fields(fields: tuple[FormField, ...]) -> Iterator[FormField]:
    """All fields, those of groups instead of the groups; rows stay one."""
    for field in fields:
        if field.kind == "group":
            yield from leaf_fields(field.inside)
        else:
            yield field


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with what it refers to in its place."""
    found = dict(schema)
    while "$ref" in found:
        inner = root["$defs"][found.pop("$ref").rpartition("/")[2]]
        found = {**inner, **found}
    return found


def _field(path: str, key: str, given: Mapping[str, Any], root: Mapping[str, Any], default: Any) -> FormField:  # noqa: ANN401 - JSON
    schema = _resolved(given, root)
    told = schema.get("description", "")
    unit = _UNIT.search(told)
    ways = [_resolved(one, root) for one in schema.get("anyOf", [])]
    ways = [one for one in ways if one.get("type") != "null"]
    if len(ways) == 1:
        schema = {**schema, **ways[0], "description": told}
    field = FormField(
        path,
        _kind(schema, ways, root),
        label_of(key, path),
        help=HELPS.get(path) or without_files(told),
        unit="" if unit is None or unit[1] in {*_NO_UNITS, key} else unit[1],
        default=default,
        low=schema.get("minimum", schema.get("exclusiveMinimum")),
        high=schema.get("maximum", schema.get("exclusiveMaximum")),
        is_above="exclusiveMinimum" in schema,
        is_below="exclusiveMaximum" in schema,
        is_whole="integer" in (schema.get("type"), schema.get("items", {}).get("type")),
        choices=tuple(str(one) for one in schema.get("enum", ())),
        example=_example(schema, ways),
    )
    if field.kind == "group":
        inside = schema["properties"]
        values = default if isinstance(default, dict) else {}
        parts = (_field(f"{path}.{k}", k, one, root, values.get(k)) for k, one in inside.items())
        return replace(field, inside=tuple(parts))
    if field.kind in {"rows", "named"}:
        row = _resolved(schema["items" if field.kind == "rows" else "additionalProperties"], root)
        needed = row.get("required", ())
        return replace(
            field,
            inside=tuple(
                replace(
                    _field(k, k, one, root, _row_default(one)),
                    is_required=k in needed,
                    label=label_of(k, f"{path}.*.{k}"),
                )
                for k, one in row["properties"].items()
            ),
        )
    return field


def without_files(told: str) -> str:
    """A description or remedy without its unit and without what concerns scenario files."""
    return _ASIDE.sub("", _UNIT.sub(" ", told)).replace(" ,", ",").replace(" ;", ";").strip()


def _row_default(schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    default = schema.get("default")
    return "0s" if default == "PT0S" else default


def _kind(schema: Mapping[str, Any], ways: list[dict[str, Any]], root: Mapping[str, Any]) -> Kind:  # noqa: PLR0911 - one a kind
    if len(ways) > 1:
        return "mixed"
    if "enum" in schema:
        return "choice"
    match schema.get("type"):
        case "boolean":
            return "switch"
        case "number" | "integer":
            return "number"
        case "array":
            item = _resolved(schema.get("items", {}), root)
            if item.get("type") == "object":
                return "rows"
            return "texts" if item.get("type") == "string" else "numbers"
        case "object":
            return "group" if "properties" in schema else "named"
        case _:
            return "text"


def _example(schema: Mapping[str, Any], ways: list[dict[str, Any]]) -> str:
    for one in (schema, *ways):
        if one.get("examples"):
            return str(one["examples"][0])
    return ""
