"""Pandapower files: solved to pandapower's own voltages; what is wrong is told; nothing is imported."""

from __future__ import annotations

import json
import math
import random
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from sparewatt.inputs.network.pandapower import read_pandapower_network
from sparewatt.inputs.network.simbench import read_simbench_network
from sparewatt.model.network import ALL_PHASES
from sparewatt.physics.engines import engine_for
from sparewatt.physics.power_flow import FlowWant

CASE = Path(__file__).resolve().parents[3] / "cases" / "network" / "pandapower_little"
TEXT = (CASE / "network.json").read_text()


class Tables:
    """The case's tables, to be changed and written."""

    def __init__(self):
        self.content = json.loads(TEXT)
        self.body = self.content["_object"]
        self.frames = {k: json.loads(v["_object"]) for k, v in self.body.items() if isinstance(v, dict)}

    def set(self, table, row, **values):
        frame = self.frames[table]
        for column, value in values.items():
            if column not in frame["columns"]:
                frame["columns"].append(column)
                for record in frame["data"]:
                    record.append(None)
            frame["data"][row][frame["columns"].index(column)] = value
        return self

    def add(self, table, like, **values):
        frame = self.frames[table]
        frame["index"].append(max(frame["index"]) + 1)
        frame["data"].append(list(frame["data"][like]))
        return self.set(table, -1, **values)

    def table(self, name, **values):
        self.body[name] = {"_class": "DataFrame", "orient": "split"}
        self.frames[name] = {"columns": list(values), "index": [0], "data": [list(values.values())]}
        return self

    def drop(self, table, *columns):
        frame = self.frames[table]
        keep = [i for i, c in enumerate(frame["columns"]) if c not in columns]
        frame["columns"] = [frame["columns"][i] for i in keep]
        frame["data"] = [[record[i] for i in keep] for record in frame["data"]]
        return self

    def write(self, folder):
        for name, frame in self.frames.items():
            self.body[name]["_object"] = json.dumps(frame)
        path = folder / "net.json"
        path.write_text(json.dumps(self.content))
        return path


def read(tables, folder):
    network, findings = read_pandapower_network(tables.write(folder))
    assert network is not None, "\n".join(map(str, findings))
    return network, findings


@pytest.fixture(scope="module")
def network():
    network, findings = read_pandapower_network(CASE / "network.json")
    assert findings == ()
    return network


@pytest.mark.parametrize("engine", ["sweep", "opendss"])
def test_voltages_are_those_of_pandapower(network, engine):
    expected = json.loads((CASE / "expected.json").read_text())["vm_pu"]
    want = FlowWant(nodes=np.arange(len(network.nodes)))
    result = engine_for(engine, network).solve(network.loads.kw[:, None], network.loads.kvar[:, None], want)
    volts = np.abs(result.node_voltage_v[:, :, 0]) / network.base_v
    for row, name in enumerate(network.nodes.ids):
        np.testing.assert_allclose(volts[row], expected[name], rtol=0, atol=1e-7, err_msg=name)


def test_names_and_places_are_those_of_the_file(network):
    assert network.nodes.ids == ("bar", "a", "b", "d", "h1", "h2", "h3")  # d2 is d, by a switch
    assert network.branches.ids == ("M1", "M2", "N1", "S1", "S2", "S3")  # T1 has an open switch
    assert network.loads.ids == ("L4", "L1", "L2_b", "L2_c", "L3")
    assert network.loads.phase.tolist() == [ALL_PHASES, 0, 1, 2, 2]
    assert network.loads.kw.tolist() == pytest.approx([12, 9, 8, 2, -4])
    assert network.nodes.x.tolist() == [0, 80, 140, 0, 80, 140, 15]
    assert network.generators.ids == ("roof",)
    assert network.name == "network"


def test_impedances_are_of_the_whole_length_and_of_parallel_lines(network):
    z1, z0 = 0.164 + 0.074j, 0.656 + 0.07j
    own, mutual = (z0 + 2 * z1) / 3, (z0 - z1) / 3
    assert network.branches.z_ohm[0, 0, 0] == pytest.approx(own * 0.08)
    assert network.branches.z_ohm[0, 0, 1] == pytest.approx(mutual * 0.08)
    assert network.branches.z_ohm[2, 0, 0] == pytest.approx(own * 0.04 / 2)
    assert network.branches.ampacity_a[:3].tolist() == pytest.approx([300, 300, 600])


def test_the_transformer_and_the_grid_are_those_of_the_file(network):
    transformer, source = network.transformer, network.source
    assert transformer.r_pu == pytest.approx(0.012)
    assert transformer.x_pu == pytest.approx(math.sqrt(0.04**2 - 0.012**2))
    assert (transformer.clock, transformer.rating_kva) == (5, 400)
    assert transformer.tap_pu == pytest.approx(0.975)
    assert abs(source.z1_ohm) == pytest.approx(1.1 * 20**2 / 1e6)
    assert source.z1_ohm.real / source.z1_ohm.imag == pytest.approx(0.25)


