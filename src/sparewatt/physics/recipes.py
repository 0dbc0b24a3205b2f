"""Recipes: how what is asked of a snapshot follows from the currents and voltages of its slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.model.network import PHASES
from sparewatt.physics.slots import SOURCE_SEATS, slots_of, split_loads
from sparewatt.physics.topology import NO_ROW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.feeders import Feeders
    from sparewatt.model.network import Network
    from sparewatt.physics.condense import Condensed
    from sparewatt.physics.power_flow import FlowWant


class Recipes(NamedTuple):
    """What the report kernel makes of a solved group.

    A seat is where a voltage stands: a slot, behind the slots the three that feed the busbar, behind those
    the observers.

    Parameters
    ----------
    seen_from, seen_first, seen_slot, seen_z
        Observers: voltages that no current depends on. V(observer o) = V(seat ``seen_from[o]``) − Σ z·J over
        ``seen_slot[seen_first[o] : seen_first[o + 1]]``; z real and imaginary, shape (terms, 2) [ohm].
    load_row, load_slot, load_share
        Whose mean voltage takes what share from which slot, shape (parts,).
    node_seat
        Seats of the asked nodes, shape (3 · nodes,).
    branch_slot, branch_seat, branch_shunt
        Slot of the current, -1 where none flows, and seat of the voltage at the end towards the busbar,
        shape (3 · branches,); half the shunt there, shape (branches, 3, 3, 2) [S]. Asked branches first.
    asked
        Number of asked branches.
    zone_first, zone_seat
        Seats of each group.
    over_first, over_branch, over_a
        Branches of each group and their ratings [A].
    """

    seen_from: NDArray[np.int32]
    seen_first: NDArray[np.int32]
    seen_slot: NDArray[np.int32]
    seen_z: NDArray[np.float64]
    load_row: NDArray[np.int32]
    load_slot: NDArray[np.int32]
    load_share: NDArray[np.float64]
    node_seat: NDArray[np.int32]
    branch_slot: NDArray[np.int32]
    branch_seat: NDArray[np.int32]
    branch_shunt: NDArray[np.float64]
    asked: int
    zone_first: NDArray[np.int32]
    zone_seat: NDArray[np.int32]
    over_first: NDArray[np.int32]
    over_branch: NDArray[np.int32]
    over_a: NDArray[np.float64]


class _Seats:
    """Seats of voltages, observers added as they are asked for."""

    def __init__(self, network: Network, condensed: Condensed) -> None:
        self._network, self._condensed = network, condensed
        self._slot = slots_of(condensed)
        self._count = int(self._slot.max()) + 1 + SOURCE_SEATS
        self._known: dict[tuple[int, int, bytes], int] = {}
        self.seen_from: list[int] = []
        self.first: list[int] = [0]
        self.slot: list[int] = []
        self.z: list[tuple[float, float]] = []

    def seat(self, node: int, phase: int) -> int:
        """Seat of the voltage of a node on a phase."""
        c = self._condensed
        place, z = int(c.of_node[node]), c.node_z_ohm[node]
        if place == NO_ROW:
            raise ValueError(f"node {self._network.nodes.ids[node]} has no path to the busbar")
        pending: list[tuple[int, bytes]] = []
        while True:
            if self._slot[place, phase] != NO_ROW and (place == 0 or np.array_equal(z, c.z_ohm[place])):
                seat = int(self._slot[place, phase])
                break
            known = self._known.get((place, phase, z.tobytes()))
            if known is not None:
                seat = known
                break
            pending.append((place, z.tobytes()))
            place = int(c.parent[place])
            z = c.z_ohm[place]
        for place, key in reversed(pending):
            row = np.frombuffer(key, dtype=np.complex128).reshape(PHASES, PHASES)[phase]
            self.seen_from.append(seat)
            for p in np.flatnonzero(c.carries[place] & (row != 0)).tolist():
                self.slot.append(int(self._slot[place, p]))
                self.z.append((row[p].real, row[p].imag))
            self.first.append(len(self.slot))
            seat = self._count + len(self.seen_from) - 1
            self._known[place, phase, key] = seat
        return seat


def build_recipes(network: Network, feeders: Feeders, condensed: Condensed, want: FlowWant) -> Recipes:
    """Work out how everything that is wanted follows from the slots."""
    seats = _Seats(network, condensed)
    nodes = [] if want.nodes is None else np.asarray(want.nodes).tolist()
    asked = [] if want.branches is None else np.asarray(want.branches).tolist()
    over = [np.asarray(group, dtype=np.int64).tolist() for group in want.overloads]
    branches = list(dict.fromkeys(b for group in over for b in group))
    rated = {b: len(asked) + i for i, b in enumerate(branches)}
    branches = asked + branches
    slot = slots_of(condensed)
    far = np.full(len(network.branches), NO_ROW, dtype=np.int64)
    ways = feeders.node_branch != NO_ROW
    far[feeders.node_branch[ways]] = np.flatnonzero(ways)
    place = condensed.of_branch[branches] if branches else np.empty(0, dtype=np.int64)
    flows = np.where((place == NO_ROW)[:, None], NO_ROW, slot[place])
    near = [int(feeders.node_parent[far[b]]) for b in branches]
    load_row, load_slot, load_share = split_loads(network, condensed)
    if not want.load_voltages:
        load_row = load_row[:0]
    half = 0.5 * network.branches.shunt_s[branches] if branches else np.empty((0, 3, 3), dtype=np.complex128)
    # All seats are taken before the observers are counted.
    node_seat = [seats.seat(n, p) for n in nodes for p in range(PHASES)]
    zone_seat = [[seats.seat(int(n), phase) for n in rows] for rows, phase in want.zones]
    branch_seat = [seats.seat(n, p) for n in near for p in range(PHASES)]
    return Recipes(
        seen_from=_rows(seats.seen_from),
        seen_first=_rows(seats.first),
        seen_slot=_rows(seats.slot),
        seen_z=np.array(seats.z, dtype=np.float64).reshape(-1, 2),
        load_row=load_row.astype(np.int32),
        load_slot=load_slot.astype(np.int32),
        load_share=load_share,
        node_seat=_rows(node_seat),
        branch_slot=_rows(flows.ravel().tolist()),
        branch_seat=_rows(branch_seat),
        branch_shunt=np.ascontiguousarray(np.stack([half.real, half.imag], axis=-1)),
        asked=len(asked),
        zone_first=_rows([0, *np.cumsum([len(z) for z in zone_seat]).tolist()]),
        zone_seat=_rows([s for z in zone_seat for s in z]),
        over_first=_rows([0, *np.cumsum([len(g) for g in over]).tolist()]),
        over_branch=_rows([rated[b] for group in over for b in group]),
        over_a=np.array([network.branches.ampacity_a[b] for g in over for b in g], dtype=np.float64),
    )


def _rows(values: list[int]) -> NDArray[np.int32]:
    return np.array(values, dtype=np.int32)
