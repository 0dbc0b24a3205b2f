"""What a browser asks of a picture, checked: of a run that is done, or of several side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import done_folder
from sparewatt.faces.web.parts.run_names import run_names
from sparewatt.faces.web.pictures.axes import named_day, utc_text
from sparewatt.faces.web.pictures.catalogue import pictures_of
from sparewatt.faces.web.pictures.overlay import MOST_RUNS, compared_pictures
from sparewatt.faces.web.pictures.picture import Look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.pictures.picture import Figure, Picture
    from sparewatt.results.run_folder import RunFolder

_LEAST_POINTS, _MOST_POINTS, _WIDTH = 500, 3000, 900
_BESIDE = 0.25
"""So much of a window is drawn on either side of it as well, so that there is something to pan to."""


@dataclass(frozen=True)
class Asked:
    """A picture, the files it is drawn from, and what is asked of it."""

    run_id: int | str
    picture: Picture
    folder: RunFolder
    look: Look
    seen: tuple[datetime, datetime] | None = None

    def figure(self) -> Figure:
        """The figure; where a window was asked for, its axes of time show that window."""
        drawn = self.picture.draw(self.folder, self.look)
        if self.seen is None:
            return drawn
        window = [utc_text(moment) for moment in self.seen]
        axes = {
            name: {
                **axis,
                "ticktext": named_day(axis.get("tickvals", []), axis.get("ticktext", []), window),
                "range": window,
                "autorange": False,
                "uirevision": window[0] + window[1],
            }
            for name, axis in drawn["layout"].items()
            if name.startswith("xaxis") and axis.get("type") == "date"
        }
        return {**drawn, "layout": {**drawn["layout"], **axes}}


def find_asked(
    place: ApiPlace,
    own: object,
    window: Mapping[str, Any],
    chosen: Mapping[str, str],
    *,
    beside: float = _BESIDE,
) -> Asked:
    """What a browser asks for, checked: a run that is done, a picture of its study, choices that it has."""
    key = own.get("run") if isinstance(own, dict) else None
    if not isinstance(own, dict) or not isinstance(key, int | str):
        raise ProblemError(404, "There is no such picture.")
    folder, pictures = _of_run(place, key) if isinstance(key, int) else _of_runs(place, key)
    picture = next((p for p in pictures if p.name == own.get("name")), None)
    if picture is None:
        raise ProblemError(404, "There is no such picture of what is asked for.")
    kept = {}
    for choice in picture.choices(folder):
        values = [value for value, _ in choice.options]
        if values:
            kept[choice.name] = chosen[choice.name] if chosen.get(choice.name) in values else values[0]
    start, end = _moment(window.get("start")), _moment(window.get("end"))
    if start is None or end is None or start >= end or not picture.is_timed:
        start, end, seen = None, None, None
    else:
        seen, more = (start, end), (end - start) * beside
        start, end = _sooner(start, more), _sooner(end, -more)
    width = window.get("width")
    points = 2 * int(width) if isinstance(width, int | float) and 0 < width < 1e5 else 2 * _WIDTH  # noqa: PLR2004
    look = Look(start, end, kept, min(max(points, _LEAST_POINTS), _MOST_POINTS))
    return Asked(key, picture, folder, look, seen)


def runs_key(numbers: Sequence[int]) -> str:
    """What stands in the ids of pictures for several runs."""
    return "-".join(map(str, numbers))


def _of_run(place: ApiPlace, number: int) -> tuple[RunFolder, tuple[Picture, ...]]:
    """The files of a run and its pictures."""
    run, folder, _ = done_folder(place, number)
    return folder, pictures_of(run.study)


def _of_runs(place: ApiPlace, key: str) -> tuple[RunFolder, tuple[Picture, ...]]:
    """The files of the first of several runs, and the pictures in which they are compared."""
    words = key.split("-")
    if len(words) > MOST_RUNS or not all(re.fullmatch(r"[1-9]\d{0,14}", word) for word in words):
        raise ProblemError(404, "There is no such picture.")
    found = [done_folder(place, int(word)) for word in words]
    runs, folders = [run for run, _, _ in found], [folder for _, folder, _ in found]
    if len({run.study for run in runs}) != 1:
        raise ProblemError(404, "Runs of different studies have no picture together.")
    named = list(zip(run_names(runs, folders), folders, strict=True))
    return folders[0], compared_pictures(named, runs[0].study)


def _moment(text: object) -> datetime | None:
    """A position on an axis, which is UTC; ``None`` where it is none."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "T"))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _sooner(moment: datetime, by: timedelta) -> datetime:
    """A moment before, or after; itself at the ends of all time."""
    try:
        return moment - by
    except OverflowError:
        return moment
