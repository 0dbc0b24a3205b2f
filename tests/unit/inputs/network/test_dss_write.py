"""Networks written as OpenDSS folders come back as they were, and OpenDSS solves them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.errors import InputError
from sparewatt.inputs.generate.network import generate_network
from sparewatt.inputs.generate.network_plan import NetworkPlan
from sparewatt.inputs.network.dss import read_dss_network
from sparewatt.inputs.network.dss_write import write_dss_network
from sparewatt.inputs.network.network_hash import hash_network
from sparewatt.model.network import Generators
from support.dss_folders import FILES, compile_circuit, write_little_network


def assert_same(back, network):
    for part in ("nodes", "branches", "loads", "generators"):
        assert getattr(back, part).ids == getattr(network, part).ids
    for part, fields in {
        "nodes": ("x", "y", "has_place"),
        "branches": ("from_node", "to_node", "z_ohm", "shunt_s", "ampacity_a", "length_m"),
        "loads": ("node", "phase", "kw", "kvar", "zip_share"),
        "generators": ("node", "phase"),
    }.items():
        for field in fields:
            found, expected = getattr(getattr(back, part), field), getattr(getattr(network, part), field)
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15, err_msg=f"{part}.{field}")
    for field, value in vars(network.transformer).items():
        assert getattr(back.transformer, field) == (
            pytest.approx(value, rel=1e-9) if field != "id" else value
        )
    for field, value in vars(network.source).items():
        assert getattr(back.source, field) == pytest.approx(value, rel=1e-9)
    assert back.busbar == network.busbar
    assert back.frequency_hz == network.frequency_hz


def read(folder):
    network, findings = read_dss_network(folder)
    assert network is not None, "\n".join(map(str, findings))
    return network, findings


def test_a_generated_network_comes_back_as_it_was(tmp_path):
    network = generate_network(3, plan=NetworkPlan(90, 3, three_phase_share=0.1))
    write_dss_network(network, tmp_path / "generated")
    back, findings = read(tmp_path / "generated")
    assert findings == ()
    assert_same(back, network)


def test_every_field_that_files_can_say_comes_back(tmp_path):
    network, _ = read(write_little_network(tmp_path / "little"))
    rng = np.random.default_rng(5)
    branches = replace(
        network.branches,
        z_ohm=network.branches.z_ohm + np.eye(3) * rng.uniform(0, 0.01, (6, 1, 3)),
        shunt_s=1j * np.eye(3) * rng.uniform(1e-6, 1e-5, (6, 1, 3)),
        ampacity_a=np.array([300, np.inf, 250.5, 100, 100, 80]),
    )
    loads = replace(network.loads, zip_share=np.array([[0, 0, 1], [1, 0, 0], [0.2, 0.3, 0.5], [0, 1, 0]]))
    transformer = replace(
        network.transformer, clock=11, tap_pu=1.025, neutral_ohm=0.3 + 0.1j, magnetising_s=0.01 - 0.05j
    )
    generators = Generators(("G1", "G2"), np.array([4, 3]), np.array([0, -1]))
    network = replace(network, branches=branches, loads=loads, transformer=transformer, generators=generators)
    write_dss_network(network, tmp_path / "written")
    back, findings = read(tmp_path / "written")
    assert [f.rule for f in findings] == []
    assert_same(back, network)


def test_opendss_solves_what_is_written(tmp_path):
    network = generate_network(11, 60, 3)
    write_dss_network(network, tmp_path / "generated")
    engine = compile_circuit(tmp_path / "generated")
    assert engine.Solution.Converged()
    assert len(engine.Loads.AllNames()) == 60
    power = -complex(*engine.Circuit.TotalPower())
    losses = complex(*engine.Circuit.Losses()) / 1000
    assert power.real == pytest.approx(60 + losses.real, rel=1e-4)  # constant power at every voltage
    volts = np.array(engine.Circuit.AllBusMagPu())
    assert 0.93 < volts.min() < volts.max() < 1.01


def test_writing_again_gives_the_same_bytes(tmp_path):
    network = generate_network(4, 40, 2)
    for name in ("one", "two"):
        write_dss_network(network, tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_what_opendss_has_no_words_for_is_refused(tmp_path):
    network = generate_network(4, 10, 2)
    bad = replace(
        network,
        transformer=replace(network.transformer, clock=5),
        nodes=replace(network.nodes, ids=("bus bar", *network.nodes.ids[1:])),
        branches=replace(network.branches, shunt_s=network.branches.shunt_s + 1e-6),
    )
    with pytest.raises(InputError) as error:
        write_dss_network(bad, tmp_path / "bad")
    assert {f.rule for f in error.value.findings} == {
        "network.write.clock",
        "network.write.name",
        "network.write.shunt",
    }
    assert not (tmp_path / "bad").exists()


def test_the_hash_is_that_of_the_network_and_not_of_the_order_of_its_files(tmp_path):
    network, _ = read(write_little_network(tmp_path / "little"))
    swapped = (tmp_path / "little" / "loads.txt").read_text().splitlines()[::-1]
    lines = (tmp_path / "little" / "lines.txt").read_text().splitlines()
    lines[2], lines[4], lines[5] = lines[5], lines[2], lines[4]
    other, _ = read(
        write_little_network(tmp_path / "other", loads_txt="\n".join(swapped), lines_txt="\n".join(lines))
    )
    assert other.loads.ids != network.loads.ids
    assert other.nodes.ids != network.nodes.ids
    assert hash_network(other) == hash_network(network)


CHANGES = {
    "length": {"lines_txt": ("Length=60", "Length=60.1")},
    "rating": {"codes_txt": ("Normamps=300", "Normamps=301")},
    "phase": {"loads_txt": ("h1.1", "h1.2")},
    "node": {"loads_txt": ("h1.1", "h2.1")},
    "power": {"loads_txt": ("kW=3", "kW=3.5")},
    "source": {"Master_dss": ("pu=1.02", "pu=1.03")},
    "transformer": {"Master_dss": ("XHL=4", "XHL=5")},
    "place": {"places_csv": "a,1,2\n"},
    "order of the ways": {"lines_txt": "\n".join(sorted(FILES["lines.txt"].splitlines(), reverse=True))},
}  # fmt: skip


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES.keys())
def test_the_hash_tells_networks_apart(tmp_path, changes):
    network, _ = read(write_little_network(tmp_path / "little"))
    other, _ = read(write_little_network(tmp_path / "other", **changes))
    assert hash_network(other) != hash_network(network)
