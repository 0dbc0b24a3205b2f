"""Page: one kind of address, what is shown there, and what it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk

Component = Any
"""A component of Dash, or text."""

_PART = re.compile(r"<(\w+)>")


@dataclass(frozen=True)
class Visit:
    """Somebody looks at an address.

    Parameters
    ----------
    place
        The store and the data folder.
    path
        The address without what follows ``?``.
    parts
        The parts of the path that the page names, such as ``run_id``.
    search
        What follows ``?``, as the browser has it.
    """

    place: ApiPlace
    path: str
    parts: Mapping[str, str] = field(default_factory=dict)
    search: str = ""

    @property
    def query(self) -> Mapping[str, Sequence[str]]:
        """The values by name of what follows ``?``."""
        return parse_qs(self.search.removeprefix("?"))

    def first(self, name: str, default: str = "") -> str:
        """The first value of a name in what follows ``?``."""
        return self.query.get(name, [default])[0]


@dataclass(frozen=True)
class Page:
    """One kind of address.

    Parameters
    ----------
    path
        Its address; ``<name>`` stands for a part that the visit names: ``/runs/<run_id>``.
    title
        For the browser's tab.
    show
        What is shown; called whenever somebody comes to the address, in a thread.
    register
        Called once, to tell the desk what the page answers.
    nav
        Its words in the navigation; empty where it is not in it.
    icon
        Sign beside these words, of `icons.ICONS`.
    """

    path: str
    title: str
    show: Callable[[Visit], Component]
    register: Callable[[Desk], None] | None = None
    nav: str = ""
    icon: str = ""

    def parts(self, path: str) -> dict[str, str] | None:
        """The named parts of an address of this page; ``None`` where it is of another."""
        pattern = "".join(
            f"(?P<{piece}>[^/]+)" if index % 2 else re.escape(piece)
            for index, piece in enumerate(_PART.split(self.path))
        )
        match = re.fullmatch(pattern + "/?", path)
        return None if match is None else {name: unquote(part) for name, part in match.groupdict().items()}
