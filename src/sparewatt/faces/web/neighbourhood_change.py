"""Carrying out what somebody asked of a neighbourhood, unless somebody else was first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sparewatt.errors import InputError, SparewattError
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.web.desk import error_words
from sparewatt.faces.web.neighbourhood_alerts import findings_alert, words_alert
from sparewatt.faces.web.neighbourhood_ask import Ask, Done, ask_of
from sparewatt.studies.neighbourhood_keeping import save_draft

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.page import Component

MEANWHILE = (
    "Somebody else changed this neighbourhood meanwhile, so your change was not made. "
    "The page shows the newest now; look at it, and do it again if it is still wanted."
)


@dataclass(frozen=True)
class Came:
    """What came of a change.

    Parameters
    ----------
    shown
        What the page shows now; ``None``: as before.
    alert
        Why it was not made; ``None`` where it was.
    done
        What was done.
    """

    shown: dict[str, Any] | None = None
    alert: Component = None
    done: Done = field(default_factory=Done)


def carry_out(
    place: ApiPlace,
    shown: Mapping[str, Any],
    args: Mapping[str, Any],
    values: Mapping[str, Any],
    work: Callable[[Ask], Done],
) -> Came:
    """Make a change of what is shown and keep it.

    Parameters
    ----------
    place
        The store.
    shown
        Which neighbourhood in which version, as the page has it.
    args, values
        As of `Ask`.
    work
        The change.
    """
    try:
        ask = replace(ask_of(place, shown, args), values=values)
        if ask.opened is not None and ask.opened.version != shown["version"]:
            return _too_late(place, shown)
        done = work(ask)
        version = shown["version"]
        if done.draft is not None and ask.opened is not None:
            saved = save_draft(place.store, ask.opened, done.draft)
            if saved is None:
                return _too_late(place, shown)
            version = saved
    except InputError as error:
        return Came(alert=findings_alert(error.findings))
    except (SparewattError, ProblemError) as error:
        return Came(alert=words_alert(error_words(error, place)))
    return Came({**shown, "version": version, "tick": shown["tick"] + 1}, done=done)


def _too_late(place: ApiPlace, shown: Mapping[str, Any]) -> Came:
    opened = ask_of(place, shown).opened
    version = "" if opened is None else opened.version
    return Came({**shown, "version": version, "tick": shown["tick"] + 1}, words_alert(MEANWHILE))
