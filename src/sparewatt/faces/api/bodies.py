"""What the API takes and answers, as models: their descriptions are the documentation."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from sparewatt.faces.api.problems import FindingBody
from sparewatt.inputs.scenario import Study

SCENARIO_MARK = "ScenarioFile"
"""Title of the place where the schema of a scenario file belongs, see `documentation`."""

MOST_ROWS = 1000
FAR = 2**53

Item = TypeVar("Item")
State = Literal["queued", "running", "done", "failed", "cancelled"]
Number = Annotated[int, Field(ge=1, lt=FAR)]
UtcTime = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
"""A time with its offset; a store that keeps others is told in UTC all the same."""
ScenarioTable = Annotated[dict[str, Any], WithJsonSchema({"type": "object", "title": SCENARIO_MARK})]


class Strict(BaseModel):
    """A body that is sent to the API; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class Paging(Strict):
    """Which part of a list."""

    offset: int = Field(default=0, ge=0, lt=FAR, description="How many are left out before the first")
    limit: int = Field(default=50, ge=1, le=MOST_ROWS, description="How many at most")


Pages = Annotated[Paging, Query()]


class Page(BaseModel, Generic[Item]):
    """A part of a list."""

    items: list[Item] = Field(description="The part")
    offset: int = Field(description="How many were left out before it", examples=[0])
    total: int = Field(description="How many there are in all", examples=[1])
    next: int | None = Field(description="Offset of the next part; null: this is the last", examples=[None])


def page_of(items: list[Item], total: int, paging: Paging) -> Page[Item]:
    """A page of a list that has ``total`` items."""
    end = paging.offset + paging.limit
    return Page(items=items, offset=paging.offset, total=total, next=end if end < total else None)


class Health(BaseModel):
    """That the server answers."""

    status: Literal["ok"] = Field(description="It answers")
    version: str = Field(description="Version of Sparewatt", examples=["0.1.0"])


class StudyBody(BaseModel):
    """A study that can be run."""

    name: Study = Field(description="As in a scenario", examples=["depot"])
    what: str = Field(
        description="What it is about",
        examples=["Charging a fleet of one or more depots inside their agreed supply capacity."],
    )
    inputs: list[str] = Field(
        description="Keys of the scenario's inputs that it reads, the usual one first", examples=[["tables"]]
    )
    settings: dict[str, Any] = Field(
        description="JSON schema of its settings, units in the descriptions",
        examples=[{"properties": {"horizon_days": {"type": "integer"}}}],
    )


class FileBody(BaseModel):
    """A file of an upload."""

    name: str = Field(description="Name below the upload", examples=["tables/t_client.csv"])
    size: int = Field(description="Size [bytes]", examples=[1480])


class UploadBody(BaseModel):
    """Inputs that were uploaded."""

    id: str = Field(
        description="By which checks and runs name it", examples=["5d0c7f5b9a3c4f0f8a6f6a1c0a4b2e11"]
    )
    files: list[FileBody] = Field(description="Its files")


class Asked(Strict):
    """What to check or to run."""

    inputs: str = Field(
        max_length=64,
        description="Id of the upload with the input files",
        examples=["5d0c7f5b9a3c4f0f8a6f6a1c0a4b2e11"],
    )
    scenario: ScenarioTable | None = Field(
        default=None, description="The scenario; left out: scenario.toml of the upload"
    )
    overrides: list[Annotated[str, Field(max_length=500)]] = Field(
        default=[],
        max_length=100,
        description="key=value texts on top of scenario.toml, such as depot.horizon_days=2",
    )


class Checked(BaseModel):
    """What a check found; nothing was run."""

    ok: bool = Field(description="Whether it can be run: no finding is an error", examples=[True])
    findings: list[FindingBody] = Field(description="All findings, errors first")


class RunBody(BaseModel):
    """A run."""

    id: int = Field(description="Number of the run", examples=[7])
    study: str = Field(description="Which study", examples=["depot"])
    name: str = Field(description="Name of the scenario", examples=["Four vans, one limit"])
    state: State = Field(description="Where it is", examples=["running"])
    progress: float = Field(description="Share that is done [0-1]", examples=[0.4])
    created: UtcTime = Field(description="When it was asked for, UTC", examples=["2026-03-02T09:30:00Z"])
    started: UtcTime | None = Field(
        description="When work on it began, UTC", examples=["2026-03-02T09:30:01Z"]
    )
    ended: UtcTime | None = Field(description="When it ended, UTC", examples=[None])
    error: str = Field(description="Why it failed, for people", examples=[""])
    input_hash: str = Field(
        description="sha256 of settings and inputs",
        examples=["d0c098b712de31a5d0c098b712de31a5d0c098b712de31a5d0c098b712de31a5"],
    )
    seed: int = Field(description="Seed of every random choice", examples=[7])
    versions: dict[str, str] = Field(
        description="Versions of what decides on the numbers",
        examples=[{"sparewatt": "0.1.0", "highs": "1.12.0"}],
    )


class KpiColumns(BaseModel):
    """KPIs side by side."""

    columns: list[str] = Field(
        description="Names of the columns; of runs compared, the first is the base",
        examples=[["unmanaged", "smart"]],
    )
    rows: list[dict[str, Any]] = Field(
        description="One per KPI, with its unit and a value per column",
        examples=[[{"kpi": "Electricity cost", "unit": "currency", "unmanaged": 80.41, "smart": 71.74}]],
    )


class LimitBody(BaseModel):
    """A limit that a run offers to other runs."""

    name: str = Field(description="What it limits", examples=["feeder 2, zone 4"])
    zone: str = Field(description="Zone; a scenario names it in [limits]", examples=["2/4"])


class NeighbourhoodBody(BaseModel):
    """A neighbourhood that is kept in the store."""

    id: int = Field(description="Number of the neighbourhood", examples=[3])
    name: str = Field(description="What people call it", examples=["Sun Street"])
    scores: dict[str, float] = Field(
        description="Scores its producers begin the next run with, by producer", examples=[{"house 1": 0.92}]
    )
    created: UtcTime = Field(description="When it was first kept, UTC", examples=["2026-03-02T09:30:00Z"])
    changed: UtcTime = Field(description="When it was last changed, UTC", examples=["2026-03-02T09:30:00Z"])


class NeighbourhoodAsked(Strict):
    """A neighbourhood to keep."""

    name: str = Field(
        min_length=1, max_length=200, description="What people call it", examples=["Sun Street"]
    )
    inputs: str = Field(
        max_length=64,
        description="Id of the upload that holds its folder",
        examples=["5d0c7f5b9a3c4f0f8a6f6a1c0a4b2e11"],
    )
    folder: str = Field(
        default="", max_length=200, description="Folder in the upload; empty: the upload itself"
    )
