"""What is chosen above pictures of communities: a repetition, a house; and where energy came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.faces.web.pictures.picture import Choice
from sparewatt.faces.web.pictures.run_tables import number, table_rows
from sparewatt.faces.web.pictures.style import BLUE, GREY, ORANGE, PURPLE, SKY
from sparewatt.model.minute_grid import MINUTE_S
from sparewatt.results.community_part_reading import CommunityFacts, read_community_facts
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sparewatt.faces.web.pictures.picture import Look
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.table_page import TableCell

ALL = "all"
_MOST_HOUSES = 2_000


class Kind(NamedTuple):
    """How energy of one kind looks: words, colour, hatching."""

    words: str
    colour: str
    shape: str


OWN, PEER, GRID = Kind("own roof", BLUE, ""), Kind("neighbours", ORANGE, "/"), Kind("grid", GREY, "")
BATTERY = Kind("own battery", PURPLE, "\\")
AT_HOME, GIVEN = Kind("used at home", BLUE, ""), Kind("given to neighbours", ORANGE, "/")
STORED, FED_IN = Kind("into the battery", PURPLE, "\\"), Kind("fed into the grid", SKY, ".")


def facts_of(folder: RunFolder) -> CommunityFacts:
    """What the run is."""
    return read_community_facts(folder.path / SERIES)


def repetition_choice(folder: RunFolder, *, with_houses: bool = False) -> Choice:
    """The repetitions, or those of which the houses over time were kept."""
    facts = facts_of(folder)
    numbers = [n for n in facts.repetitions if not with_houses or n in facts.flow_steps]
    return Choice("repetition", "Repetition", tuple((str(n), str(n)) for n in numbers))


def house_choice(folder: RunFolder) -> Choice:
    """The houses."""
    ids = facts_of(folder).house_ids[:_MOST_HOUSES]
    return Choice("house", "House", tuple((h, h) for h in ids))


def repetitions_only(folder: RunFolder) -> tuple[Choice, ...]:
    """Nothing but the repetition."""
    return (repetition_choice(folder),)


def chosen_repetition(folder: RunFolder, look: Look) -> int:
    """The repetition that was chosen, or the first."""
    return int(look.chosen.get("repetition") or facts_of(folder).repetitions[0])


def has_table(name: str) -> Callable[[RunFolder], bool]:
    """Whether a run has a table with rows."""
    return lambda folder: bool(table_rows(folder, name, most=1))


def rows_of(folder: RunFolder, name: str, repetition: int) -> list[dict[str, TableCell]]:
    """The rows of one repetition."""
    return [r for r in table_rows(folder, name) if r["repetition"] == repetition]


def numbers(rows: list[dict[str, TableCell]], column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A column of a table as numbers."""
    return np.array([number(r[column]) for r in rows], dtype=np.float64)


def minutes_seen(facts: CommunityFacts, look: Look) -> tuple[int, int]:
    """First and end minute of what is looked at."""

    def minute(moment: datetime | None, otherwise: int) -> int:
        if moment is None:
            return otherwise
        return int(min(max((moment.timestamp() - facts.origin_s) // MINUTE_S, 0), facts.minutes))

    lo, hi = minute(look.start, 0), minute(look.end, facts.minutes)
    return (lo, hi) if hi > lo else (0, facts.minutes)
