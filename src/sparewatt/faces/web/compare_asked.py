"""Which runs a comparison is of: those that are done, those that go on, and why others are left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import done_folder, find_run
from sparewatt.faces.web.pictures.overlay import MOST_RUNS
from sparewatt.faces.web.studies import STUDY_WORDS

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import StoredRun

    Chosen = tuple[StoredRun, RunFolder, Outcome]

_ENDED = {"failed": "failed", "cancelled": "was cancelled"}


class AskedRuns(NamedTuple):
    """The runs that an address asks for.

    Parameters
    ----------
    done
        Those that can be compared, with files and outcome; the first is what others are compared with.
    under_way
        Those that wait or are worked on.
    refused
        Why others are left out, in words.
    """

    done: tuple[Chosen, ...]
    under_way: tuple[StoredRun, ...]
    refused: tuple[str, ...]

    @property
    def numbers(self) -> list[int]:
        """All runs that are shown, those that are done first."""
        return [run.id for run, _, _ in self.done] + [run.id for run in self.under_way]


def find_asked_runs(place: ApiPlace, text: str) -> AskedRuns:
    """The runs that are named in an address, such as ``3,4``."""
    numbers, refused = _numbers(text)
    done: list[Chosen] = []
    under_way: list[StoredRun] = []
    first: StoredRun | None = None
    for number in numbers:
        try:
            run = find_run(place, number)
            if run.state in _ENDED:
                refused.append(
                    f"Run {number} {_ENDED[run.state]}, so it has no results to compare. Its page tells more."
                )
                continue
            if first is not None and run.study != first.study:
                own, other = (STUDY_WORDS[one.study].title for one in (first, run))
                refused.append(
                    f"Run {number} is of the study {other} and run {first.id} of the study {own}: "
                    "their numbers mean different things, so they are not compared."
                )
                continue
            if run.state == "done":
                done.append(done_folder(place, number))
            else:
                under_way.append(run)
            first = first or run
        except ProblemError as error:
            refused.append(error.detail)
    return AskedRuns(tuple(done), tuple(under_way), tuple(refused))


def _numbers(text: str) -> tuple[list[int], list[str]]:
    """Numbers of runs in an address, and why some words in it are none."""
    words = [word for word in re.split(r"[,\s]+", text) if word]
    good = [word for word in words if re.fullmatch(r"[1-9]\d{0,14}", word)]
    refused = [f"“{word[:40]}” is not the number of a run." for word in words if word not in good][:5]
    numbers = list(dict.fromkeys(int(word) for word in good))
    if len(numbers) > MOST_RUNS:
        left = ", ".join(map(str, numbers[MOST_RUNS : MOST_RUNS + 5]))
        more = " and more" if len(numbers) > MOST_RUNS + 5 else ""
        refused.append(f"At most {MOST_RUNS} runs are compared at once: {left}{more} left out.")
    return numbers[:MOST_RUNS], refused
