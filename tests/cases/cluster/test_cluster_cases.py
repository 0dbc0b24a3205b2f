"""Hubs worked out by hand (README beside them), from CSV sheets through reader, loop and judge."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import numpy as np
import pytest

from sparewatt.inputs.cluster.read import ClusterSources, read_cluster
from sparewatt.inputs.cluster.settings import ClusterSettings
from sparewatt.model.trace import Fate
from sparewatt.simulate.hub import simulate_hub
from sparewatt.verify.cluster_trace import check_trace

FOLDER = Path(__file__).parent
CASES = sorted(path.parent.name for path in FOLDER.glob("*/case.toml"))
NEAR = 1e-9


def rows_of(case: str, name: str) -> list[dict[str, str]]:
    with (FOLDER / case / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    settings = ClusterSettings(**tomllib.loads((FOLDER / case / "case.toml").read_text())["cluster"])
    inputs, findings = read_cluster(ClusterSources(tables=case), settings, FOLDER)
    assert inputs is not None, findings
    trace = simulate_hub(inputs.system, inputs.fleet, inputs.rules)
    horizon, c = trace.system.horizon, trace.connections

    vehicles = rows_of(case, "vehicles.csv")
    assert [row["ev_id"] for row in vehicles] == list(trace.fleet.ids)
    for v, row in enumerate(vehicles):
        assert Fate(int(trace.fate[v])).name == row["fate"], row
        assert trace.waited_h[v] == pytest.approx(float(row["waited_h"]), abs=NEAR)
        own = np.flatnonzero(c.vehicle == v)
        assert len(own) == (row["evse_id"] != "")
        for k in own:
            assert trace.system.evses.ids[int(c.evse[k])] == row["evse_id"]
            assert f"{horizon.local(int(c.first[k])):%H:%M}" == row["connected"]
            assert f"{horizon.local(int(c.end[k])):%H:%M}" == row["left"]
            assert c.soc_last[k] == pytest.approx(float(row["soc_last"]), abs=NEAR)
            assert c.g2v_kwh[k] == pytest.approx(float(row["g2v_kwh"]), abs=NEAR)
            assert c.v2g_kwh[k] == pytest.approx(float(row["v2g_kwh"]), abs=NEAR)

    power = rows_of(case, "power.csv")
    assert [row["time"] for row in power] == [f"{stamp:%H:%M}" for stamp in horizon.local_stamps()]
    for n, name in enumerate(trace.system.cluster_ids):
        np.testing.assert_allclose(
            trace.cluster_kw[n], [float(row[name]) for row in power], rtol=0, atol=NEAR
        )

    told = [(f.rule, f.margin) for f in check_trace(trace)]
    assert told == [
        (row["rule"], pytest.approx(float(row["margin"]))) for row in rows_of(case, "findings.csv")
    ]
