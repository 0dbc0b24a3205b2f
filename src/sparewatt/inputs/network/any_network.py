"""One way in for networks of every kind: an OpenDSS folder or file, pandapower JSON, a SimBench code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.inputs.network.dss import read_dss_network
from sparewatt.inputs.network.pandapower import read_pandapower_network
from sparewatt.inputs.network.simbench import CODE, read_simbench_network

if TYPE_CHECKING:
    from sparewatt.finding import Finding
    from sparewatt.model.network import Network


def read_network(name: str, base_dir: Path) -> tuple[Network | None, tuple[Finding, ...]]:
    """Read a network of any kind.

    Parameters
    ----------
    name
        What a scenario says: a folder or ``.dss`` file of OpenDSS or a ``.json`` file of pandapower, relative
        to ``base_dir``, or the code of a SimBench network.
    base_dir
        Folder of the scenario.

    Returns
    -------
    The network, or ``None`` where any finding is an error; and all findings.
    """
    if CODE.fullmatch(name) and not (base_dir / name).exists():
        return read_simbench_network(name)
    if name.lower().endswith(".json"):
        return read_pandapower_network(Path(name), base_dir)
    return read_dss_network(Path(name), base_dir)
