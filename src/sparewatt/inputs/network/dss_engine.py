"""The OpenDSS engine as a parser: values of every element, in a context of its own."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sparewatt.inputs.network.dss_context import new_context

if TYPE_CHECKING:
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.network.dss_script import DssElement, DssScript

_READ = ("line", "load", "transformer", "vsource", "generator", "pvsystem")
_FULL, _WITHOUT_DISABLED = 1, 32
_DESCRIPTION = re.compile(r"Error Description:\s*(.*?)\s*(?:Probable Cause|$)", re.DOTALL)
_NAMED = re.compile(r'(\w+) "([^"]+)"')

Values = dict[str, Any]


def read_values(script: DssScript, log: FindingLog) -> dict[str, list[Values]] | None:
    """Properties of all enabled elements by class, names in lower case; ``None`` where nothing can be read.

    The engine runs in a context of its own: no circuit, option or folder of the process changes. It only gets
    the commands of the script, in their order; what it refuses is a finding with the place of the line.
    """
    from dss import DSSException  # noqa: PLC0415 - heavy, and only needed where DSS files are read

    engine = new_context()
    refused = False
    for command, place in script.commands:
        try:
            engine.Text.Command(command)
        except DSSException as error:
            refused = True
            message = f"OpenDSS refuses the line: {_reason(str(error.args[-1]))}"
            log.add("network.dss.value", "error", str(place), message, command, table="network.dss.value")
    if refused:
        return None
    try:
        engine.Solution.BuildYMatrix(1, 0)  # works matrices out of sequence values and geometries
    except DSSException as error:
        reason = _reason(str(error.args[-1]))
        named = _NAMED.search(reason)
        element = script.elements.get((named.group(1).lower(), named.group(2).lower())) if named else None
        where = "the network" if element is None else element.where()
        if element is None or not _has_no_length(element):
            log.add("network.dss.value", "error", where, f"OpenDSS cannot work out its impedance: {reason}")
    return _read_classes(engine, log)


def _read_classes(engine: Any, log: FindingLog) -> dict[str, list[Values]] | None:  # noqa: ANN401 - untyped
    found: dict[str, list[Values]] = {}
    for kind in _READ:
        engine.Circuit.SetActiveClass(kind)
        count = engine.ActiveClass.NumElements()
        try:
            elements = json.loads(engine.ActiveClass.ToJSON(_FULL | _WITHOUT_DISABLED)) if count else []
        except ValueError as error:
            message = f"values of class {kind} are no numbers that OpenDSS can tell"
            log.add("network.dss.value", "error", f"the network, {kind}", message, str(error)[:200])
            return None
        found[kind] = [{key.lower(): value for key, value in element.items()} for element in elements]
    return found


def _has_no_length(element: DssElement) -> bool:
    """Whether a line is told to be 0 long, which is a finding of its own (`value_rules`)."""
    try:
        return element.kind == "line" and float(element.given["length"][0]) == 0.0
    except (KeyError, ValueError):
        return False


def _reason(text: str) -> str:
    """What the engine means, on one line."""
    match = _DESCRIPTION.search(text)
    return " ".join((match.group(1) if match else text).split())
