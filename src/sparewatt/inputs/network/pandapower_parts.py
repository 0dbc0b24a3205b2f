"""Lines, loads and generators of pandapower."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.network.pandapower_buses import unique_names
from sparewatt.inputs.network.parts import BranchPart, LoadPart
from sparewatt.model.network import ALL_PHASES, PHASES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.network.pandapower_buses import PpBuses
    from sparewatt.inputs.network.pandapower_file import PandapowerFile, PpRow

ZERO_SEQUENCE_RATIO = 4.0
"""R0/R1 and X0/X1 where none are given: four equal conductors, the fourth with three times the current."""

_NAMES = "abc"
_SLACK = 1e-12


def read_pp_lines(file: PandapowerFile, buses: PpBuses, log: FindingLog) -> list[BranchPart]:
    """Lines in service whose switches are closed: Z_self = (2·Z1 + Z0)/3, Z_mutual = (Z0 − Z1)/3."""
    opened = {
        row.bus("element")
        for row in file.tables.get("switch", [])
        if row.text("et") == "l" and not row.flag("closed", default=True)
    }
    rows = [row for row in file.rows("line") if row.index not in opened]
    parts, guessed = [], []
    for row, name in zip(rows, unique_names(rows, "line"), strict=True):
        ends = buses.name(row, "from_bus"), buses.name(row, "to_bus")
        if ends[0] is None or ends[1] is None:
            continue
        if math.isnan(row.number("r0_ohm_per_km")) or math.isnan(row.number("x0_ohm_per_km")):
            guessed.append(row)
        parts.append(_read_line(row, name, (ends[0], ends[1]), file))
    if guessed:
        told, ratio = str(len(guessed)), f"{ZERO_SEQUENCE_RATIO:g}"
        message = f"{told} lines have no zero-sequence impedance: {ratio} times the positive one is taken"
        remedy = "r0_ohm_per_km, x0_ohm_per_km"
        log.add("network.branch.zero_sequence", "warning", file.where(guessed[0]), message, told, remedy)
    return parts


def _read_line(row: PpRow, name: str, ends: tuple[str, str], file: PandapowerFile) -> BranchPart:
    km, parallel = row.number("length_km"), row.number("parallel", 1.0)
    parallel = parallel if parallel > 0.0 else math.nan
    z1 = complex(row.number("r_ohm_per_km"), row.number("x_ohm_per_km"))
    z0 = complex(
        row.number("r0_ohm_per_km", z1.real * ZERO_SEQUENCE_RATIO),
        row.number("x0_ohm_per_km", z1.imag * ZERO_SEQUENCE_RATIO),
    )
    c1, g1 = row.number("c_nf_per_km", 0.0), row.number("g_us_per_km", 0.0)
    c0, g0 = row.number("c0_nf_per_km", c1), row.number("g0_us_per_km", g1)
    omega = 2.0 * math.pi * file.frequency_hz
    y1, y0 = (complex(g * 1e-6, omega * c * 1e-9) for g, c in ((g1, c1), (g0, c0)))
    return BranchPart(
        id=name,
        from_bus=ends[0],
        to_bus=ends[1],
        z_ohm=_matrix(z1, z0) * (km / parallel),
        shunt_s=_matrix(y1, y0) * (km * parallel),
        ampacity_a=row.number("max_i_ka", math.inf) * 1000.0 * row.number("df", 1.0) * parallel,
        length_m=km * 1000.0,
        phases=tuple(range(PHASES)),
        where=file.where(row),
    )


def _matrix(positive: complex, zero: complex) -> NDArray[np.complex128]:
    out = np.full((PHASES, PHASES), (zero - positive) / 3.0, dtype=np.complex128)
    out[np.diag_indices(PHASES)] = (2.0 * positive + zero) / 3.0
    return out


def read_pp_loads(file: PandapowerFile, buses: PpBuses, base_kv: float, log: FindingLog) -> list[LoadPart]:
    """Loads of all three phases first, then asymmetric ones; of several phases these become a load each."""
    parts: list[LoadPart] = []
    rows = [*file.rows("load"), *file.rows("asymmetric_load")]
    for row, name in zip(rows, unique_names(rows, "load"), strict=True):
        bus = buses.name(row)
        if bus is None:
            continue
        where, kv, scaling = file.where(row), buses.kv(row), row.number("scaling", 1.0) * 1000.0
        if row.text("type").lower() == "delta":
            message = "a delta load is taken between phases and neutral"
            log.add("network.load.connection", "warning", where, message, name, table="load")
        if row.table == "load":
            scale, share = _shares(row, base_kv / kv if kv > 0.0 else 1.0, where, log)
            kw, kvar = (row.number(c) * scaling * scale for c in ("p_mw", "q_mvar"))
            parts.append(LoadPart(name, bus, ALL_PHASES, kw, kvar, where, share, kv))
            continue
        kw3 = [row.number(f"p_{p}_mw", 0.0) * scaling for p in _NAMES]
        kvar3 = [row.number(f"q_{p}_mvar", 0.0) * scaling for p in _NAMES]
        parts += _by_phase(LoadPart(name, bus, ALL_PHASES, 0.0, 0.0, where, rated_kv=kv), kw3, kvar3, log)
    return parts


def _by_phase(load: LoadPart, kw: Sequence[float], kvar: Sequence[float], log: FindingLog) -> list[LoadPart]:
    """One load per phase that has power; one of all three where they are alike."""
    used = [p for p in range(PHASES) if not (abs(kw[p]) <= _SLACK and abs(kvar[p]) <= _SLACK)]
    if not used:
        message = "the load has no power on any phase: it is taken as one of all three"
        log.add(
            "network.load.phase",
            "warning",
            load.where,
            message,
            load.id,
            "a power on its phase",
            table="load",
        )
    if not used or (len(used) == PHASES and max(kw) - min(kw) <= _SLACK and max(kvar) - min(kvar) <= _SLACK):
        return [_with(load, load.id, ALL_PHASES, sum(kw), sum(kvar))]
    ids = [load.id] if len(used) == 1 else [f"{load.id}_{_NAMES[p]}" for p in used]
    return [_with(load, name, p, kw[p], kvar[p]) for name, p in zip(ids, used, strict=True)]


def _with(load: LoadPart, name: str, phase: int, kw: float, kvar: float) -> LoadPart:
    kv = load.rated_kv if phase == ALL_PHASES else load.rated_kv / math.sqrt(3.0)
    return LoadPart(name, load.bus, phase, kw, kvar, load.where, load.zip_share, kv)


def _shares(
    row: PpRow, ratio: float, where: str, log: FindingLog
) -> tuple[float, tuple[float, float, float]]:
    """Power at the base of the network over that at the nominal voltage of the bus, and the shares there."""
    shares = []
    for kind in ("z", "i"):
        old = row.number(f"const_{kind}_percent", 0.0)
        p, q = (row.number(f"const_{kind}_{s}_percent", old) / 100.0 for s in "pq")
        if not abs(p - q) <= _SLACK:
            message = (
                "ZIP shares of reactive power differ from those of active power, which are taken for both"
            )
            log.add("network.load.model", "warning", where, message, f"{p:g}, {q:g}", table="load")
        shares.append(p)
    z, i = shares
    parts = z * ratio**2, i * ratio, 1.0 - z - i
    scale = sum(parts)
    if not scale > 0.0:
        log.add(
            "network.load.model",
            "error",
            where,
            "the ZIP shares do not sum to a positive number",
            table="load",
        )
        return 1.0, (0.0, 0.0, 1.0)
    return scale, (parts[0] / scale, parts[1] / scale, parts[2] / scale)


def read_pp_generators(file: PandapowerFile, buses: PpBuses, log: FindingLog) -> list[LoadPart]:
    """Static generators as places; their power is left to a study's profiles."""
    parts: list[LoadPart] = []
    giving: list[PpRow] = []
    rows = [*file.rows("sgen"), *file.rows("asymmetric_sgen")]
    for row, name in zip(rows, unique_names(rows, "sgen"), strict=True):
        bus = buses.name(row)
        if bus is None:
            continue
        powers = [row.number(f"p_{p}_mw", 0.0) for p in _NAMES]
        used = [p for p in range(PHASES) if abs(powers[p]) > _SLACK]
        phase = used[0] if row.table == "asymmetric_sgen" and len(used) == 1 else ALL_PHASES
        if used or abs(row.number("p_mw", 0.0)) > _SLACK:
            giving.append(row)
        parts.append(LoadPart(name, bus, phase, 0.0, 0.0, file.where(row)))
    if giving:
        message = (
            f"{len(giving)} generators have power; only their places are read, power comes with profiles"
        )
        log.add("network.generator.power", "warning", file.where(giving[0]), message, str(len(giving)))
    return parts
