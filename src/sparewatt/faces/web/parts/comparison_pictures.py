"""Pictures of several runs on a page, drawn and chosen from as the pictures of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc

from sparewatt.errors import InputError
from sparewatt.faces.web.pictures.asked import runs_key
from sparewatt.faces.web.pictures.gallery import picture_section
from sparewatt.faces.web.pictures.overlay import compared_pictures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.results.run_folder import RunFolder


def comparison_pictures(
    numbers: Sequence[int], runs: Sequence[tuple[str, RunFolder]], study: str
) -> list[Component]:
    """The pictures in which runs of a study are compared.

    Parameters
    ----------
    numbers
        Of the runs.
    runs
        Names and files.
    study
        Their study.
    """
    try:
        pictures = compared_pictures(runs, study)
        return [picture_section(runs_key(numbers), runs[0][1], picture) for picture in pictures]
    except InputError:
        words = "The series of these runs cannot be read, so they are not drawn; their numbers are below."
        return [dmc.Text(words, className="quiet prose")]
