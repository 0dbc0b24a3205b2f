"""The OpenDSS engine as a parser: values of every element, in a context of its own."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparewatt.inputs.depot.finding_log import FindingLog
    from sparewatt.inputs.network.dss_script import DssScript

_READ = ("line", "load", "transformer", "vsource", "generator", "pvsystem")
_FULL, _WITHOUT_DISABLED = 1, 32
_DESCRIPTION = re.compile(r"Error Description:\s*(.*?)\s*(?:Probable Cause|$)", re.DOTALL)

Values = dict[str, Any]


def read_values(script: DssScript, log: FindingLog) -> dict[str, list[Values]] | None:
    """Properties of all enabled elements by class, names in lower case; ``None`` where nothing can be read.

    The engine runs in a context of its own: no circuit, option or folder of the process changes. It only gets
    the commands of the script, in their order; what it refuses is a finding with the place of the line.
    """
    import opendssdirect  # noqa: PLC0415 - heavy, and only needed where DSS files are read
    from dss import DSSException  # noqa: PLC0415 - as above

    engine = opendssdirect.dss.NewContext()
    for command, place in script.commands:
        try:
            engine.Text.Command(command)
        except DSSException as error:
            log.add(
                "network.dss.value",
                "error",
                str(place),
                f"OpenDSS refuses the line: {_reason(str(error.args[-1]))}",
                command,
                table="network.dss.value",
            )
    if log.errors:
        return None
    found: dict[str, list[Values]] = {}
    for kind in _READ:
        engine.Circuit.SetActiveClass(kind)
        try:
            text = (
                engine.ActiveClass.ToJSON(_FULL | _WITHOUT_DISABLED)
                if engine.ActiveClass.NumElements()
                else "[]"
            )
            found[kind] = [{k.lower(): v for k, v in e.items()} for e in json.loads(text)]
        except (DSSException, ValueError) as error:
            message = f"values of class {kind} are no numbers that OpenDSS can tell"
            log.add("network.dss.value", "error", f"the network, {kind}", message, str(error)[:200])
            return None
    return found


def _reason(text: str) -> str:
    """What the engine means, on one line."""
    match = _DESCRIPTION.search(text)
    return " ".join((match.group(1) if match else text).split())
