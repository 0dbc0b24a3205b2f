"""A street of 1,000 houses with 21,000 jobs: what a part of its page sends, and of how many components.

Dash asks every component of a page at every change of it, so their number is what makes a page slow: 4,000
of them took half a minute, a few hundred take a tenth of a second.
"""

from __future__ import annotations

import json

import pytest
from dash._utils import to_json

from sparewatt.faces.web.neighbourhood_files import files_page
from sparewatt.faces.web.neighbourhood_jobs_table import job_part, jobs_table
from sparewatt.faces.web.neighbourhood_street import houses_found, street
from sparewatt.model.neighbourhood import Device
from sparewatt.studies.neighbourhood_draft import Draft
from sparewatt.studies.neighbourhood_lines import ForecastLine, JobLine
from sparewatt.studies.neighbourhood_sight import Sight
from support.neighbourhood_folders import ORIGIN

HOUSES, JOBS = 1_000, 21_000
MOST_COMPONENTS, MOST_BYTES = 250, 450_000


@pytest.fixture(scope="module")
def sight() -> Sight:
    houses = tuple(str(n) for n in range(1, HOUSES + 1))
    consumers = [
        Device(h, "1", f"{h}{k}", f"Washer {k}", "wash", "consumer") for h in houses for k in (1, 2, 3)
    ]
    panels = [Device(h, "1", f"{h}4", "Panels", "", "producer") for h in houses[::2]]
    devices = tuple(sorted([*consumers, *panels], key=lambda d: int(d.house)))
    times = [ORIGIN + 20 * n for n in range(JOBS)]
    jobs = tuple(
        JobLine(
            str(t), str(t + 600), str(t + 7200), f"[{n % HOUSES + 1}]:[{n % HOUSES + 1}1]:[{n}]", "wash.csv"
        )
        for n, t in enumerate(times)
    )
    forecasts = tuple(
        ForecastLine(str(ORIGIN), f"pv_producer[{d.house}]:[{d.device_id}]", f"{d.house}.csv") for d in panels
    )
    sun = f"{ORIGIN} 0\n{ORIGIN + 86400} 9000\n"
    curves = {"loads/wash.csv": "0 0\n3600 1000\n"} | {f"predictions/{f.file}": sun for f in forecasts}
    return Sight(Draft("Long street", houses, devices, jobs, forecasts, curves=curves))


def components(told: object) -> int:
    """Components in what is sent, as Dash counts them."""
    if isinstance(told, dict):
        return ("namespace" in told) + sum(components(one) for one in told.values())
    return sum(components(one) for one in told) if isinstance(told, list) else 0


@pytest.mark.parametrize("part", ["street", "houses", "jobs", "files"])
def test_a_part_of_a_long_street_is_small(sight, part):
    made = {
        "street": lambda: street(sight, 1, ""),
        "houses": lambda: houses_found(sight, 3, "washer"),
        "jobs": lambda: jobs_table(sight),
        "files": lambda: files_page(sight, "", "", 1),
    }[part]()
    sent = to_json(made)
    assert components(json.loads(sent)) < MOST_COMPONENTS
    assert len(sent) < MOST_BYTES


def test_jobs_come_as_they_are_asked_for(sight):
    first, words = job_part(sight, {"startRow": 0, "endRow": 100})
    assert (len(first["rowData"]), first["rowCount"], words) == (100, JOBS, "21,000 jobs")
    by_end = {"startRow": 0, "endRow": 100, "sortModel": [{"colId": "registered", "sort": "desc"}]}
    assert job_part(sight, by_end)[0]["rowData"][0]["row"] == JOBS - 3  # three a minute
    of_one = {"house": {"filterType": "text", "type": "equals", "filter": "734"}}
    found, words = job_part(sight, {"startRow": 0, "endRow": 100, "filterModel": of_one})
    assert {row["house"] for row in found["rowData"]} == {"734"}
    assert (found["rowCount"], words) == (21, "21 of 21,000 jobs found")
    assert len({row["id"] for row in found["rowData"]}) == 21
