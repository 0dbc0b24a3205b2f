"""What routes of results take and answer, as models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from sparewatt.faces.api.bodies import KpiColumns, Strict
from sparewatt.faces.api.problems import FindingBody
from sparewatt.results.table_page import TableCell

MOST_POINTS = 20_000


class ResultBody(BaseModel):
    """What a run came to."""

    sentences: list[str] = Field(
        description="What it found, most important first",
        examples=[["Smart charging cuts the cost of electricity by 10.8 %."]],
    )
    level: str = Field(
        description="normal, breach (a limit was left) or magic (more was needed than there is)",
        examples=["normal"],
    )
    kpis: KpiColumns = Field(description="KPIs for people: the whole and its first parts, or smart and BAU")
    findings: list[FindingBody] = Field(description="Findings of inputs and checks")
    outcome: dict[str, Any] = Field(
        description="outcome.json, as docs/outputs.md has it",
        examples=[{"study": "depot", "level": "normal"}],
    )


class TableBody(BaseModel):
    """A page of a table."""

    columns: list[str] = Field(
        description="Names of the columns; units are in them", examples=[["scenario_id", "cost"]]
    )
    rows: list[list[TableCell]] = Field(
        description="A cell per column; null where empty", examples=[[[1, 80.41], [2, 71.74]]]
    )
    total: int = Field(description="Rows of the whole table", examples=[2])
    matching: int = Field(description="Rows that match the filters", examples=[2])
    offset: int = Field(description="Matching rows before this page", examples=[0])
    next: int | None = Field(description="Offset of the next page; null: this is the last", examples=[None])


class SeriesBody(BaseModel):
    """A series of a run."""

    name: str = Field(description="Its name", examples=["scenario_1_site"])
    rows: int = Field(description="Number of rows", examples=[96])
    columns: dict[str, str] = Field(
        description="time, number, text, truth or other, by column",
        examples=[{"datetime": "time", "site_kw": "number"}],
    )
    time: str | None = Field(
        description="Column of times; null: it has none, and no windows", examples=["datetime"]
    )


class WindowQuery(Strict):
    """Which part of a series."""

    columns: list[Annotated[str, Field(max_length=100)]] = Field(
        min_length=1, max_length=20, description="Columns of numbers", examples=[["site_kw"]]
    )
    start: AwareDatetime | None = Field(
        default=None, description="First moment; left out: of the series", examples=["2026-03-02T00:00:00Z"]
    )
    end: AwareDatetime | None = Field(
        default=None,
        description="First moment that is out; left out: all",
        examples=["2026-03-03T00:00:00+01:00"],
    )
    where: list[Annotated[str, Field(max_length=300)]] = Field(
        default=[], max_length=10, description="column:value that rows must have", examples=[["zone_id:2/4"]]
    )
    points: int = Field(default=1000, ge=2, le=MOST_POINTS, description="Points per column at most")


class LineBody(BaseModel):
    """A column of a series in a window; every minimum and maximum is kept."""

    column: str = Field(description="Its name; the unit is in it", examples=["site_kw"])
    times: list[datetime] = Field(
        description="Time of each point, UTC", examples=[["2026-03-02T00:00:00Z", "2026-03-02T00:30:00Z"]]
    )
    values: list[float] = Field(description="Value of each point", examples=[[12.5, 14.0]])
    rows: int = Field(description="Rows of the window behind the points", examples=[96])
