"""Slots: a condensed network as flat arrays for the sweep kernels.

A slot is one phase of one place that carries current. Slots 0-2 are the busbar, the others follow place by
place, so every slot stands after the slot it is fed from and a pass up or down the tree is one loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.model.network import ALL_PHASES, PHASES
from sparewatt.physics.topology import NO_ROW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.network import Network
    from sparewatt.physics.condense import Condensed
    from sparewatt.physics.thevenin import Thevenin

BALANCED = 4
"""Kind of a place of three phases whose impedance is the same for each; else the kind is the phase count."""

SOURCE_SEATS = PHASES
"""Behind the voltages of the slots stand those without load that feed the busbar."""

_SAME = 1e-12


class SlotTree(NamedTuple):
    """The network as slots; shapes in slots, places, points (slots with load) and parts (of loads).

    Parameters
    ----------
    feed
        Slot that feeds each slot, shape (slots,); the busbar is fed from three seats behind the slots.
    child_from, child
        Slots fed by slot s are ``child[child_from[s] : child_from[s + 1]]``.
    point
        Point at each slot, -1 where there is no load, shape (slots,).
    phase
        Shape (slots,).
    kind, first
        Of each place: phases carried, or `BALANCED`; first slot; shape (places,).
    z, z_from
        Impedances of all places, real and imaginary, row by row ([own, mutual] where balanced), one after
        the other, that of source and transformer first [ohm]; where those of each place begin.
    shunt_first, shunt
        First slot of each place with a shunt (all three phases are there), shape (shunts,); its admittance,
        real and imaginary, shape (shunts, 3, 3, 2) [S].
    shunt_at
        Row of a slot among the slots with shunts, -1 where there is none, shape (slots,).
    part_load, part_point, part_share
        Which load draws how much of its power at which point.
    constant
        Shares of constant impedance and of constant current of each part, shape (parts, 2).
    v0
        Voltages without load, which feed the busbar, real and imaginary, shape (3, 2) [V].
    """

    feed: NDArray[np.int32]
    child_from: NDArray[np.int32]
    child: NDArray[np.int32]
    point: NDArray[np.int32]
    phase: NDArray[np.int32]
    kind: NDArray[np.int32]
    first: NDArray[np.int32]
    z_from: NDArray[np.int32]
    z: NDArray[np.float64]
    shunt_first: NDArray[np.int32]
    shunt: NDArray[np.float64]
    shunt_at: NDArray[np.int32]
    part_load: NDArray[np.int32]
    part_point: NDArray[np.int32]
    part_share: NDArray[np.float64]
    constant: NDArray[np.float64]
    v0: NDArray[np.float64]

    @property
    def points(self) -> int:
        """Number of slots with load."""
        return int(self.part_point.max(initial=-1)) + 1


def slots_of(condensed: Condensed) -> NDArray[np.int64]:
    """Slot of each phase of each place, -1 where it carries no current, shape (places, 3)."""
    slot = np.full(condensed.carries.shape, NO_ROW, dtype=np.int64)
    slot[condensed.carries] = np.arange(int(condensed.carries.sum()))
    return slot


def build_slots(network: Network, condensed: Condensed, thevenin: Thevenin) -> SlotTree:
    """Lay a condensed network out as slots."""
    slot = slots_of(condensed)
    count = int(slot.max()) + 1
    feed = np.full(count, NO_ROW, dtype=np.int64)
    below = condensed.carries.copy()
    below[0] = False
    place, phase = np.nonzero(below)
    feed[slot[place, phase]] = slot[condensed.parent[place], phase]
    child = np.argsort(feed[PHASES:], kind="stable") + PHASES
    child_from = np.searchsorted(feed[child], np.arange(count + 1))
    feed[:PHASES] = count + np.arange(PHASES)
    kinds, z_from = [], [0]
    z: list[NDArray[np.float64]] = []
    for k in range(len(condensed)):
        on = np.flatnonzero(condensed.carries[k])
        ohm = condensed.z_ohm[k][np.ix_(on, on)] if k else thevenin.z_ohm
        kind, values = len(on), ohm.ravel()
        if kind == PHASES and _is_balanced(ohm):
            kind, values = BALANCED, ohm[0, :2]
        kinds.append(kind)
        z.append(_pairs(values).ravel())
        z_from.append(z_from[-1] + len(z[-1]))
    shunted = np.flatnonzero(condensed.shunt_s.any(axis=(1, 2)))
    shunt_at = np.full(count, NO_ROW, dtype=np.int64)
    shunt_at[slot[shunted].ravel()] = np.arange(PHASES * len(shunted))
    load, part_slot, share = split_loads(network, condensed)
    used = np.unique(part_slot)
    point = np.full(count, NO_ROW, dtype=np.int64)
    point[used] = np.arange(len(used))
    return SlotTree(
        feed=feed.astype(np.int32),
        child_from=child_from.astype(np.int32),
        child=child.astype(np.int32),
        point=point.astype(np.int32),
        phase=np.nonzero(condensed.carries)[1].astype(np.int32),
        kind=np.array(kinds, dtype=np.int32),
        first=np.where(condensed.carries, slot, count).min(axis=1).astype(np.int32),
        z_from=np.array(z_from, dtype=np.int32),
        z=np.concatenate(z),
        shunt_first=slot[shunted, 0].astype(np.int32),
        shunt=_pairs(condensed.shunt_s[shunted]),
        shunt_at=shunt_at.astype(np.int32),
        part_load=load.astype(np.int32),
        part_point=point[part_slot].astype(np.int32),
        part_share=share,
        constant=np.ascontiguousarray(network.loads.zip_share[load, :2]),
        v0=_pairs(thevenin.v0),
    )


def split_places(
    network: Network, condensed: Condensed
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Loads split over their phases: row of the load, place, phase and share of each part."""
    place = np.full(len(network.nodes), NO_ROW, dtype=np.int64)
    place[condensed.node] = np.arange(len(condensed))
    three = network.loads.phase == ALL_PHASES
    load = np.concatenate([np.flatnonzero(~three), np.repeat(np.flatnonzero(three), PHASES)])
    phase = np.concatenate([network.loads.phase[~three], np.tile(np.arange(PHASES), int(three.sum()))])
    return load, place[network.loads.node[load]], phase, np.where(three[load], 1.0 / PHASES, 1.0)


def split_loads(
    network: Network, condensed: Condensed
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Loads split over their phases: row of the load, slot and share of each part, in the order of slots."""
    load, place, phase, share = split_places(network, condensed)
    where = slots_of(condensed)[place, phase]
    order = np.argsort(where, kind="stable")
    return load[order], where[order], share[order]


def _is_balanced(ohm: NDArray[np.complex128]) -> bool:
    own, mutual = np.diag(ohm), ohm[~np.eye(PHASES, dtype=np.bool_)]
    spread = max(np.abs(own - own[0]).max(), np.abs(mutual - mutual[0]).max())
    return bool(spread <= _SAME * np.abs(own[0]))


def _pairs(values: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Real and imaginary parts along a last axis of two."""
    return np.ascontiguousarray(np.stack([values.real, values.imag], axis=-1))
