"""OpenAPI with the scenario models in it, and a page of it that works offline."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, select_autoescape

from sparewatt import __version__
from sparewatt.faces.api import swagger
from sparewatt.faces.api.bodies import SCENARIO_MARK, Health
from sparewatt.faces.api.problems import Problem
from sparewatt.faces.api.reading_page import model_tables, operation_groups
from sparewatt.faces.api.refusals import refusals
from sparewatt.inputs.scenario import ScenarioFile

if TYPE_CHECKING:
    from fastapi import FastAPI

router = APIRouter()
router.include_router(swagger.router)

_UNTOLD = {"Page": "A part of a list.", "Body": "A form with files."}
"""What models are whose names the framework makes."""
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


@router.get("/", include_in_schema=False)
def show_way() -> RedirectResponse:
    """The address itself leads to its documentation."""
    return RedirectResponse("docs", 303)


@router.get("/docs", include_in_schema=False)
def show_docs(request: Request) -> HTMLResponse:
    """All operations as a page."""
    schema: dict[str, Any] = request.app.openapi()
    template = _environment().from_string(_read("docs.html.j2"))
    groups, models = operation_groups(schema), model_tables(schema)
    return HTMLResponse(template.render(info=schema["info"], groups=groups, models=models))


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
    for name, part in parts.items():
        part.setdefault("description", _UNTOLD.get(name.partition("_")[0], ""))
    _place_scenario(parts["Asked"])
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            told = operation["responses"] | refusals(method, path, operation, needs_token=needs_token)
            operation["responses"] = {status: told[status] for status in sorted(told)}
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


def _environment() -> Environment:
    return Environment(autoescape=select_autoescape(default=True, default_for_string=True))


def _read(name: str) -> str:
    return (files("sparewatt.faces.api") / name).read_text(encoding="utf-8")
