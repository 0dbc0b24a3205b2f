"""Parts to a network: rows instead of names, with a finding for everything that keeps it from being one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.network.shape_rules import check_shape
from sparewatt.inputs.network.value_rules import check_values
from sparewatt.inputs.scenario_findings import nearest
from sparewatt.model.network import Branches, Generators, Loads, Network, Nodes

if TYPE_CHECKING:
    from sparewatt.finding import Severity
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.network.parts import LoadPart, NetworkParts


def build_network(parts: NetworkParts, log: FindingLog) -> Network | None:
    """Put a network together.

    Nodes stand in the order in which branches name them, the busbar first where none does.

    Returns
    -------
    None where any finding is an error. A loop is a warning: engines other than the sweep take it.
    """
    row = _node_rows(parts)
    check_values(parts, log)
    parts = _with_known_buses(parts, row, log)
    network = _assemble(parts, row)
    check_shape(network, parts, log)
    return None if log.errors else network


def _node_rows(parts: NetworkParts) -> dict[str, int]:
    names = [bus for b in parts.branches for bus in (b.from_bus, b.to_bus)]
    if parts.busbar not in names:
        names.insert(0, parts.busbar)
    return {name: row for row, name in enumerate(dict.fromkeys(names))}


def _with_known_buses(parts: NetworkParts, row: dict[str, int], log: FindingLog) -> NetworkParts:
    """Loads and generators at nodes that a branch, or the transformer, joins to something."""
    kept: dict[str, list[LoadPart]] = {}
    kinds: tuple[tuple[str, list[LoadPart], Severity], ...] = (
        ("load", parts.loads, "error"),
        ("generator", parts.generators, "warning"),
    )
    for kind, elements, severity in kinds:
        kept[kind] = [e for e in elements if e.bus in row]
        for element in elements:
            if element.bus not in row:
                close = nearest(element.bus, row)
                message = f"{kind} {element.id} stands at bus {element.bus}, which no line reaches"
                remedy = f"did you mean {close}?" if close else "a bus of a line"
                rule, ids = f"network.{kind}.unknown_bus", (element.id,)
                log.add(rule, severity, element.where, message, element.bus, remedy, ids=ids, table=kind)
    return replace(parts, loads=kept["load"], generators=kept["generator"])


def _assemble(parts: NetworkParts, row: dict[str, int]) -> Network:
    branches, loads = parts.branches, parts.loads
    generators = parts.generators
    has_place = np.array([name in parts.places for name in row], dtype=np.bool_)
    places = np.array([parts.places.get(name, (0.0, 0.0)) for name in row], dtype=np.float64).reshape(-1, 2)
    return Network(
        name=parts.name,
        nodes=Nodes(tuple(row), places[:, 0].copy(), places[:, 1].copy(), has_place),
        branches=Branches(
            ids=tuple(b.id for b in branches),
            from_node=np.array([row[b.from_bus] for b in branches], dtype=np.int64),
            to_node=np.array([row[b.to_bus] for b in branches], dtype=np.int64),
            z_ohm=np.array([b.z_ohm for b in branches], dtype=np.complex128).reshape(-1, 3, 3),
            shunt_s=np.array([b.shunt_s for b in branches], dtype=np.complex128).reshape(-1, 3, 3),
            ampacity_a=np.array([b.ampacity_a for b in branches], dtype=np.float64),
            length_m=np.array([b.length_m for b in branches], dtype=np.float64),
        ),
        loads=Loads(
            ids=tuple(p.id for p in loads),
            node=_nodes_of(loads, row),
            phase=np.array([p.phase for p in loads], dtype=np.int64),
            kw=np.array([p.kw for p in loads], dtype=np.float64),
            kvar=np.array([p.kvar for p in loads], dtype=np.float64),
            zip_share=np.array([p.zip_share for p in loads], dtype=np.float64).reshape(-1, 3),
        ),
        source=parts.source,
        transformer=parts.transformer,
        busbar=row[parts.busbar],
        frequency_hz=parts.frequency_hz,
        generators=Generators(
            tuple(g.id for g in generators),
            _nodes_of(generators, row),
            np.array([g.phase for g in generators], dtype=np.int64),
        ),
    )


def _nodes_of(elements: list[LoadPart], row: dict[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([row[e.bus] for e in elements], dtype=np.int64)
