"""Axes: values with their unit, and time as the clock on the wall shows it.

Positions on time axes are UTC, so that time runs evenly over a clock change; the labels are local.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from sparewatt.results.clock_ticks import clock_ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Look

_POINTS_A_LABEL = 170
_SMALL_COUNT = 8
_ZOOMED_MORE = 1.5
"""A window that somebody zoomed to comes with a part on either side that is not seen."""


def time_axis(
    start: datetime, end: datetime, timezone: str, look: Look, *, title: str = "", **more: object
) -> dict[str, Any]:
    """A horizontal axis of time over the whole of a run, labelled for what is looked at.

    Parameters
    ----------
    start, end
        First and last moment of the run, tz-aware; what a double click shows.
    timezone
        IANA name of the zone of the labels.
    look
        What is asked: its window and its points, which say how wide the picture is.
    title
        Of the axis; the zone where left out.
    more
        Further settings of the axis.
    """
    seen = (look.start or start, look.end or end)
    most = label_count(look) if look.start is None else round(_ZOOMED_MORE * label_count(look))
    ticks = clock_ticks(max(seen[0], start), min(seen[1], end), timezone, most)
    several = any(tick.day for tick in ticks)
    return {
        "type": "date",
        "range": [utc_text(start), utc_text(end)],
        "autorange": False,
        "tickmode": "array",
        "tickvals": [utc_text(tick.time) for tick in ticks],
        "ticktext": [f"{tick.label}<br>{tick.day}" if several else tick.label for tick in ticks],
        "tickangle": 0,
        "title": {"text": title or ("time, UTC" if timezone == "UTC" else f"local time, {timezone}")},
        "automargin": True,
        "ticks": "outside",
        "ticklen": 4,
        "showgrid": False,
        "zeroline": False,
        **more,
    }


def seen_between(look: Look, ends_s: NDArray[np.int64]) -> Look:
    """The same question for a window in seconds since the epoch."""
    start, end = (datetime.fromtimestamp(int(s), UTC) for s in ends_s)
    return replace(look, start=start, end=end)


def named_day(places: Sequence[str], labels: Sequence[str], window: Sequence[str]) -> list[str]:
    """Labels of a time axis, the first that is seen with its day where that stood on one that is not."""
    found, day = list(labels), ""
    for k, (place, label) in enumerate(zip(places, labels, strict=True)):
        time, _, own = label.partition("<br>")
        day = own or day
        if place >= window[0]:
            found[k] = f"{time}<br>{day}" if day else label
            break
    return found


def label_count(look: Look) -> int:
    """Labels that fit under a picture."""
    return max(3, look.points // _POINTS_A_LABEL)


def timed(
    start: datetime,
    end: datetime,
    timezone: str,
    look: Look,
    *,
    axes: int = 1,
    **settings: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """The part of a layout that makes a picture one of time; ``settings`` as of `time_axis`.

    With several ``axes`` panels stand one above the other and move together; the lowest, which is the
    first, has the labels.
    """
    axis = time_axis(start, end, timezone, look, **settings)
    other = {**axis, "showticklabels": False, "ticks": "", "title": {"text": ""}, "matches": "x"}
    others = {f"xaxis{k}": {**other, "anchor": f"y{k}"} for k in range(2, axes + 1)}
    return {"xaxis": axis, **others, "meta": {"whole": axis["range"]}}


def value_axis(title: str, *, zero: bool = True, **more: object) -> dict[str, Any]:
    """A vertical axis of values; ``title`` with the unit, as in ``"power [kW]"``.

    It holds still while somebody zooms into time, and follows what is shown then.
    """
    return {
        "title": {"text": title, "standoff": 6},
        "automargin": True,
        "fixedrange": True,
        "rangemode": "tozero" if zero else "normal",
        "zeroline": zero,
        "separatethousands": True,
        **more,
    }


def count_axis(title: str, most: float, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of an axis
    """A vertical axis of whole numbers up to about ``most``."""
    whole: dict[str, Any] = {"dtick": 1} if most <= _SMALL_COUNT else {"tickformat": ",d"}
    return value_axis(title, **{**whole, **more})


def utc_text(moment: datetime) -> str:
    """A position on a time axis."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def utc_texts(seconds: NDArray[np.int64] | Sequence[int]) -> list[str]:
    """Positions on a time axis, from seconds since the epoch."""
    found: list[str] = np.datetime_as_string(np.asarray(seconds, dtype="datetime64[s]"), unit="s").tolist()
    return found


class Moments(NamedTuple):
    """Moments that lines of a picture share: positions, and words under the pointer.

    Parameters
    ----------
    x
        Positions on the axis.
    words
        What the clock on the wall shows.
    """

    x: list[str]
    words: list[str]


def moments(times: Sequence[datetime] | NDArray[np.int64], timezone: str) -> Moments:
    """Moments from datetimes, or from seconds since the epoch."""
    seconds = np.asarray(
        [int(t.timestamp()) if isinstance(t, datetime) else int(t) for t in times], dtype=np.int64
    )
    zone = ZoneInfo(timezone)
    return Moments(
        utc_texts(seconds), [f"{datetime.fromtimestamp(s, zone):%d.%m.%Y %H:%M}" for s in seconds.tolist()]
    )
