"""Scores of a neighbourhood of the store: what a run begins with and leaves, however it is run.

A folder that was taken out of the store says so (``kept_as.json``), and so does every copy of it beside a
run. A run of such a folder begins with the scores that the store has by then, and leaves the mean of its
repetitions there, whether it was begun by ``sparewatt run`` or taken from the queue.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import StoreError
from sparewatt.model.market_rules import START_SCORE
from sparewatt.results.store import Store
from sparewatt.studies.community_inputs import is_copy
from sparewatt.studies.community_store import mark_of
from sparewatt.studies.neighbourhood_keeping import open_draft
from sparewatt.studies.neighbourhood_scores import draft_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.community.inputs import CommunityInputs
    from sparewatt.inputs.community.kept_mark import KeptMark
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.results.store import StoredNeighbourhood


def read_kept_scores(store: Store, number: int) -> dict[str, float]:
    """The scores that the next run of a kept neighbourhood begins with, of all its producers in order.

    A neighbourhood that is not finished has scores too: those of the producers with a forecast.

    Raises
    ------
    StoreError
        There is no neighbourhood of that number, or the store is away.
    InputError
        What is kept breaks rules.
    """
    return draft_scores(open_draft(store, number))


def reset_kept_scores(store: Store, number: int) -> dict[str, float]:
    """Let all producers of a neighbourhood of the store begin anew; their scores, errors as above."""
    store.reset_scores(number)
    return read_kept_scores(store, number)


def with_kept_scores(inputs: CommunityInputs, scenario: Scenario, store_url: str) -> CommunityInputs:
    """The inputs with the scores that the store has of their neighbourhood.

    Those of the folder stay where it was not taken out of this store, or where the neighbourhood was thrown
    away since; then the inputs have no mark either. What is the copy of a run keeps what that run began with.

    Parameters
    ----------
    inputs, scenario
        What is to be run.
    store_url
        The store; it need not be there.
    """
    if inputs.mark is None or is_copy(scenario):
        return replace(inputs, mark=None)
    try:
        with Store.open(store_url, create=False) as store:
            kept = _find(store, inputs.mark)
    except StoreError:
        kept = None  # told by whoever needs the store
    if kept is None:
        return replace(inputs, mark=None)
    if inputs.settings.reset_scores:
        return inputs
    ids = inputs.neighbourhood.producers.ids
    scores = np.array([kept.scores.get(name, START_SCORE) for name in ids], np.float64)
    return replace(inputs, neighbourhood=replace(inputs.neighbourhood, scores=scores))


def keep_run_scores(
    store: Store, mark: KeptMark, producers: Sequence[str], scores: NDArray[np.float64]
) -> None:
    """Keep what a run came to for the next run of a neighbourhood, unless it was thrown away meanwhile.

    Parameters
    ----------
    store
        Where it is kept.
    mark
        Which neighbourhood.
    producers, scores
        Ids, and a score each, shape (producers,).

    Raises
    ------
    StoreError
        The store is away.
    """
    if _find(store, mark) is not None:
        pairs = zip(producers, scores.tolist(), strict=True)
        store.write_scores(mark.number, {name: score for name, score in pairs if score != START_SCORE})


def _find(store: Store, mark: KeptMark) -> StoredNeighbourhood | None:
    """The neighbourhood that a mark means, where this store has it."""
    found = [kept for kept in store.find_neighbourhoods() if kept.id == mark.number]
    return next((kept for kept in found if mark_of(kept) == mark), None)
