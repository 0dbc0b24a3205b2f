"""The network of a run, its feeders, zones and customers, from their Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.model.customers import Customers
from sparewatt.model.feeders import Feeders, Zones
from sparewatt.model.network import Branches, Generators, Loads, Network, Nodes, Source, Transformer
from sparewatt.results.network_columns import floats, indices, matrices, names_of, struct
from sparewatt.results.series_files import read_floats

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

_PHASES = 3


def read_grid(
    found: Mapping[str, pa.Table], told: Mapping[str, Any]
) -> tuple[Network, Feeders, Zones, Customers]:
    """Network, feeders, zones and customers; any misfit is a ValueError, KeyError or TypeError.

    Parameters
    ----------
    found
        Tables by name.
    told
        What is no array.
    """
    nodes = _nodes(found["nodes"])
    branches = _branches(found["branches"], len(nodes))
    loads = _loads(found["loads"], len(nodes))
    busbar = int(told["busbar"])
    if not 0 <= busbar < len(nodes):
        raise ValueError("the busbar is no node")
    network = Network(
        name=str(told["name"]),
        nodes=nodes,
        branches=branches,
        loads=loads,
        source=Source(**_complex(told["source"])),
        transformer=Transformer(**_complex(told["transformer"])),
        busbar=busbar,
        frequency_hz=float(told["frequency_hz"]),
        generators=_generators(found["generators"], len(nodes)),
    )
    feeders = _feeders(found, len(nodes), len(branches))
    zones = Zones(
        ids=names_of(found["zones"], "ids"),
        feeder=indices(found["zones"], "feeder", len(feeders)),
        phase=indices(found["zones"], "phase", _PHASES),
        load_zone=indices(found["loads"], "zone", len(found["zones"]), least=-1),
    )
    indices(found["customers"], "load", len(loads))
    indices(found["customers"], "zone", len(zones), least=-1)
    customers: Customers = struct(Customers, found["customers"])
    return network, feeders, zones, customers


def _complex(values: Mapping[str, Any]) -> dict[str, Any]:
    """Pairs as complex numbers, numbers as numbers, names as they are."""
    out: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, list):
            out[key] = complex(float(value[0]), float(value[1]))
        elif isinstance(value, (str, int, float)):
            out[key] = value
        else:
            raise TypeError(f"{key} is no number")
    return out


def _nodes(table: pa.Table) -> Nodes:
    nodes: Nodes = struct(Nodes, table, x=floats(table, "x"), y=floats(table, "y"))
    return nodes


def _branches(table: pa.Table, nodes: int) -> Branches:
    indices(table, "from_node", nodes)
    indices(table, "to_node", nodes)
    branches: Branches = struct(
        Branches,
        table,
        z_ohm=matrices(table, "z_ohm"),
        shunt_s=matrices(table, "shunt_s"),
        ampacity_a=floats(table, "ampacity_a"),
    )
    return branches


def _loads(table: pa.Table, nodes: int) -> Loads:
    indices(table, "node", nodes)
    indices(table, "phase", _PHASES, least=-1)
    share = np.stack([read_floats(table, f"zip_{n}", (len(table),)) for n in "zip"], axis=1)
    loads: Loads = struct(Loads, table, zip_share=share)
    return loads


def _generators(table: pa.Table, nodes: int) -> Generators:
    indices(table, "node", nodes)
    generators: Generators = struct(Generators, table)
    return generators


def _feeders(found: Mapping[str, pa.Table], nodes: int, branches: int) -> Feeders:
    table = found["feeders"]
    count = len(table)
    return Feeders(
        ids=names_of(table, "ids"),
        head_branch=indices(table, "head_branch", branches),
        node_feeder=indices(found["nodes"], "feeder", count, least=-1),
        branch_feeder=indices(found["branches"], "feeder", count, least=-1),
        load_feeder=indices(found["loads"], "feeder", count, least=-1),
        node_parent=indices(found["nodes"], "parent", nodes, least=-1),
        node_branch=indices(found["nodes"], "parent_branch", branches, least=-1),
        order=indices(found["nodes"], "order", nodes),
    )
