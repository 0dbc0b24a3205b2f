"""OpenAPI with the scenario models in it, and a page of it that works offline."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, select_autoescape

from sparewatt import __version__
from sparewatt.faces.api.bodies import SCENARIO_MARK, Health
from sparewatt.faces.api.problems import PROBLEM_TYPE, Problem
from sparewatt.inputs.scenario import ScenarioFile

if TYPE_CHECKING:
    from fastapi import FastAPI

router = APIRouter()

_REFUSALS = {
    "400": "The request is none",
    "401": "The token is missing or wrong",
    "403": "The call comes from another origin, or by a foreign name",
    "404": "There is no such thing",
    "409": "It is not in a state for this",
    "410": "Its files are not there any more",
    "413": "The request is too large",
    "422": "The request or the input breaks rules; findings inside",
    "503": "The store does not answer",
}
_REF = "#/components/schemas/{model}"
_ABOUT = (
    "Checks and runs scenarios, follows runs and reads what they came to. Powers are mean kW over a period, "
    "energies kWh, states of charge and shares 0-1, times UTC. Errors are problem details (RFC 9457) with "
    "the findings of the input inside."
)


@router.get("/health", tags=["server"])
def health() -> Health:
    """Whether the server answers; needs no token."""
    return Health(status="ok", version=__version__)


@router.get("/docs", include_in_schema=False)
def show_docs(request: Request) -> HTMLResponse:
    """All operations as a page."""
    schema: dict[str, Any] = request.app.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            groups.setdefault(operation["tags"][0], []).append(
                operation | {"path": path, "method": method.upper(), "takes": list(content)}
            )
    template = _environment().from_string(_read("docs.html.j2"))
    return HTMLResponse(template.render(info=schema["info"], groups=groups, schemas=_schemas(schema)))


@router.get("/docs.css", include_in_schema=False)
def show_style() -> Response:
    """The style of the page."""
    return Response(_read("docs.css"), media_type="text/css")


def make_schema(app: FastAPI, *, needs_token: bool) -> dict[str, Any]:
    """The OpenAPI document of an application."""
    schema = get_openapi(title="Sparewatt", version=__version__, description=_ABOUT, routes=app.routes)
    parts = schema["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        parts.pop(name, None)
    for model, name in ((ScenarioFile, SCENARIO_MARK), (Problem, "Problem")):
        own = model.model_json_schema(ref_template=_REF)
        parts |= own.pop("$defs", {})
        parts[name] = own
    _place_scenario(parts["Asked"])
    problem = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refusals = {status: {"description": what, "content": problem} for status, what in _REFUSALS.items()}
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation["responses"] = operation["responses"] | refusals
    if needs_token:
        schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"token": []}]
        schema["paths"]["/health"]["get"]["security"] = []
    return schema


def _place_scenario(part: Any) -> None:  # noqa: ANN401 - any part of a JSON document
    """Put the schema of a scenario file where its mark stands."""
    if isinstance(part, list):
        for one in part:
            _place_scenario(one)
    elif isinstance(part, dict):
        if part.get("title") == SCENARIO_MARK and part.get("type") == "object":
            part.clear()
            part["$ref"] = _REF.format(model=SCENARIO_MARK)
            return
        for one in part.values():
            _place_scenario(one)


def _schemas(schema: dict[str, Any]) -> dict[str, list[tuple[str, str, str]]]:
    """Name, kind and description of each field, by model."""
    return {
        name: [(key, _kind(field), field.get("description", "")) for key, field in part["properties"].items()]
        for name, part in sorted(schema["components"]["schemas"].items())
        if "properties" in part
    }


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


def _environment() -> Environment:
    return Environment(autoescape=select_autoescape(default=True, default_for_string=True))


def _read(name: str) -> str:
    return (files("sparewatt.faces.api") / name).read_text(encoding="utf-8")
