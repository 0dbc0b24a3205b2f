"""Lines of the tables of a neighbourhood as they are written, values as text."""

from __future__ import annotations

from typing import NamedTuple


class JobLine(NamedTuple):
    """A job as consumer_event.csv has it, times in UNIX seconds."""

    registered: str
    earliest: str
    latest: str
    job_id: str
    file: str


class ForecastLine(NamedTuple):
    """A forecast as producer_event.csv has it."""

    issued: str
    producer: str
    file: str


class EvLine(NamedTuple):
    """A job of an EV as ev_jobs.csv has it."""

    job_id: str
    registered: str
    earliest: str
    ready_by: str
    energy_wh: str
    min_w: str
    max_w: str


class BatteryLine(NamedTuple):
    """A battery as batteries.csv has it."""

    house: str
    capacity_wh: str
    charge_w: str
    discharge_w: str
    efficiency: str
    start_soc: str


class BaseLine(NamedTuple):
    """Base load of a house as base_load.csv has it."""

    house: str
    file: str
