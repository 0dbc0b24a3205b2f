"""Files of an upload: where they are dropped, how they are listed, and one of them as a table or as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.upload_files import KINDS, list_files
from sparewatt.faces.web.parts.table_editor import table_editor
from sparewatt.faces.web.parts.table_sheets import sheet_names
from sparewatt.faces.web.parts.upload_folder import upload_file
from sparewatt.inputs.scenario_file import SCENARIO_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.page import Component

_TEXTS = (".toml", ".json", ".xml", ".dss", ".txt")
_SHOWN_TEXT = 200_000
_SHOWN_FILES = 300


def upload_area(place: ApiPlace, name: str, into: str) -> Component:
    """Where files are dropped and chosen; the id of what was uploaded goes into a store as ``{"id": …}``."""
    told = {
        "data-into": into,
        "data-kinds": " ".join(KINDS),
        "data-most": str(place.limits.request_bytes),
        "aria-label": "Upload inputs",
    }
    return html.Div(id=name, className="upload-area", role="group", **told)


def file_list(place: ApiPlace, folder: Path, open_file: str) -> Component:
    """The files of an upload, each with what can be done with it."""
    files = sorted(list_files(folder), key=lambda one: (one[0] != SCENARIO_NAME, one[0].count("/"), one[0]))
    if not files:
        return dmc.Text("There is no file in these inputs; add some above.", className="quiet")
    rows = [
        _file_row(place, folder, name, size, is_open=name == open_file) for name, size in files[:_SHOWN_FILES]
    ]
    total = sum(size for _, size in files)
    more = len(files) - len(rows)
    return dmc.Stack(
        gap="xs",
        children=[
            dmc.Text(f"{len(files)} {'file' if len(files) == 1 else 'files'}, {size_words(total)}", fw=600),
            html.Div(
                dmc.Table(
                    [
                        dmc.TableThead(
                            dmc.TableTr(
                                [dmc.TableTh("File"), dmc.TableTh("Size", ta="right"), dmc.TableTh("")]
                            )
                        ),
                        dmc.TableTbody(rows),
                    ],
                    className="file-list",
                    highlightOnHover=True,
                ),
                className="file-scroll",
                tabIndex=0,
                role="region",
                **{"aria-label": "Files of the inputs"},
            ),
            *([dmc.Text(f"and {more} more", className="quiet")] if more > 0 else []),
        ],
    )


def _file_row(place: ApiPlace, folder: Path, name: str, size: int, *, is_open: bool) -> Component:
    end = name[name.rfind(".") :].lower()
    actions = []
    if end == ".csv":
        actions.append(_open_button(name, "", "Edit"))
    elif end == ".xlsx":
        sheets = place.reading.call(sheet_names, folder / name)
        actions += [_open_button(name, sheet, sheet) for sheet in sheets]
    elif end in _TEXTS and name != SCENARIO_NAME:
        actions.append(_open_button(name, "", "View"))
    actions.append(_download(folder.name, name))
    actions.append(_icon_button("new-remove", name, "trash", "Remove", "red"))
    words: list[Any] = [html.Span(name, className="file-name")]
    if name == SCENARIO_NAME:
        words.append(
            dmc.Text("settings, read into the form below", span=True, className="quiet", size="sm", ml=8)
        )
    if is_open:
        words.append(dmc.Badge("open below", variant="light", ml=8, tt="none"))
    return dmc.TableTr(
        [
            dmc.TableTd(words),
            dmc.TableTd(size_words(size), ta="right", className="numbers"),
            dmc.TableTd(dmc.Group(actions, gap=4, justify="flex-end")),
        ]
    )


def _open_button(file: str, sheet: str, words: str) -> Component:
    label = f"Open sheet {sheet} of {file}" if sheet else f"{words} {file}".strip()
    return dmc.Button(
        words,
        id={"type": "new-open", "file": file, "sheet": sheet},
        variant="default",
        size="compact-xs",
        **{"aria-label": label},
    )


def _icon_button(kind: str, file: str, icon: str, words: str, colour: str) -> Component:
    return dmc.ActionIcon(
        html.Span(className=f"icon icon-{icon}"),
        id={"type": kind, "file": file},
        variant="subtle",
        color=colour,
        **{"aria-label": f"{words} {file}"},
    )


def _download(upload_id: str, file: str) -> Component:
    sign = html.Span(className="icon icon-download")
    href = f"/api/uploads/{upload_id}/files/{quote(file)}"
    return html.A(sign, href=href, download=True, className="icon-link", **{"aria-label": f"Download {file}"})


def file_view(place: ApiPlace, upload_id: str, file: str, sheet: str) -> Component:
    """One file: a table to edit, or text to read."""
    title = f"{file}, sheet {sheet}" if sheet else file
    try:
        path = upload_file(place, upload_id, file)
        if path.suffix.lower() in _TEXTS:
            shown = _text_view(path)
        else:
            shown = table_editor(place, upload_id, file, sheet)
    except ProblemError as error:
        shown = dmc.Alert(error.detail, color="orange", title="This file cannot be shown")
    return dmc.Card(
        dmc.Stack(
            [
                dmc.Group(
                    [
                        dmc.Title(title, order=3, size="h5", className="file-name"),
                        _open_button("", "", "Close"),
                    ],
                    justify="space-between",
                ),
                shown,
            ],
            gap="sm",
        ),
        withBorder=True,
        padding="md",
    )


def _text_view(path: Path) -> Component:
    with path.open("rb") as file:
        text = file.read(_SHOWN_TEXT).decode("utf-8-sig", "replace")
    more = path.stat().st_size > _SHOWN_TEXT
    return dmc.Stack(
        [
            html.Pre(text or "This file is empty.", className="text-view", tabIndex=0),
            *(
                [dmc.Text("The beginning of the file; download it to see all.", className="quiet")]
                if more
                else []
            ),
        ],
        gap=4,
    )


def size_words(size: int) -> str:
    """A size for people."""
    for unit, least in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= least:
            return f"{size / least:,.1f} {unit}"
    return f"{size} bytes"
