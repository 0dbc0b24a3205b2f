"""DssScript: what the files of a network tell the engine, and where each element stands in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.inputs.network.dss_text import Place


@dataclass
class DssElement:
    """One element as the files tell it.

    Parameters
    ----------
    kind
        Its class, in lower case.
    name
        As written where it is made.
    place
        Where it is made.
    given
        Properties that are given, each with its last value and place.
    opened
        Terminals that a command opened.
    lacks_code
        It names a linecode that is not there, which is a finding.
    """

    kind: str
    name: str
    place: Place
    given: dict[str, tuple[str, Place]] = field(default_factory=dict)
    opened: set[int] = field(default_factory=set)
    lacks_code: bool = False

    def where(self) -> str:
        """The place of a finding: file, line, object."""
        return f"{self.place}, {self.kind} {self.name}"


@dataclass
class DssScript:
    """What the files tell.

    Parameters
    ----------
    name
        Of the circuit.
    commands
        Commands for the engine, none of which opens a file or leaves the process, each with its place.
    elements
        By class and name in lower case.
    coordinates
        Files of coordinates, each with its place.
    places
        Coordinates given in the commands themselves, by bus.
    """

    name: str = ""
    commands: list[tuple[str, Place]] = field(default_factory=list)
    elements: dict[tuple[str, str], DssElement] = field(default_factory=dict)
    coordinates: list[tuple[str, Path, Place]] = field(default_factory=list)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)

    def of(self, kind: str) -> list[DssElement]:
        """Elements of a class, in the order in which they are made."""
        return [e for (k, _), e in self.elements.items() if k == kind]
