"""Scenario: what a scenario file says, validated (spec/faces.md section 1)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sparewatt.inputs.cluster.settings import ClusterSettings
from sparewatt.inputs.community.settings import CommunitySettings
from sparewatt.inputs.depot.settings import DepotSettings
from sparewatt.inputs.network.settings import NetworkSettings

STUDIES = ("depot", "cluster", "network", "community")
"""Studies that a scenario file may name."""

Study = Literal["depot", "cluster", "network", "community"]

_STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ScenarioInputs(BaseModel):
    """Where the inputs are."""

    model_config = _STRICT

    tables: str | None = Field(
        default=None,
        min_length=1,
        description="Folder of CSV tables beside this file, or a database URL (depot)",
    )
    workbook: str | None = Field(
        default=None,
        min_length=1,
        description="Workbook (.xlsx) beside this file: Fleet, Cluster1, Capacity1, … (cluster)",
    )
    sessions: str | None = Field(
        default=None,
        min_length=1,
        description="Recorded sessions (ACN-Data JSON) beside this file, instead of Fleet (cluster)",
    )
    diaries: str | None = Field(
        default=None,
        min_length=1,
        description="EV diaries (CSV or .xlsx) beside this file, instead of Fleet (cluster), "
        "or whose cars the EVs are (network)",
    )
    master: str | None = Field(
        default=None, min_length=1, description="OpenDSS network: its Master.dss, or the folder (network)"
    )
    network: str | None = Field(
        default=None, min_length=1, description="pandapower network as JSON, instead of master (network)"
    )
    simbench: str | None = Field(
        default=None, min_length=1, description="Code of a SimBench network, instead of master (network)"
    )
    profiles: str | None = Field(
        default=None,
        min_length=1,
        description="Metered demand of the customers (CSV, Parquet); left out: generated (network)",
    )
    heat_pump_profiles: str | None = Field(
        default=None,
        min_length=1,
        description="Metered heat pumps (CSV, Parquet); left out: generated (network)",
    )
    pv_profiles: str | None = Field(
        default=None,
        min_length=1,
        description="Generation per rated kW (CSV, Parquet); left out: generated (network)",
    )
    temperature: str | None = Field(
        default=None, min_length=1, description="Outdoor temperature (CSV); left out: generated (network)"
    )
    prices: str | None = Field(
        default=None,
        min_length=1,
        description="Tariff of charging at home by half-hour (CSV); left out: battery wear alone (network)",
    )
    folder: str | None = Field(
        default=None,
        min_length=1,
        description="Neighbourhood folder beside this file: consumer_event.csv, producer_event.csv, … "
        "(community)",
    )


class LimitSource(BaseModel):
    """A limit taken from the outcome of another run."""

    model_config = _STRICT

    run: str = Field(min_length=1, description='Run that made the limit: its id, or "latest:<name>"')
    zone: str | None = Field(default=None, min_length=1, description='Zone of that run, e.g. "2/4"')


class ScenarioFile(BaseModel):
    """The keys of a scenario file."""

    model_config = _STRICT

    version: Literal[1] = Field(description="Version of the scenario file's form")
    study: Study = Field(description="Which study to run")
    name: str = Field(default="", max_length=200, description="What people call it; empty: the folder's name")
    seed: int = Field(default=0, ge=0, lt=2**63, description="Seed of every random choice")
    inputs: ScenarioInputs = Field(default=ScenarioInputs(), description="Where the inputs are")
    depot: DepotSettings = Field(default=DepotSettings(), description="Settings of the depot study")
    cluster: ClusterSettings = Field(default=ClusterSettings(), description="Settings of the cluster study")
    network: NetworkSettings = Field(default=NetworkSettings(), description="Settings of the network study")
    community: CommunitySettings = Field(
        default=CommunitySettings(), description="Settings of the community study"
    )
    limits: dict[str, LimitSource] = Field(
        default={}, description="Limits taken from other runs, by site or connection"
    )


class Scenario(ScenarioFile):
    """A scenario file that was read, with the folder that its paths are relative to."""

    base_dir: Path = Field(description="Folder of the scenario file", exclude=True)
