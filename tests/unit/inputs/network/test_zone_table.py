"""Zones of a table: what they override, and what is wrong with them."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.inputs.network.zone_table import read_zone_table
from sparewatt.model.network import ALL_PHASES
from sparewatt.physics.topology import find_feeders
from support.networks import make_network

BRANCHES = [("busbar", "a"), ("a", "b"), ("busbar", "c")]
LOADS = [("a", 0), ("b", 0), ("b", 1), ("c", 2), ("a", ALL_PHASES)]


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "zones.csv"
    path.write_text(text, encoding=encoding)
    network = make_network(BRANCHES, LOADS)
    return read_zone_table(path, network, find_feeders(network))


def test_loads_without_a_row_keep_their_zone(tmp_path):
    zones, findings = read(tmp_path, "load,zone_id\nload 1,far end\n")
    assert findings == ()
    assert zones.ids == ("1/1", "far end", "1/2", "1/3", "2/3")
    assert zones.load_zone.tolist() == [0, 1, 2, 4, -1]
    assert zones.feeder.tolist() == [0, 0, 0, 0, 1]
    assert zones.phase.tolist() == [0, 0, 1, 2, 2]


def test_a_node_names_its_loads_on_a_phase(tmp_path):
    zones, _ = read(tmp_path, "node;phase;zone_id\nb;1;x\nb;2;y\n", encoding="utf-8-sig")
    assert zones.ids == ("1/1", "x", "y", "1/3", "2/3")
    assert np.array(zones.ids)[zones.load_zone].tolist()[:4] == ["1/1", "x", "y", "2/3"]


def test_default_zones_without_loads_go(tmp_path):
    zones, _ = read(tmp_path, "node,phase,zone_id\na,1,all\nb,1,all\n")
    assert zones.ids == ("all", "1/2", "1/3", "2/3")


ERRORS = {
    "load that is not there": (
        "load,zone_id\nload 11,x\n",
        "network.zones.unknown",
        "zones.csv row 2",
        "load 1",
    ),
    "node that is not there": (
        "node,zone_id\nA1,x\n",
        "network.zones.unknown",
        "zones.csv row 2",
        "no node A1",
    ),
    "both": ("load,node,zone_id\nload 1,b,x\n", "network.zones.place", "zones.csv row 2", "both"),
    "neither": ("load,node,zone_id\n,,x\n", "network.zones.place", "zones.csv row 2", "neither"),
    "no name": ("load,zone_id\nload 1,\n", "network.zones.id", "zones.csv row 2, column zone_id", "no name"),
    "phase 4": ("node,phase,zone_id\nb,4,x\n", "network.zones.phase", "zones.csv row 2, column phase", "4"),
    "other phase": ("load,phase,zone_id\nload 1,2,x\n", "network.zones.phase", "zones.csv row 2", "phase 2"),
    "three phases": ("load,zone_id\nload 4,x\n", "network.zones.phase", "zones.csv row 2", "one phase"),
    "two zones": (
        "load,zone_id\nload 1,x\nload 1,y\n",
        "network.zones.twice",
        "zones.csv row 3",
        "zone x at",
    ),
    "two phases": ("node,zone_id\nb,x\n", "network.zones.mixed", "zones.csv row 2", "feeder 1 phase 2"),
    "two feeders": (
        "load,zone_id\nload 2,x\nload 3,x\n",
        "network.zones.mixed",
        "zones.csv row 3",
        "feeder 2",
    ),
    "default of another": ("load,zone_id\nload 1,2/3\n", "network.zones.mixed", "zones.csv", "feeder 2"),
    "no column": ("load,zone\nload 1,x\n", "network.table.columns", "zones.csv row 1", "zone_id"),
    "column twice": ("load,load,zone_id\nload 1,b,x\n", "network.table.columns", "zones.csv row 1", "twice"),
    "ragged": ("load,zone_id\nload 1\n", "network.table.ragged", "zones.csv row 2", "1 values"),
    "empty": ("", "network.table.file", "zones.csv", "empty"),
    "quotation mark": ('load,zone_id\n"load 1,x\n', "network.table.file", "zones.csv row 2", "CSV"),
}


@pytest.mark.parametrize(("text", "rule", "where", "message"), ERRORS.values(), ids=ERRORS.keys())
def test_bad_tables_are_findings(tmp_path, text, rule, where, message):
    zones, findings = read(tmp_path, text)
    assert zones is None
    assert any(
        f.rule == rule and f.where == where and message in f"{f.message} {f.remedy}" for f in findings
    ), findings


def test_files_that_are_none_are_findings(tmp_path):
    network = make_network(BRANCHES, LOADS)
    feeders = find_feeders(network)
    (tmp_path / "latin.csv").write_bytes(b"load,zone_id\nload 1,\xe9\n")
    for name in ("nowhere.csv", "latin.csv"):
        zones, findings = read_zone_table(tmp_path / name, network, feeders)
        assert zones is None
        assert [f.rule for f in findings] == ["network.table.file"]
