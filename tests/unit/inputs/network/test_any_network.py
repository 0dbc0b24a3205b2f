"""What a scenario names decides which reader takes it."""

from __future__ import annotations

import shutil

from sparewatt.inputs.network.any_network import read_network
from support.dss_folders import write_little_network
from support.shared_folder import ROOT


def test_the_kind_of_network_is_told_by_its_name(tmp_path):
    write_little_network(tmp_path / "little")
    shutil.copy(ROOT / "tests/cases/network/pandapower_little/network.json", tmp_path / "net.json")
    assert read_network("little", tmp_path)[0].name == "little"
    assert read_network("little/Master.dss", tmp_path)[0].name == "little"
    assert read_network("net.json", tmp_path)[0].name == "net"
    assert {f.rule for f in read_network("1-LV-rural1--9-sw", tmp_path)[1]} == {"network.file.missing"}


def test_a_folder_may_be_called_like_a_code(tmp_path):
    write_little_network(tmp_path / "1-LV-rural1--0-sw")
    assert read_network("1-LV-rural1--0-sw", tmp_path)[0].name == "1-LV-rural1--0-sw"
