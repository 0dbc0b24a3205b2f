"""An OpenAPI document as the page for people has it: operations by group, models as tables, examples."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEEPEST = 4
"""Models inside models that an example shows."""


def operation_groups(schema: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Operations by their tag, with what they take and answer."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {})
            answers = [
                {"status": status, "what": answer["description"], **_shown(answer, schema)}
                for status, answer in operation["responses"].items()
            ]
            takes = [_shown(body, schema)] if body else []
            told = {"path": path, "method": method.upper(), "takes": takes, "answers": answers}
            groups.setdefault(operation["tags"][0], []).append(operation | told)
    return groups


def model_tables(schema: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What each model is, and name, kind and description of its fields."""
    return {
        name: {
            "what": part.get("description", "").partition("\n")[0],
            "rows": [
                (key, _kind(field), field.get("description", "")) for key, field in part["properties"].items()
            ],
        }
        for name, part in sorted(schema["components"]["schemas"].items())
        if "properties" in part
    }


def _shown(part: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, str]:
    """Content types, model and example of a body or an answer."""
    content = part.get("content", {})
    shape: Mapping[str, Any] = next((kind.get("schema", {}) for kind in content.values()), {})
    of_items = shape.get("items", {}) if shape.get("type") == "array" else shape
    is_json = "application/json" in content
    example = _example(shape, schema, 0) if is_json else None
    return {
        "kinds": ", ".join(content),
        "model": str(of_items.get("$ref", "")).rpartition("/")[2],
        "example": "" if example is None else json.dumps(example, indent=1, ensure_ascii=False),
    }


def _example(shape: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Any:  # noqa: ANN401 - JSON
    """An example of a shape, put together from those of its fields."""
    told = [*shape.get("examples", ())[:1], *(shape[key] for key in ("const", "default") if key in shape)]
    if told:
        return told[0]
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return _example(schema["components"]["schemas"][name], schema, depth + 1)
    found: Any = {} if shape.get("type") == "object" else next(iter(shape.get("enum", ())), None)
    if "properties" in shape and depth <= _DEEPEST:
        found = {key: _example(field, schema, depth) for key, field in shape["properties"].items()}
    elif shape.get("type") == "array":
        one = _example(shape.get("items", {}), schema, depth)
        found = [] if one is None else [one]
    return found


def _kind(field: dict[str, Any]) -> str:
    """The kind of a field in a word or two."""
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_kind(one) for one in field["anyOf"]))
    if "enum" in field:
        return " | ".join(str(one) for one in field["enum"])
    if "const" in field:
        return str(field["const"])
    if field.get("type") == "array" and "items" in field:
        return f"list of {_kind(field['items'])}"
    return str(field.get("type", "any"))
