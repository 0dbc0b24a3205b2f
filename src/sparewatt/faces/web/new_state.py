"""What the page of a new run is about: its address, its upload, and the draft that its form shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

import dash
from dash import ALL, State

from sparewatt.errors import ScenarioError
from sparewatt.faces.api.bodies import Asked
from sparewatt.faces.api.problems import finding_body
from sparewatt.faces.api.scenarios import read_asked
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.faces.web.parts.form_draft import changed_draft, shown_values
from sparewatt.faces.web.parts.form_fields import scenario_fields
from sparewatt.faces.web.parts.form_inputs import FIELD, SWITCH
from sparewatt.faces.web.parts.upload_folder import first_draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.finding import Finding
    from sparewatt.inputs.scenario import Scenario

DRAFTS, SHOWN, FOUND = "new-drafts", "new-shown", "new-found"
"""Ids of stores: drafts by page (of the browser's session), what the form shows, what was found."""
MOST_DRAFTS = 20
FORM_STATES = (
    State({"type": FIELD, "path": ALL}, "id"),
    State({"type": FIELD, "path": ALL}, "value"),
    State({"type": SWITCH, "path": ALL}, "id"),
    State({"type": SWITCH, "path": ALL}, "checked"),
    State(SHOWN, "data"),
)
"""What `form_draft` is made of."""


@dataclass(frozen=True)
class NewPlace:
    """The address of a page of a new run: study, upload, former run; file and sheet, or table, looked at."""

    study: str
    upload: str = ""
    start: str = ""
    file: str = ""
    sheet: str = ""
    table: str = ""

    @property
    def key(self) -> str:
        """By which its draft is kept in the browser."""
        return f"{self.study}/{self.upload}"

    def search(self) -> str:
        """What follows the path."""
        parts = {"upload": self.upload, "file": self.file, "sheet": self.sheet, "table": self.table}
        words = urlencode({name: value for name, value in parts.items() if value})
        return f"?{words}" if words else ""


def new_place(path: str | None, search: str | None) -> NewPlace | None:
    """The page of an address; ``None`` where it is another."""
    parts = (path or "").strip("/").split("/")
    if len(parts) != 2 or parts[0] != "new":  # noqa: PLR2004 - /new/<study>
        return None
    asked = {name: values[0][:500] for name, values in parse_qs((search or "").removeprefix("?")).items()}
    return NewPlace(
        parts[1],
        asked.get("upload", ""),
        asked.get("from", ""),
        asked.get("file", ""),
        asked.get("sheet", ""),
        asked.get("table", ""),
    )


def kept_draft(place: ApiPlace, at: NewPlace, drafts: Mapping[str, Any] | None) -> dict[str, Any]:
    """The draft of a page: as the browser keeps it, or else as the upload has it."""
    draft = (drafts or {}).get(at.key)
    return draft if isinstance(draft, dict) else first_draft(upload_folder(place, at.upload), at.study)


def keep_draft(drafts: Mapping[str, Any] | None, key: str, draft: Mapping[str, Any]) -> dict[str, Any]:
    """The drafts of a browser with one more; the oldest are let go."""
    kept = {one: other for one, other in (drafts or {}).items() if one != key}
    for one in list(kept)[: max(0, len(kept) - MOST_DRAFTS + 1)]:
        del kept[one]
    return {**kept, key: dict(draft)}


def form_draft(
    ids: Iterable[Mapping[str, str]],
    values: Iterable[Any],
    switch_ids: Iterable[Mapping[str, str]],
    checked: Iterable[Any],
    shown: Mapping[str, Any],
) -> dict[str, Any]:
    """The draft that the fields of the page hold now, saved or not."""
    study, draft = shown["key"].partition("/")[0], shown["draft"]
    fields = scenario_fields(study)
    held = {one["path"]: value for one, value in zip(ids, values, strict=True)}
    held |= {one["path"]: value for one, value in zip(switch_ids, checked, strict=True)}
    return changed_draft(draft, fields, held, shown_values(draft, fields))


def read_draft(place: ApiPlace, at: NewPlace, draft: Mapping[str, Any]) -> Scenario:
    """The scenario of a draft beside its inputs; a ScenarioError with every problem of it."""
    return read_asked(place, Asked(inputs=at.upload, scenario=dict(draft)))


def draft_findings(place: ApiPlace, at: NewPlace, draft: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is wrong with a draft by itself; its inputs are not looked at."""
    try:
        read_draft(place, at, draft)
    except ScenarioError as error:
        return found_data(place, at, error.findings)
    return []


def changed_found(
    place: ApiPlace, at: NewPlace, draft: Mapping[str, Any], before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What is wrong after the form was changed: of the form anew, of tables as the last check had it."""
    of_tables = [one for one in (before or {}).get("findings", ()) if one.get("file")]
    findings = [*draft_findings(place, at, draft), *of_tables]
    return {"stage": "form", "findings": findings, "marks": (before or {}).get("marks", {})}


def found_data(place: ApiPlace, at: NewPlace, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings for the browser, without paths of this machine."""
    folder = upload_folder(place, at.upload)
    return [finding_body(one, folder).model_dump(mode="json") for one in findings]


def triggered_path() -> str:
    """The row field whose button was pressed."""
    asked = dash.ctx.triggered_id
    return str(asked["path"]) if asked else ""