def test_a_tap_of_the_other_side_turns_ratio_and_impedance(tmp_path, network):
    other, _ = read(Tables().set("trafo", 0, tap_side="lv"), tmp_path)
    assert other.transformer.tap_pu == pytest.approx(1 / 0.975)
    assert other.transformer.x_pu == pytest.approx(network.transformer.x_pu * 0.975**2)


def test_no_load_losses_become_an_admittance(tmp_path):
    other, _ = read(Tables().set("trafo", 0, pfe_kw=0.6, i0_percent=0.25), tmp_path)
    # 0.25 % of 400 kVA = 1 kVA, of which 0.6 kW and 0.8 kvar, at 0.4 kV
    assert other.transformer.magnetising_s == pytest.approx((0.6 - 0.8j) / 1000 / 0.4**2)


def test_zip_shares_are_read_and_power_scaled(tmp_path):
    tables = Tables().set("load", 0, const_z_p_percent=40, const_z_q_percent=40, const_i_p_percent=10,
                          const_i_q_percent=10, scaling=0.5)  # fmt: skip
    other, _ = read(tables, tmp_path)
    np.testing.assert_allclose(other.loads.zip_share[0], [0.4, 0.1, 0.5])
    assert other.loads.kw[0] == pytest.approx(6)


def test_older_files_keep_coordinates_and_zip_shares_elsewhere(tmp_path):
    tables = (
        Tables().drop("bus", "geo").table("bus_geodata", x=3.5, y=-2.0).set("load", 0, const_z_percent=30)
    )
    tables.drop("load", "const_z_p_percent", "const_z_q_percent", "const_i_p_percent", "const_i_q_percent")
    tables.frames["bus_geodata"]["index"] = [2]
    other, _ = read(tables, tmp_path)
    assert other.nodes.has_place.tolist() == [False, True, False, False, False, False, False]
    assert (other.nodes.x[1], other.nodes.y[1]) == (3.5, -2.0)
    np.testing.assert_allclose(other.loads.zip_share[0], [0.3, 0, 0.7])


def test_elements_out_of_service_are_not_there(tmp_path):
    tables = Tables().set("line", 5, in_service=False).set("asymmetric_load", 2, in_service=False)
    tables.set("bus", 6, in_service=False)  # h2, with its line and its load
    other, _ = read(tables, tmp_path)
    assert other.branches.ids == ("M1", "M2", "N1", "S1")
    assert other.loads.ids == ("L4", "L1")


def test_names_that_are_missing_or_stand_twice_become_table_and_index(tmp_path):
    tables = Tables().set("line", 0, name=None).set("line", 1, name="S1").set("bus", 2, name="b")
    other, _ = read(tables, tmp_path)
    assert other.branches.ids == ("line_0", "line_1", "N1", "line_3", "S2", "S3")
    assert other.nodes.ids[:3] == ("bar", "bus_2", "bus_3")


WARNINGS = {
    "no zero sequence": (
        Tables().drop("line", "r0_ohm_per_km"), "network.branch.zero_sequence", "line 0 (M1)",
    ),
    "no short-circuit power": (
        Tables().drop("ext_grid", "s_sc_max_mva"), "network.source.short_circuit", "ext_grid 0",
    ),
    "zero sequence of the transformer": (
        Tables().set("trafo", 0, mag0_percent=100.0), "network.transformer.zero_sequence", "trafo 0 (TR1)",
    ),
    "generator that gives": (
        Tables().set("sgen", 0, p_mw=0.003), "network.generator.power", "sgen 0 (roof)",
    ),
    "load without power": (
        Tables().set("asymmetric_load", 0, p_a_mw=0.0, q_a_mvar=0.0), "network.load.phase",
        "asymmetric_load 0 (L1)",
    ),
    "delta": (Tables().set("load", 0, type="delta"), "network.load.connection", "load 0 (L4)"),
    "shares of reactive power": (
        Tables().set("load", 0, const_z_q_percent=10), "network.load.model", "load 0 (L4)",
    ),
    "storage": (Tables().table("storage", bus=3, p_mw=0.0), "network.pandapower.left_out", "storage 0"),
    "loop": (Tables().set("switch", 1, closed=True), "network.loop", "line 6 (T1)"),
    "switch with an impedance": (
        Tables().set("switch", 0, z_ohm=0.1), "network.pandapower.switch", "switch 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tables", "rule", "where"), WARNINGS.values(), ids=WARNINGS.keys())
