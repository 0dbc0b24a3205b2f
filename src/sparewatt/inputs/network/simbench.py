"""SimBench codes to networks, by way of the optional packages simbench and pandapower."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING

from sparewatt.finding import has_errors
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.network.pandapower import network_of_pandapower
from sparewatt.inputs.network.pandapower_file import parse_pandapower_text
from sparewatt.inputs.network.pandapower_supply import TAP_TYPE

if TYPE_CHECKING:
    from sparewatt.finding import Finding
    from sparewatt.inputs.network.pandapower_file import PandapowerFile
    from sparewatt.model.network import Network

CODE = re.compile(r"1-LV-[A-Za-z]+\d+--[0-2]-(sw|no_sw)")


def read_simbench_network(code: str) -> tuple[Network | None, tuple[Finding, ...]]:
    """Read a low-voltage network of SimBench.

    Parameters
    ----------
    code
        Such as ``"1-LV-rural1--0-sw"``: one low-voltage network, its scenario, with switches or without.

    Returns
    -------
    The network, or ``None`` where any finding is an error; and all findings. Loads have all three phases.
    """
    log = FindingLog()
    network = _read(code, log)
    findings = log.findings()
    return None if has_errors(findings) else network, findings


def _read(code: str, log: FindingLog) -> Network | None:
    where = f"SimBench code {code}"
    if not CODE.fullmatch(code):
        message = "is no code of one low-voltage network"
        log.add("network.simbench.code", "error", where, message, code, "such as 1-LV-rural1--0-sw")
        return None
    try:
        simbench = importlib.import_module("simbench")
        pandapower = importlib.import_module("pandapower")
    except ImportError as error:
        message = f"networks of SimBench need packages that are not installed ({error.name})"
        log.add(
            "network.simbench.missing", "error", where, message, code, 'pip install "sparewatt[simbench]"'
        )
        return None
    try:
        text = pandapower.to_json(simbench.get_simbench_net(code), None)
    except Exception as error:  # noqa: BLE001 - whatever another package says of a code
        message = f"simbench has no such network: {error}"
        log.add("network.simbench.code", "error", where, message, code, "such as 1-LV-rural1--0-sw")
        return None
    file = parse_pandapower_text(text, code, log)
    if file is None or log.errors:
        return None
    _count_taps(file)
    return network_of_pandapower(file, code, log)


def _count_taps(file: PandapowerFile) -> None:
    """Let the taps of the data set count.

    simbench makes transformers without a `tap_changer_type`, which counted in pandapower 2 and does not in
    pandapower 3 (simbench issue 69): the voltages of the data set are those with the taps.
    """
    for row in file.tables.get("trafo", []):
        if not row.text(TAP_TYPE):
            row.values[TAP_TYPE] = "Ratio"
