"""Kernels that find where a shared amount runs out, in expected linear time and without a sort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEW = 8


@kernel(error_model="numpy")
def _choose_pivot(key: NDArray[np.float64], lo: int, hi: int, seed: int) -> float:
    """The middle one of three keys of ``lo:hi``, drawn by a fixed sequence (no input is the worst one)."""
    n = hi - lo
    if n < _FEW:
        return float(key[lo + n // 2])
    a = key[lo + seed % n]
    b = key[lo + (seed >> 8) % n]
    c = key[lo + (seed >> 16) % n]
    return float(max(min(a, b), min(max(a, b), c)))


@kernel(error_model="numpy")
def _next_seed(seed: int) -> int:
    """The next of a fixed sequence of numbers below 2³¹."""
    return (seed * 1103515245 + 12345) & 0x7FFFFFFF


@kernel(error_model="numpy")
def find_threshold(key: NDArray[np.float64], ask: NDArray[np.float64], margin: float) -> tuple[float, float]:
    """Find the key at which ``margin`` runs out when asks are served in ascending order of their keys.

    In plain Python::

        for k in sorted(set(key)):
            asked = sum(a for a, own in zip(ask, key) if own == k)
            if asked >= margin:
                return k, margin
            margin -= asked
        return inf, margin

    Parameters
    ----------
    key, ask
        Shape (n,); both are reordered. Asks are >= 0, keys may be infinite, none is NaN.
    margin
        What there is, >= 0.

    Returns
    -------
    threshold, left
        Who has a smaller key gets all, who has a greater one nothing; those at it share ``left``
        (where that is 0, any key up to the next that asks for something will do).
    """
    lo, hi, seed = 0, key.shape[0], 1
    # Least key that is known to lie behind the margin; it is the answer where rounding hides it.
    behind = np.inf
    while lo < hi:
        seed = _next_seed(seed)
        pivot = _choose_pivot(key, lo, hi, seed)
        # lo:lt below the pivot, lt:i at it, gt:hi above it.
        lt, i, gt = lo, lo, hi
        below, at = 0.0, 0.0
        while i < gt:
            k = key[i]
            a = ask[i]
            if k < pivot:
                below += a
                key[i], ask[i] = key[lt], ask[lt]
                key[lt], ask[lt] = k, a
                lt += 1
                i += 1
            elif k > pivot:
                gt -= 1
                key[i], ask[i] = key[gt], ask[gt]
                key[gt], ask[gt] = k, a
            else:
                at += a
                i += 1
        if below > margin:
            behind = pivot
            hi = lt
        elif below + at >= margin:
            return pivot, margin - below
        else:
            margin -= below + at
            lo = gt
    return behind, max(margin, 0.0)


@kernel(error_model="numpy")
def find_water_level(cap: NDArray[np.float64], total: float) -> float:
    """Find the level at which Σ min(cap, level) = ``total``.

    In plain Python::

        left = sorted(cap)
        while left and left[0] * len(left) <= total:
            total -= left.pop(0)
        return total / len(left) if left else inf

    Parameters
    ----------
    cap
        Most for each, >= 0, shape (n,); it is reordered.
    total
        What is shared, >= 0.

    Returns
    -------
    level
        Infinite where all caps together are not above ``total``.
    """
    # above: caps that are known to lie above the level.
    lo, hi, above, seed = 0, cap.shape[0], 0, 1
    while lo < hi:
        seed = _next_seed(seed)
        pivot = _choose_pivot(cap, lo, hi, seed)
        lt, i, gt = lo, lo, hi
        below = 0.0
        while i < gt:
            c = cap[i]
            if c < pivot:
                below += c
                cap[i] = cap[lt]
                cap[lt] = c
                lt += 1
                i += 1
            elif c > pivot:
                gt -= 1
                cap[i] = cap[gt]
                cap[gt] = c
            else:
                i += 1
        if below + pivot * (hi - lt + above) > total:
            above += hi - lt
            hi = lt
        else:
            total -= below + pivot * (gt - lt)
            lo = gt
    return max(total, 0.0) / above if above > 0 else np.inf
