"""Peak-to-average ratio: the highest mean power of an interval over the mean of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def interval_means(kw: NDArray[np.float64], interval: int) -> NDArray[np.float64]:
    """Mean power of each interval from time 0 on; the last one may be shorter.

    Parameters
    ----------
    kw
        Mean power in each minute, shape (..., minutes) [kW].
    interval
        Length of an interval, >= 1 [minutes].

    Returns
    -------
    ndarray
        Shape (..., intervals) [kW].
    """
    minutes = kw.shape[-1]
    starts = np.arange(0, minutes, interval)
    length = np.diff(np.append(starts, minutes))
    return np.asarray(np.add.reduceat(kw, starts, axis=-1) / length, np.float64)


def peak_to_average(kw: NDArray[np.float64], interval: int) -> NDArray[np.float64]:
    """Highest mean of an interval over the mean of the interval means; 0 where there is no power at all.

    PAR = max_i(P[i]) / mean_i(P[i])

    Parameters
    ----------
    kw
        Mean power in each minute, >= 0, shape (..., minutes) [kW].
    interval
        Length of an interval, >= 1 [minutes].

    Returns
    -------
    ndarray
        Shape (...,) [-].
    """
    means = interval_means(kw, interval)
    average = means.mean(axis=-1)
    peak = means.max(axis=-1)
    return np.asarray(np.divide(peak, average, out=np.zeros_like(average), where=average > 0.0), np.float64)
