"""OpenDSS folders: what is read, compared with numbers by hand and with the engine's own matrices."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import opendssdirect
import pytest

from sparewatt.inputs.network.dss import read_dss_network
from sparewatt.model.network import ALL_PHASES
from sparewatt.physics.topology import find_feeders, find_zones
from support.dss_folders import FILES, compile_circuit, write_little_network, y_prim


def read(folder):
    network, findings = read_dss_network(folder)
    assert network is not None, "\n".join(map(str, findings))
    return network


@pytest.fixture
def network(tmp_path):
    return read(write_little_network(tmp_path / "little"))


def test_a_network_is_read_with_the_names_and_the_order_of_its_files(network):
    assert network.name == "little"
    assert network.nodes.ids == ("Bar", "a", "b", "d", "h1", "h2", "h3")
    assert network.busbar == 0
    assert network.branches.ids == ("M1", "M2", "N1", "S1", "S2", "S3")
    assert network.loads.ids == ("L1", "L2", "L3", "L4")
    assert network.loads.phase.tolist() == [0, 1, 2, ALL_PHASES]
    assert [network.nodes.ids[n] for n in network.loads.node] == ["h1", "h2", "h3", "d"]
    assert network.loads.kw.tolist() == [3, 2, 1, 6]
    np.testing.assert_allclose(network.loads.kvar, network.loads.kw * math.tan(math.acos(0.95)), rtol=1e-12)
    assert network.loads.zip_share.tolist() == [[0, 0, 1]] * 4
    assert network.frequency_hz == 50


def test_feeders_and_zones_come_from_the_topology(network):
    zones = find_zones(network, find_feeders(network))
    assert zones.ids == ("1/1", "1/2", "2/1", "2/2", "2/3")
    assert zones.load_zone.tolist() == [0, 1, 4, -1]


def test_branches_are_matrices_in_ohm(network):
    # Z_self = (Z0 + 2 Z1) / 3, Z_mutual = (Z0 - Z1) / 3, in ohm per km, times 0.08 km
    z1, z0 = 0.164 + 0.074j, 0.656 + 0.07j
    own, mutual = (z0 + 2 * z1) / 3 * 0.08, (z0 - z1) / 3 * 0.08
    expected = np.full((3, 3), mutual) + (own - mutual) * np.eye(3)
    np.testing.assert_allclose(network.branches.z_ohm[0], expected, rtol=1e-12)
    np.testing.assert_allclose(network.branches.length_m, [80, 60, 40, 10, 12, 15], rtol=1e-12)
    assert network.branches.ampacity_a.tolist() == [300, 300, 300, 100, 100, 100]
    assert not network.branches.shunt_s.any()


def test_the_transformer_has_the_resistance_of_both_windings(network):
    transformer = network.transformer
    assert (transformer.hv_kv, transformer.lv_kv, transformer.rating_kva) == (11, 0.416, 500)
    assert transformer.r_pu == pytest.approx(0.011)
    assert transformer.x_pu == pytest.approx(0.04)
    assert (transformer.clock, transformer.tap_pu, transformer.neutral_ohm) == (1, 1, 0)
    assert network.base_v == pytest.approx(240.18, abs=0.01)


def test_the_source_has_the_impedance_of_its_short_circuit_currents(network):
    # |Z1| = 11 kV / (sqrt 3 · 3 kA); X1/R1 = 4, X0/R0 = 3 unless told; 3 V / |2 Z1 + Z0| = 2.5 kA
    source = network.source
    assert (source.base_kv, source.voltage_pu) == (11, 1.02)
    volts = 11000 / math.sqrt(3)
    assert abs(source.z1_ohm) == pytest.approx(volts / 3000, rel=1e-9)
    assert source.z1_ohm.imag == pytest.approx(4 * source.z1_ohm.real)
    assert 3 * volts / abs(2 * source.z1_ohm + source.z0_ohm) == pytest.approx(2500, rel=1e-6)


def test_coordinates_are_read_in_any_case_of_names(network):
    assert network.nodes.has_place.all()
    assert network.nodes.x.tolist() == [0, 80, 140, 0, 80, 140, 15]
    assert network.nodes.y.tolist() == [0, 0, 0, 40, 10, 12, 40]


def test_no_rule_is_broken(tmp_path):
    assert read_dss_network(write_little_network(tmp_path / "little"))[1] == ()


def test_a_file_may_be_named_instead_of_its_folder_and_relative_to_the_scenario(tmp_path):
    write_little_network(tmp_path / "little")
    assert read(tmp_path / "little" / "Master.dss").name == "little"
    assert read_dss_network(Path("little"), tmp_path)[0].name == "little"


def test_nothing_of_the_process_changes(tmp_path, monkeypatch):
    folder = write_little_network(tmp_path / "little")
    monkeypatch.chdir(tmp_path)  # not the folder in which OpenDSS was loaded
    read(folder)
    assert os.getcwd() == str(tmp_path)  # noqa: PTH109 - what an engine would change
    assert opendssdirect.Basic.NumCircuits() == 0
    assert sorted(p.name for p in (tmp_path / "little").iterdir()) == sorted(FILES)


def test_reading_twice_gives_the_same(tmp_path):
    first, second = (read(write_little_network(tmp_path / "little")) for _ in range(2))
    assert first.branches.z_ohm.tobytes() == second.branches.z_ohm.tobytes()
    assert first.loads.kvar.tobytes() == second.loads.kvar.tobytes()


LINES = {
    "unit of the code": "Linecode=main Length=80 Units=ft",
    "no unit": "Linecode=main Length=0.08",
    "matrices": "rmatrix=[0.2 | 0.05 0.3 | 0.04 0.06 0.25] xmatrix=[0.1 | 0.02 0.1 | 0.01 0.02 0.1] "
    "cmatrix=[200 | -20 210 | -10 -20 220] Length=0.08 Units=km",
    "sequence and capacitance": "R1=0.2 X1=0.1 R0=0.5 X0=0.2 C1=300 C0=120 Length=0.08 Units=km",
    "switch": "switch=yes",
    "shortened names": "phas=3 Linec=main Len=80 Uni=m",
    "by position": "main 80 Units=m",
    "in-line mathematics": "Linecode=main Length=(40 2 *) Units=m",
}


@pytest.mark.parametrize("form", LINES.values(), ids=LINES.keys())
def test_branches_are_what_the_engine_solves_with(tmp_path, form):
    names = "Bar a" if form.startswith("main") else "Bus1=Bar Bus2=a"
    changes = ("Bus1=Bar Bus2=a phases=3 Linecode=main Length=80 Units=m", f"{names} {form}")
    folder = write_little_network(tmp_path / "little", lines_txt=changes)
    branches = read(folder).branches
    y = y_prim(compile_circuit(folder), "Line.m1")
    z = np.linalg.inv(-y[:3, 3:])
    np.testing.assert_allclose(branches.z_ohm[0], z, rtol=1e-9, atol=1e-12)
    shunt = 2 * (y[:3, :3] + y[:3, 3:])
    np.testing.assert_allclose(branches.shunt_s[0], shunt, rtol=1e-6, atol=1e-9)  # the engine adds 2.6e-11 S


def test_a_geometry_of_wires_is_read_through_the_engine(tmp_path):
    codes = FILES["codes.txt"] + (
        "New WireData.w rac=0.3 runits=km gmrac=2 gmrunits=mm radius=3 radunits=mm normamps=210\n"
        "New LineGeometry.g nconds=4 nphases=3 units=m reduce=y cond=1 wire=w x=0 h=9\n"
        "~ cond=2 wire=w x=0.3 h=9\n~ cond=3 wire=w x=0.6 h=9\n~ cond=4 wire=w x=0 h=8\n"
    )
    change = ("Linecode=main Length=80", "geometry=g Length=80")
    folder = write_little_network(tmp_path / "little", codes_txt=codes, lines_txt=change)
    network = read(folder)
    y = y_prim(compile_circuit(folder), "Line.m1")
    np.testing.assert_allclose(network.branches.z_ohm[0], np.linalg.inv(-y[:3, 3:]), rtol=1e-9)
    assert network.branches.ampacity_a[0] == 210


TRANSFORMERS = {
    "as it is": "",
    "neutral values that count for nothing": "r=1.6896 x=6.2128",
    "load losses": "%loadloss=1.4",
    "taps of both windings": "taps=[1.025 0.98]",
    "no-load losses": "%imag=1.2 %noloadloss=0.3",
    "taps and no-load losses": "taps=[0.975 1.05] %imag=1.2 %noloadloss=0.3",
    "two ratings": "kVAs=[500 400]",
    "earthed neutral": "Buses=[SourceBus Bar.1.2.3.4] wdg=2 Rneut=2 Xneut=0.5",
}


@pytest.mark.parametrize("form", TRANSFORMERS.values(), ids=TRANSFORMERS.keys())
def test_the_transformer_is_what_the_engine_solves_with(tmp_path, form):
    folder = write_little_network(
        tmp_path / "little", Master_dss=("XHL=4 %Rs=[0.6 0.5]", f"XHL=4 %Rs=[0.6 0.5] {form}")
    )
    transformer = read(folder).transformer
    y = y_prim(compile_circuit(folder), "Transformer.tr1")
    # One winding's admittance seen from the low voltage, on the diagonal; with its own neutral conductor.
    series = (
        transformer.rating_kva / 1000 / transformer.lv_kv**2 / complex(transformer.r_pu, transformer.x_pu)
    )
    np.testing.assert_allclose(y[4, 4], series + transformer.magnetising_s, rtol=1e-5)
    # From a phase of the high-voltage side to one of the low: the turns are √3 · hv · tap to lv.
    turns = math.sqrt(3) * transformer.hv_kv * transformer.tap_pu / transformer.lv_kv
    np.testing.assert_allclose(np.abs(y[0, 4]), abs(series) / turns, rtol=1e-6)
    earth = y[7].sum()
    if transformer.neutral_ohm:
        assert 1 / transformer.neutral_ohm == pytest.approx(earth, rel=1e-4)


@pytest.mark.parametrize(("leadlag", "clock"), [("Lag", 1), ("ANSI", 1), ("Lead", 11), ("Euro", 11)])
def test_the_vector_group_is_the_one_that_the_engine_turns_by(tmp_path, leadlag, clock):
    change = ("%Rs=[0.6 0.5]", f"%Rs=[0.6 0.5] leadlag={leadlag}")
    folder = write_little_network(tmp_path / "little", Master_dss=change)
    assert read(folder).transformer.clock == clock
    engine = compile_circuit(folder)
    engine.Circuit.SetActiveBus("bar")
    assert engine.Bus.puVmagAngle()[1] == pytest.approx(-30 * clock + (360 if clock == 11 else 0), abs=2)


def test_windings_may_stand_in_either_order(tmp_path):
    turned = "Buses=[Bar SourceBus] Conns=[Wye Delta] kVs=[0.416 11]"
    change = ("Buses=[SourceBus Bar] Conns=[Delta Wye] kVs=[11 0.416]", turned)
    one = read(write_little_network(tmp_path / "one")).transformer
    assert read(write_little_network(tmp_path / "two", Master_dss=change)).transformer == one


SOURCES = [
    "ISC3=3000  ISC1=2500",
    "MVAsc3=200 MVAsc1=210",
    "Z1=[0.1 0.9] Z0=[0.2 1.5]",
    "R1=0.1 X1=0.8 R0=0.2 X0=1.1",
]


@pytest.mark.parametrize("form", SOURCES)
def test_the_source_is_what_the_engine_solves_with(tmp_path, form):
    folder = write_little_network(tmp_path / "little", Master_dss=("ISC3=3000  ISC1=2500", form))
    source = read(folder).source
    y = y_prim(compile_circuit(folder), "Vsource.source")
    z = np.linalg.inv(y[:3, :3])
    assert source.z1_ohm == pytest.approx(z[0, 0] - z[0, 1], rel=1e-6)
    assert source.z0_ohm == pytest.approx(z[0, 0] + 2 * z[0, 1], rel=1e-6)


def test_load_models_become_shares_at_the_base_of_the_network(tmp_path):
    loads = FILES["loads.txt"].replace("kW=3 PF=0.95", "kW=3 PF=0.95 Model=2")
    loads = loads.replace("kW=2 PF=0.95", "kW=2 kvar=0.5 Model=8 ZIPV=[0.5 0.3 0.2 0.5 0.3 0.2 0]")
    network = read(write_little_network(tmp_path / "little", loads_txt=loads))
    ratio = 0.416 / math.sqrt(3) / 0.23
    assert network.loads.kw[0] == pytest.approx(3 * ratio**2)  # constant impedance at 240.2 V, not at 230 V
    assert network.loads.zip_share[0].tolist() == [1, 0, 0]
    at_base = 0.5 * ratio**2 + 0.3 * ratio + 0.2
    assert network.loads.kw[1] == pytest.approx(2 * at_base)
    assert network.loads.kvar[1] == pytest.approx(0.5 * at_base)
    np.testing.assert_allclose(
        network.loads.zip_share[1], [0.5 * ratio**2 / at_base, 0.3 * ratio / at_base, 0.2 / at_base]
    )


def test_power_may_be_given_in_the_ways_of_opendss(tmp_path):
    loads = (
        FILES["loads.txt"].replace("kW=3 PF=0.95", "kVA=4 PF=-0.8").replace("kW=1 PF=0.95", "kW=1 kvar=0.2")
    )
    network = read(write_little_network(tmp_path / "little", loads_txt=loads))
    assert network.loads.kw[0] == pytest.approx(3.2)
    assert network.loads.kvar[0] == pytest.approx(-2.4)
    assert network.loads.kvar[2] == pytest.approx(0.2)


def test_single_phase_services_have_the_impedance_of_their_phase(tmp_path):
    lines = FILES["lines.txt"].replace(
        "New Line.S1 Bus1=a Bus2=h1 phases=3 Linecode=service Length=10 Units=m",
        "New Line.S1 Bus1=a.1 Bus2=h1.1 phases=1 R1=0.868 X1=0.085 R0=0.868 X0=0.085 C1=0 C0=0"
        " Length=0.01 Units=km Normamps=80",
    )
    network = read(write_little_network(tmp_path / "little", lines_txt=lines))
    z = network.branches.z_ohm[network.branches.ids.index("S1")]
    np.testing.assert_allclose(z, np.eye(3) * (0.00868 + 0.00085j), rtol=1e-9)


def test_conductors_in_another_order_keep_their_phases(tmp_path):
    matrices = "rmatrix=[0.2 | 0.05 0.3 | 0.04 0.06 0.25] xmatrix=[0.1 | 0.02 0.1 | 0.01 0.02 0.1] Units=km"
    old = "Bus1=Bar Bus2=a phases=3 Linecode=main Length=80 Units=m"
    turned = f"Bus1=Bar.2.3.1 Bus2=a.2.3.1 phases=3 {matrices} Length=1 Normamps=300"
    network = read(write_little_network(tmp_path / "little", lines_txt=(old, turned)))
    # The first conductor (0.2) is phase 2, the second (0.3) phase 3, the third (0.25) phase 1.
    assert np.diagonal(network.branches.z_ohm[0]).real.tolist() == [0.25, 0.2, 0.3]
    assert network.branches.z_ohm[0, 0, 1].real == 0.04


def test_open_lines_are_not_there(tmp_path):
    lines = (
        FILES["lines.txt"]
        + "New Line.T1 Bus1=b Bus2=d phases=3 Linecode=main Length=5 Units=m\nOpen Line.T1 2\n"
    )
    assert "T1" not in read(write_little_network(tmp_path / "little", lines_txt=lines)).branches.ids
    lines = FILES["lines.txt"] + "New Line.T1 Bus1=b Bus2=d Linecode=main Length=5 Units=m enabled=no\n"
    assert "T1" not in read(write_little_network(tmp_path / "little", lines_txt=lines)).branches.ids
    lines = FILES["lines.txt"] + "New Line.T1 Bus1=b Bus2=d Linecode=main Length=5 Units=m\nDisable Line.T1\n"
    assert "T1" not in read(write_little_network(tmp_path / "little", lines_txt=lines)).branches.ids


def test_lines_are_changed_by_edit_by_property_and_by_continuation(tmp_path):
    lines = (
        FILES["lines.txt"]
        + "Edit Line.M1 Length=81\nLine.M2.Length=61\n"
        + "New Line.E1 Bus1=d Bus2=e\n~ Linecode=main\n~ Length=7 Units=m\n"
    )
    network = read(write_little_network(tmp_path / "little", lines_txt=lines))
    assert network.branches.length_m[:2].tolist() == [81, 61]
    assert network.branches.length_m[-1] == 7


def test_generators_are_places(tmp_path):
    loads = (
        FILES["loads.txt"]
        + "New Generator.G1 Bus1=h1.1 kV=0.213 kW=0 PF=1\nNew PVSystem.P2 phases=3 Bus1=d kV=0.4\n"
    )
    network = read(write_little_network(tmp_path / "little", loads_txt=loads))
    assert network.generators.ids == ("G1", "P2")
    assert network.generators.phase.tolist() == [0, ALL_PHASES]
    assert [network.nodes.ids[n] for n in network.generators.node] == ["h1", "d"]
    assert len(network.loads) == 4


def test_files_are_found_in_another_case_and_with_the_other_slash(tmp_path):
    folder = write_little_network(tmp_path / "little", Master_dss=("codes.txt", "sub\\CODES.txt"))
    (folder / "sub").mkdir()
    (folder / "codes.txt").rename(folder / "sub" / "Codes.TXT")
    assert len(read(folder).branches) == 6


def test_comments_of_every_kind_are_left_out(tmp_path):
    lines = "/* a block\nNew Line.X bus1=q\n*/\n" + FILES["lines.txt"].replace(
        "Units=m", "Units=m ! a note // more", 1
    )
    assert len(read(write_little_network(tmp_path / "little", lines_txt=lines)).branches) == 6
