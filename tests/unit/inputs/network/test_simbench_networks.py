"""Networks of SimBench as the real packages make them, against pandapower's power flow; skipped without."""

from __future__ import annotations

import copy
import warnings
from functools import cache

import numpy as np
import pytest

from sparewatt.inputs.network.pandapower import read_pandapower_network
from sparewatt.inputs.network.simbench import read_simbench_network
from sparewatt.physics.engines import engine_for
from sparewatt.physics.power_flow import FlowWant
from sparewatt.physics.topology import find_feeders, find_zones

REASON = 'needs pip install "sparewatt[simbench]"'
simbench = pytest.importorskip("simbench", reason=REASON)
pandapower = pytest.importorskip("pandapower", reason=REASON)
MAKE = simbench.get_simbench_net

# With switches and without; in scenario 2 the transformer is off its neutral tap.
CODES = ("1-LV-rural1--2-sw", "1-LV-rural2--0-no_sw")


@cache
def original(code):
    """A network as the package makes it, which takes it seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of those packages
        return MAKE(code)


@pytest.fixture(autouse=True)
def made_once(monkeypatch):
    monkeypatch.setattr(simbench, "get_simbench_net", lambda code: copy.deepcopy(original(code)))


def simbench_net(code, *, ratio=True):
    """A network without what sparewatt leaves to profiles; taps count as in the data set."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = copy.deepcopy(original(code))
        for table in ("sgen", "storage"):
            net[table] = net[table].iloc[:0]
        if ratio:
            net.trafo["tap_changer_type"] = "Ratio"
    return net


def solved(net):
    """Voltages by bus [pu] and losses [kW] of pandapower's balanced power flow."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandapower.runpp(net, tolerance_mva=1e-10, calculate_voltage_angles=True, trafo_model="pi")
    losses = 1000 * (net.res_line.pl_mw.sum() + net.res_trafo.pl_mw.sum())
    return dict(zip(net.bus.name, net.res_bus.vm_pu, strict=True)), losses


def voltages(network, engine="sweep"):
    flow = engine_for(engine, network).solve(
        network.loads.kw[:, None], network.loads.kvar[:, None], FlowWant(nodes=np.arange(len(network.nodes)))
    )
    return np.abs(flow.node_voltage_v[:, :, 0]) / network.base_v, float(flow.losses_kw[0])


def written(net, tmp_path):
    pandapower.to_json(net, str(tmp_path / "net.json"))
    network, findings = read_pandapower_network(tmp_path / "net.json")
    assert network is not None, "\n".join(map(str, findings))
    return network, findings


@pytest.mark.parametrize("code", CODES)
def test_voltages_and_losses_are_those_of_pandapower(tmp_path, code):
    net = simbench_net(code)
    net.trafo[["pfe_kw", "i0_percent"]] = 0.0
    expected, losses = solved(net)
    network, _ = written(net, tmp_path)
    for engine in ("sweep", "opendss", "power_grid_model"):
        volts, lost = voltages(network, engine)
        for row, name in enumerate(network.nodes.ids):
            np.testing.assert_allclose(
                volts[row], expected[name], rtol=0, atol=1e-7, err_msg=f"{engine} {name}"
            )
        assert lost == pytest.approx(losses, rel=1e-6)


@pytest.mark.parametrize("code", CODES)
def test_a_code_gives_what_its_data_set_means(code):
    """Iron losses stand at one side of the transformer here and at both in pandapower: a few 1e-5 pu."""
    expected, losses = solved(simbench_net(code))
    network, findings = read_simbench_network(code)
    assert network is not None, "\n".join(map(str, findings))
    volts, lost = voltages(network)
    for row, name in enumerate(network.nodes.ids):
        np.testing.assert_allclose(volts[row], expected[name], rtol=0, atol=5e-5, err_msg=name)
    assert lost == pytest.approx(losses, rel=5e-3)


def test_a_file_keeps_to_pandapower_where_its_tap_has_no_type(tmp_path):
    net = simbench_net("1-LV-rural1--2-sw", ratio=False)
    assert (net.trafo.tap_pos != net.trafo.tap_neutral).all()
    expected, _ = solved(net)
    network, findings = written(net, tmp_path)
    volts, _ = voltages(network)
    for row, name in enumerate(network.nodes.ids):
        np.testing.assert_allclose(volts[row], expected[name], rtol=0, atol=5e-5, err_msg=name)
    assert "network.transformer.tap" in {f.rule for f in findings if f.severity == "warning"}


def test_all_customers_are_there_and_stand_behind_feeders():
    net = simbench_net("1-LV-rural2--0-no_sw")
    network, _ = read_simbench_network("1-LV-rural2--0-no_sw")
    assert len(network.loads) == len(net.load)
    assert network.loads.kw.sum() == pytest.approx(1000 * net.load.p_mw.sum())
    feeders = find_feeders(network)
    assert (feeders.load_feeder >= 0).all()
    assert len(find_zones(network, feeders)) == 3 * len(set(feeders.load_feeder.tolist()))
