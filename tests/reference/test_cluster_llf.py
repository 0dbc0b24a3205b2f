"""One call of relative least laxity first against every reference case (README beside them).

The cases lie outside the repository, in ``$SPAREWATT_SHARED/reference/cluster`` (default ``../shared``).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from sparewatt.decide.rules.least_laxity import plan_least_laxity, relative_laxity
from sparewatt.model.power_table import PowerTable

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / os.environ.get("SPAREWATT_SHARED", "../shared") / "reference" / "cluster"
CASES = sorted(path.stem for path in FOLDER.glob("llf_*.json"))
HOUR_S = 3600.0

pytestmark = pytest.mark.skipif(not CASES, reason="no llf_*.json in $SPAREWATT_SHARED/reference/cluster")
each_case = pytest.mark.parametrize("name", CASES or ["none"])


def read_case(name: str) -> tuple[dict, dict, list[str]]:
    case = json.loads((FOLDER / f"{name}.json").read_text())
    return case["args"], case["p_charge"], list(case["args"]["inisoc"])


def make_table(args: dict, ids: list[str]) -> PowerTable:
    """Ranges by lower end; a vehicle without ranges has none."""
    ranges = [sorted((args["p_socdep"][v] or {}).values(), key=lambda r: r["SOC_LB"]) for v in ids]
    return PowerTable(
        np.concatenate([[0], np.cumsum([len(own) for own in ranges])]).astype(np.int64),
        np.array([r["SOC_UB"] for own in ranges for r in own], dtype=float),
        np.array([r["P_UB"] for own in ranges for r in own], dtype=float),
    )


def columns(args: dict, ids: list[str]) -> dict[str, np.ndarray]:
    """Columns in kWh and hours instead of the references' kWs and seconds."""
    units = {"bcap": 1 / HOUR_S, "leadtime": 1 / HOUR_S}
    names = ("inisoc", "tarsoc", "bcap", "efficiency", "p_re", "p_chmax", "leadtime")
    return {n: np.array([args[n][v] for v in ids], dtype=float) * units.get(n, 1.0) for n in names}


@each_case
def test_powers_of_each_vehicle(name: str):
    args, expected, ids = read_case(name)
    c = columns(args, ids)
    power = plan_least_laxity(
        c["inisoc"],
        c["tarsoc"],
        c["bcap"],
        c["efficiency"],
        c["p_re"],
        c["p_chmax"],
        c["leadtime"],
        args["upperlimit"],
        make_table(args, ids),
    )
    np.testing.assert_allclose(power, [expected[v] for v in ids], rtol=0, atol=1e-9)
    assert power.any()


# Of these two it is known that the powers stand in the order in which they were given out.
@pytest.mark.parametrize("name", ["llf_N16_soctable_False", "llf_N16_soctable_True"])
def test_references_list_vehicles_by_urgency(name: str):
    if name not in CASES:
        pytest.skip(f"no {name}.json")
    args, expected, ids = read_case(name)
    c = columns(args, ids)
    laxity = relative_laxity(
        c["inisoc"], c["tarsoc"], c["bcap"], c["p_chmax"], c["leadtime"], make_table(args, ids)
    )
    assert [ids[i] for i in np.argsort(laxity, kind="stable")] == list(expected)
