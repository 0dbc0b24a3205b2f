"""Voltages and currents solved by OpenDSS elsewhere, and customers per zone; every case that is there."""

from __future__ import annotations

import csv
import json
import re

import numpy as np
import pytest
from tests.support.shared_folder import shared_path

from sparewatt.inputs.network.dss import read_dss_network
from sparewatt.physics.engines import engine_for
from sparewatt.physics.power_flow import FlowWant
from sparewatt.physics.topology import find_feeders, find_zones


def read_network(number):
    network, findings = read_dss_network(shared_path(f"data/networks/enwl_{number}"))
    assert network is not None, findings
    return network


def cases(pattern):
    return sorted(shared_path("reference/network").glob(pattern))


@pytest.mark.parametrize("engine", ["sweep", "opendss", "power_grid_model"])
def test_voltages_and_line_currents_of_given_load_patterns(engine):
    for path in cases("ref_condensed_network_*steps.npz"):
        network = read_network(re.search(r"network_(\d+)_", path.name).group(1))
        with np.load(path) as given:
            buses, kw, kvar = given["bus"].tolist(), given["load_kW"].T, given["load_kvar"].T
            volts, amps = given["V_pu"], given["I_A"]
        row = {name: n for n, name in enumerate(network.nodes.ids)}
        inside = [k for k, bus in enumerate(buses) if bus in row]
        assert [bus for bus in buses if bus not in row] == ["sourcebus"]
        nodes = np.array([row[buses[k]] for k in inside])
        want = FlowWant(nodes=nodes, branches=np.arange(len(network.branches)))
        flow = engine_for(engine, network).solve(kw, kvar, want)
        assert flow.converged.all()
        found = np.abs(flow.node_voltage_v).transpose(2, 0, 1) / (416 / np.sqrt(3))
        assert np.abs(found - volts[:, inside]).max() < 1e-6
        assert np.abs(np.abs(flow.branch_current_a).transpose(2, 0, 1) - amps).max() < 1e-3


def test_a_load_pattern_given_as_tables():
    for path in cases("ref_condensed_network_*_V_step0.csv"):
        network = read_network(re.search(r"network_(\d+)_", path.name).group(1))
        with path.open() as file:
            volts = {r["bus"]: [float(r[f"V{p}_pu"]) for p in "abc"] for r in csv.DictReader(file)}
        with path.with_name(path.name.replace("_V_", "_loads_")).open() as file:
            loads = list(csv.DictReader(file))
        assert [r["bus"] for r in loads] == [network.nodes.ids[n] for n in network.loads.node]
        assert [int(r["phase"]) - 1 for r in loads] == network.loads.phase.tolist()
        kw, kvar = (np.array([[float(r[name])] for r in loads]) for name in ("kW", "kvar"))
        flow = engine_for("sweep", network).solve(kw, kvar, FlowWant(nodes=np.arange(len(network.nodes))))
        expected = np.array([volts[name] for name in network.nodes.ids])
        assert np.abs(flow.node_voltage_v[:, :, 0]) / (416 / np.sqrt(3)) == pytest.approx(expected, abs=1e-6)


def test_customers_per_zone():
    # "23" there is phase 2 of feeder 3; feeders in the order of their head branches in the file.
    for path in cases("customers_per_zone.json"):
        for number, expected in json.loads(path.read_text()).items():
            network = read_network(number)
            zones = find_zones(network, find_feeders(network))
            counts = np.bincount(zones.load_zone, minlength=len(zones)).tolist()
            found = {"".join(reversed(z.split("/"))): n for z, n in zip(zones.ids, counts, strict=True)}
            assert found == expected
