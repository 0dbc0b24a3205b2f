"""Seeded radial low-voltage networks: a transformer, feeders along streets, houses on three phases."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.network_plan import MAINS, RATINGS_KVA, SERVICES, NetworkPlan
from sparewatt.inputs.generate.network_streets import START, Joint, draw_streets
from sparewatt.model.network import (
    ALL_PHASES,
    PHASES,
    Branches,
    Loads,
    Network,
    Nodes,
    Source,
    Transformer,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.generate.network_plan import Cable

_KVA_PER_CUSTOMER = 1.7
_HV_KV, _LV_KV = 11.0, 0.416
_SHORT_CIRCUIT_MVA, _X_TO_R = 100.0, 4.0
_IMPEDANCE_PU = 0.0475
_SPARE = 1.6
"""Rated current over the current that a main is chosen for."""


def generate_network(
    seed: int, customers: int = 120, feeders: int = 4, *, plan: NetworkPlan | None = None
) -> Network:
    """Make a network; the same seed and plan give the same network, to the bit.

    Mains taper: each is the thinnest cable that carries the diversified load of the houses behind it with
    spare. Services are single-phase unless drawn to be of three phases; phases follow in turn along the
    street, with some disorder.

    Parameters
    ----------
    seed
        Of all draws.
    customers, feeders
        As in the plan, where none is given.
    plan
        Everything else that can be chosen.
    """
    plan = plan if plan is not None else NetworkPlan(customers, feeders)
    rng = np.random.default_rng(seed)
    first = rng.uniform(0.0, 2.0 * math.pi)
    draft = _Draft(plan, rng)
    for number, count in enumerate(_share_out(rng, plan), start=1):
        heading = first + 2.0 * math.pi * (number - 1) / plan.feeders
        draft.add_feeder(number, draw_streets(rng, heading, count, plan.feeders))
    return draft.network()


def _share_out(rng: np.random.Generator, plan: NetworkPlan) -> list[int]:
    """Customers of each feeder, at least one and otherwise 0.6 to 1.4 of the mean."""
    weights = rng.uniform(0.6, 1.4, plan.feeders)
    spare = plan.customers - plan.feeders
    edges = np.round(np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum() * spare).astype(np.int64)
    return [1 + int(n) for n in np.diff(edges)]


class _Draft:
    """A network while it is made."""

    def __init__(self, plan: NetworkPlan, rng: np.random.Generator) -> None:
        self._plan, self._rng = plan, rng
        self._nodes: list[tuple[str, float, float]] = [("busbar", 0.0, 0.0)]
        self._branches: list[tuple[str, int, int, Cable]] = []
        self._loads: list[tuple[int, int]] = []

    def add_feeder(self, number: int, joints: list[Joint]) -> None:
        """Mains of a feeder first, then its services."""
        behind = _houses_behind(joints)
        base = len(self._nodes)
        for row, joint in enumerate(joints):
            start = 0 if joint.parent == START else base + joint.parent
            self._nodes.append((f"f{number}_{row + 1}", joint.x, joint.y))
            self._branches.append((f"main_{number}_{row + 1}", start, base + row, self._main(behind[row])))
        turn = int(self._rng.integers(PHASES))
        for row, joint in enumerate(joints):
            for x, y in joint.houses:
                drawn = self._rng.random() < self._plan.phase_disorder
                turn = int(self._rng.integers(PHASES)) if drawn else (turn + 1) % PHASES
                whole = self._rng.random() < self._plan.three_phase_share
                house, name = len(self._nodes), len(self._loads) + 1
                self._nodes.append((f"house_{name}", x, y))
                cable = SERVICES[int(self._rng.integers(len(SERVICES)))]
                self._branches.append((f"service_{name}", base + row, house, cable))
                self._loads.append((house, ALL_PHASES if whole else turn))

    def _main(self, houses: int) -> Cable:
        """The thinnest cable for some houses: I = n/3 · kW · (1 + 3/√n) / 0.23 kV, with spare."""
        amps = houses / PHASES * self._plan.design_kw * (1.0 + 3.0 / math.sqrt(houses)) / 0.23
        return next((c for c in MAINS if c.ampacity_a >= _SPARE * amps), MAINS[-1])

    def network(self) -> Network:
        """What was made."""
        x, y = (np.array([n[k] for n in self._nodes], dtype=np.float64) for k in (1, 2))
        ends = np.array([(a, b) for _, a, b, _ in self._branches], dtype=np.int64)
        length_m = np.hypot(*(p[ends[:, 0]] - p[ends[:, 1]] for p in (x, y)))
        count = len(self._loads)
        kw = np.full(count, self._plan.load_kw)
        z_per_m = np.array([_z_per_km(b[3]) for b in self._branches], dtype=np.complex128) / 1000.0
        return Network(
            name=self._plan.name,
            nodes=Nodes(tuple(n[0] for n in self._nodes), x, y, np.ones(len(x), dtype=np.bool_)),
            branches=Branches(
                ids=tuple(b[0] for b in self._branches),
                from_node=ends[:, 0].copy(),
                to_node=ends[:, 1].copy(),
                z_ohm=np.asarray(z_per_m * length_m[:, None, None], dtype=np.complex128),
                shunt_s=np.zeros((len(ends), PHASES, PHASES), dtype=np.complex128),
                ampacity_a=np.array([b[3].ampacity_a for b in self._branches], dtype=np.float64),
                length_m=length_m,
            ),
            loads=Loads(
                ids=tuple(f"load_{n + 1}" for n in range(count)),
                node=np.array([node for node, _ in self._loads], dtype=np.int64),
                phase=np.array([phase for _, phase in self._loads], dtype=np.int64),
                kw=kw,
                kvar=kw * math.tan(math.acos(self._plan.power_factor)),
                zip_share=np.tile([0.0, 0.0, 1.0], (count, 1)),
            ),
            source=_source(),
            transformer=_transformer(self._plan),
            busbar=0,
        )


def _houses_behind(joints: list[Joint]) -> list[int]:
    """Houses at each joint and at all that follow it."""
    behind = [len(j.houses) for j in joints]
    for row in range(len(joints) - 1, -1, -1):
        if joints[row].parent != START:
            behind[joints[row].parent] += behind[row]
    return behind


def _z_per_km(cable: Cable) -> NDArray[np.complex128]:
    """Z_self = (Z0 + 2·Z1)/3, Z_mutual = (Z0 − Z1)/3."""
    z1, z0 = complex(cable.r1, cable.x1), complex(cable.r0, cable.x0)
    z = np.full((PHASES, PHASES), (z0 - z1) / 3.0, dtype=np.complex128)
    z[np.diag_indices(PHASES)] += z1
    return z


def _source() -> Source:
    z = _HV_KV**2 / _SHORT_CIRCUIT_MVA
    r = z / math.hypot(1.0, _X_TO_R)
    z1 = complex(r, r * _X_TO_R)
    return Source(base_kv=_HV_KV, voltage_pu=1.0, z1_ohm=z1, z0_ohm=3.0 * z1)


def _transformer(plan: NetworkPlan) -> Transformer:
    """Dyn11; copper losses fall from 1.5 % at 200 kVA with the size."""
    least = _KVA_PER_CUSTOMER * plan.customers
    rating = plan.rating_kva or next((r for r in RATINGS_KVA if r >= least), RATINGS_KVA[-1])
    r_pu = 0.015 * (200.0 / rating) ** 0.3
    return Transformer(
        id="TR1",
        hv_kv=_HV_KV,
        lv_kv=_LV_KV,
        rating_kva=rating,
        r_pu=r_pu,
        x_pu=math.sqrt(_IMPEDANCE_PU**2 - r_pu**2),
        clock=11,
    )
