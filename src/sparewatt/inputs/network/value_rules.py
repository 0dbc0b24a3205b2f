"""Rules of a network's values: numbers that are numbers, lengths, impedances, rated voltages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.network import ALL_PHASES

if TYPE_CHECKING:
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.network.parts import BranchPart, LoadPart, NetworkParts
    from sparewatt.model.network import Source, Transformer

KV_TOLERANCE = 0.10
"""A load's rated voltage may differ by so much from the network's: 0.23 kV at a base of 0.240 kV is usual."""


def check_values(parts: NetworkParts, log: FindingLog) -> None:
    """Check every value on its own."""
    _check_source(parts.source, parts.transformer, parts.source_where, log)
    _check_transformer(parts.transformer, parts.transformer_where, log)
    for branch in parts.branches:
        _check_branch(branch, log)
    for load in parts.loads:
        _check_load(load, parts.transformer.lv_kv, log)
    if not parts.loads:
        message = "the network has no loads"
        log.add(
            "network.loads.none", "warning", parts.name, message, "", "loads at the customers' connections"
        )


def _check_transformer(transformer: Transformer, where: str, log: FindingLog) -> None:
    numbers = {
        "rated high voltage": transformer.hv_kv,
        "rated low voltage": transformer.lv_kv,
        "rated power": transformer.rating_kva,
        "tap": transformer.tap_pu,
    }
    ids = (transformer.id,)
    for name, value in numbers.items():
        if not 0.0 < value < math.inf:
            message = f"the {name} is no positive number"
            log.add("network.transformer.value", "error", where, message, f"{value:g}", ids=ids)
    impedance = abs(complex(transformer.r_pu, transformer.x_pu))
    if transformer.r_pu < 0.0 or transformer.x_pu < 0.0 or not 0.0 < impedance < 1.0:
        message = "the series impedance is not between 0 and 1 of the rating"
        told = f"R {transformer.r_pu:g}, X {transformer.x_pu:g}"
        remedy = "XHL and %R in per cent"
        log.add("network.transformer.value", "error", where, message, told, remedy, ids=ids)
    if not all(math.isfinite(v) for v in _flat(transformer.magnetising_s, transformer.neutral_ohm)):
        message = "no-load losses or earthing are no numbers"
        log.add("network.transformer.value", "error", where, message, ids=ids)


def _check_source(source: Source, transformer: Transformer, where: str, log: FindingLog) -> None:
    if not (0.0 < source.base_kv < math.inf and 0.0 < source.voltage_pu < 2.0):  # noqa: PLR2004 - twice
        message = "the source's voltage is no positive number of kV, or beyond twice its base"
        log.add("network.source.value", "error", where, message, f"{source.base_kv:g} kV")
    elif transformer.hv_kv > 0.0 and abs(source.base_kv / transformer.hv_kv - 1.0) > KV_TOLERANCE:
        message = (
            f"the source has {source.base_kv:g} kV, the high-voltage side of transformer {transformer.id} "
            f"{transformer.hv_kv:g} kV: more than {KV_TOLERANCE:.0%} apart"
        )
        remedy = f"BasekV={transformer.hv_kv:g}, as the winding"
        log.add("network.source.kv", "error", where, message, f"{source.base_kv:g}", remedy)
    if not all(math.isfinite(v) for v in _flat(source.z1_ohm, source.z0_ohm)) or source.z1_ohm.real < 0.0:
        message = "the short-circuit impedance is no number above 0"
        log.add("network.source.value", "error", where, message)


def _flat(*numbers: complex) -> list[float]:
    return [part for n in numbers for part in (n.real, n.imag)]


def _check_branch(branch: BranchPart, log: FindingLog) -> None:
    ids = (branch.id,)
    if not (np.isfinite(branch.z_ohm).all() and np.isfinite(branch.shunt_s).all()):
        message = "an impedance or capacitance is no finite number"
        log.add("network.branch.value", "error", branch.where, message, ids=ids, table="branch")
        return
    if not 0.0 < branch.length_m < math.inf:
        message = f"the length is {branch.length_m:g} m"
        remedy = "a length above 0, or join both ends in one bus"
        log.add(
            "network.branch.length",
            "error",
            branch.where,
            message,
            f"{branch.length_m:g}",
            remedy,
            ids=ids,
            table="branch",
        )
    elif (np.diagonal(branch.z_ohm).real < 0.0).any() or not np.abs(np.diagonal(branch.z_ohm)).min() > 0.0:
        message = "the impedance of a phase is zero, or its resistance is below zero"
        log.add("network.branch.value", "error", branch.where, message, ids=ids, table="branch")
    if not branch.ampacity_a > 0.0:
        message = "the rated current is not above 0"
        told = f"{branch.ampacity_a:g}"
        log.add("network.branch.rating", "error", branch.where, message, told, ids=ids, table="branch")
    if branch.from_bus == branch.to_bus:
        message = f"both ends are at bus {branch.from_bus}"
        log.add(
            "network.branch.bus", "error", branch.where, message, branch.from_bus, ids=ids, table="branch"
        )


def _check_load(load: LoadPart, lv_kv: float, log: FindingLog) -> None:
    ids = (load.id,)
    if not (math.isfinite(load.kw) and math.isfinite(load.kvar)):
        message = f"the power is no number: {load.kw} kW, {load.kvar} kvar"
        log.add("network.load.value", "error", load.where, message, str(load.kw), ids=ids, table="load")
    base = lv_kv if load.phase == ALL_PHASES else lv_kv / math.sqrt(3.0)
    if load.rated_kv != 0.0 and base > 0.0 and not abs(load.rated_kv / base - 1.0) <= KV_TOLERANCE:
        message = (
            f"its rated voltage is {load.rated_kv:g} kV, the network's there {base:.4g} kV "
            f"({'phase to phase' if load.phase == ALL_PHASES else 'phase to neutral'}): "
            f"more than {KV_TOLERANCE:.0%} apart"
        )
        remedy = f"kV={base:.3g}"
        log.add(
            "network.load.kv",
            "error",
            load.where,
            message,
            f"{load.rated_kv:g}",
            remedy,
            ids=ids,
            margin=abs(load.rated_kv / base - 1.0) - KV_TOLERANCE,
            table="load",
        )
