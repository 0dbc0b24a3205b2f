"""Picture: one drawing of a run, and what somebody has asked to see of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sparewatt.results.run_folder import RunFolder

Figure = dict[str, Any]
"""A figure as Plotly takes it: ``data`` of SVG traces, and ``layout``."""


@dataclass(frozen=True)
class Choice:
    """Something that is chosen above a picture.

    Parameters
    ----------
    name
        Key in `Look.chosen`.
    label
        For people.
    options
        Value and words of each; the first is chosen at the beginning.
    """

    name: str
    label: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Look:
    """What is asked of a picture.

    Parameters
    ----------
    start, end
        Window of time, UTC; ``None``: from the beginning, to the end.
    chosen
        Value of each choice by its name.
    points
        Points that a line may have; minima and maxima are kept.
    """

    start: datetime | None = None
    end: datetime | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)
    points: int = 1500


@dataclass(frozen=True)
class Picture:
    """One kind of drawing of the runs of a study.

    Parameters
    ----------
    name
        Letters, digits and ``_``; in ids and addresses.
    title
        What it shows, for people.
    words
        How to read it, in a sentence or two; also what a screen reader is told.
    draw
        The figure; called in a thread, from the files of a run that is done.
    choices
        What is chosen above it, by the files of the run.
    is_there
        Whether the run has what it shows.
    is_timed
        Whether its horizontal axis is time, so that zooming asks for the window again.
    height
        [px].
    behind
        Files of the run that it is drawn from, for those who want all of it: ``series/x.parquet``,
        ``tables/y.csv``.
    """

    name: str
    title: str
    words: str
    draw: Callable[[RunFolder, Look], Figure]
    choices: Callable[[RunFolder], tuple[Choice, ...]] = lambda _folder: ()
    is_there: Callable[[RunFolder], bool] = lambda _folder: True
    is_timed: bool = True
    height: int = 360
    behind: Callable[[RunFolder], tuple[str, ...]] = lambda _folder: ()
