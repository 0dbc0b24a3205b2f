"""The two real networks of the shared folder are read as the engine itself holds them."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from sparewatt.inputs.network.dss import read_dss_network
from sparewatt.inputs.network.dss_write import write_dss_network
from sparewatt.inputs.network.network_hash import hash_network
from sparewatt.physics.topology import find_feeders, find_zones
from support.dss_folders import compile_circuit, y_prim
from support.shared_folder import shared_path

SIZES = {"enwl_1": (200, 416, 417, 4), "enwl_17": (883, 1730, 1731, 7)}


@pytest.fixture(scope="module", params=SIZES)
def case(request):
    folder = shared_path(f"data/networks/{request.param}")
    network, findings = read_dss_network(folder)
    assert network is not None, "\n".join(map(str, findings))
    return request.param, folder, network, findings


def test_every_customer_line_and_place_is_there(case):
    name, folder, network, findings = case
    feeders = find_feeders(network)
    assert (len(network.loads), len(network.branches), len(network.nodes), len(feeders)) == SIZES[name]
    assert network.name == name
    assert network.nodes.has_place.all()
    assert len(network.generators) == len(network.loads)
    np.testing.assert_array_equal(network.generators.node, network.loads.node)
    np.testing.assert_array_equal(network.generators.phase, network.loads.phase)
    assert {f.severity for f in findings} <= {"info", "warning"}
    assert {f.rule for f in findings} <= {"network.dss.left_out", "network.branch.rating"}
    written = [line.split()[1] for line in (folder / "Loads.txt").read_text().splitlines() if line]
    assert network.loads.ids == tuple(w.removeprefix("Load.") for w in written)


def test_zones_hold_as_many_customers_as_the_reference_says(case):
    """Its keys are the phase and the feeder's number in the names of the loads: LOAD<feeder><n>."""
    name, _, network, _ = case
    expected = json.loads(shared_path("reference/network/customers_per_zone.json").read_text())
    zones = find_zones(network, find_feeders(network))
    counts = np.bincount(zones.load_zone, minlength=len(zones.ids))
    number = {}
    for row, zone in enumerate(zones.load_zone.tolist()):
        number.setdefault(int(zones.feeder[zone]), network.loads.ids[row].removeprefix("LOAD")[0])
    found = {
        f"{zones.phase[z] + 1}{number[int(zones.feeder[z])]}": int(counts[z]) for z in range(len(zones.ids))
    }
    assert found == expected[name.removeprefix("enwl_")]


def test_matrices_source_and_transformer_are_what_the_engine_solves_with(case):
    _, folder, network, _ = case
    engine = compile_circuit(folder)
    branches = network.branches
    for row, name in enumerate(branches.ids):
        y = y_prim(engine, f"Line.{name}")
        np.testing.assert_allclose(branches.z_ohm[row], np.linalg.inv(-y[:3, 3:]), rtol=1e-7, atol=1e-10)
        assert engine.CktElement.NormalAmps() == branches.ampacity_a[row]
        a, b = (n.split(".")[0] for n in engine.CktElement.BusNames())
        assert (network.nodes.ids[branches.from_node[row]], network.nodes.ids[branches.to_node[row]]) == (
            a,
            b,
        )
    z = np.linalg.inv(y_prim(engine, "Vsource.source")[:3, :3])
    assert network.source.z1_ohm == pytest.approx(z[0, 0] - z[0, 1], rel=1e-7)
    assert network.source.z0_ohm == pytest.approx(z[0, 0] + 2 * z[0, 1], rel=1e-7)
    transformer = network.transformer
    series = (
        transformer.rating_kva / 1000 / transformer.lv_kv**2 / complex(transformer.r_pu, transformer.x_pu)
    )
    assert y_prim(engine, "Transformer.tr1")[4, 4] == pytest.approx(series, rel=1e-6)
    assert transformer.neutral_ohm == 0  # r= and x= of the file are of a neutral that is joined to earth


def test_loads_stand_where_the_reference_snapshots_have_them():
    network, _ = read_dss_network(shared_path("data/networks/enwl_1"))
    with shared_path("reference/network/ref_condensed_network_1_loads_step0.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [network.nodes.ids[n] for n in network.loads.node] == [r["bus"] for r in rows]
    assert (network.loads.phase + 1).tolist() == [int(r["phase"]) for r in rows]


def test_a_real_network_survives_being_written(case, tmp_path):
    name, folder, network, _ = case
    write_dss_network(network, tmp_path / name)
    back, findings = read_dss_network(tmp_path / name)
    assert findings == ()
    assert back.nodes.ids == network.nodes.ids
    np.testing.assert_allclose(back.branches.z_ohm, network.branches.z_ohm, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(back.loads.kvar, network.loads.kvar, rtol=1e-12)
    assert hash_network(network) == hash_network(read_dss_network(folder / "Master.dss")[0])
