"""Loads and generators of OpenDSS."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sparewatt.inputs.network.dss_bus import PHASES as NODES
from sparewatt.inputs.network.dss_bus import read_bus
from sparewatt.inputs.network.parts import CONSTANT_POWER, LoadPart, plain_number
from sparewatt.model.network import ALL_PHASES, PHASES

if TYPE_CHECKING:
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.network.dss_engine import Values
    from sparewatt.inputs.network.dss_script import DssElement, DssScript

_SHARES = {1: CONSTANT_POWER, 2: (1.0, 0.0, 0.0), 5: (0.0, 1.0, 0.0)}
_ZIP_MODEL = 8
_SLACK = 1e-9


def read_loads(values: list[Values], script: DssScript, base_v: float, log: FindingLog) -> list[LoadPart]:
    """Loads; shares of constant impedance and current are brought to the voltage base of the network.

    P(V) = kW·(z·(V/Vr)² + i·V/Vr + p) with the load's own rated voltage Vr; with ρ = base/Vr that is
    kW·(z·ρ² + i·ρ + p) at the base, in shares z·ρ², i·ρ and p of it. Constant power stays constant at any
    voltage: OpenDSS would leave it below Vminpu, which is a choice of its solver.
    """
    loads = []
    for load in values:
        element = script.elements["load", load["name"].lower()]
        place = _read_place(load, element, log)
        if place is None:
            continue
        bus, phase = place
        z, i, p = _shares(load, element, log)
        kv = plain_number(load["kv"])
        ratio = base_v / (kv * 1000.0 / (math.sqrt(3.0) if phase == ALL_PHASES else 1.0)) if kv > 0.0 else 1.0
        parts = z * ratio**2, i * ratio, p
        scale = sum(parts)
        if not scale > 0.0:
            message = "the shares of constant impedance, current and power do not sum to a positive number"
            log.add("network.load.model", "error", element.where(), message, str(load.get("zipv")))
            continue
        kw, kvar = plain_number(load["kw"]) * scale, plain_number(load["kvar"]) * scale
        share = parts[0] / scale, parts[1] / scale, parts[2] / scale
        loads.append(LoadPart(element.name, bus, phase, kw, kvar, element.where(), share, kv))
    return loads


def read_generators(values: dict[str, list[Values]], script: DssScript, log: FindingLog) -> list[LoadPart]:
    """Generators and PV systems as places; power comes with a study's profiles, and is told where not 0.

    A generator at one node of a bus stands on that phase, however many phases it says it has.
    """
    generators = []
    for kind in ("generator", "pvsystem"):
        for generator in values[kind]:
            element = script.elements[kind, generator["name"].lower()]
            bus = read_bus(str(generator["bus1"]))
            if bus is None or "bus1" not in element.given or not set(bus.nodes[:1]) <= NODES:
                message = "it stands at no bus and phase, and is left out"
                told = str(generator["bus1"])
                log.add("network.generator.bus", "warning", element.where(), message, told, table=kind)
                continue
            kw = plain_number(generator["kw"]) if kind == "generator" and "kw" in element.given else 0.0
            if abs(kw) > 0.0:
                message = f"{kw:g} kW: only its place is read, power comes with the profiles of a study"
                log.add("network.generator.power", "warning", element.where(), message, f"{kw:g}", table=kind)
            phase = bus.nodes[0] - 1 if len(bus.nodes) == 1 else ALL_PHASES
            generators.append(LoadPart(element.name, bus.name, phase, kw, 0.0, element.where()))
    return generators


def _read_place(values: Values, element: DssElement, log: FindingLog) -> tuple[str, int] | None:
    """Bus and phase; none where the connection is not one of phase to neutral, or of all three."""
    where, ids = element.where(), (element.name,)
    bus = read_bus(str(values["bus1"]))
    if bus is None or "bus1" not in element.given:
        message = "no bus is given, or it is none"
        told = str(values["bus1"])
        log.add("network.load.bus", "error", where, message, told, "Bus1=name.phase", ids=ids, table="load")
        return None
    count = int(values["phases"])
    phases = bus.phases(count) if count in {1, PHASES} else None
    delta = str(values.get("conn", "wye")).lower() == "delta"
    if phases is None or not bus.is_earthed(count) or (delta and count == 1):
        form = f"{count}-phase, {'delta' if delta else 'wye'}, at {values['bus1']}"
        message = f"{form}: joined neither between a phase and neutral nor to all three phases"
        remedy = "Phases=1 at bus.1, bus.2 or bus.3, or Phases=3"
        told = str(values["bus1"])
        log.add("network.load.connection", "error", where, message, told, remedy, ids=ids, table="load")
        return None
    if delta:
        message = "a delta load of three phases is taken as a third on each phase to neutral"
        log.add("network.load.connection", "warning", where, message, ids=ids, table="load")
    return bus.name, phases[0] if count == 1 else ALL_PHASES


def _shares(load: Values, element: DssElement, log: FindingLog) -> tuple[float, float, float]:
    model = int(load["model"])
    if model in _SHARES:
        return _SHARES[model]
    shares = [plain_number(share) for share in load["zipv"]]
    active, reactive = shares[:3], shares[3:6]
    known = model == _ZIP_MODEL and len(reactive) == len(CONSTANT_POWER)
    if known and math.dist(active, reactive) <= _SLACK:
        return active[0], active[1], active[2]
    message = f"load model {model} is not modelled: constant power is taken"
    if known:
        message = "ZIP shares of reactive power differ from those of active power, which are taken for both"
    remedy = "Model=1, 2, 5 or 8"
    log.add("network.load.model", "warning", element.where(), message, str(model), remedy, table="load")
    return (active[0], active[1], active[2]) if known else CONSTANT_POWER
