"""Forecast by typical days: a mixture of kinds of days, weighted by what tomorrow is likely to be."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from sparewatt.decide.rules.forecast import QUANTILES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.rules.forecast import DayAhead, Forecast
    from sparewatt.model.headroom_days import HeadroomDays

_LEAST_SPREAD = 1e-9


@dataclass(frozen=True)
class TypicalDays:
    """Quantiles of all past days, each with the weight of its kind tomorrow.

    A Gaussian mixture finds kinds of days k in the first principal components of their headroom, and the
    membership r_dk of every day d. With the kinds j of the last day
    ``P(k) ∝ Σ_j r_j·T_jk · N(t; μ_k, σ_k)``: T from the kinds of days that followed one another (drawn
    towards how frequent the kinds are), N from how warm they were, at tomorrow's t. Day d weighs
    ``Σ_k P(k)·r_dk/Σ_d r_dk``.

    Parameters
    ----------
    kinds
        Most kinds of days; there is one per ``days_per_kind`` days at most.
    days_per_kind
        Days that a kind needs.
    components
        Principal components that the kinds are told apart by, at most.
    prior_days
        Weight of the frequencies in T [days].
    least_sigma_c
        Least spread of the temperature of a kind [K].
    seed
        Of the mixture.
    quantiles
        Levels.
    name
        For tables.
    """

    kinds: int = 4
    days_per_kind: int = 8
    components: int = 3
    prior_days: float = 3.0
    least_sigma_c: float = 1.0
    seed: int = 0
    quantiles: tuple[float, ...] = QUANTILES
    name: str = "typical days"

    def fit(self, history: HeadroomDays) -> Forecast:
        """Find the kinds, how they follow one another and how warm they are."""
        member = self._memberships(history.headroom_kva.reshape(len(history), -1))
        size = member.sum(axis=0)
        frequency = size / len(history)
        next_day = np.diff(history.day) == 1
        follow = member[:-1][next_day].T @ member[1:][next_day] + self.prior_days * frequency
        follow /= follow.sum(axis=1, keepdims=True)
        temperature = history.temperature_c
        mean = (member * temperature[:, None]).sum(axis=0) / size
        var = (member * (temperature[:, None] - mean) ** 2).sum(axis=0) / size
        sigma = np.sqrt(var + self.least_sigma_c**2)
        return _Kinds(self.quantiles, history, member / size, member[-1] @ follow, follow, mean, sigma)

    def _memberships(self, days: NDArray[np.float64]) -> NDArray[np.float64]:
        """Membership of every day in every kind, kinds without any left out, shape (days, kinds)."""
        scores = _components(days, self.components)
        kinds = min(self.kinds, max(1, len(days) // self.days_per_kind), len(np.unique(scores, axis=0)))
        if kinds == 1:
            return np.ones((len(days), 1))
        mixture = GaussianMixture(
            kinds, covariance_type="diag", init_params="k-means++", reg_covar=1e-3, random_state=self.seed
        )
        with warnings.catch_warnings():
            # A mixture that still moves a little after 100 rounds serves as well; scores judge it.
            warnings.simplefilter("ignore", ConvergenceWarning)
            member = np.asarray(mixture.fit(scores).predict_proba(scores), dtype=np.float64)
        return np.asarray(member[:, member.sum(axis=0) > _LEAST_SPREAD])


@dataclass(frozen=True)
class _Kinds:
    """What was learnt.

    Parameters
    ----------
    quantiles, history
        Levels and past days.
    share
        Share of every day in its kinds, each column adds to 1, shape (days, kinds).
    tomorrow
        Probability of the kinds on the day after the last, by what the last was, shape (kinds,).
    follow
        Probability of kind k after kind j, shape (kinds, kinds).
    mean_c, sigma_c
        Temperature of the kinds, shape (kinds,) [°C, K].
    """

    quantiles: tuple[float, ...]
    history: HeadroomDays
    share: NDArray[np.float64]
    tomorrow: NDArray[np.float64]
    follow: NDArray[np.float64]
    mean_c: NDArray[np.float64]
    sigma_c: NDArray[np.float64]

    def forecast(self, day: DayAhead) -> NDArray[np.float64]:
        """Weighted quantiles of the past days."""
        ahead = day.day - int(self.history.day[-1]) - 1
        known = self.tomorrow @ np.linalg.matrix_power(self.follow, max(ahead, 0))
        off = (day.temperature_c - self.mean_c) / self.sigma_c
        log = np.log(known) - off**2 / 2 - np.log(self.sigma_c)
        kind = np.exp(log - log.max())
        weight = self.share @ (kind / kind.sum())
        return weighted_quantiles(self.history.headroom_kva, weight, self.quantiles)


def weighted_quantiles(
    values: NDArray[np.float64], weight: NDArray[np.float64], quantiles: tuple[float, ...]
) -> NDArray[np.float64]:
    """Least value up to which at least the share q of the weight lies, shape (quantiles, ...).

    Parameters
    ----------
    values
        Shape (days, ...).
    weight
        Of each day, adding to 1, shape (days,).
    quantiles
        Shares q.
    """
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    reached = np.cumsum(weight[order], axis=0)
    # The sum of all weights may fall short of 1 by rounding.
    reached /= reached[-1]
    rows = [(reached >= q - _LEAST_SPREAD).argmax(axis=0) for q in quantiles]
    return np.stack([np.take_along_axis(ordered, row[None], axis=0)[0] for row in rows])


def _components(days: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Scores on the first principal components, the first with a spread of 1, shape (days, count)."""
    off = days - days.mean(axis=0)
    # The eigenvectors of days × days are fewer than those of the values and tell the same scores.
    power, vectors = np.linalg.eigh(off @ off.T)
    power, vectors = power[::-1][:count], vectors[:, ::-1][:, :count]
    if power[0] <= _LEAST_SPREAD * max(1.0, float((days**2).sum())):
        return np.zeros((len(days), 1))
    scale = np.sqrt(np.maximum(power, 0.0) / power[0])
    return np.asarray(vectors * scale * np.sqrt(len(days)))
