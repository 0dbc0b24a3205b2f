"""Kernels of a binary heap of (period, row) pairs: what is due next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROW_BITS = 32
ROW_MASK = (1 << ROW_BITS) - 1


@kernel()
def push_due(heap: NDArray[np.int64], size: int, period: int, row: int) -> int:
    """``heapq.heappush(heap[:size], (period, row))``.

    Returns
    -------
    The new size.
    """
    key = (period << ROW_BITS) | row
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap[parent] <= key:
            break
        heap[i] = heap[parent]
        i = parent
    heap[i] = key
    return size + 1


@kernel()
def pop_due(heap: NDArray[np.int64], size: int) -> int:
    """``heapq.heappop(heap[:size])``; the smallest pair was ``heap[0]``, as period << 32 | row.

    Returns
    -------
    The new size.
    """
    size -= 1
    key = heap[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = key
    return size
