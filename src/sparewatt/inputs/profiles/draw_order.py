"""An order of customers of which every beginning is spread over the zones in proportion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def stratified_order(groups: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows in an order of which the first n hold floor or ceiling of n·(share of the group) of every group.

    Groups take turns by Tijdeman's rule for the chairman assignment problem (Discrete Mathematics 32,
    1980): of those whose quota q = n·λ is ahead of their count a by at least 1/(2k-2), the one whose
    next turn is due first, min (1 - 1/(2k-2) - (q - a))/λ. Every count stays within 1 of its quota, as
    with largest remainders; unlike with those, a longer beginning never takes a turn back, so the
    customers of a small share are among those of a greater one. Who of a group comes first is drawn.

    Parameters
    ----------
    groups
        Group of each row, any numbers, shape (rows,).
    rng
        Seeded.

    Returns
    -------
    A permutation of the rows, shape (rows,).
    """
    rows = len(groups)
    shuffled = rng.permutation(rows)
    _, group, sizes = np.unique(groups[shuffled], return_inverse=True, return_counts=True)
    waiting = [shuffled[group == g] for g in range(len(sizes))]
    turns = group_turns(sizes)
    taken = np.zeros(len(sizes), dtype=np.int64)
    order = np.empty(rows, dtype=np.int64)
    for n, g in enumerate(turns.tolist()):
        order[n] = waiting[g][taken[g]]
        taken[g] += 1
    return order


def group_turns(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Group of each turn, shape (Σ sizes,); see :func:`stratified_order`."""
    groups, total = len(sizes), int(sizes.sum())
    if groups <= 1:
        return np.zeros(total, dtype=np.int64)
    share = sizes / total
    # In whole numbers, so that nothing hangs on rounding: (q - a)·total·(2k - 2) against total.
    scale = 2 * groups - 2
    count = np.zeros(groups, dtype=np.int64)
    turns = np.empty(total, dtype=np.int64)
    for n in range(1, total + 1):
        ahead = n * sizes - count * total
        due = np.where(
            (ahead * scale >= total) & (count < sizes), (1 - 1 / scale - ahead / total) / share, np.inf
        )
        turns[n - 1] = g = int(np.argmin(due))
        count[g] += 1
    return turns
