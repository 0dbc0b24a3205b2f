"""Gallery: the pictures of a run one below the other, each drawn when somebody comes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.errors import SparewattError
from sparewatt.faces.web.pictures.catalogue import pictures_of
from sparewatt.faces.web.pictures.drawing import register_gallery
from sparewatt.faces.web.pictures.graph import CONFIG, picture_frame
from sparewatt.faces.web.pictures.ids import choice_id, part_id
from sparewatt.faces.web.pictures.picture import Look

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.pictures.picture import Choice, Figure, Picture
    from sparewatt.results.run_folder import RunFolder

__all__ = ["CONFIG", "gallery", "picture_section", "pictures_of", "register_gallery"]

_LINKS = 2
_SEGMENTED_LETTERS = 34
"""Choices with no more letters than this stand side by side; others in a list."""
_MOVES = (
    ("earlier", "Earlier", "‹"),
    ("closer", "Closer", "+"),
    ("wider", "Wider", "−"),
    ("later", "Later", "›"),
    ("whole", "All of the run", "All"),
)


def gallery(run_id: int, folder: RunFolder, study: str) -> Component:
    """The pictures of a run that is done.

    Parameters
    ----------
    run_id
        Its number.
    folder
        Its files.
    study
        Its study.
    """
    shown = [picture for picture in pictures_of(study) if picture.is_there(folder)]
    if not shown:
        return dmc.Text("There is nothing to draw of this run; its numbers are in the tables.", c="dimmed")
    figures = [_at_once(folder, shown[0])] + [None] * (len(shown) - 1)
    sections = [picture_section(run_id, folder, p, figure) for p, figure in zip(shown, figures, strict=True)]
    return dmc.Stack(sections, gap="lg")


def _at_once(folder: RunFolder, picture: Picture) -> Figure | None:
    """The figure that comes with the page; ``None`` where that fails, which is told then."""
    chosen = {choice.name: choice.options[0][0] for choice in picture.choices(folder) if choice.options}
    try:
        return picture.draw(folder, Look(chosen=chosen))
    except SparewattError:
        return None


def picture_section(
    run_id: int | str, folder: RunFolder, picture: Picture, figure: Figure | None = None
) -> Component:
    """One picture with what belongs to it.

    Parameters
    ----------
    run_id
        The run, or the numbers of the runs that are compared as `drawing.runs_key` has them.
    folder
        Its files; of several runs those of the first.
    picture
        The picture.
    figure
        What comes with the page; left out: drawn when somebody comes to it.
    """
    heading = f"picture-{run_id}-{picture.name}"
    return html.Section(
        [
            dcc.Store(id=part_id(run_id, picture.name, "seen")),
            dcc.Store(id=part_id(run_id, picture.name, "window")),
            dmc.Title(picture.title, order=2, size="h4", id=heading),
            dmc.Text(picture.words, className="quiet prose picture-words", size="sm"),
            _above(run_id, picture, picture.choices(folder)),
            picture_frame(run_id, picture, figure),
            _below(run_id, folder, picture),
        ],
        className="picture",
        **{"aria-labelledby": heading},
    )


def _above(run_id: int | str, picture: Picture, choices: tuple[Choice, ...]) -> Component:
    """Choices, and buttons for those who cannot drag on the picture."""
    chosen = [_choice(run_id, picture, choice) for choice in choices if len(choice.options) > 1]
    moves = dmc.Group(
        [
            dmc.Button(
                sign,
                id=part_id(run_id, picture.name, f"move-{move}"),
                variant="default",
                size="compact-sm",
                **{"aria-label": f"{label}: {picture.title}"},
            )
            for move, label, sign in _MOVES
        ],
        gap=4,
        className="picture-moves",
    )
    shown = [*chosen, *([moves] if picture.is_timed else [])]
    return dmc.Group(shown, gap="md", align="end", className="picture-above") if shown else html.Div()


def _choice(run_id: int | str, picture: Picture, choice: Choice) -> Component:
    """One choice: side by side where it is short, else as a list to search in."""
    options = [{"value": value, "label": label} for value, label in choice.options]
    own = choice_id(run_id, picture.name, choice.name)
    first = choice.options[0][0]
    if sum(len(label) + 3 for _, label in choice.options) <= _SEGMENTED_LETTERS:
        return html.Div(
            [
                dmc.Text(choice.label, size="xs", fw=500, mb=2),
                dmc.SegmentedControl(
                    id=own,
                    data=options,
                    value=first,
                    size="xs",
                    **{"aria-label": f"{choice.label}: {picture.title}"},
                ),
            ]
        )
    return dmc.Select(
        id=own,
        label=choice.label,
        data=options,
        value=first,
        allowDeselect=False,
        searchable=len(options) > 8,  # noqa: PLR2004 - as many as are seen at once
        size="xs",
        w=230,
        **{"aria-label": f"{choice.label}: {picture.title}"},
    )


def _below(run_id: int | str, folder: RunFolder, picture: Picture) -> Component:
    """The numbers behind the picture."""
    links = [
        html.A(
            f"{name} ({'CSV' if kind == 'tables' else 'Parquet'})",
            href=address,
            download="",
            className="picture-more",
        )
        for kind, name, address in _downloads(run_id, picture.behind(folder))
    ]
    return dmc.Stack(
        [
            dmc.Group(
                [
                    dmc.Button(
                        "Show as table",
                        id=part_id(run_id, picture.name, "table-button"),
                        variant="subtle",
                        size="compact-sm",
                        **{"aria-label": f"Show as table: {picture.title}"},
                    ),
                    *_links(links, picture.title),
                ],
                gap="sm",
            ),
            html.Div(id=part_id(run_id, picture.name, "table")),
        ],
        gap="xs",
    )


def _links(links: list[Component], title: str) -> list[Component]:
    """Few links beside each other, more of them in a menu."""
    if len(links) <= _LINKS:
        return [dmc.Text("All of it:", size="sm", className="quiet"), *links] if links else []
    opener = html.Summary(
        "Download all of it", className="picture-more", **{"aria-label": f"Download: {title}"}
    )
    return [html.Details([opener, dmc.Group(links, gap="xs", mah=200, style={"overflowY": "auto"})])]


def _downloads(run_id: int | str, files: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Kind, name and address of files of the run."""
    found = []
    for file in files:
        kind, _, rest = file.partition("/")
        name, _, ending = rest.rpartition(".")
        found.append((kind, name, f"/api/runs/{run_id}/{kind}/{name}/{ending}"))
    return found
