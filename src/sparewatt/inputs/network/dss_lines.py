"""Lines of OpenDSS as branches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.network.dss_bus import read_bus
from sparewatt.inputs.network.dss_write import UNLIMITED_A
from sparewatt.inputs.network.parts import GREATEST, BranchPart, embed_phases, plain_number

if TYPE_CHECKING:
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.network.dss_engine import Values
    from sparewatt.inputs.network.dss_script import DssElement, DssScript

METRES = {
    "mi": 1609.344, "kft": 304.8, "km": 1000.0, "m": 1.0, "ft": 0.3048, "in": 0.0254, "cm": 0.01, "mm": 0.001,
}  # fmt: skip
_NORMAMPS = "normamps"
_GEOMETRY = ("geometry", "spacing")


def read_lines(
    values: list[Values], script: DssScript, frequency_hz: float, log: FindingLog
) -> list[BranchPart]:
    """Branches of all lines that are closed at both ends.

    Z = (R + j·X)·length and Y = j·2π·f·C·length, with the engine's matrices per unit of length.
    """
    branches = []
    for line in values:
        element = script.elements["line", line["name"].lower()]
        if element.opened:
            continue
        part = _read_line(line, element, frequency_hz, log)
        if part is not None:
            branches.append(part)
    _tell_unrated(values, script, log)
    _tell_without_unit(values, script, log)
    return branches


def _read_line(line: Values, element: DssElement, frequency_hz: float, log: FindingLog) -> BranchPart | None:
    where, ids = element.where(), (element.name,)
    ends = read_bus(str(line["bus1"])), read_bus(str(line["bus2"]))
    if ends[0] is None or ends[1] is None:
        which = "bus1" if ends[0] is None else "bus2"
        log.add(
            "network.branch.bus",
            "error",
            where,
            f"{which} is not given, or no bus",
            str(line[which]),
            ids=ids,
        )
        return None
    count = int(line["phases"])
    phases = ends[0].phases(count)
    if phases is None or phases != ends[1].phases(count):
        message = (
            f"its {count} conductors are not the same phases (of 1 to 3) at both ends: "
            "neutral conductors and crossed phases are not modelled"
        )
        value = f"{line['bus1']} to {line['bus2']}"
        remedy = "reduce a neutral into the impedances (Kron), and join phase 1 to 1, 2 to 2, 3 to 3"
        log.add("network.branch.phases", "error", where, message, value, remedy, ids=ids, table="line")
        return None
    matrices = [np.array(line[k], dtype=np.float64) for k in ("rmatrix", "xmatrix", "cmatrix")]
    if any(m.shape != (count, count) for m in matrices):
        message = f"its matrices are not {count} by {count}"
        log.add("network.branch.value", "error", where, message, ids=ids, table="line")
        return None
    if plain_number(line["basefreq"]) != frequency_hz:
        told = f"{plain_number(line['basefreq']):g}"
        message = f"its impedances are for {told} Hz, the network has {frequency_hz:g} Hz"
        remedy = "Set DefaultBaseFrequency before New Circuit, or BaseFreq and values of this frequency"
        log.add("network.branch.frequency", "error", where, message, told, remedy, ids=ids, table="line")
        return None
    r, x, c = (np.where(np.abs(m) < GREATEST, m, np.nan) for m in matrices)
    length = plain_number(line["length"])
    z = np.asarray((r + 1j * x) * length, dtype=np.complex128)
    shunt = np.asarray(2j * np.pi * frequency_hz * c * 1e-9 * length, dtype=np.complex128)
    amps = plain_number(line["normamps"])
    return BranchPart(
        id=element.name,
        from_bus=ends[0].name,
        to_bus=ends[1].name,
        z_ohm=embed_phases(z, phases),
        shunt_s=embed_phases(shunt, phases),
        ampacity_a=amps if amps < UNLIMITED_A else math.inf,
        length_m=length * METRES.get(str(line["units"]).lower(), 1.0),
        phases=phases,
        where=where,
    )


def _tell_unrated(values: list[Values], script: DssScript, log: FindingLog) -> None:
    """Lines without a rating have OpenDSS's 400 A."""
    unrated: dict[str, list[str]] = {}
    for line in values:
        element = script.elements["line", line["name"].lower()]
        if _NORMAMPS in element.given or element.opened or element.lacks_code:
            continue
        code = script.elements.get(("linecode", str(line.get("linecode") or "").lower()))
        if (code is None or _NORMAMPS not in code.given) and not any(k in element.given for k in _GEOMETRY):
            unrated.setdefault(code.where() if code else element.where(), []).append(element.name)
    for where, names in unrated.items():
        amps = next(plain_number(v["normamps"]) for v in values if v["name"].lower() == names[0].lower())
        message = (
            f"no rated current is given; {amps:g} A is taken, as OpenDSS does, for {len(names)} of the lines"
        )
        log.add(
            "network.branch.rating",
            "warning",
            where,
            message,
            f"{amps:g}",
            "Normamps=…",
            ids=tuple(names[:5]),
        )


def _tell_without_unit(values: list[Values], script: DssScript, log: FindingLog) -> None:
    """Lengths without a unit count as metres."""
    names = [v["name"] for v in values if str(v["units"]).lower() not in METRES]
    if names:
        first = script.elements["line", names[0].lower()]
        message = f"{len(names)} lines have lengths without a unit; they are shown as metres"
        log.add("network.branch.units", "info", first.where(), message, str(len(names)), "Units=m")
