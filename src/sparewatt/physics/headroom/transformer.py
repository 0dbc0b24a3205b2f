"""What the transformer lacks is taken off the zones, so that what is taken is what is lacking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.headroom import Split

_NOTHING = 1e-12


def split_excess(
    room_kva: NDArray[np.float64],
    transformer_kva: NDArray[np.float64],
    flow_kva: NDArray[np.float64],
    split: Split,
) -> NDArray[np.float64]:
    """What is taken off every zone so that all of them together fit through the transformer [kVA].

    With h the room of the zones and H that of the transformer:

    1. H >= 0: only what zones can take counts, as nobody is sure to use what is negative. Where
       ``Σ max(h, 0) > H`` the excess is taken off the zones with h > 0, none of which goes below 0:
       the same of each (``"equal"``; a zone that has less gives all it has and the others the rest), or in
       proportion to h (``"pro_rata"``). Then ``Σ max(h', 0) = H``.
    2. H < 0: no zone has any room, ``h' <= 0``, and what is lacking beyond the negative h of the zones is
       asked of all zones, the same of each, or in proportion to what flows there in this direction. Then
       ``Σ h' = H``, unless the zones lack more already.

    Parameters
    ----------
    room_kva
        Headroom or footroom of the zones, shape (zones, periods) [kVA].
    transformer_kva
        The same of the transformer, shape (periods,) [kVA].
    flow_kva
        Flow in the direction of the room, + towards it, shape (zones, periods) [kVA].
    split
        How.

    Returns
    -------
    What is taken off, >= 0, shape (zones, periods) [kVA].
    """
    have = np.maximum(room_kva, 0.0)
    excess = np.maximum(have.sum(axis=0) - np.maximum(transformer_kva, 0.0), 0.0)
    off = _equal_off(have, excess) if split == "equal" else _share_off(have, excess)
    lacking = np.maximum(np.minimum(room_kva, 0.0).sum(axis=0) - np.minimum(transformer_kva, 0.0), 0.0)
    if split == "equal" or not len(room_kva):
        return np.asarray(off + lacking / max(len(room_kva), 1))
    flowing = np.maximum(flow_kva, 0.0)
    total = flowing.sum(axis=0)
    even = np.full_like(flowing, 1.0 / len(flowing))
    return np.asarray(
        off + lacking * np.where(total > _NOTHING, flowing / np.where(total > 0, total, 1), even)
    )


def _share_off(have: NDArray[np.float64], excess: NDArray[np.float64]) -> NDArray[np.float64]:
    """In proportion to what each has."""
    total = have.sum(axis=0)
    return have * (excess / np.where(total > 0.0, total, 1.0))


def _equal_off(have: NDArray[np.float64], excess: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same t off each, ``Σ min(have, t) = excess``, found on the sorted values of every period.

    At t = v_k, the k-th smallest, the k−1 smaller ones give everything: S(v_k) = Σ_{i<k} v_i + (n−k+1)·v_k.
    The last v_k with S(v_k) <= excess tells how many give everything; the others share the rest.
    """
    n = len(have)
    if not n:
        return have
    ordered = np.sort(have, axis=0)
    before = np.cumsum(ordered, axis=0) - ordered
    left = n - np.arange(n)[:, None]
    empty = (before + left * ordered <= excess).sum(axis=0)
    total = np.concatenate([before, ordered.sum(axis=0, keepdims=True)])
    given = np.take_along_axis(total, empty[None, :], axis=0)[0]
    most = np.where(empty < n, (excess - given) / np.maximum(n - empty, 1), ordered[-1])
    return np.asarray(np.minimum(have, most))