def test_what_is_assumed_is_a_warning(tmp_path, tables, rule, where):
    _, findings = read(tables, tmp_path)
    assert [(f.rule, f.severity) for f in findings] == [(rule, "warning")]
    assert findings[0].where == f"net.json, {where}" or rule == "network.loop"


ERRORS = {
    "bus that is not there": (
        Tables().set("load", 0, bus=99), "network.pandapower.bus", "load 0 (L4)", "bus 99",
    ),
    "no bus": (
        Tables().set("line", 0, from_bus=None), "network.pandapower.bus", "line 0 (M1)", "from_bus None",
    ),
    "island": (Tables().set("line", 1, in_service=False), "network.island", "line 4 (S2)", "2 nodes"),
    "load at no line": (Tables().set("line", 5, in_service=False), "network.load.unknown_bus",
                        "asymmetric_load 2 (L3)", "no line reaches"),
    "length": (Tables().set("line", 1, length_km=0.0), "network.branch.length", "line 1 (M2)", "0 m"),
    "impedance": (
        Tables().set("line", 1, r_ohm_per_km="x"), "network.branch.value", "line 1 (M2)", "no finite",
    ),
    "voltage of a bus": (
        Tables().set("bus", 5, vn_kv=20), "network.load.kv", "asymmetric_load 0 (L1)", "11.547 kV",
    ),
    "power": (Tables().set("load", 0, p_mw=None), "network.load.value", "load 0 (L4)", "nan"),
    "star": (
        Tables().set("trafo", 0, vector_group="YNyn"), "network.transformer.form", "trafo 0 (TR1)", "Dyn",
    ),
    "even hour": (
        Tables().set("trafo", 0, shift_degree=0), "network.transformer.form", "trafo 0 (TR1)", "odd",
    ),
    "vkr above vk": (
        Tables().set("trafo", 0, vkr_percent=9), "network.transformer.value", "trafo 0 (TR1)", "vk",
    ),
    "two transformers": (Tables().add("trafo", 0), "network.transformer.count", "trafo 1 (TR1)", "2 of kind"),
    "no transformer": (
        Tables().set("trafo", 0, in_service=False), "network.transformer.count", "", "0 of kind",
    ),
    "grid elsewhere": (Tables().set("ext_grid", 0, bus=3), "network.source.bus", "ext_grid 0", "at bus b"),
    "no grid": (Tables().set("ext_grid", 0, in_service=False), "network.source.count", "", "0 of kind"),
    "generator": (Tables().table("gen", bus=3, p_mw=0.1), "network.pandapower.not_supported", "gen 0", "gen"),
    "three windings": (Tables().table("trafo3w", hv_bus=0), "network.transformer.form", "trafo3w 0", "three"),
}  # fmt: skip


@pytest.mark.parametrize(("tables", "rule", "where", "message"), ERRORS.values(), ids=ERRORS.keys())
def test_bad_input_is_a_finding_with_table_and_index(tmp_path, tables, rule, where, message):
    network, findings = read_pandapower_network(tables.write(tmp_path))
    assert network is None
    place = f"net.json, {where}" if where else "net.json"
    assert any(f.rule == rule and f.where == place and message in f.message for f in findings), findings


def frame(text):
    content = json.loads(TEXT)
    content["_object"]["line"]["_object"] = text
    return json.dumps(content)


