"""Ask: what somebody wants of a neighbourhood's page, and how it is carried out and told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sparewatt.errors import SparewattError
from sparewatt.studies.neighbourhood_keeping import open_draft

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.page import Component
    from sparewatt.finding import Finding
    from sparewatt.studies.neighbourhood_draft import Draft
    from sparewatt.studies.neighbourhood_keeping import OpenDraft
    from sparewatt.studies.neighbourhood_sight import Sight

LIST = "/neighbourhoods"
ASKED, FIELD = "hood-asked", "hood-field"
"""Id of the store of the form that is asked for, and type of the ids of the fields in it."""

BUSY = "hood-busy"
"""Id of what says that something is sent or read, which may take a while."""


@dataclass(frozen=True)
class Ask:
    """What a form is about.

    Parameters
    ----------
    place
        The store and the data folder.
    opened
        The neighbourhood; ``None`` on the page of all.
    args
        What the opener says.
    values
        What the fields hold; empty when the form is opened.
    """

    place: ApiPlace
    opened: OpenDraft | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def draft(self) -> Draft:
        """The neighbourhood; a SparewattError where there is none."""
        return self.sight.draft

    @property
    def sight(self) -> Sight:
        """What is seen of it; a SparewattError where there is none."""
        if self.opened is None:
            raise SparewattError("Open the neighbourhood first.")
        return self.opened.sight

    def text(self, name: str) -> str:
        """A field as text, without blanks around it."""
        value = self.values.get(name)
        return "" if value is None else str(value).strip()

    def number(self, name: str, label: str) -> float:
        """A field as a number; a SparewattError where it holds none."""
        try:
            return float(self.values.get(name) if self.values.get(name) != "" else "x")  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise SparewattError(f"{label}: fill in a number.") from None

    def time_s(self, name: str, label: str) -> int:
        """A field as a time [UNIX s]; a SparewattError where it holds none."""
        try:
            moment = datetime.fromisoformat(self.text(name))
        except ValueError:
            raise SparewattError(f"{label}: fill in date and time.") from None
        return int(moment.replace(tzinfo=UTC).timestamp())


@dataclass(frozen=True)
class Done:
    """What came of a form.

    Parameters
    ----------
    draft
        What the neighbourhood is to be now; ``None``: as it was.
    path
        Address to go to; empty: stay.
    findings
        What there is to say.
    words
        What was done, where that is not seen at once.
    """

    draft: Draft | None = None
    path: str = ""
    findings: Sequence[Finding] = ()
    words: str = ""


@dataclass(frozen=True)
class Form:
    """A form in a window before the page.

    Parameters
    ----------
    title
        Its head.
    build
        Its fields.
    apply
        What it does.
    button
        What its button says.
    is_danger
        Whether something is lost.
    """

    title: Callable[[Ask], str]
    build: Callable[[Ask], Sequence[Component]]
    apply: Callable[[Ask], Done]
    button: str = "Save"
    is_danger: bool = False


def opener(form: str, **args: object) -> dict[str, str]:
    """Attributes of something that opens a form when it is pressed; ``neighbourhood.js`` listens.

    They are no ids of Dash: a street has a thousand of them.
    """
    return {"data-open": json.dumps({"form": form, "args": args}, sort_keys=True)}


def field_id(name: str) -> dict[str, str]:
    """Id of a field of a form."""
    return {"type": FIELD, "name": name}


def ask_of(place: ApiPlace, shown: Mapping[str, Any], args: Mapping[str, Any] | None = None) -> Ask:
    """An ask about the neighbourhood that is shown, as it is kept now."""
    number = shown.get("number")
    opened = None if number is None else open_draft(place.store, int(number))
    return Ask(place, opened, dict(args or {}))


def by_name(ids: Sequence[Mapping[str, str]], values: Sequence[Any]) -> dict[str, Any]:
    """What the fields of a form hold, by their names."""
    return {one["name"]: value for one, value in zip(ids, values, strict=True)}


def minute_text(time_s: int) -> str:
    """A time for a field of date and time, UTC."""
    moment = datetime.fromtimestamp(time_s, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}" if moment.second else f"{moment:%Y-%m-%dT%H:%M}"
