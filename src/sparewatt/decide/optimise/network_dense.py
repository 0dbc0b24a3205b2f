"""Kernels: dense symmetric systems of the size of a day.

Small enough that the threads of a linear algebra library would cost more than they save, above all where
several processes share the cores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel(fastmath={"reassoc", "contract"})
def factorise(matrix: NDArray[np.float64]) -> bool:
    """Cholesky factor L of a symmetric matrix, in place, both in the lower triangle.

    L·Lᵀ = A, row by row: L[i,j] = (A[i,j] - L[i,:j]·L[j,:j])/L[j,j]; two rows at a time, as a row of L
    that is at hand serves both.

    Parameters
    ----------
    matrix
        A below the diagonal and on it; overwritten, shape (n, n).

    Returns
    -------
    Whether A is positive definite.
    """
    n = matrix.shape[0]
    for i in range(0, n, 2):
        upper, lower = matrix[i], matrix[min(i + 1, n - 1)]
        for j in range(i):
            other = matrix[j]
            first, second = upper[j], lower[j]
            for k in range(j):
                first -= upper[k] * other[k]
                second -= lower[k] * other[k]
            upper[j], lower[j] = first / other[j], second / other[j]
        for row in range(i, min(i + 2, n)):
            here = matrix[row]
            for j in range(i, row + 1):
                other = matrix[j]
                value = here[j]
                for k in range(j):
                    value -= here[k] * other[k]
                if j < row:
                    here[j] = value / other[j]
                elif value > 0.0:
                    here[j] = np.sqrt(value)
                else:
                    return False
    return True


@kernel(fastmath={"reassoc", "contract"})
def solve_factorised(factor: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """The solution of L·Lᵀ·x = b for L of `factorise`, shape (n,)."""
    n = len(right)
    x = right.copy()
    for i in range(n):
        value = x[i]
        for k in range(i):
            value -= factor[i, k] * x[k]
        x[i] = value / factor[i, i]
    for i in range(n - 1, -1, -1):
        x[i] /= factor[i, i]
        for k in range(i):
            x[k] -= factor[i, k] * x[i]
    return x


@kernel(fastmath={"reassoc", "contract"})
def solve_diagonal(factor: NDArray[np.float64], diagonal: NDArray[np.float64]) -> NDArray[np.float64]:
    """The solution of L·Lᵀ·X = diag(d) for L of `factorise`, shape (n, n); rows are the inner loops."""
    n = len(diagonal)
    solved = np.zeros((n, n))
    for i in range(n):
        row = solved[i]
        row[i] = diagonal[i]
        for k in range(i):
            other, share = solved[k], factor[i, k]
            for j in range(k + 1):
                row[j] -= share * other[j]
        row[: i + 1] /= factor[i, i]
    for i in range(n - 1, -1, -1):
        row = solved[i]
        row /= factor[i, i]
        for k in range(i):
            other, share = solved[k], factor[i, k]
            for j in range(n):
                other[j] -= share * row[j]
    return solved


@kernel(fastmath={"reassoc", "contract"})
def add_parallel(
    factor: NDArray[np.float64],
    response: NDArray[np.float64],
    slack: NDArray[np.float64],
    total: NDArray[np.float64],
) -> None:
    """Add S·(S + W)⁻¹·W to ``total``, for L·Lᵀ = S + W and W = diag(slack).

    Plainly: ``total += S @ inv(S + W) @ W``.

    Parameters
    ----------
    factor
        L in the lower triangle, shape (n, n).
    response
        S below the diagonal and on it, shape (n, n).
    slack
        Diagonal of W, shape (n,).
    total
        Changed, shape (n, n).
    """
    n = len(slack)
    solved = solve_diagonal(factor, slack)
    for i in range(n):
        row = total[i]
        for k in range(n):
            other, share = solved[k], response[max(i, k), min(i, k)]
            for j in range(n):
                row[j] += share * other[j]


@kernel(fastmath={"reassoc", "contract"})
def apply_symmetric(matrix: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """A·x for A given below the diagonal and on it, shape (n,)."""
    n = len(x)
    out = np.zeros(n)
    for i in range(n):
        out[i] += matrix[i, i] * x[i]
        for j in range(i):
            out[i] += matrix[i, j] * x[j]
            out[j] += matrix[i, j] * x[i]
    return out