FORMS = {
    "empty": "",
    "no JSON": "{",
    "a list": "[1]",
    "another object": '{"a": 1}',
    "another class": '{"_class": "Graph", "_object": {}}',
    "no frame": frame("{]"),
    "a frame of records": frame('[{"name": "M1"}]'),
    "ragged": frame('{"columns": ["name"], "index": [0], "data": [["a", "b"]]}'),
    "index of text": frame('{"columns": ["name"], "index": ["x"], "data": [["a"]]}'),
    "index twice": frame('{"columns": ["name"], "index": [0, 0], "data": [["a"], ["b"]]}'),
    "nested without end": "[" * 100_000,
    "frequency": TEXT.replace('"f_hz": 50.0', '"f_hz": "fast"'),
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
def test_files_of_another_form_are_findings(tmp_path, text):
    (tmp_path / "net.json").write_text(text)
    network, findings = read_pandapower_network(Path("net.json"), tmp_path)
    assert network is None
    assert [f.rule for f in findings] == ["network.pandapower.form"]
    (tmp_path / "net.json").write_bytes(b"{\xff")
    assert [f.rule for f in read_pandapower_network(tmp_path / "net.json")[1]] == ["network.file.encoding"]
    assert [f.rule for f in read_pandapower_network(tmp_path / "no.json")[1]] == ["network.file.unreadable"]


def test_nothing_that_a_file_names_is_imported(tmp_path):
    tables = Tables()
    for value in tables.body.values():
        if isinstance(value, dict):
            value["_module"] = "antigravity"
    tables.content["_module"] = "antigravity"
    tables.body["extra"] = {"_module": "antigravity", "_class": "fly", "_object": "now"}
    read(tables, tmp_path)
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize("seed", range(150))
def test_broken_files_are_findings_and_never_tracebacks(tmp_path, seed):
    rng = random.Random(seed)
    tables = Tables()
    for _ in range(rng.randint(1, 4)):
        table = rng.choice(list(tables.frames))
        data = tables.frames[table]["data"]
        record = rng.choice(data)
        wrong = (None, "", "x", -1, 0, 1e308, math.nan, math.inf, True, [], {}, "1", 2.5)
        record[rng.randrange(len(record))] = rng.choice(wrong)
    path = tables.write(tmp_path)
    if seed % 3 == 0:
        path.write_text(path.read_text()[: rng.randrange(len(TEXT))])
    network, findings = read_pandapower_network(path)
    assert (network is None) == any(f.severity == "error" for f in findings)


def test_a_simbench_code_needs_its_packages_or_gives_its_network():
    network, findings = read_simbench_network("1-LV-rural1--0-sw")
    if network is None:
        assert [f.rule for f in findings] == ["network.simbench.missing"]
        assert findings[0].remedy == 'pip install "sparewatt[simbench]"'
        pytest.skip("simbench is not installed")
    assert (len(network.loads), len(network.branches)) == (13, 13)
    assert network.transformer.clock == 5


def test_a_simbench_network_is_read_as_pandapower_writes_it(monkeypatch):
    simbench, pandapower = types.ModuleType("simbench"), types.ModuleType("pandapower")
    simbench.get_simbench_net = {"1-LV-rural1--0-sw": TEXT}.__getitem__
    pandapower.to_json = lambda net, _: net
    monkeypatch.setitem(sys.modules, "simbench", simbench)
    monkeypatch.setitem(sys.modules, "pandapower", pandapower)
    network, findings = read_simbench_network("1-LV-rural1--0-sw")
    assert findings == ()
    assert len(network.loads) == 5
    assert [f.rule for f in read_simbench_network("1-LV-rural9--0-sw")[1]] == ["network.simbench.code"]


@pytest.mark.parametrize("code", ["", "1-MVLV-rural-all-0-sw", "../x", "1-LV-rural1--0-sw; x"])
def test_other_codes_are_told(code):
    network, findings = read_simbench_network(code)
    assert network is None
    assert [f.rule for f in findings] == ["network.simbench.code"]


def test_a_tap_without_a_type_does_not_count_as_in_pandapower_3(tmp_path, network):
    assert network.transformer.tap_pu != 1
    for kind, tap in (("Ratio", network.transformer.tap_pu), ("Symmetrical", network.transformer.tap_pu)):
        other, findings = read(Tables().set("trafo", 0, tap_changer_type=kind), tmp_path)
        assert (other.transformer.tap_pu, findings) == (tap, ())
    other, (finding,) = read(Tables().set("trafo", 0, tap_changer_type=None), tmp_path)
    assert other.transformer.tap_pu == 1
    assert (finding.rule, finding.severity) == ("network.transformer.tap", "warning")
    assert 'tap_changer_type "Ratio"' in finding.remedy


@pytest.mark.parametrize(
    "values",
    [
        {"tap_changer_type": "Ideal"},
        {"tap_changer_type": "Ratio", "tap_step_degree": 30.0},
        {"tap_phase_shifter": True},
        {"tap_changer_type": "Tabular", "tap_dependency_table": True},
        {"tap2_pos": 1, "tap2_neutral": 0},
    ],
)
def test_taps_that_turn_the_phase_or_follow_tables_are_refused(tmp_path, values):
    network, findings = read_pandapower_network(Tables().set("trafo", 0, **values).write(tmp_path))
    assert network is None
    assert [(f.rule, f.severity) for f in findings] == [("network.transformer.tap", "error")]
    assert "trafo 0" in findings[0].where


def test_a_grid_without_short_circuit_power_solves_with_every_engine(tmp_path):
    network, findings = read(Tables().drop("ext_grid", "s_sc_max_mva", "rx_max"), tmp_path)
    assert [f.rule for f in findings] == ["network.source.short_circuit"]
    stiff, _ = read(Tables().set("ext_grid", 0, s_sc_max_mva=1e9), tmp_path)
    kw, kvar = network.loads.kw[:, None], network.loads.kvar[:, None]
    expected = engine_for("sweep", stiff).solve(kw, kvar).load_voltage_pu
    for engine in ("sweep", "opendss", "power_grid_model"):
        volts = engine_for(engine, network).solve(kw, kvar).load_voltage_pu
        np.testing.assert_allclose(volts, expected, rtol=0, atol=2e-7, err_msg=engine)
